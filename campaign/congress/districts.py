"""Which House districts each ZIP code touches, by the district lines of each Congress.

New lines are in force from noon on January 3 after the election that first used them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

Codes = tuple[str, ...]
Zips = Mapping[str, Codes]  # ZIP -> the House seats it touches

# States with new lines in a Congress. 120th: the Census Bureau's block equivalency files of 2026-08-31 (Virginia's new
# map was struck down on 2026-05-08).
REDRAWN: Mapping[int, frozenset[str]] = {120: frozenset(["AL", "CA", "FL", "LA", "NC", "OH", "TN", "TX", "UT"])}
# States that keep the lines of the Congress before, whatever a file says. The Census's files for the 120th have
# Missouri's map of 2025, but courts ordered the map of 2022 for the election of November 2026.
KEPT: Mapping[int, frozenset[str]] = {120: frozenset(("MO",))}
# Congresses with the apportionment of the 2020 census: a state with one seat has one in all of them.
_APPORTIONED = range(118, 123)


@dataclass(frozen=True, slots=True)
class Lines:
    """The district lines of one Congress, by ZIP.

    `unmapped`: ZIPs whose districts are not known, with their states. `known`: states whose lines are known; their ZIPs
    are in `unmapped` only if no map has them.
    """

    zips: Zips
    unmapped: Mapping[str, Codes]
    known: frozenset[str]

    def states(self, zip_: str) -> Codes:
        """The states a ZIP is in; empty for an unknown ZIP."""
        return states_of(self.zips.get(zip_, ())) or self.unmapped.get(zip_, ())


def lines(maps: Mapping[int, Zips], congress: int) -> Lines:
    """The lines of a Congress, state by state: from its own map, or from the map before if the state keeps its lines.

    The Congress's own map may lack some states. A ZIP that touches a state with unknown lines is `unmapped`, because
    its known part alone proves nothing.
    """
    own, before = maps.get(congress, {}), maps.get(congress - 1, {})
    earlier = before
    if not own and not before and maps:
        earlier = maps[min(maps, key=lambda number: abs(number - congress))]
    if not earlier:
        return Lines(own, {}, _states(own))
    kept = KEPT.get(congress, frozenset()) if before else frozenset()
    drawn = _states(own) - kept
    carried = _states(earlier) - drawn
    if before and congress in REDRAWN:
        carried -= REDRAWN[congress] - kept
    elif congress in _APPORTIONED:
        carried &= _single(earlier)
    else:
        carried = frozenset()

    @cache  # many ZIPs share the same seats
    def join(own: Codes, earlier: Codes) -> tuple[Codes, bool]:
        """(a ZIP's seats, True), or (its states, False) if the lines of one of its states are unknown."""
        new = [code for code in own if code[2:4] in drawn]
        old = [code for code in earlier if code[2:4] not in drawn]
        if all(code[2:4] in carried for code in old):
            return tuple(sorted((*new, *old), key=order)), True
        return states_of((*new, *old)), False

    zips, unmapped = {}, {}
    for zip_ in {**earlier, **own}:
        places, known = join(own.get(zip_, ()), earlier.get(zip_, ()))
        if not known:
            unmapped[zip_] = places
        elif places:
            zips[zip_] = places
    return Lines(zips, unmapped, drawn | carried)


def states_of(codes: Iterable[str]) -> Codes:
    """The states of these seats, sorted."""
    return tuple(sorted({code[2:4] for code in codes}))


def _states(zips: Zips) -> frozenset[str]:
    return frozenset(code[2:4] for codes in set(zips.values()) for code in codes)


def _single(zips: Zips) -> frozenset[str]:
    """The states and territories with one House seat."""
    return frozenset(code[2:4] for codes in set(zips.values()) for code in codes if code.endswith(":0"))


def complete(mapped: Lines, postal: Mapping[str, str], seats: Iterable[str]) -> Lines:
    """Add the ZIPs that no map has, mostly PO boxes, by their postal state (`postal`).

    If the state has one House seat, that is theirs; else only their state is known. ZIPs of states without `seats`
    (military mail, foreign states) are left out.
    """
    states = set(states_of(seats))
    single = {state: (f"H:{state}:0",) for state in _single(mapped.zips)}
    zips, unmapped = dict(mapped.zips), dict(mapped.unmapped)
    for zip_, state in postal.items():
        if state not in states or zip_ in zips or zip_ in unmapped:
            continue
        if state in single:
            zips[zip_] = single[state]
        else:
            unmapped[zip_] = (state,)
    return Lines(zips, unmapped, mapped.known)


def lost_states(old: Lines, new: Lines) -> dict[str, Codes]:
    """The ZIPs that are no longer in a state they were in, with the states they lose."""
    return {
        zip_: tuple(sorted(lost))
        for zip_ in sorted({**old.zips, **old.unmapped})
        if (lost := set(old.states(zip_)) - set(new.states(zip_)))
    }


def of(state: str, congress: int) -> int:
    """The Congress whose lines this state uses in `congress`: the same, or the one before."""
    return congress - 1 if state in KEPT.get(congress, ()) else congress


def order(code: str) -> tuple[str, str, int]:
    """Sort key for seats: H:NC:2 comes before H:NC:12."""
    chamber, state, number = code.split(":")
    return chamber, state, int(number)


def parse(text: str) -> Zips:
    """Read a map in our format, `ZIP STATE:DISTRICT ...` per line."""

    @cache  # many ZIPs share the same seats
    def codes(seats: str) -> Codes:
        return tuple(f"H:{seat}" for seat in seats.split())

    rows = (row.partition(" ") for row in text.splitlines())
    return {zip_: codes(seats) for zip_, _, seats in rows}


def write(zips: Mapping[str, Iterable[str]]) -> str:
    """The map in our format."""
    return "".join(f"{zip_} {' '.join(code[2:] for code in codes)}\n" for zip_, codes in sorted(zips.items()))


def stayed(state: str, congress: int) -> bool:
    """Whether this state's lines in that Congress are known to be those of the Congress before."""
    redrawn = REDRAWN.get(congress)
    return redrawn is not None and (state not in redrawn or state in KEPT.get(congress, frozenset()))
