"""When letters may be sent to the House of a new Congress: decided state by state.

A state opens once the data has all its new members and its district lines. Published lists lag behind the first day of
a Congress by up to ten hours (2021, 2023, 2025), so each member's term decides, not the date of the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from campaign.congress import census_codes, districts, terms
from campaign.congress.roster import Roster

_SHOWN = 15  # states named in a sentence; more are counted


@dataclass(frozen=True, slots=True)
class ClosedState:
    """A state whose House seats get no letters yet. `known` of its `seats` have a member of this Congress or are known
    to be vacant. `lines`: the data has its district lines.
    """

    state: str
    known: int
    seats: int
    lines: bool

    @property
    def why(self) -> str:
        """What is missing: "members" (or both) or "lines"."""
        return "lines" if self.known == self.seats else "members"


@lru_cache(maxsize=8)
def closed(roster: Roster) -> Mapping[str, ClosedState]:
    """The states whose House seats get no letters yet; none in the middle of a Congress."""
    begins = terms.last_day(roster.congress - 1)
    states = {}
    for state, seats in roster.house.items():
        known = sum(seat.vacant or (seat.holder is not None and seat.holder.ends > begins) for seat in seats)
        lines = state in roster.lines.known
        if known < len(seats) or not lines:
            states[state] = ClosedState(state, known, len(seats), lines)
    return states


def is_closed(closed_states: Mapping[str, ClosedState], code: str, *, by_address: bool = False) -> bool:
    """Whether letters to this seat wait for the new House. `by_address`: the writer's district comes from their address
    and this Congress's lines, so no ZIP map is needed.
    """
    state = closed_states.get(code[2:4]) if code.startswith("H:") else None
    return state is not None and not (by_address and state.why == "lines")


def sentences(closed_states: Mapping[str, ClosedState], congress: int) -> Iterator[str]:
    """Which states are closed and why, for operators."""
    name, day = census_codes.ordinal(congress), terms.last_day(congress - 1)
    if members := [state for state in closed_states.values() if state.known < state.seats]:
        known, seats = sum(state.known for state in members), sum(state.seats for state in members)
        yield (
            f"The data does not have all new members from {_places(members)} yet: "
            f"{known:,} of {seats:,} seats have a member of the {name} Congress."
        )
    if lines := [state for state in closed_states.values() if not state.lines]:
        redrawn = all(closed.state in districts.REDRAWN.get(congress, ()) for closed in lines)
        since = f"changed on {day}" if redrawn else "are not known"
        yield (
            f"The district lines of {_places(lines)} {since}: "
            f"load a ZIP map of the {name} Congress (campaign congress sync --from DIR)."
        )


def _places(closed_states: list[ClosedState]) -> str:
    if len(closed_states) > _SHOWN:
        return f"{len(closed_states)} states and territories"
    return ", ".join(sorted(closed.state for closed in closed_states))


def begins(roster: Roster) -> int:
    """When (ms) this roster's Congress began. Earlier matches used other lines."""
    return terms.noon(terms.last_day(roster.congress - 1))
