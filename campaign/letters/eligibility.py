"""Which offices a supporter may write to: those a ZIP code or address proves, or the House seat they chose. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

from campaign.model import Match, Seat

Why = Literal["district", "address", "state", "chosen", "candidate"]


def offices(match: Match, targets: Collection[str], house_seat: str = "") -> Iterator[tuple[Seat, Why]]:
    """The offices in the order of the page: the representative, then the senators.

    `targets`: the codes of the seats the campaign writes to. Only constituents write to one. `house_seat`: the one the
    supporter chose among several.
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
    """The House seats a supporter may still choose from: all of the ZIP code's if one is a target, so that supporters
    do not pick another district's representative because their own is missing.
    """
    chosen = any(seat.code == house_seat for seat in match.candidates)
    wanted = any(seat.code in targets for seat in match.candidates)
    return match.candidates if wanted and not chosen else ()


def reaches(match: Match, targets: Collection[str]) -> bool:
    """Whether supporters in this ZIP code may write to a target, at once or after choosing their district."""
    return any(seat.holder for seat, _ in offices(match, targets)) or bool(choices(match, targets))


def match_basis(match: Match, code: str, house_seat: str = "") -> Literal["zip", "address", "chosen"] | None:
    """Why this supporter may write to that seat; None: they may not.

    A supporter has one House seat: once chosen, no other can be.
    """
    if match.proves(code):
        return match.how
    if match.offers(code) and house_seat in ("", code):
        return "chosen"
    return None
