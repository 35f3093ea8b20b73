"""What a person may decide about requests and deliveries. Each returns how many moved."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from campaign.delivery.outbox.guard import move, note, set_outcome
from campaign.states import Event, Outcome, State
from campaign.store.schema import delivery, request


def hold(conn: Connection, request_ids: Sequence[int], reason: str) -> int:
    return conn.execute(move(Event.HOLD, State.HELD, request.c.id.in_(request_ids), reason=reason)).rowcount


def release(conn: Connection, request_ids: Sequence[int], now: int) -> int:
    return conn.execute(
        move(Event.RELEASE, State.QUEUED, request.c.id.in_(request_ids), reason="", due_at=now, abandoned=0)
    ).rowcount


def held_for(conn: Connection, campaign_id: int, kind: str, reason: str) -> list[int]:
    """The requests of a kind that are held for this reason."""
    same = (request.c.campaign_id == campaign_id, request.c.state == State.HELD.value, request.c.kind == kind)
    return list(conn.scalars(select(request.c.id).where(*same, request.c.reason == reason).order_by(request.c.id)))


def cancel_all(conn: Connection, campaign_id: int, reason: str) -> int:
    """Take back every request of a campaign that has not left; returns the number of deliveries."""
    taken = conn.execute(
        move(Event.CANCEL, State.CANCELLED, request.c.campaign_id == campaign_id, reason=reason).returning(
            request.c.size
        )
    ).scalars()
    return sum(taken)


def cancel_person(conn: Connection, supporter_id: int, reason: str) -> int:
    """Take a person out of every request that has not left, and off the packets that are still to be printed."""
    conn.execute(
        update(delivery)
        .where(delivery.c.supporter_id == supporter_id, delivery.c.outcome == Outcome.TO_PRINT.value)
        .values(outcome=Outcome.CANCELLED.value, reason=reason)
    )
    unsent = (
        select(request.c.id)
        .join(delivery, delivery.c.request_id == request.c.id)
        .where(
            delivery.c.supporter_id == supporter_id,
            request.c.state.in_([state.value for state in State if state.unsent]),
        )
        .order_by(request.c.id)
        .with_for_update(of=request)
    )
    ids = list(conn.scalars(unsent))
    return len(
        set_outcome(
            conn,
            Outcome.CANCELLED,
            reason,
            delivery.c.supporter_id == supporter_id,
            delivery.c.request_id.in_(ids),
        )
    )


def resend(conn: Connection, request_id: int, *, by: str, why: str, now: int) -> bool:
    """A person decides that an unknown request did not go out. The next attempt gets a new id."""
    row = conn.execute(
        move(
            Event.RESEND,
            State.QUEUED,
            request.c.id == request_id,
            attempt=request.c.attempt + 1,
            due_at=now,
        ).returning(request.c.attempt)
    ).one_or_none()
    if row is not None:
        note(conn, [(request_id, row.attempt - 1, Event.RESEND.value, f"{by}: {why}")], now)
    return row is not None
