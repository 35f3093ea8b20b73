"""Who represents everybody on file, in one statement: by ZIP code, else by what was found for their streets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from campaign.congress import roster, zip_match
from campaign.congress.roster import Roster
from campaign.supporters import segments

SEVERAL, UNMAPPED = "several districts", "lines not known"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many people who may be written to are represented by whom, at one moment.

    `seats` counts them by the House seat that their ZIP or street proves; the others choose by name, or write to
    their senators.
    """

    people: int
    by_zip: int
    by_street: int
    several: int  # their ZIP touches several districts, or tells the state only: they choose by name
    unmapped: int  # the lines of this Congress are not known there
    unknown: int  # no such ZIP is known
    seats: dict[str, int]


def measure(conn: Connection, now: int) -> Coverage:
    """As it is at `now` (ms)."""
    known = roster.at(conn, now)
    with segments.variants(conn, places(known, now)):
        who = segments.represented(known.congress, now).subquery()
        counting = select(who.c.seat, who.c.how, func.count()).group_by(who.c.seat, who.c.how).order_by(who.c.seat)
        found = [(seat, how, int(number)) for seat, how, number in conn.execute(counting)]

    def total(word: str, column: int = 1) -> int:
        return sum(row[2] for row in found if row[column] == word)

    seats = dict[str, int]()
    for seat, _, number in found:
        if seat.startswith("H:"):
            seats[seat] = seats.get(seat, 0) + number
    return Coverage(
        sum(number for _, _, number in found),
        sum(number for seat, how, number in found if how == "zip" and seat in seats),
        total("address"),
        total(SEVERAL, 0),
        total(UNMAPPED, 0),
        total(segments.UNKNOWN_ZIP, 0),
        seats,
    )


def places(known: Roster, now: int) -> Iterator[tuple[str, str]]:
    """(ZIP, the House seat that it proves, or why it proves none) for each ZIP that is known."""
    proved = dict[str, str]()
    for zip_code, seat in zip_match.unambiguous_zips(known, now):
        proved[zip_code] = seat.code
        yield zip_code, seat.code
    yield from ((zip_code, SEVERAL) for zip_code in known.zips if zip_code not in proved)
    for zip_code in known.unmapped:
        yield zip_code, SEVERAL if zip_match.by_zip(known, zip_code, now).candidates else UNMAPPED
