"""A call to one office, as its page shows it: what to say, the numbers to choose from, and what was told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campaign.compose.messages import call_script as texts
from campaign.compose.messages.call_script import Script
from campaign.compose.rendering.release import Release
from campaign.congress import field_offices
from campaign.congress.roster import Roster
from campaign.letters.calls import Call
from campaign.model import Seat


@dataclass(frozen=True, slots=True)
class Number:
    """Where to call. `near`: washington, or how near an office at home is; `zone` is empty where nobody can say."""

    phone: str
    near: str  # washington, zip, area, state
    city: str = ""
    hours: str = ""  # as the office gave them, in English
    zone: str = ""


@dataclass(frozen=True, slots=True)
class CallSheet:
    """What a person needs for a call. `told`: what they said of it before, "" for nothing."""

    seat: str
    script: Script | None
    numbers: tuple[Number, ...]
    told: str
    now: int  # ms


def call_sheet(
    release: Release, roster: Roster, seat: Seat, zip: str, locale: str, said: Sequence[Call], now: int
) -> CallSheet | None:
    """For the office of this seat's holder; None while nobody holds it, or no number is known."""
    holder = seat.holder
    if holder is None:
        return None
    numbers = [Number(holder.phone, "washington", zone=field_offices.WASHINGTON)] if holder.phone else []
    known = field_offices.of(roster).get(holder.bioguide)
    for one in field_offices.nearest(known.home if known else (), zip):
        zone = field_offices.zone(one.place.state)
        place = one.place
        numbers.append(Number(place.phone, one.near, place.city, place.hours, str(zone) if zone else ""))
    if not numbers:
        return None
    script = texts.script(release, locale, seat, now)
    told = next((one.outcome for one in said if (one.seat, one.holder) == (seat.code, holder.bioguide)), "")
    return CallSheet(seat.code, script, tuple(numbers), told, now)
