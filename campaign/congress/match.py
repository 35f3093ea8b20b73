"""From a ZIP code to those who represent it: what the ZIP proves, and among whom its people may choose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from campaign.congress.roster import Roster, noon
from campaign.model import Match, Seat

_ZIP = re.compile(r"([0-9]{5})(?:[- ]?[0-9]{4})?")


def five(zip_: str) -> str:
    """The five digits of "28205" or "28205-1234"; "" for what is no ZIP."""
    found = _ZIP.fullmatch(zip_.strip())
    return found[1] if found else ""


def by_zip(roster: Roster, zip: str, now: int) -> Match:
    """Who represents a ZIP at `now`. Never a guess: senators only where it lies in one state (DC and the territories
    have none), the representative only where it touches one House seat. After the end of the roster's Congress it
    says nothing of the House.
    """
    zip_ = five(zip)
    codes = roster.zips.get(zip_, ())
    states = tuple(sorted({code.split(":")[1] for code in codes}))
    house = tuple(dated(roster.seats[code], now) for code in codes) if now < roster.until else ()
    return Match(
        zip_,
        states,
        representative=house[0] if len(house) == 1 else None,
        candidates=house if len(house) > 1 else (),
        senators=tuple(senators(roster, states[0], now)) if len(states) == 1 else (),
        until=roster.until if house else 0,
    )


def certain(roster: Roster, now: int) -> Iterator[tuple[str, Seat]]:
    """Each ZIP that touches one House seat only, with that seat (it may be vacant). None after the Congress's end."""
    if now >= roster.until:
        return
    seats = {code: dated(seat, now) for code, seat in roster.seats.items()}
    yield from ((zip_, seats[codes[0]]) for zip_, codes in roster.zips.items() if len(codes) == 1)


def representative(roster: Roster, zip: str, now: int) -> Seat | None:
    """The representative that a stored ZIP of five digits proves, as `by_zip` says; quick, for a million people."""
    codes = roster.zips.get(zip, ())
    return roster.seats[codes[0]] if len(codes) == 1 and now < roster.until else None


def dated(seat: Seat, now: int) -> Seat:
    """The seat, with a warning when its holder's term has ended: a person must check who holds it, it is not vacant."""
    ends = seat.holder.ends if seat.holder else ""
    if ends and noon(ends) <= now:
        return replace(seat, warning=f"its term ended on {ends}: check who holds it")
    return seat


def senators(roster: Roster, state: str, now: int) -> Iterator[Seat]:
    """A state's two senators, vacant seats too; of DC and the territories none."""
    for class_ in (1, 2, 3):
        if seat := roster.seats.get(f"S:{state}:{class_}"):
            yield dated(seat, now)
