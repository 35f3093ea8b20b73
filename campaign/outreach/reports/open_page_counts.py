"""What people on the open page did, by source. SELECTs only; small counts by source are hidden.

The letter funnel counts the supporters who were asked. No one is counted in both.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from campaign.letters import tallies
from campaign.letters.tallies import ACTIONS
from campaign.outreach.reports import small_counts
from campaign.outreach.reports.small_counts import Cell, Count


@dataclass(frozen=True, slots=True)
class OpenPageCounts:
    """`events` are totals, as people reported them. `offices`: how many seats they reached."""

    events: dict[str, int]
    sources: dict[str, dict[str, Cell]]
    offices: int


def count(conn: Connection, campaign_id: int) -> OpenPageCounts:
    found = tallies.totals(conn, campaign_id)
    each = {(source, event): Count(n, n) for source, events in found.sources.items() for event, n in events.items()}
    by_event = [{key for key in each if key[1] == event} for event in found.total]  # these sums are published
    cells = small_counts.cells(each, small_counts.hide(each, by_event))
    return OpenPageCounts(
        events=dict(found.total.items()),
        sources={
            source: {event: cells[source, event] for event in found.total if (source, event) in cells}
            for source in found.sources
        },
        offices=len({seat for seat, event in found.seats if event in ACTIONS}),
    )
