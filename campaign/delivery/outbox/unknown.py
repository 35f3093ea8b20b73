"""Unknown requests whose service can be asked: one that takes each message once, and says so the second time."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import structlog
from sqlalchemy import BigInteger, ColumnElement, Connection, case, func, literal, select, update

from campaign.delivery.outbox.transitions import CLAIMED, claimed, log_attempts
from campaign.model import ChannelName, Claimed, Kind
from campaign.states import State
from campaign.store.schema import attempt, delivery, request

log = structlog.get_logger()

AFTER_MS = 60_000  # from the lost answer to the first question
LONGEST_MS = 6 * 3600 * 1000  # between two questions
NO_MORE_MS = 2**53  # later than any clock


def outside_sendgrid() -> ColumnElement[bool]:
    """Whether a request is posted to another service than SendGrid, so that its answers say nothing of SendGrid."""
    other = (delivery.c.request_id == request.c.id, delivery.c.channel != "email")
    # The kind first: an ask has a thousand deliveries to look through.
    return (request.c.kind == Kind.LETTER) & select(delivery.c.id).where(*other).exists()


def _canceled() -> ColumnElement[bool]:
    """Whether a delivery of the request was canceled. To ask about it again could send it after all."""
    canceled = (delivery.c.request_id == request.c.id, delivery.c.cancel_reason.is_not(None))
    return select(delivery.c.id).where(*canceled).exists()


def list_unknown(
    conn: Connection, campaign_id: int, now: int, *, channel: ChannelName, most: int, never: Collection[str]
) -> list[Claimed]:
    """Up to `most` requests of this channel to ask about now, each for the caller alone: the next question about one is
    due after as long as it has been unknown. They stay unknown. A canceled letter is not asked about. `never`: the
    reasons noted on those that only an operator may settle.
    """
    by_channel = select(delivery.c.id).where(delivery.c.request_id == request.c.id, delivery.c.channel == channel)
    since = func.coalesce(request.c.answered_at, request.c.marked_at)
    noted = select(attempt.c.id).where(attempt.c.request_id == request.c.id, attempt.c.detail.in_(never)).exists()
    pick = (
        select(request.c.id)
        .where(
            request.c.campaign_id == campaign_id,
            request.c.state == State.UNKNOWN.value,
            request.c.due_at <= now,
            since <= now - AFTER_MS,
            request.c.kind == Kind.LETTER,
            by_channel.exists(),
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
        .returning(*CLAIMED)
    )
    return claimed(rows.mappings())


def keep_unknown(conn: Connection, answers: Sequence[tuple[Claimed, str]], why: str, now: int) -> None:
    """Note the answers to these questions for an operator, and `why` they settle nothing. Nothing asks again."""
    conn.execute(
        update(request)
        .where(request.c.id.in_([claim.id for claim, _ in answers]), request.c.state == State.UNKNOWN.value)
        .values(due_at=NO_MORE_MS)
    )
    for claim, said in answers:
        log.error("still_in_doubt", request=claim.id, reason=why)
        log_attempts(conn, [(claim.id, claim.attempt, "alarm", detail) for detail in (said, why)], now)
