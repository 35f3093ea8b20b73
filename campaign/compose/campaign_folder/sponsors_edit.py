"""Edit sponsors.toml: new names under one bill. Comments and the rest of the file stay as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Item, Table

from campaign.compose.campaign_folder.sponsors import Sponsorship

NAME = "sponsors.toml"

_ENTRY = re.compile(r'"(?P<id>[A-Z]\d{6})"\s*,?\s*#\s*(?P<note>.*)')


@dataclass(frozen=True, slots=True)
class NewNames:
    """What replaces the names under a bill. `source`: where they are from, in a sentence."""

    sponsor: str
    cosponsors: tuple[str, ...]
    checked: date
    source: str


def edit(text: str, table: str, names: NewNames, notes: Mapping[str, str]) -> str:
    """The file with these names in `table`, such as bill or opposite.house.

    `notes`: the comment beside an id. An id without one keeps the comment that it has in the table.
    """
    document = tomlkit.parse(text)
    bill = _table(document, table)
    notes = {found["id"]: found["note"] for found in _ENTRY.finditer(bill.as_string())} | dict(notes)
    _put(bill, "sponsor", tomlkit.item(names.sponsor), notes.get(names.sponsor, ""))
    bill.pop("cosponsors", None)
    if names.cosponsors:
        lines = (f'  "{id_}",            # {notes.get(id_, "")}'.rstrip(" #") for id_ in names.cosponsors)
        bill.add("cosponsors", tomlkit.value("\n".join(["[", *lines, "]"])))
    _put(bill, "checked", tomlkit.item(names.checked))
    _put(bill, "source", tomlkit.item(names.source))
    return tomlkit.dumps(document)


def append(text: str, table: str, bill: Sponsorship, checked: date) -> str:
    """The file with a table for a bill that has none."""
    document = tomlkit.parse(text.rstrip("\n") + "\n\n")
    added = tomlkit.table()
    for key in ("number", "year", "sponsor", "page", "source"):
        added.add(key, getattr(bill, key))
    added.add("checked", checked)
    document.add(table, added)
    return tomlkit.dumps(document)


def _table(document: TOMLDocument, name: str) -> Table:
    found = document
    for part in name.split("."):
        found = found[part]
    return found  # type: ignore[return-value]


def _put(table: Table, key: str, value: Item, note: str | None = None) -> None:
    """Set a key in its place; its comment stays, or becomes `note`."""
    table[key] = value
    if note is not None:
        comment = value.trivia
        comment.comment_ws, comment.comment = ("     ", f"# {note}") if note else ("", "")
