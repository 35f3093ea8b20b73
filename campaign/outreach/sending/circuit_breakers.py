"""Circuit breakers: pause a campaign by itself when answers are lost, refused, or its emails bounce."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import ColumnElement, Connection, case, func, select

from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.model import Claimed, Kind
from campaign.states import Event, State
from campaign.store import engine
from campaign.store.engine import Database
from campaign.store.schema import attempt, request

log = structlog.get_logger()

IN_A_ROW = 3
MOST_REFUSED = 20  # requests to supporters in a row, however little each of them says
UNKNOWN_MS = 10 * 60 * 1000
_KNOWN = request.c.kind != Kind.JOIN.value  # a stranger who types bad addresses must not pause the campaign


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
    """The reason to pause when the last requests all got no answer. Requests of a worker that died do not count."""
    latest = conn.execute(
        select(request.c.id, request.c.state)
        .where(request.c.campaign_id == campaign_id, request.c.answered_at.is_not(None), ~outbox.outside_sendgrid())
        .order_by(request.c.answered_at.desc(), request.c.id.desc())
        .limit(IN_A_ROW)
    ).all()
    if len(latest) < IN_A_ROW or {row.state for row in latest} != {State.UNKNOWN.value}:
        return None
    why = conn.scalars(
        select(attempt.c.detail)
        .where(attempt.c.request_id == latest[0].id, attempt.c.what == Event.NO_ANSWER.value)
        .order_by(attempt.c.id.desc())
        .limit(1)
    ).first()
    return f"{IN_A_ROW} requests in a row were not answered" + (f": {why}" if why else "")


def refused_in_a_row(conn: Connection, campaign_id: int, claims: Sequence[Claimed] = (), since: int = 0) -> str | None:
    """The reason to pause when the provider refuses everything: all requests, or all with the same text as one of
    these `claims`. Requests answered before `since` (ms) do not count.
    """
    for text in ((), *sorted({_text(claim) for claim in claims})):
        same = [request.c[name] == str(value) for name, value in zip(_TEXT, text, strict=False)]
        if (reason := _refusals(conn, campaign_id, since, same)) is not None:
            return reason
    return None


_TEXT = ("kind", "locale", "variant")


def _text(claim: Claimed) -> tuple[str, ...]:
    """What identifies its text, as in _TEXT. Of an email to an office the variant is only its seat."""
    return (claim.kind,) if claim.kind.to_office else (claim.kind, claim.locale, claim.variant)


def _refusals(conn: Connection, campaign_id: int, since: int, where: Sequence[ColumnElement[bool]]) -> str | None:
    """The reason to pause when too many requests were refused since one was last accepted.

    A request that was refused for some named deliveries says little: the others are sent without them. One bad office
    address says little too, and so do the parts of one request that is halved to find what is wrong with it.
    """
    c, part = request.c, request.alias("part")
    considered = (c.campaign_id == campaign_id, c.answered_at >= since, ~outbox.outside_sendgrid(), _KNOWN, *where)
    newest = (c.answered_at.desc(), c.id.desc())
    accepted = conn.scalars(
        select(c.answered_at).where(*considered, c.state == State.ACCEPTED.value).order_by(*newest).limit(1)
    ).one_or_none()
    place = ("campaign_id", "wave", "kind", "locale", "variant", "seq")
    parts = select(func.max(part.c.part)).where(*(part.c[name] == c[name] for name in place), part.c.parent_id == c.id)
    rows = conn.execute(
        select(c.kind, c.wave, c.locale, c.variant, c.seq, c.reason, parts.scalar_subquery().label("parts"))
        .where(*considered, c.state == State.REFUSED.value, c.answered_at > (accepted or -1))
        .order_by(*newest)
        .limit(5 * MOST_REFUSED)
    ).all()
    whole = [row for row in rows if row.parts != 1]  # 1: all but the named deliveries are sent together
    different = {row.variant if Kind(row.kind).to_office else tuple(row)[1:5] for row in whole}
    to_supporters = sum(not Kind(row.kind).to_office for row in rows)
    if len(different) >= IN_A_ROW or to_supporters >= MOST_REFUSED:
        return f"SendGrid refused {len(rows)} requests in a row: {(whole or rows)[0].reason}"
    return None


def careful(conn: Connection, campaign_id: int) -> bool:
    """Whether requests are sent one at a time: after such a pause, until one is answered or accepted."""
    return (unanswered_in_a_row(conn, campaign_id) or refused_in_a_row(conn, campaign_id)) is not None


def breaker(conn: Connection, campaign: Campaign, now: int) -> str | None:
    """Why this campaign must pause, if it must: unknown requests, bounces or complaints beyond the limits.

    Requests sent before an operator resumed it do not count.
    """
    c = request.c
    since = func.coalesce(c.answered_at, c.marked_at, campaign.changed_at) >= campaign.changed_at
    old = (c.state == State.UNKNOWN.value) & (func.coalesce(c.answered_at, c.marked_at) < now - UNKNOWN_MS)
    old &= ~outbox.outside_sendgrid()
    row = conn.execute(
        select(
            func.count().label("requests"),
            func.coalesce(func.sum(case((old, 1), else_=0)), 0).label("unknown"),
            func.coalesce(func.sum(_emails(c.delivered + c.blocked + c.dropped + c.bounced + c.complained)), 0).label(
                "reported"
            ),
            func.coalesce(func.sum(_emails(c.bounced)), 0).label("bounced"),
            func.coalesce(func.sum(_emails(c.complained)), 0).label("complained"),
        ).where(c.campaign_id == campaign.id, since, _KNOWN)
    ).one()
    if row.unknown > max(3, row.requests / 100):
        return f"{row.unknown} of {row.requests} requests have been unknown for more than ten minutes"
    if row.reported >= 200 and row.bounced > row.reported * 0.05:
        return f"{row.bounced} of {row.reported} bounced, which is more than 5%"
    if row.complained >= 3 and row.complained > row.reported * 0.001:
        return f"{row.complained} of {row.reported} complained, which is more than 0.1%"
    return None


def _emails(deliveries: ColumnElement[int]) -> ColumnElement[int]:
    """These deliveries counted as emails: a digest is one, however many letters it has."""
    return case(((request.c.kind == Kind.DIGEST.value) & (deliveries > 0), 1), else_=deliveries)
