"""The facts that a campaign rests on, and who looked at each last. A review changes three lines of facts.toml."""

from __future__ import annotations

import json
import os
import re
import tempfile
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

from campaign.compose.campaign_folder import folder as folders
from campaign.compose.campaign_folder import toml
from campaign.compose.campaign_folder.toml import WASHINGTON, Toml
from campaign.errors import CampaignError, Problems

NAME = "facts.toml"
LONGEST_DAYS = 366

_LINE = re.compile(r"""\s*"?(?P<key>[A-Za-z0-9_-]+)"?\s*=\s*""")
_VALUE = re.compile(r"""(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s#"']+)(?P<rest>[ \t]*(?:#.*)?\s*)""")


@dataclass(frozen=True, slots=True)
class ListedFact:
    """A fact as a person looks through them. `reviewed` is who looked last, and when; times in ms."""

    key: str
    text: str
    source: str
    review_by: int
    expires: int | None
    due: bool
    reviewed: str


@dataclass(frozen=True, slots=True)
class Review:
    """What a review wrote: days as they stand in the file."""

    key: str
    reviewed_by: str
    reviewed_on: date
    review_by: date


def list_facts(templates: Path, slug: str, now: int) -> list[ListedFact]:
    """The facts of a campaign, the one that needs a look soonest first. Raises CampaignError for an unknown slug."""
    file, _ = _read(templates, slug)
    found = [_shown(file, key, now) for key in file.keys_of("fact")]
    if file.problems:
        raise Problems(file.problems, what=f"{slug}: {len(file.problems)} problem(s) in {NAME}")
    return sorted(found, key=lambda fact: (fact.review_by, fact.key))


def _shown(file: Toml, key: str, now: int) -> ListedFact:
    table = f"fact.{key}"
    review_by = file.instant(table, "review_by", end=True)
    by, on = (file.text(table, name, default="") for name in ("reviewed_by", "reviewed_on"))
    return ListedFact(
        key=key,
        text=file.text(table, "text_en", default=""),
        source=file.text(table, "source_url", default=""),
        review_by=review_by,
        expires=file.instant(table, "expires") if "expires" in file.keys_of(table) else None,
        due=now >= review_by,
        reviewed=f"{by}, {on}" if by else "",
    )


def mark_reviewed(templates: Path, slug: str, key: str, *, by: str, days: int, now: int) -> Review:
    """Write down that somebody opened the source today and the text still holds. Nothing else in the file changes.

    Raises CampaignError for an unknown key or a name that is none, and for a file that only a person can edit.
    """
    name = " ".join(by.split())
    if not name or not name.isprintable():
        raise CampaignError("give the name of who looked", where="--by", do='Write: --by "Ana Ruiz"')
    if not 1 <= days <= LONGEST_DAYS:
        raise CampaignError(f"is {days}", where="--days", do=f"Give from 1 to {LONGEST_DAYS} days.")
    file, source = _read(templates, slug)
    if key not in (known := file.keys_of("fact")):
        near = get_close_matches(key, known, n=3, cutoff=0.4) or known
        raise CampaignError(f"{slug} has no fact {key!r}", where=NAME, do=f"Perhaps: {', '.join(near)}.")
    today = datetime.fromtimestamp(now / 1000, WASHINGTON).date()
    made = Review(key, name, today, today + timedelta(days=days))
    values = {"reviewed_by": name, "reviewed_on": str(today), "review_by": str(made.review_by)}
    changed = _changed(source, key, values)
    _same_but(file, changed, key, values)
    put(templates / slug / NAME, changed)
    return made


def _read(templates: Path, slug: str) -> tuple[Toml, str]:
    folder = folders.place(templates, slug)
    if not (folder / NAME).is_file():
        folders.load(folder)  # names the known ones
        raise CampaignError("there is no such file", where=f"{slug}/{NAME}")
    source = (folder / NAME).read_bytes().decode("utf-8")
    file = toml.read(NAME, source)
    if file.problems:
        raise file.problems[0]
    return file, source


def _changed(source: str, key: str, values: dict[str, str]) -> str:
    """The file with these values in the table [fact.KEY]: in their lines where they stand, else after `review_by`."""
    lines = source.splitlines(keepends=True)
    header = re.compile(rf'\s*\[\s*fact\s*\.\s*"?{re.escape(key)}"?\s*\]')
    start = next((number for number, line in enumerate(lines) if header.match(line)), len(lines))
    end = next((n for n in range(start + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
    at = {found["key"]: n for n in range(start, end) if (found := _LINE.match(lines[n]))}
    new = ""
    for name, value in values.items():
        text = json.dumps(value, ensure_ascii=False)
        if name not in at:
            new += f"{name} = {text}\n"
        elif (head := _LINE.match(line := lines[at[name]])) and (found := _VALUE.fullmatch(line, head.end())):
            lines[at[name]] = head[0] + text + found["rest"]
    if new and (place := at.get("review_by")) is not None:
        ending = "\r\n" if lines[place].endswith("\r\n") else "\n"
        lines[place] = lines[place].rstrip("\r\n") + ending + new.replace("\n", ending)
    return "".join(lines)


def _same_but(file: Toml, changed: str, key: str, values: dict[str, str]) -> None:
    """Read what would be written: everything is as it was, but for these values. Raises CampaignError otherwise."""
    wanted = {**file.data, "fact": {**file.data["fact"], key: {**file.data["fact"][key], **values}}}
    try:
        good = tomllib.loads(changed) == wanted
    except tomllib.TOMLDecodeError:
        good = False
    if not good:
        lines = ", ".join(f'{name} = "{value}"' for name, value in values.items())
        do = f"Write there by hand: {lines}"
        raise CampaignError("is written in a way that only a person can edit", where=file.where(f"fact.{key}"), do=do)


def put(path: Path, text: str) -> None:
    """Put the new file in the old one's place at once, with its permissions."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        os.chmod(draft, path.stat().st_mode)
        Path(draft).replace(path)
    except OSError as error:
        Path(draft).unlink(missing_ok=True)
        raise CampaignError(f"cannot be written: {error.strerror}", where=str(path)) from None
