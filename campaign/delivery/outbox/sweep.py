"""Requests whose worker died: take back their leases. Safe to run concurrently and repeatedly."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from campaign.delivery.outbox.transitions import log_attempts, move, open_deliveries, split
from campaign.model import Kind
from campaign.states import Event, State
from campaign.store.schema import request

POISON = 3  # abandoned claims after which a request is split, and then held


@dataclass(frozen=True, slots=True)
class Swept:
    requeued: int
    unknown: int
    held: int


def sweep(conn: Connection, now: int) -> Swept:
    """Expire leases: a claimed request is queued again; a sending one becomes unknown and is never resent."""
    unknown = conn.execute(
        move(
            Event.EXPIRE, State.UNKNOWN, request.c.state == State.SENDING.value, request.c.lease_until <= now
        ).returning(request.c.id, request.c.attempt)
    ).all()
    log_attempts(
        conn, [(row.id, row.attempt, Event.EXPIRE.value, "the worker never came back") for row in unknown], now
    )
    back = conn.execute(
        move(
            Event.EXPIRE,
            State.QUEUED,
            request.c.state == State.CLAIMED.value,
            request.c.lease_until <= now,
            abandoned=request.c.abandoned + 1,
        ).returning(request.c.id, request.c.abandoned)
    ).all()
    poison = sorted(row.id for row in back if row.abandoned >= POISON)
    for request_id in poison:
        _split_poison(conn, request_id, now)
    return Swept(requeued=len(back) - len(poison), unknown=len(unknown), held=len(poison))


def _split_poison(conn: Connection, request_id: int, now: int) -> None:
    """Something in it kills workers: give each delivery a request of its own; hold one that is alone."""
    row = conn.execute(select(request).where(request.c.id == request_id)).mappings().one()
    members = open_deliveries(conn, request_id)
    if len(members) > 1 and row["kind"] != Kind.DIGEST:
        split(conn, row, [[member] for member in members], now, abandoned=POISON - 1)
        conn.execute(move(Event.CANCEL, State.CANCELLED, request.c.id == request_id, reason="split: its workers died"))
    else:
        conn.execute(move(Event.HOLD, State.HELD, request.c.id == request_id, reason="its workers died three times"))
    log_attempts(conn, [(request_id, row["attempt"], Event.EXPIRE.value, "three workers died with it")], now)
