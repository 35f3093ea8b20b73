"""Who represents a person: their ZIP code says it, or else what was found for their street."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from campaign.congress import zip_match as matching
from campaign.congress.geocoding import agreement, cache
from campaign.congress.roster import Roster
from campaign.model import Match


def match(
    conn: Connection, seats: Roster, zip_code: str, place: bytes | None, named: Collection[str], now: int
) -> Match:
    """`place`: the hash of their address, once looked up. `named`: the seats that they wrote to or called; one of
    another district outweighs the street, for a person has one House seat.
    """
    found = matching.by_zip(seats, zip_code, now)
    if place is None or found.representative is not None:
        return found
    said = cache.find(conn, place, seats.congress, now)
    if said is None or not said.seat or any(code.startswith("H:") and code != said.seat for code in named):
        return found
    return agreement.matched(seats, found, said.seat)
