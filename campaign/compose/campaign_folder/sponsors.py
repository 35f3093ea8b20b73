"""sponsors.toml: who put their name to which bill. An act belongs to a person (bioguide id), never to a seat."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from campaign.clock import WASHINGTON
from campaign.compose.campaign_folder.toml import Toml

BIOGUIDE = re.compile(r"[A-Z]\d{6}")


@dataclass(frozen=True, slots=True)
class Sponsorship:
    """The names under one bill: `source` is where they stood, `checked` (ms) when somebody last looked at `page`."""

    number: str
    year: int  # in which it was introduced
    sponsor: str
    cosponsors: tuple[str, ...]
    checked: int
    page: str
    source: str
    where: str

    @property
    def final(self) -> int:
        """From when on (ms) its names cannot change any more: its Congress has ended."""
        return int(datetime(self.year + 1 + self.year % 2, 1, 3, 12, tzinfo=WASHINGTON).timestamp() * 1000)

    @property
    def members(self) -> frozenset[str]:
        """Sponsor and cosponsors."""
        return frozenset((self.sponsor, *self.cosponsors))


@dataclass(frozen=True, slots=True)
class Sponsors:
    """`bill` is the campaign's own, `successor` the one that took its place in a later Congress, `precedent` an earlier
    Senate bill, `opposite` those that want the contrary.
    """

    bill: Sponsorship | None = None
    successor: Sponsorship | None = None
    precedent: Sponsorship | None = None
    opposite: tuple[Sponsorship, ...] = ()

    @property
    def every(self) -> tuple[Sponsorship, ...]:
        return tuple(act for act in (self.bill, self.successor, self.precedent, *self.opposite) if act is not None)

    def under(self, number: str) -> Sponsorship | None:
        """The names under the campaign's bill of this number, while it is asked for."""
        return next((act for act in (self.bill, self.successor) if act is not None and act.number == number), None)

    def opposes(self, bioguide: str) -> bool:
        """Whether this person is sponsor or cosponsor of a bill that wants the contrary."""
        return any(bioguide in act.members for act in self.opposite)


def parse(file: Toml) -> Sponsors:
    """What the file says; its faults are kept in it."""
    file.only("", {"bill", "successor", "precedent", "opposite"})
    return Sponsors(
        bill=_act(file, "bill") if "bill" in file.keys_of("") else None,
        successor=_act(file, "successor") if "successor" in file.keys_of("") else None,
        precedent=_act(file, "precedent") if "precedent" in file.keys_of("") else None,
        opposite=tuple(_act(file, f"opposite.{key}") for key in file.keys_of("opposite")),
    )


def _act(file: Toml, table: str) -> Sponsorship:
    file.only(table, {"number", "year", "sponsor", "cosponsors", "checked", "page", "source"})
    hint = "The end of the address of that person's page on congress.gov: a letter and six digits."
    sponsor = file.text(table, "sponsor", hint=hint)
    if sponsor and not BIOGUIDE.fullmatch(sponsor):
        file.wrong(table, "sponsor", f"is {sponsor!r}", hint)
    cosponsors: tuple[str, ...] = ()
    if "cosponsors" in file.keys_of(table):
        cosponsors = file.names(table, "cosponsors", BIOGUIDE.fullmatch, f"A list without repeats. {hint}")
    return Sponsorship(
        number=file.text(table, "number"),
        year=file.number(table, "year", 1990, 2099),
        sponsor=sponsor,
        cosponsors=cosponsors,
        checked=file.instant(table, "checked"),
        page=file.text(table, "page"),
        source=file.text(table, "source"),
        where=file.where(table),
    )
