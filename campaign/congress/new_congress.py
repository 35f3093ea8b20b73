"""Whether a new Congress is known well enough to send letters to its House: decided state by state.

A state opens when the data has all its new members and its district lines. The published list still shows the old House
when the new one meets (the files of 2021, 2023 and 2025 came between minutes and ten hours after noon), so each
member's term is looked at, never the date of the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from campaign.congress import census_codes, districts, terms
from campaign.congress.roster import Roster

_SHOWN = 15  # states that a sentence names; of more it gives the number


@dataclass(frozen=True, slots=True)
class ClosedState:
    """Why no letter may go to a state's House seats yet. `known` of its `seats` have a member of this Congress, or are
    known to be vacant; `lines`: the data has the district lines.
    """

    state: str
    known: int
    seats: int
    lines: bool

    @property
    def why(self) -> str:
        """ "members" or "lines": what is missing; "members" if both are."""
        return "lines" if self.known == self.seats else "members"


def closed(roster: Roster) -> dict[str, ClosedState]:
    """The states whose House seats get no letters yet, with the reason; none in the middle of a Congress."""
    begins = terms.last_day(roster.congress - 1)
    found = {}
    for state, seats in roster.house.items():
        known = sum(seat.vacant or (seat.holder is not None and seat.holder.ends > begins) for seat in seats)
        lines = state in roster.lines.known
        if known < len(seats) or not lines:
            found[state] = ClosedState(state, known, len(seats), lines)
    return found


def is_closed(found: Mapping[str, ClosedState], code: str, *, by_address: bool = False) -> bool:
    """Whether letters to this seat wait for the new House. `by_address`: two sources found the writer's address on this
    Congress's lines, so no ZIP map is needed.
    """
    one = found.get(code[2:4]) if code.startswith("H:") else None
    return one is not None and not (by_address and one.why == "lines")


def sentences(found: Mapping[str, ClosedState], congress: int) -> Iterator[str]:
    """What is closed and why, for an operator."""
    name, day = census_codes.ordinal(congress), terms.last_day(congress - 1)
    members = [one for one in found.values() if one.known < one.seats]
    if members:
        known, seats = sum(one.known for one in members), sum(one.seats for one in members)
        yield (
            f"The data does not have all new members from {_places(members)} yet: "
            f"{known:,} of {seats:,} seats have a member of the {name} Congress."
        )
    if lines := [one for one in found.values() if not one.lines]:
        redrawn = all(one.state in districts.REDRAWN.get(congress, ()) for one in lines)
        since = f"changed on {day}" if redrawn else "are not known"
        yield (
            f"The district lines of {_places(lines)} {since}: "
            f"load a ZIP map of the {name} Congress (campaign congress sync --from DIR)."
        )


def _places(found: list[ClosedState]) -> str:
    if len(found) > _SHOWN:
        return f"{len(found)} states and territories"
    return ", ".join(one.state for one in sorted(found, key=lambda one: one.state))


def begins(roster: Roster) -> int:
    """When (ms) this roster's Congress began: what was matched before was matched on other lines."""
    return terms.noon(terms.last_day(roster.congress - 1))
