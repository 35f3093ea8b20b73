"""Who represents the supporters on file, in one query: by ZIP code, else by street address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from campaign.congress import roster, zip_match
from campaign.congress.roster import Roster
from campaign.supporters import segments

SEVERAL, UNMAPPED = "several districts", "lines not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Supporters who may be emailed, by how their House seat is known. The others choose it by name, or write to their
    senators only.
    """

    people: int
    by_zip: int
    by_street: int
    several: int  # ZIPs with several districts, or only a known state
    unmapped: int  # ZIPs whose lines in this Congress are not known
    unknown: int  # unknown ZIPs
    seats: dict[str, int]


def measure(conn: Connection, now: int) -> Coverage:
    """Coverage at `now` (ms)."""
    members = roster.at(conn, now)
    with segments.variants(conn, places(members, now)):
        matched = segments.represented(members.congress, now).subquery()
        query = select(matched.c.seat, matched.c.how, func.count()).group_by(matched.c.seat, matched.c.how)
        counts = {(seat, how): int(number) for seat, how, number in conn.execute(query.order_by(matched.c.seat))}
    by_place, seats = Counter[str](), Counter[str]()
    by_how = Counter[str]()
    for (place, how), number in counts.items():
        by_place[place] += number
        if place.startswith("H:"):
            seats[place] += number
            by_how[how] += number
    return Coverage(
        people=by_place.total(),
        by_zip=by_how["zip"],
        by_street=by_how["address"],
        several=by_place[SEVERAL],
        unmapped=by_place[UNMAPPED],
        unknown=by_place[segments.UNKNOWN_ZIP],
        seats=dict(seats),
    )


def places(members: Roster, now: int) -> Iterator[tuple[str, str]]:
    """(ZIP, the House seat it proves, or why it proves none) for each known ZIP."""
    proved = {zip_code: seat.code for zip_code, seat in zip_match.unambiguous_zips(members, now)}
    yield from ((zip_code, proved.get(zip_code, SEVERAL)) for zip_code in members.zips)
    for zip_code in members.unmapped:
        yield zip_code, SEVERAL if zip_match.by_zip(members, zip_code, now).candidates else UNMAPPED
