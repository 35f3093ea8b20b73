"""Record the provider's answers: accepted, refused, try later, no answer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select

from campaign.delivery.outbox.transitions import (
    alarm,
    drop_canceled,
    log_attempts,
    move,
    open_deliveries,
    set_outcome,
    split,
)
from campaign.delivery.transport import Accepted, Answer, NoAnswer, Refused, Stop, TryLater
from campaign.log import scrub
from campaign.model import Claimed, Kind
from campaign.states import TABLE, Event, Outcome, State
from campaign.store.schema import delivery, request

_DETAIL = 500  # characters of a provider's reason that are kept


def settle(conn: Connection, answers: Sequence[tuple[Claimed, Answer]], now: int) -> None:
    """Settle each request by its answer. An answer later than the lease still counts for its own attempt."""
    for claim, answer in answers:
        match answer:
            case Accepted():
                _accepted(conn, claim, answer, now)
            case Refused():
                _refused(conn, claim, answer, now)
            case TryLater():
                _later(conn, claim, answer.reason, now + answer.after_ms, now)
            case Stop():
                _later(conn, claim, answer.reason, now, now)
            case NoAnswer():
                _unanswered(conn, claim, answer, now)


def _kept(reason: str) -> str:
    """A provider's reason as it is kept: short, and without an address."""
    return scrub(reason)[:_DETAIL]


def _row(conn: Connection, request_id: int) -> RowMapping:
    return conn.execute(select(request).where(request.c.id == request_id)).mappings().one()


def _stray(conn: Connection, claim: Claimed, event: Event, now: int) -> None:
    """The answer moved nothing: ignore it or raise an alarm, as the table of states says."""
    state = State(_row(conn, claim.id)["state"])
    if TABLE[state][event].alarm:
        alarm(conn, claim.id, claim.attempt, event=event, state=state, now=now)


def _accepted(conn: Connection, claim: Claimed, answer: Accepted, now: int) -> None:
    values = {"answered_at": now, "provider_id": answer.provider_id[:64]}
    this = (request.c.id == claim.id, request.c.attempt == claim.attempt)
    expected = request.c.state.in_([State.SENDING.value, State.UNKNOWN.value])
    if conn.execute(move(Event.ACCEPTED, State.ACCEPTED, *this, expected, **values)).rowcount:
        return
    before = State(_row(conn, claim.id)["state"])
    if conn.execute(move(Event.ACCEPTED, State.ACCEPTED, request.c.id == claim.id, **values)).rowcount:
        alarm(conn, claim.id, claim.attempt, event=Event.ACCEPTED, state=before, now=now)
    else:
        _stray(conn, claim, Event.ACCEPTED, now)


def _refused(conn: Connection, claim: Claimed, answer: Refused, now: int) -> None:
    reason = _kept(answer.reason)
    this = (request.c.id == claim.id, request.c.attempt == claim.attempt)
    if not conn.execute(move(Event.REFUSED, State.REFUSED, *this, answered_at=now, reason=reason)).rowcount:
        _stray(conn, claim, Event.REFUSED, now)
        return
    log_attempts(conn, [(claim.id, claim.attempt, Event.REFUSED.value, reason)], now)
    drop_canceled(conn, claim.id)
    if claim.kind is Kind.DIGEST:
        return  # one email: all letters in it share its state
    remaining = open_deliveries(conn, claim.id)
    named = set(answer.deliveries) & set(remaining)
    if len(named) == len(remaining) > 1:
        return  # all of several were named: the fault is not theirs, so they can be requeued
    if named:
        set_outcome(conn, Outcome.REFUSED, reason, delivery.c.id.in_(named), delivery.c.request_id == claim.id)
        remaining = [number for number in remaining if number not in named]
    if answer.deliveries:
        parts = [remaining] if remaining else []
    elif len(remaining) > 1:
        half = len(remaining) // 2
        parts = [remaining[:half], remaining[half:]]
    else:
        parts = []  # refused alone: it shares its request's state
    split(conn, _row(conn, claim.id), parts, now)


def _later(conn: Connection, claim: Claimed, reason: str, due_at: int, now: int) -> None:
    moved = conn.execute(
        move(
            Event.TRY_LATER,
            State.QUEUED,
            request.c.id == claim.id,
            request.c.attempt == claim.attempt,
            attempt=request.c.attempt + 1,
            due_at=due_at,
            answered_at=now,
        )
    )
    if moved.rowcount:
        log_attempts(conn, [(claim.id, claim.attempt, Event.TRY_LATER.value, _kept(reason))], now)
        drop_canceled(conn, claim.id)
    else:
        _stray(conn, claim, Event.TRY_LATER, now)


def _unanswered(conn: Connection, claim: Claimed, answer: NoAnswer, now: int) -> None:
    moved = conn.execute(
        move(
            Event.NO_ANSWER,
            State.UNKNOWN,
            request.c.id == claim.id,
            request.c.attempt == claim.attempt,
            answered_at=now,
        )
    )
    if moved.rowcount:
        log_attempts(conn, [(claim.id, claim.attempt, Event.NO_ANSWER.value, _kept(answer.reason))], now)
    else:
        _stray(conn, claim, Event.NO_ANSWER, now)
