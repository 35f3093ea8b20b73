"""Which offices a person may write to. Pure: only what a ZIP code or an address proves, or its person chose."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

from campaign.model import Match, Seat

Why = Literal["district", "address", "state", "chosen", "candidate"]


def offices(match: Match, targets: Collection[str], house_seat: str = "") -> Iterator[tuple[Seat, Why]]:
    """The offices in the order in which they are offered: the representative, then the senators.

    `targets` are the codes of the seats that the campaign writes to: it is always its own people who do. `house_seat`
    is the one that the person has named as their own, among several.
    """
    if match.representative is not None and match.representative.code in targets:
        yield match.representative, "address" if match.how == "address" else "district"
    for seat in match.candidates:
        if seat.code == house_seat and seat.code in targets:
            yield seat, "chosen"
    for seat in match.senators:
        if seat.code in targets:
            yield seat, "state"


def choices(match: Match, targets: Collection[str], house_seat: str = "") -> tuple[Seat, ...]:
    """The House seats among which the person may still name their own: all of them, if one is a target, so that nobody
    takes another one's representative for want of their own.
    """
    named = any(seat.code == house_seat for seat in match.candidates)
    wanted = any(seat.code in targets for seat in match.candidates)
    return match.candidates if wanted and not named else ()


def reaches(match: Match, targets: Collection[str]) -> bool:
    """Whether somebody of this ZIP code may write to a target, at once or after naming it as their own."""
    return any(seat.holder for seat, _ in offices(match, targets)) or bool(choices(match, targets))


def match_basis(match: Match, code: str, house_seat: str = "") -> Literal["zip", "address", "chosen"] | None:
    """What lets this person write to that seat; None: nothing does, and no letter may be planned.

    One person has one House seat: who has named one cannot name another.
    """
    if match.proves(code):
        return match.how
    if match.offers(code) and house_seat in ("", code):
        return "chosen"
    return None
