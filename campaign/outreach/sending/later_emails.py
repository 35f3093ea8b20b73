"""Emails that come later, once: three days after a letter was saved, a reminder; six weeks after one reached an office,
the question whether the office answered.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Select, exists, or_, select

from campaign.congress import roster
from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.letters import follow_ups
from campaign.model import Kind
from campaign.store import engine
from campaign.store.engine import Database

MOST = 1_000  # of each that one transaction queues


def queue(database: Database, slug: str, *, now: Callable[[Connection], int] = engine.now) -> int:
    """Queue the reminders and questions that are due in a campaign; how many. Safe to run concurrently and
    repeatedly.
    """
    with database.read() as conn:
        campaign, at = campaigns.get(conn, slug), now(conn)
        if at >= campaign.closes_at + campaigns.QUESTIONS_MS:
            return 0
        questions, reminders = _questions(conn, campaign, at), follow_ups.to_remind(campaign.id, at, most=MOST)
        any_due = or_(*(exists(query.subquery().select()) for query in (questions, reminders)))
        if not conn.execute(select(any_due)).scalar_one():
            return 0
    with database.begin() as conn:
        campaigns.lock(conn, campaign.id)  # another scheduler would queue the same emails
        asked = outbox.add_wave(
            conn,
            campaign.id,
            follow_ups.WAVE,
            Kind.QUESTION,
            questions,
            per_request=1,
            due_at=at,
            priority=outbox.PRIORITY[Kind.QUESTION],
        )
        return asked + sum(_remind(conn, campaign.id, *row, now=at) for row in conn.execute(reminders).all())


def _questions(conn: Connection, campaign: Campaign, now: int) -> Select[int, str, str]:
    seats = roster.at(conn, now).seats.values()
    holders = [(seat.code, seat.holder.bioguide) for seat in seats if seat.holder]
    return follow_ups.to_ask(campaign.id, holders, now, most=MOST)


def _remind(conn: Connection, campaign_id: int, letter_id: int, supporter_id: int, locale: str, *, now: int) -> bool:
    reminder = outbox.add_one(
        conn,
        campaign_id,
        kind=Kind.REMINDER,
        wave=f"saved-{letter_id}",
        locale=locale,
        variant="",
        supporter_id=supporter_id,
        due_at=now,
    )
    return reminder is not None
