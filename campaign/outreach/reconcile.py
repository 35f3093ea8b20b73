"""Doubt, and the breakers that pause a campaign by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import ColumnElement, Connection, case, func, select

from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.states import State
from campaign.store import engine
from campaign.store.engine import Database
from campaign.store.schema import request

log = structlog.get_logger()

IN_A_ROW = 3
DOUBT_MS = 10 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Looked:
    requeued: int
    unknown: int
    held: int
    paused: int


def look(database: Database, *, now: Callable[[Connection], int] = engine.now) -> Looked:
    """Sweep dead workers' leases, then check the breakers of every campaign. Harmless in any number."""
    swept = sweep(database, now=now)
    with database.read() as conn:
        slugs = [campaign.slug for campaign in campaigns.every(conn)]
    paused = sum(check(database, slug, now=now) for slug in slugs)
    return Looked(swept.requeued, swept.unknown, swept.held, paused)


def sweep(database: Database, *, now: Callable[[Connection], int] = engine.now) -> outbox.Swept:
    """Take back the leases of workers that died."""
    with database.begin() as conn:
        return outbox.sweep(conn, now(conn))


def check(database: Database, slug: str, *, now: Callable[[Connection], int] = engine.now) -> bool:
    """Pause this campaign if one of its breakers says so. Whether it was paused now."""
    with database.read() as conn:  # most checks find nothing, and take no lock
        campaign = campaigns.get(conn, slug)
        if campaign.paused or breaker(conn, campaign, now(conn)) is None:
            return False
    with database.begin() as conn:
        campaign, at = campaigns.get(conn, slug), now(conn)
        reason = None if campaign.paused else breaker(conn, campaign, at)
        paused = reason is not None and campaigns.pause(conn, campaign.id, reason, at)
    if paused:
        log.warning("paused", campaign=slug, reason=reason)
    return paused


def unanswered_in_a_row(conn: Connection, campaign_id: int) -> str | None:
    """The reason to pause when the last requests all went unanswered; what a dead worker left does not count."""
    last = conn.scalars(
        select(request.c.state)
        .where(request.c.campaign_id == campaign_id, request.c.answered_at.is_not(None), ~outbox.by_intake())
        .order_by(request.c.answered_at.desc(), request.c.id.desc())
        .limit(IN_A_ROW)
    ).all()
    if len(last) == IN_A_ROW and set(last) == {State.UNKNOWN.value}:
        return f"{IN_A_ROW} requests in a row were not answered"
    return None


def careful(conn: Connection, campaign_id: int) -> bool:
    """After such a pause one request goes at a time, until one is answered."""
    return unanswered_in_a_row(conn, campaign_id) is not None


def breaker(conn: Connection, campaign: Campaign, now: int) -> str | None:
    """Why this campaign must stop by itself, if it must: doubt, bounces or complaints beyond the limits.

    What went out before somebody resumed it does not count: that person has looked.
    """
    c = request.c
    since = func.coalesce(c.answered_at, c.marked_at, campaign.changed_at) >= campaign.changed_at
    old = (c.state == State.UNKNOWN.value) & (func.coalesce(c.answered_at, c.marked_at) < now - DOUBT_MS)
    old &= ~outbox.by_intake()  # it can be asked again, and says nothing of SendGrid
    row = conn.execute(
        select(
            func.count().label("requests"),
            func.coalesce(func.sum(case((old, 1), else_=0)), 0).label("doubted"),
            func.coalesce(func.sum(_mails(c.delivered + c.blocked + c.dropped + c.bounced + c.complained)), 0).label(
                "told"
            ),
            func.coalesce(func.sum(_mails(c.bounced)), 0).label("bounced"),
            func.coalesce(func.sum(_mails(c.complained)), 0).label("complained"),
        ).where(c.campaign_id == campaign.id, since)
    ).one()
    if row.doubted > max(3, row.requests / 100):
        return f"{row.doubted} of {row.requests} requests are unknown for more than ten minutes"
    if row.told >= 200 and row.bounced > row.told * 0.05:
        return f"{row.bounced} of {row.told} bounced, which is more than 5 %"
    if row.complained >= 3 and row.complained > row.told * 0.001:
        return f"{row.complained} of {row.told} complained, which is more than 0.1 %"
    return None


def _mails(deliveries: ColumnElement[int]) -> ColumnElement[int]:
    """As many mails: a summary is one, however many letters it tells of."""
    return case(((request.c.kind == "daily") & (deliveries > 0), 1), else_=deliveries)
