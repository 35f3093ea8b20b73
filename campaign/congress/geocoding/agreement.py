"""Whether an address proves a House seat: two sources must agree, and the ZIP code must not contradict them.

Otherwise the supporter chooses their district by name.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from campaign.congress import zip_match
from campaign.congress.geocoding import address
from campaign.congress.geocoding.address import Answer, FoundAddress, NotFound
from campaign.congress.roster import Roster
from campaign.model import Match

Why = address.Why | Literal["", "alone", "disagree", "elsewhere"]

SENTENCES: dict[str, str] = {
    **address.SENTENCES,
    "": "two sources agree",
    "alone": "only one source answered, which proves nothing",
    "disagree": "two sources name different districts",
    "elsewhere": "the ZIP code does not touch its district",
}


@dataclass(frozen=True, slots=True)
class Agreement:
    """The result for an address. `seat`: the proved seat, or "". `named`: the first source's seat, alone no proof.

    `source` and `vintage`: who said so. `detail` is for operators, in English.
    """

    seat: str
    why: Why
    source: str
    vintage: str = ""
    named: str = ""
    detail: str = ""

    @property
    def sentence(self) -> str:
        return f"{SENTENCES[self.why]}: {self.detail}" if self.detail else SENTENCES[self.why]


def agree(seats: Collection[str], by_zip: Match, first: Answer, second: Answer | None) -> Agreement:
    """Compare two sources with each other and with the ZIP code's match on the same lines. `seats`: all valid seats."""
    if isinstance(first, NotFound):
        return Agreement("", first.why, first.source, detail=first.detail)
    sources = "+".join(answer.source for answer in (first, second) if answer is not None)
    unsure = Agreement("", "", sources, first.vintage, first.seat)
    if first.seat not in seats:
        return replace(unsure, why="no-district", named="", detail=f"there is no seat {first.seat}")
    touched = [seat.code for seat in (by_zip.representative, *by_zip.candidates) if seat is not None]
    if (touched and first.seat not in touched) or (by_zip.states and first.seat[2:4] not in by_zip.states):
        return replace(unsure, why="elsewhere", named="")
    if not isinstance(second, FoundAddress):
        detail = f"{second.source}: {second.sentence}" if second else "no second source is switched on"
        return replace(unsure, why="alone", detail=detail)
    if (second.seat, second.congress) != (first.seat, first.congress):
        return replace(unsure, why="disagree", named="", detail=f"{first.seat} and {second.seat}")
    return Agreement(first.seat, "", sources, first.vintage, first.seat)


def match_by_address(roster: Roster, by_zip: Match, code: str) -> Match:
    """The match after an address proved this House seat: its representative and its state's senators."""
    seat = roster.seats[code]
    return replace(
        by_zip,
        states=(seat.state,),
        representative=seat,
        candidates=(),
        senators=tuple(zip_match.senators(roster, seat.state)),
        how="address",
        until=roster.until,
        statewide=False,
    )
