"""Where a member's office can be called or visited: in Washington and at home, from the snapshot in force.

The numbers are the ones that unitedstates/congress-legislators lists. It has no map of ZIP codes, so "near" means what
the office's own ZIP shows and nothing finer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from campaign.congress.roster import Roster

Near = Literal["zip", "area", "state"]

# States and territories that lie in one time zone: 49 CFR part 71 (and section 71.2 for the territories; Arizona and
# Hawaii keep no summer time). Where a state has two, an office's state does not tell its time, and none is shown.
_ZONES = {
    "America/New_York": "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL LA MN MO MS OK WI",
    "America/Denver": "CO MT NM UT WY",
    "America/Los_Angeles": "CA WA",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
}
_ZONE = {state: zone for zone, states in _ZONES.items() for state in states.split()}


class FieldOffice(msgspec.Struct, frozen=True, omit_defaults=True):
    """An office at home. `hours` as the office gave them, in English; empty where the data has none."""

    city: str
    state: str
    zip: str
    phone: str
    address: str = ""
    hours: str = ""


class FieldOffices(msgspec.Struct, frozen=True, omit_defaults=True):
    """One member's offices; `washington` is the room there."""

    bioguide: str
    washington: str = ""
    home: tuple[FieldOffice, ...] = ()


@dataclass(frozen=True, slots=True)
class Nearby:
    """An office at home, and how near its ZIP shows it to be: the same one, the same first three digits, the state."""

    place: FieldOffice
    near: Near


def of(roster: Roster) -> Mapping[str, FieldOffices]:
    """By bioguide id: those in its snapshot."""
    return _parsed(roster.book.places)


@lru_cache(maxsize=4)
def _parsed(text: str) -> Mapping[str, FieldOffices]:
    return {one.bioguide: one for one in msgspec.json.Decoder(FieldOffices).decode_lines(text)}


def nearest(home: Sequence[FieldOffice], zip: str) -> list[Nearby]:
    """The offices with the nearest first, as far as ZIP codes tell; else in the order of the data."""
    return sorted((Nearby(one, _near(one, zip)) for one in home), key=lambda one: _ORDER.index(one.near))


_ORDER: tuple[Near, ...] = ("zip", "area", "state")


def _near(one: FieldOffice, zip: str) -> Near:
    if one.zip and one.zip == zip:
        return "zip"
    return "area" if one.zip and one.zip[:3] == zip[:3] else "state"


def zone(state: str) -> ZoneInfo | None:
    """The state's time zone; None where it has two."""
    name = _ZONE.get(state)
    return ZoneInfo(name) if name else None
