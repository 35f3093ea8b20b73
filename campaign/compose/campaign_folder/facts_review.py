"""List a campaign's facts, and record in facts.toml who reviewed one and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches

import tomlkit

from campaign.clock import WASHINGTON
from campaign.compose.campaign_folder import toml
from campaign.compose.campaign_folder.toml import Toml
from campaign.errors import CampaignError, Problems

NAME = "facts.toml"
LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class ListedFact:
    """A fact and its review dates (ms). `reviewed`: the last reviewer and day."""

    key: str
    text: str
    source: str
    review_by: int
    expires: int | None
    due: bool
    reviewed: str


@dataclass(frozen=True, slots=True)
class Review:
    key: str
    reviewed_by: str
    reviewed_on: date
    review_by: date


def list_facts(files: Mapping[str, str], now: int) -> list[ListedFact]:
    """The facts of a campaign, the next one to review first. Raises Problems for what is wrong in them."""
    file = _read(files)
    found = [_shown(file, key, now) for key in file.keys_of("fact")]
    if file.problems:
        raise Problems(file.problems, what=f"{len(file.problems)} problem(s) in {NAME}")
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


def mark_reviewed(
    files: Mapping[str, str], key: str, *, by: str, days: int, now: int
) -> tuple[Mapping[str, str], Review]:
    """The files with the record that `by` compared the text with its source today. The next review is due in `days`.

    Raises CampaignError for an unknown key, an empty name or a number of days out of range.
    """
    name = " ".join(by.split())
    if not name or not name.isprintable():
        raise CampaignError("needs the name of the reviewer", where="--by", do='Write: --by "Ana Ruiz"')
    if not 1 <= days <= LONGEST_DAYS:
        raise CampaignError(f"is {days}", where="--days", do=f"Give from 1 to {LONGEST_DAYS} days.")
    file = _read(files)
    if key not in (known := file.keys_of("fact")):
        near = get_close_matches(key, known, n=3, cutoff=0.4) or known
        raise CampaignError(f"there is no fact {key!r}", where=NAME, do=f"Perhaps: {', '.join(near)}.")
    today = datetime.fromtimestamp(now / 1000, WASHINGTON).date()
    made = Review(key, name, today, today + timedelta(days=days))
    values = {"reviewed_by": name, "reviewed_on": str(today), "review_by": str(made.review_by)}
    return {**files, NAME: _changed(files[NAME], key, values)}, made


def _read(files: Mapping[str, str]) -> Toml:
    if NAME not in files:
        raise CampaignError("this file is missing", where=NAME)
    file = toml.read(NAME, files[NAME])
    if file.problems:
        raise file.problems[0]
    return file


def _changed(text: str, key: str, values: dict[str, str]) -> str:
    """The file with these values in the table [fact.KEY]. Comments and layout stay as they are."""
    document = tomlkit.parse(text)
    document["fact"][key].update(values)
    return tomlkit.dumps(document)
