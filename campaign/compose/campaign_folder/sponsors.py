"""sponsors.toml: who sponsored or cosponsored which bill. That belongs to a person (bioguide id), never to a seat."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from campaign.clock import WASHINGTON
from campaign.compose.campaign_folder.toml import Toml

STALE_MS = 30 * 24 * 3600 * 1000  # how old the last check of a bill's sponsors may be
BIOGUIDE = re.compile(r"[A-Z]\d{6}")
ID_HINT = "The end of the address of that person's page on congress.gov: a letter and six digits."


@dataclass(frozen=True, slots=True)
class Sponsorship:
    """The sponsors of one bill, from `source`; `page` lists them and was last checked at `checked` (ms)."""

    number: str
    year: int  # when it was introduced
    sponsor: str
    cosponsors: tuple[str, ...]
    checked: int
    page: str
    source: str
    where: str

    def is_stale(self, now: int) -> bool:
        """Whether the last check is too long ago. After the end of its Congress a bill's sponsors can't change."""
        end = datetime(self.year + 1 + self.year % 2, 1, 3, 12, tzinfo=WASHINGTON).timestamp() * 1000
        return now - self.checked > STALE_MS and self.checked < end

    @property
    def members(self) -> frozenset[str]:
        return frozenset((self.sponsor, *self.cosponsors))


@dataclass(frozen=True, slots=True)
class Sponsors:
    """`successor`: the campaign's bill in a later Congress; `precedent`: an earlier Senate bill."""

    bill: Sponsorship | None = None
    successor: Sponsorship | None = None
    precedent: Sponsorship | None = None
    opposite: tuple[Sponsorship, ...] = ()

    @property
    def every(self) -> tuple[Sponsorship, ...]:
        return tuple(act for act in (self.bill, self.successor, self.precedent, *self.opposite) if act is not None)

    def under(self, number: str) -> Sponsorship | None:
        """The sponsors of the campaign's bill with this number."""
        return next((act for act in (self.bill, self.successor) if act is not None and act.number == number), None)

    def opposes(self, bioguide: str) -> bool:
        return any(bioguide in act.members for act in self.opposite)


def parse(file: Toml) -> Sponsors:
    """The bills of the file. Problems are kept in it."""
    file.only("", Sponsors.__slots__)
    single = {table: _act(file, table) for table in ("bill", "successor", "precedent") if table in file.keys_of("")}
    return Sponsors(**single, opposite=tuple(_act(file, f"opposite.{key}") for key in file.keys_of("opposite")))


def person_id(file: Toml, table: str, key: str) -> str:
    """A bioguide id; a problem of the file if it isn't one."""
    value = file.text(table, key, hint=ID_HINT)
    if value and not BIOGUIDE.fullmatch(value):
        file.wrong(table, key, f"is {value!r}", ID_HINT)
    return value


def _act(file: Toml, table: str) -> Sponsorship:
    file.only(table, {"number", "year", "sponsor", "cosponsors", "checked", "page", "source"})
    do = f"A list without repeats. {ID_HINT}"
    return Sponsorship(
        number=file.text(table, "number"),
        year=file.number(table, "year", 1990, 2099),
        sponsor=person_id(file, table, "sponsor"),
        cosponsors=file.names(table, "cosponsors", BIOGUIDE.fullmatch, do)
        if "cosponsors" in file.keys_of(table)
        else (),
        checked=file.instant(table, "checked"),
        page=file.text(table, "page"),
        source=file.text(table, "source"),
        where=file.where(table),
    )
