"""Members' offices in Washington and at home, from the snapshot in force.

The data (unitedstates/congress-legislators) has no map, so "near" compares the office's own ZIP code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from campaign.congress.roster import Roster

Near = Literal["zip", "area", "state"]

# States and territories in one time zone: 49 CFR part 71 (71.2 for the territories). For a state with two, no time is
# shown.
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
    """An office at home. `hours`: as the office gave them, in English, or ""."""

    city: str
    state: str
    zip: str
    phone: str
    address: str = ""
    hours: str = ""


class FieldOffices(msgspec.Struct, frozen=True, omit_defaults=True):
    """One member's offices. `washington`: the room number."""

    bioguide: str
    washington: str = ""
    home: tuple[FieldOffice, ...] = ()


@dataclass(frozen=True, slots=True)
class Nearby:
    """An office at home, and how near it is: same ZIP, same first three digits, or same state."""

    place: FieldOffice
    near: Near


def of(roster: Roster) -> Mapping[str, FieldOffices]:
    """The offices by Bioguide ID."""
    return _parsed(roster.snapshot.places)


@lru_cache(maxsize=4)
def _parsed(text: str) -> Mapping[str, FieldOffices]:
    return {offices.bioguide: offices for offices in msgspec.json.Decoder(FieldOffices).decode_lines(text)}


def nearest(home: Sequence[FieldOffice], zip: str) -> list[Nearby]:
    """The offices, nearest first by ZIP code, otherwise in the order of the data."""
    nearby = (Nearby(office, _near(office.zip, zip)) for office in home)
    return sorted(nearby, key=lambda office: get_args(Near).index(office.near))


def _near(office_zip: str, zip: str) -> Near:
    if office_zip and office_zip == zip:
        return "zip"
    return "area" if office_zip and office_zip[:3] == zip[:3] else "state"


def zone(state: str) -> ZoneInfo | None:
    """The state's time zone; None if it has two."""
    name = _ZONE.get(state)
    return ZoneInfo(name) if name else None
