"""Who represents a supporter: by ZIP code, or else by their street address."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from campaign.congress import zip_match
from campaign.congress.geocoding import agreement, cache
from campaign.congress.roster import Roster
from campaign.model import Match


def match(
    conn: Connection, roster: Roster, zip_code: str, *, place: bytes | None, named: Collection[str] = (), now: int
) -> Match:
    """The match at `now` (ms). `place`: the hash of the supporter's address, once looked up. `named`: seats they wrote
    to or called. A House seat among these overrides the address: a supporter has only one.
    """
    by_zip = zip_match.by_zip(roster, zip_code, now)
    if place is None or by_zip.representative is not None:
        return by_zip
    found = cache.find(conn, place, roster.congress, now)
    if found is None or not found.seat or any(code.startswith("H:") and code != found.seat for code in named):
        return by_zip
    return agreement.match_by_address(roster, by_zip, found.seat)
