"""What an operator may do with requests and deliveries. Each function returns how many it changed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from campaign.delivery.outbox.transitions import (
    MAY_COME_BACK,
    UNSENT,
    bar_resend,
    drop_canceled,
    in_state,
    lock_cancelable,
    log_attempts,
    move,
    open_deliveries,
    set_outcome,
    split,
)
from campaign.model import Kind
from campaign.states import Event, Outcome, State
from campaign.store.schema import delivery, request

TO_SUPPORTERS = tuple(kind for kind in Kind if not kind.to_office)


def hold(conn: Connection, request_ids: Sequence[int], reason: str) -> int:
    return conn.execute(move(Event.HOLD, State.HELD, request.c.id.in_(request_ids), reason=reason)).rowcount


def release(conn: Connection, request_ids: Sequence[int], now: int) -> int:
    return conn.execute(
        move(Event.RELEASE, State.QUEUED, request.c.id.in_(request_ids), reason="", due_at=now, abandoned=0)
    ).rowcount


def held_for(conn: Connection, campaign_id: int, kind: Kind, reason: str) -> list[int]:
    """Requests of a kind that are held for this reason."""
    same = (request.c.campaign_id == campaign_id, request.c.state == State.HELD.value, request.c.kind == kind)
    return list(conn.scalars(select(request.c.id).where(*same, request.c.reason == reason).order_by(request.c.id)))


def held_reasons(conn: Connection, campaign_id: int, kind: Kind, prefix: str) -> list[str]:
    """The reasons for which requests of a kind are held, of those that begin with `prefix`."""
    same = (request.c.campaign_id == campaign_id, request.c.state == State.HELD.value, request.c.kind == kind)
    begins = request.c.reason.startswith(prefix, autoescape=True)
    return list(conn.scalars(select(request.c.reason).where(*same, begins).distinct().order_by(request.c.reason)))


def cancel_all(conn: Connection, campaign_id: int, reason: str) -> int:
    """Cancel every unsent request of a campaign; returns the number of deliveries.

    A request that is being sent is not sent again if it was not taken, and a refused one cannot be queued again.
    """
    mine = request.c.campaign_id == campaign_id
    lock_cancelable(conn, select(request.c.id).where(mine))
    bar_resend(conn, reason, in_state(MAY_COME_BACK, mine))
    sizes = conn.execute(move(Event.CANCEL, State.CANCELLED, mine, reason=reason).returning(request.c.size)).scalars()
    return sum(sizes)


def cancel_supporter(conn: Connection, supporter_id: int, reason: str) -> int:
    """Take a supporter out of every unsent request and every packet still to be printed.

    A delivery that is being sent is not sent again if it was not taken. Returns how many were canceled now.
    """
    conn.execute(
        update(delivery)
        .where(delivery.c.supporter_id == supporter_id, delivery.c.outcome == Outcome.TO_PRINT.value)
        .values(outcome=Outcome.CANCELLED.value, reason=reason)
    )
    mine = delivery.c.supporter_id == supporter_id
    joined = select(request.c.id).join(delivery, delivery.c.request_id == request.c.id).where(mine)
    locked = request.c.id.in_(lock_cancelable(conn, joined))
    bar_resend(conn, reason, mine, in_state(MAY_COME_BACK, locked))
    return len(set_outcome(conn, Outcome.CANCELLED, reason, mine, in_state(UNSENT, locked)))


def resend(conn: Connection, request_id: int, *, by: str, why: str, now: int) -> State | None:
    """Queue an unknown request again, after an operator decided that it was not sent. The next attempt gets a new id.

    Returns its new state: queued, or canceled if everything in it was canceled meanwhile; None: it was not unknown.
    """
    row = conn.execute(
        move(
            Event.RESEND,
            State.QUEUED,
            request.c.id == request_id,
            attempt=request.c.attempt + 1,
            due_at=now,
        ).returning(request.c.attempt)
    ).one_or_none()
    if row is None:
        return None
    log_attempts(conn, [(request_id, row.attempt - 1, Event.RESEND.value, f"{by}: {why}")], now)
    drop_canceled(conn, request_id)
    return State(conn.execute(select(request.c.state).where(request.c.id == request_id)).scalar_one())


def requeue_refused(conn: Connection, campaign_id: int, now: int) -> int:
    """Requeue the messages to supporters in requests that the provider refused as a whole; returns how many.

    It took none of them, so nothing is sent twice. Deliveries it refused by name stay refused, and so do letters, which
    have another channel by then. The refused requests stay as they are; the new ones are parts of them.
    """
    refused = (
        request.c.campaign_id == campaign_id,
        request.c.state == State.REFUSED.value,
        request.c.kind.in_(TO_SUPPORTERS),
        request.c.size > 0,
    )
    rows = conn.execute(select(request).where(*refused).order_by(request.c.id).with_for_update()).mappings().all()
    number = 0
    for row in rows:
        if ids := open_deliveries(conn, row["id"], canceled=False):
            split(conn, row, [ids], now)
            number += len(ids)
    return number
