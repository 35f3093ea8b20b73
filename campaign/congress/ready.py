"""Whether the data of a new Congress is good enough to send by: until it is, nothing goes to a House office.

The published list still shows the old House when the new one meets (files of 2021, 2023 and 2025 came between minutes
and ten hours after noon), so its own numbers are looked at, never its date.
"""

from __future__ import annotations

from campaign.congress import terms
from campaign.congress.roster import Roster

ENOUGH, OF = 425, 441  # House records of the new Congress: so many of the data's own seats, delegates among them


def missing(roster: Roster) -> tuple[str, ...]:
    """What the data lacks before letters may go to the House of this roster's Congress; empty: nothing."""
    begins = terms.last_day(roster.congress - 1)
    house = [seat for seat in roster.seats.values() if seat.house]
    sworn = sum(seat.holder is not None and seat.holder.since >= begins for seat in house)
    found = []
    if sworn * OF < ENOUGH * len(house):
        found.append(f"{sworn:,} of the {len(house):,} House seats have a member of the {roster.congress}th Congress")
    if roster.congress not in roster.book.maps:
        found.append(f"the House districts of the {roster.congress}th Congress have not been loaded")
    return tuple(found)


def begins(roster: Roster) -> int:
    """When (ms) this roster's Congress began: what was matched before was matched on other lines."""
    return terms.noon(terms.last_day(roster.congress - 1))
