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
    """The lines of one Congress. `unmapped`: ZIPs whose districts are not known there, with their states."""

    zips: Zips
    unmapped: Mapping[str, tuple[str, ...]]


def lines(maps: Mapping[int, Zips], congress: int) -> Lines:
    """The lines of that Congress: its own map, or that of the one before it where the lines stay."""
    before, own = maps.get(congress - 1, {}), maps.get(congress)
    kept = KEPT.get(congress, frozenset())
    if own is not None:
        if not before or not kept:
            return Lines(own, {})
        return Lines(_merged(own, before, kept), {})
    nearest = before or (maps[min(maps, key=lambda one: abs(one - congress))] if maps else {})
    single = {code[2:4] for codes in nearest.values() for code in codes if code.endswith(":0")}
    every = {code[2:4] for codes in nearest.values() for code in codes}
    redrawn = every - single
    if before and congress in REDRAWN:
        redrawn = set(REDRAWN[congress] - kept)
    elif congress not in _APPORTIONED:
        redrawn = every
    unsure: dict[tuple[str, ...], bool] = {}  # most ZIPs share their seats with many others
    zips, unmapped = {}, {}
    for zip_, codes in nearest.items():
        if codes not in unsure:
            unsure[codes] = any(code[2:4] in redrawn for code in codes)
        if unsure[codes]:
            unmapped[zip_] = tuple(sorted({code[2:4] for code in codes}))
        else:
            zips[zip_] = codes
    return Lines(zips, unmapped)


def of(state: str, congress: int) -> int:
    """The Congress by whose lines that state's House seats are drawn in `congress`: itself, or the one before."""
    return congress - 1 if state in KEPT.get(congress, ()) else congress


def _merged(own: Zips, before: Zips, kept: frozenset[str]) -> Zips:
    """The own map, but for the states that keep their lines."""
    found = dict(own)
    for zip_ in own.keys() | before.keys():
        new, old = own.get(zip_, ()), before.get(zip_, ())
        if any(code[2:4] in kept for code in (*new, *old)):
            codes = [code for code in new if code[2:4] not in kept] + [code for code in old if code[2:4] in kept]
            found[zip_] = tuple(sorted(codes, key=order))
            if not codes:
                del found[zip_]
    return found


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
