"""Titled tables, as one Markdown file or as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its title and a note for the reader. All rows have the same keys."""

    key: str
    title: str
    note: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class CounselRecord:
    slug: str
    made_at: int
    sections: tuple[Section, ...]


def pairs(values: Mapping[str, Any]) -> list[Row]:
    """A table of two columns."""
    return [{"field": field, "value": value} for field, value in values.items()]


def when(ms: int | None, *, seconds: bool = False) -> str:
    shape = f"%Y-%m-%d %H:%M{':%S' if seconds else ''} UTC"
    return "" if ms is None else datetime.fromtimestamp(ms / 1000, UTC).strftime(shape)


def numbers(found: CounselRecord) -> Row:
    """The record as JSON."""
    rows = {section.key: list(section.rows) for section in found.sections}
    return {"slug": found.slug, "made_at": found.made_at, **rows}


def markdown(found: CounselRecord) -> str:
    """The record as one self-contained file."""
    parts = [f"# Record of {found.slug}", f"Made {when(found.made_at)}. It contains no personal data of supporters."]
    for section in found.sections:
        parts += [f"## {section.title}", *filter(None, [section.note]), _table(section.rows)]
    return "\n\n".join(parts) + "\n"


def _table(rows: Sequence[Row]) -> str:
    if not rows:
        return "Nothing to list."
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:,}" if isinstance(value, int) else " ".join(str(value).split())
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
