"""Whether an address proves a seat: two sources must name the same one, and the ZIP code must not say otherwise.

Else nothing is proved, and the person chooses by name.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from campaign.congress import zip_match as matching
from campaign.congress.geocoding.address import SENTENCES as MISSING
from campaign.congress.geocoding.address import Answer, FoundAddress, NotFound
from campaign.congress.geocoding.address import Why as Missing
from campaign.congress.roster import Roster
from campaign.model import Match

Why = Missing | Literal["", "alone", "disagree", "elsewhere"]

SENTENCES: dict[str, str] = {
    **MISSING,
    "": "two sources agree",
    "alone": "only one source answered: that proves nothing",
    "disagree": "two sources name different districts",
    "elsewhere": "its district is none of those that the ZIP code touches",
}


@dataclass(frozen=True, slots=True)
class Agreement:
    """What came of an address. `seat`: proved, else "". `named`: what the first source says, alone it proves nothing.

    `source` and `vintage` tell who said so; `detail` is for an operator, in English.
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


def agree(seats: Collection[str], zip_match: Match, first: Answer, second: Answer | None) -> Agreement:
    """`seats`: all that there are; `zip_match`: what the ZIP code says by the same lines, if it is known."""
    if isinstance(first, NotFound):
        return Agreement("", first.why, first.source, detail=first.detail)
    sources = "+".join(one.source for one in (first, second) if one is not None)
    unsure = Agreement("", "", sources, first.vintage, first.seat)
    if first.seat not in seats:
        return replace(unsure, why="no-district", named="", detail=f"there is no seat {first.seat}")
    touched = [seat.code for seat in (zip_match.representative, *zip_match.candidates) if seat is not None]
    if (touched and first.seat not in touched) or (zip_match.states and first.seat[2:4] not in zip_match.states):
        return replace(unsure, why="elsewhere", named="")
    if not isinstance(second, FoundAddress):
        detail = f"{second.source}: {second.sentence}" if second else "no second source is switched on"
        return replace(unsure, why="alone", detail=detail)
    if (second.seat, second.congress) != (first.seat, first.congress):
        return replace(unsure, why="disagree", named="", detail=f"{first.seat} and {second.seat}")
    return Agreement(first.seat, "", sources, first.vintage, first.seat)


def matched(roster: Roster, found: Match, code: str) -> Match:
    """The match of a ZIP, once an address proved this House seat: its state's senators, and no other candidate."""
    seat = roster.seats[code]
    return replace(
        found,
        states=(seat.state,),
        representative=seat,
        candidates=(),
        senators=tuple(matching.senators(roster, seat.state)),
        how="address",
        until=roster.until,
        statewide=False,
    )
