"""Which House districts a ZIP touches, by the lines of each Congress.

The House sits by the lines that elected it. A new map is in force from noon on the 3rd of January after its election.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Zips = Mapping[str, tuple[str, ...]]  # ZIP -> the codes of the House seats that it touches

# States whose lines for a Congress are not those of the one before it. 120th: the Census Bureau's block equivalency
# files of 2026-08-31 (Virginia's new map was struck down on 2026-05-08).
REDRAWN: Mapping[int, frozenset[str]] = {120: frozenset(["AL", "CA", "FL", "LA", "NC", "OH", "TN", "TX", "UT"])}
# States that keep the lines of the Congress before, whatever a file says. Missouri's map of 2025 stands in the Census's
# files for the 120th, but courts ordered the map of 2022 for the election of November 2026.
KEPT: Mapping[int, frozenset[str]] = {120: frozenset(("MO",))}
# Congresses whose seats were apportioned by the census of 2020: who has one seat has it in all of these.
_APPORTIONED = range(118, 123)


@dataclass(frozen=True, slots=True)
class Lines:
    """The district lines of one Congress, by ZIP.

    `unmapped`: ZIPs whose districts are not known, with the states they are in. `known`: the states whose lines are
    known; a ZIP of such a state is in `unmapped` only when no map has it.
    """

    zips: Zips
    unmapped: Mapping[str, tuple[str, ...]]
    known: frozenset[str]

    def states(self, zip_: str) -> tuple[str, ...]:
        """The states that a ZIP is in; empty for a ZIP that is not known."""
        return states_of(self.zips.get(zip_, ())) or self.unmapped.get(zip_, ())


def lines(maps: Mapping[int, Zips], congress: int) -> Lines:
    """The lines of a Congress, by state: from its own map, else from the one before where a state keeps its lines.

    A Congress's own map may have only some states. A ZIP that touches a state whose lines are not known is `unmapped`,
    because the part that is known proves nothing alone.
    """
    own, before = maps.get(congress, {}), maps.get(congress - 1, {})
    earlier = before
    if not own and not before and maps:
        earlier = maps[min(maps, key=lambda one: abs(one - congress))]
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
    made: dict[
        tuple[tuple[str, ...], ...], tuple[tuple[str, ...], bool]
    ] = {}  # most ZIPs share their seats with others
    zips, unmapped = {}, {}
    for zip_ in {**earlier, **own}:
        both = own.get(zip_, ()), earlier.get(zip_, ())
        if both not in made:
            made[both] = _joined(*both, drawn, carried)
        found, sure = made[both]
        if not sure:
            unmapped[zip_] = found
        elif found:
            zips[zip_] = found
    return Lines(zips, unmapped, drawn | carried)


def _joined(
    own: tuple[str, ...], earlier: tuple[str, ...], drawn: frozenset[str], carried: frozenset[str]
) -> tuple[tuple[str, ...], bool]:
    """(a ZIP's seats, True), or (its states, False) where the lines of one of its states are not known."""
    new = [code for code in own if code[2:4] in drawn]
    old = [code for code in earlier if code[2:4] not in drawn]
    if all(code[2:4] in carried for code in old):
        return tuple(sorted((*new, *old), key=order)), True
    return states_of((*new, *old)), False


def states_of(codes: Iterable[str]) -> tuple[str, ...]:
    """The states of these seats, in order."""
    return tuple(sorted({code[2:4] for code in codes}))


def _states(zips: Zips) -> frozenset[str]:
    return frozenset(code[2:4] for codes in set(zips.values()) for code in codes)


def _single(zips: Zips) -> frozenset[str]:
    """The states and territories with one House seat."""
    return frozenset(code[2:4] for codes in set(zips.values()) for code in codes if code.endswith(":0"))


def complete(found: Lines, postal: Mapping[str, str], seats: Iterable[str]) -> Lines:
    """The lines with the ZIPs that no map has, by the state the post office puts them in (`postal`): mostly PO boxes.

    In a place with one House seat the seat is certain; elsewhere only the state is. ZIPs outside all places that have
    `seats` (military mail, foreign states) are left out.
    """
    places = set(states_of(seats))
    single = {state: (f"H:{state}:0",) for state in _single(found.zips)}
    zips, unmapped = dict(found.zips), dict(found.unmapped)
    for zip_, state in postal.items():
        if state not in places or zip_ in zips or zip_ in unmapped:
            continue
        if state in single:
            zips[zip_] = single[state]
        else:
            unmapped[zip_] = (state,)
    return Lines(zips, unmapped, found.known)


def lost_states(old: Lines, new: Lines) -> dict[str, tuple[str, ...]]:
    """The ZIPs that are no longer in a state they were in, with the states they lose."""
    found = {}
    for zip_ in sorted({**old.zips, **old.unmapped}):
        if gone := set(old.states(zip_)) - set(new.states(zip_)):
            found[zip_] = tuple(sorted(gone))
    return found


def of(state: str, congress: int) -> int:
    """The Congress by whose lines that state's House seats are drawn in `congress`: itself, or the one before."""
    return congress - 1 if state in KEPT.get(congress, ()) else congress


def order(code: str) -> tuple[str, str, int]:
    """The order in which seats are listed: H:NC:2 before H:NC:12."""
    chamber, state, number = code.split(":")
    return chamber, state, int(number)


def parse(text: str) -> Zips:
    """A map in our own form: a line `ZIP STATE:DISTRICT ...` each."""
    places: dict[str, tuple[str, ...]] = {}  # most ZIPs share theirs with many others
    found = {}
    for row in text.splitlines():
        zip_, _, place = row.partition(" ")
        if place not in places:
            places[place] = tuple(f"H:{seat}" for seat in place.split())
        found[zip_] = places[place]
    return found


def write(zips: Mapping[str, Iterable[str]]) -> str:
    """The map in our own form."""
    return "".join(f"{zip_} {' '.join(code[2:] for code in codes)}\n" for zip_, codes in sorted(zips.items()))


def stayed(state: str, congress: int) -> bool:
    """Whether this state's lines of that Congress are known to be those of the one before it."""
    redrawn = REDRAWN.get(congress)
    return redrawn is not None and (state not in redrawn or state in KEPT.get(congress, frozenset()))
