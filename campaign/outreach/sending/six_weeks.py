"""Six weeks after a letter reached an office: ask its writer, once, whether the office answered."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Select, select

from campaign.congress import roster
from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.letters import follow_ups
from campaign.model import Kind
from campaign.store import engine
from campaign.store.engine import Database

MOST = 1_000  # questions that one transaction queues


def ask(database: Database, slug: str, *, now: Callable[[Connection], int] = engine.now) -> int:
    """Queue the questions that are due in a campaign; how many. Safe to run concurrently and repeatedly."""
    with database.read() as conn:
        campaign, at = campaigns.get(conn, slug), now(conn)
        if at >= campaign.closes_at + campaigns.QUESTIONS_MS:
            return 0
        if conn.execute(select(_due(conn, campaign, at).subquery()).limit(1)).first() is None:
            return 0
    with database.begin() as conn:
        campaigns.lock(conn, campaign.id)  # another scheduler would queue the same questions
        return outbox.add_wave(
            conn,
            campaign.id,
            follow_ups.WAVE,
            Kind.QUESTION,
            _due(conn, campaign, at),
            per_request=1,
            due_at=at,
            priority=outbox.PRIORITY[Kind.QUESTION],
        )


def _due(conn: Connection, campaign: Campaign, now: int) -> Select[int, str, str]:
    seats = roster.at(conn, now).seats.values()
    holders = [(seat.code, seat.holder.bioguide) for seat in seats if seat.holder]
    return follow_ups.to_ask(campaign.id, holders, now, most=MOST)
