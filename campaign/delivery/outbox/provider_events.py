"""Apply the provider's events: fates only rise, and any event about a delivery proves that its request was taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Row, RowMapping, and_, bindparam, or_, select, update

from campaign.delivery.outbox.transitions import alarm, move
from campaign.model import Kind
from campaign.states import FATES, TABLE, Event, Fate, State
from campaign.store.schema import delivery, request


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """One event about one delivery of one request. `at` in ms."""

    delivery_id: int
    token: str
    fate: Fate
    at: int


def apply_provider_events(conn: Connection, events: Sequence[ProviderEvent], now: int) -> set[tuple[int, str]]:
    """Apply events in any order and number; returns the (delivery, token) pairs that are ours.

    Others change nothing: after a restored backup an id can be used again, a random token cannot.
    """
    if not events:
        return set()
    tokens = {event.token for event in events}
    requests = {
        row["token"]: row
        for row in conn.execute(
            select(request).where(request.c.token.in_(tokens)).order_by(request.c.id).with_for_update()
        ).mappings()
    }
    digests = [row["id"] for row in requests.values() if row["kind"] == Kind.DIGEST]
    named_or_in_digest = or_(
        delivery.c.id.in_({event.delivery_id for event in events}),
        and_(delivery.c.request_id.in_(digests), delivery.c.outcome.is_(None)),
    )
    rows = {
        row.id: row
        for row in conn.execute(
            select(delivery.c.id, delivery.c.request_id, delivery.c.fate)
            .where(named_or_in_digest)
            .order_by(delivery.c.id)
            .with_for_update()
        )
    }
    raised: dict[int, ProviderEvent] = {}
    ours: set[tuple[int, str]] = set()
    proved: dict[int, RowMapping] = {}
    for event in _spread(events, requests, rows):
        parent, row = requests.get(event.token), rows.get(event.delivery_id)
        if parent is None or row is None or row.request_id != parent["id"]:
            continue
        ours.add((row.id, event.token))
        proved[parent["id"]] = parent
        if event.fate > max(row.fate, raised[row.id].fate if row.id in raised else 0):
            raised[row.id] = event
    _raise_fates(conn, raised, {row_id: (row.request_id, row.fate) for row_id, row in rows.items()})
    for parent in proved.values():
        _prove(conn, parent, now)
    return ours


def _spread(
    events: Sequence[ProviderEvent], requests: Mapping[str, RowMapping], rows: Mapping[int, Row[int, int, int]]
) -> Iterator[ProviderEvent]:
    """Each event; one about a digest for every letter in it, because an email can name only one delivery."""
    for event in events:
        yield event
        parent, row = requests.get(event.token), rows.get(event.delivery_id)
        if parent is not None and parent["kind"] == Kind.DIGEST and row is not None and row.request_id == parent["id"]:
            for other in rows.values():
                if other.request_id == parent["id"] and other.id != row.id:
                    yield replace(event, delivery_id=other.id)


def _raise_fates(conn: Connection, raised: dict[int, ProviderEvent], before: dict[int, tuple[int, int]]) -> None:
    """Write the new fates, and move the counters of their requests by the same."""
    if not raised:
        return
    conn.execute(
        update(delivery)
        .where(delivery.c.id == bindparam("b_id"))
        .values(fate=bindparam("b_fate"), fate_at=bindparam("b_at")),
        [{"b_id": row_id, "b_fate": int(event.fate), "b_at": event.at} for row_id, event in sorted(raised.items())],
    )
    changes: dict[int, dict[str, int]] = {}
    for row_id, event in raised.items():
        request_id, old = before[row_id]
        change = changes.setdefault(request_id, {})
        change[event.fate.name.lower()] = change.get(event.fate.name.lower(), 0) + 1
        if old:
            name = FATES[old - 1].name.lower()
            change[name] = change.get(name, 0) - 1
    for request_id, change in sorted(changes.items()):
        values = {name: request.c[name] + number for name, number in change.items() if number}
        conn.execute(update(request).where(request.c.id == request_id).values(values))


def _prove(conn: Connection, row: RowMapping, now: int) -> None:
    state = State(row["state"])
    if state is State.ACCEPTED:
        return
    answer = TABLE[state][Event.PROOF]
    if answer.to is not None:
        conn.execute(move(Event.PROOF, answer.to, request.c.id == row["id"], answered_at=row["answered_at"] or now))
    if answer.alarm:
        alarm(conn, row["id"], row["attempt"], event=Event.PROOF, state=state, now=now)
