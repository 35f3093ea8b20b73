"""Requests in doubt whose gateway can be asked: Congress's own intake takes an id once, and says so the second time."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import structlog
from sqlalchemy import BigInteger, ColumnElement, Connection, case, func, literal, select, update

from campaign.delivery.outbox.transitions import log_attempts
from campaign.model import Claimed
from campaign.states import State
from campaign.store.schema import attempt, delivery, request

log = structlog.get_logger()

AFTER_MS = 60_000  # from the lost answer to the first question
LONGEST_MS = 6 * 3600 * 1000  # between two
NO_MORE_MS = 2**53  # later than any clock


def sent_by_cwc() -> ColumnElement[bool]:
    """Of a request: whether it goes to Congress's own intake."""
    cwc = select(delivery.c.id).where(delivery.c.request_id == request.c.id, delivery.c.channel == "cwc").exists()
    return (request.c.kind == "letter") & cwc  # the kind first: an ask has a thousand deliveries to look through


def _canceled() -> ColumnElement[bool]:
    """Of a request: whether something in it was canceled. To ask about it again could send it after all."""
    canceled = (delivery.c.request_id == request.c.id, delivery.c.cancel_reason.is_not(None))
    return select(delivery.c.id).where(*canceled).exists()


def list_unknown(conn: Connection, campaign_id: int, now: int, *, most: int, never: Collection[str]) -> list[Claimed]:
    """Up to `most` requests to ask about now, each for the caller alone: the next question about one comes after as
    long as it is in doubt. They stay unknown. What was canceled is not asked about. `never`: what was noted of those
    that only a person may settle.
    """
    since = func.coalesce(request.c.answered_at, request.c.marked_at)
    noted = select(attempt.c.id).where(attempt.c.request_id == request.c.id, attempt.c.detail.in_(never)).exists()
    pick = (
        select(request.c.id)
        .where(
            request.c.campaign_id == campaign_id,
            request.c.state == State.UNKNOWN.value,
            request.c.due_at <= now,
            since <= now - AFTER_MS,
            sent_by_cwc(),
            ~_canceled(),
            ~noted,
        )
        .order_by(request.c.due_at, request.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("pick")
        .prefix_with("MATERIALIZED")
    )
    age = literal(now, BigInteger) - since
    wait = case((age > LONGEST_MS, literal(LONGEST_MS, BigInteger)), else_=age)
    rows = conn.execute(
        update(request)
        .where(request.c.id == pick.c.id, request.c.state == State.UNKNOWN.value)
        .values(due_at=literal(now, BigInteger) + wait)
        .returning(
            *(request.c[name] for name in ("id", "token", "fence", "attempt", "kind", "wave")),
            *(request.c[name] for name in ("locale", "variant", "size")),
        )
    ).all()
    return sorted((Claimed(*row) for row in rows), key=lambda claimed: claimed.id)


def keep_unknown(conn: Connection, answers: Sequence[tuple[Claimed, str]], why: str, now: int) -> None:
    """Keep for a person what was answered to these questions, and `why` that settles nothing. They are due no more."""
    conn.execute(
        update(request)
        .where(request.c.id.in_([claim.id for claim, _ in answers]), request.c.state == State.UNKNOWN.value)
        .values(due_at=NO_MORE_MS)
    )
    for claim, said in answers:
        log.error("still_in_doubt", request=claim.id, reason=why)
        log_attempts(conn, [(claim.id, claim.attempt, "alarm", detail) for detail in (said, why)], now)
