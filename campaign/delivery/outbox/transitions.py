"""What the outbox is built from: guarded state changes, attempts, splits."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    Update,
    func,
    insert,
    select,
    tuple_,
    update,
)

from campaign.model import Claimed, Kind
from campaign.states import Event, Outcome, State, sources
from campaign.store.schema import attempt, delivery, request

log = structlog.get_logger()

_INHERITED = ("campaign_id", "wave", "kind", "locale", "variant", "seq", "priority")


def move(event: Event, to: State, *where: ColumnElement[bool], **values: Any) -> Update:
    """The UPDATE for one transition: a row moves only if the table of states allows it."""
    if to not in {State.CLAIMED, State.SENDING}:
        values.setdefault("lease_until", None)
    return (
        update(request)
        .where(request.c.state.in_([state.value for state in sources(event, to)]), *where)
        .values(state=to.value, **values)
    )


CLAIMED = tuple(request.c[name] for name in Claimed.__slots__)


def claimed(rows: Iterable[RowMapping]) -> list[Claimed]:
    """Rows of the columns CLAIMED, by id."""
    claims = (Claimed(**{**row, "kind": Kind(row["kind"])}) for row in rows)
    return sorted(claims, key=lambda claim: claim.id)


def held_by(claims: Iterable[Claimed]) -> ColumnElement[bool]:
    """These requests, unless another worker has claimed them since."""
    return tuple_(request.c.id, request.c.fence).in_([(claim.id, claim.fence) for claim in claims])


def log_attempts(conn: Connection, rows: Sequence[tuple[int, int, str, str]], now: int) -> None:
    """Keep (request, attempt, what, detail) for `explain`."""
    if rows:
        keys = ("request_id", "attempt", "what", "detail")
        conn.execute(insert(attempt), [dict(zip(keys, row, strict=True)) | {"at": now} for row in rows])


def alarm(conn: Connection, request_id: int, number: int, *, event: Event, state: State, now: int) -> None:
    """Record an event that should be impossible in this state: log it and keep it with the request; never raise."""
    log.error("outbox_alarm", request=request_id, event_name=event.value, state=state.value)
    log_attempts(conn, [(request_id, number, "alarm", f"{event.value} while {state.value}")], now)


def set_outcome(conn: Connection, outcome: Outcome, reason: Any, *where: ColumnElement[bool]) -> list[tuple[int, int]]:
    """Give deliveries without an outcome this one, and subtract them from the size of their requests.

    Returns (delivery, request) of each. The caller's WHERE names the deliveries.
    """
    changed = conn.execute(
        update(delivery)
        .where(delivery.c.outcome.is_(None), *where)
        .values(outcome=outcome.value, reason=reason)
        .returning(delivery.c.id, delivery.c.request_id)
    ).all()
    counts: dict[int, int] = {}
    for _, request_id in changed:
        counts[request_id] = counts.get(request_id, 0) + 1
    for request_id, count in sorted(counts.items()):
        conn.execute(update(request).where(request.c.id == request_id).values(size=request.c.size - count))
    return [(row.id, row.request_id) for row in changed]


UNSENT = tuple(state.value for state in State if state.unsent)
MAY_COME_BACK = (State.SENDING.value, State.UNKNOWN.value, State.REFUSED.value)  # and be queued again


def lock_cancelable(conn: Connection, requests: Select[int]) -> set[int]:
    """Lock those of `requests` (a SELECT of ids) that are neither accepted nor canceled; returns their ids.

    An answer may split a request while this waits for its lock, so it repeats until it finds no new ones.
    """
    query = requests.where(request.c.state.in_(UNSENT + MAY_COME_BACK)).order_by(request.c.id)
    found, seen = set(conn.scalars(query.with_for_update(of=request))), set[int]()
    while not found <= seen:
        seen |= found
        found = set(conn.scalars(query.with_for_update(of=request)))
    return found


def in_state(states: Sequence[str], *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a delivery's request is in one of these states."""
    return delivery.c.request_id.in_(select(request.c.id).where(request.c.state.in_(states), *where))


def bar_resend(conn: Connection, reason: str, *where: ColumnElement[bool]) -> None:
    """Mark deliveries that may have been sent, so that they are not sent again. The caller has locked their requests.

    Their state stays as it is; `drop_canceled` cancels them if their request turns out not to have been taken.
    """
    conn.execute(
        update(delivery)
        .where(delivery.c.outcome.is_(None), delivery.c.cancel_reason.is_(None), *where)
        .values(cancel_reason=reason)
    )


def drop_canceled(conn: Connection, request_id: int) -> None:
    """None of a request was taken: cancel the deliveries marked by `bar_resend`, and the request if none is left."""
    mine = (delivery.c.request_id == request_id, delivery.c.cancel_reason.is_not(None))
    if set_outcome(conn, Outcome.CANCELLED, delivery.c.cancel_reason, *mine):
        none_left = (request.c.id == request_id, request.c.size == 0)
        conn.execute(move(Event.CANCEL, State.CANCELLED, *none_left, reason="canceled while it was being sent"))


def open_deliveries(conn: Connection, request_id: int, *, canceled: bool = True) -> list[int]:
    """The deliveries of a request without an outcome; not `canceled`: without those marked by `bar_resend`."""
    query = select(delivery.c.id).where(delivery.c.request_id == request_id, delivery.c.outcome.is_(None))
    if not canceled:
        query = query.where(delivery.c.cancel_reason.is_(None))
    return list(conn.scalars(query.order_by(delivery.c.id)))


def split(
    conn: Connection, parent: Mapping[Any, Any], parts: Sequence[Sequence[int]], due_at: int, *, abandoned: int = 0
) -> list[int]:
    """Move deliveries of `parent` (a locked request row) into new queued requests, one per part; returns their ids.

    Parts are numbered on from the last one: a delivery may leave the same request more than once.
    """
    children = list[int]()
    same = [request.c[name] == parent[name] for name in _INHERITED if name != "priority"]  # the columns of its index
    last = select(func.coalesce(func.max(request.c.part), 0)).where(*same, request.c.parent_id == parent["id"])
    for number, ids in enumerate(parts, start=conn.execute(last).scalar_one() + 1):
        child = conn.execute(
            insert(request)
            .values(
                {name: parent[name] for name in _INHERITED}
                | {
                    "token": secrets.token_hex(16),
                    "parent_id": parent["id"],
                    "part": number,
                    "due_at": due_at,
                    "size": len(ids),
                    "abandoned": abandoned,
                }
            )
            .returning(request.c.id)
        ).scalar_one()
        conn.execute(update(delivery).where(delivery.c.id.in_(ids)).values(request_id=child))
        children.append(int(child))
    moved = sum(len(ids) for ids in parts)
    conn.execute(update(request).where(request.c.id == parent["id"]).values(size=request.c.size - moved))
    return children


def count_states(
    conn: Connection, campaign_id: int, wave: str | None = None, *, kind: Kind = Kind.ASK
) -> dict[str, int]:
    """Deliveries of a kind by outcome if they have one, else by state; of one wave, or of all.

    For a wave of asks they always add up to `launched`.
    """

    def of(table: Table) -> list[ColumnElement[bool]]:
        same = [table.c.campaign_id == campaign_id, table.c.kind == kind]
        return same if wave is None else [*same, table.c.wave == wave]

    states = conn.execute(
        select(request.c.state, func.sum(request.c.size)).where(*of(request)).group_by(request.c.state)
    ).all()
    own = conn.execute(
        select(delivery.c.outcome, func.count())
        .where(*of(delivery), delivery.c.outcome.is_not(None))
        .group_by(delivery.c.outcome)
    ).all()
    total: dict[str, int] = {}
    for name, number in [*states, *own]:
        if number:
            total[name] = total.get(name, 0) + int(number)
    return total
