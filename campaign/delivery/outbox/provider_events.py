"""What others told us afterwards: fates climb, and any word about a delivery proves that its request was taken."""

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
    """One word of the provider about one delivery of one request. `at` in ms."""

    delivery_id: int
    token: str
    fate: Fate
    at: int


def apply_provider_events(conn: Connection, words: Sequence[ProviderEvent], now: int) -> set[tuple[int, str]]:
    """Apply words in any order and number; returns the (delivery, token) pairs that belong together.

    Others change nothing: an integer of a restored backup may come again, a random token does not.
    """
    if not words:
        return set()
    tokens = {word.token for word in words}
    requests = {
        row["token"]: row
        for row in conn.execute(
            select(request).where(request.c.token.in_(tokens)).order_by(request.c.id).with_for_update()
        ).mappings()
    }
    daily = [row["id"] for row in requests.values() if row["kind"] == Kind.DIGEST]
    named_or_beside = or_(
        delivery.c.id.in_({word.delivery_id for word in words}),
        and_(delivery.c.request_id.in_(daily), delivery.c.outcome.is_(None)),
    )
    rows = {
        row.id: row
        for row in conn.execute(
            select(delivery.c.id, delivery.c.request_id, delivery.c.fate)
            .where(named_or_beside)
            .order_by(delivery.c.id)
            .with_for_update()
        )
    }
    climbed: dict[int, ProviderEvent] = {}
    known: set[tuple[int, str]] = set()
    proved: dict[int, RowMapping] = {}
    for word in _spread(words, requests, rows):
        named, row = requests.get(word.token), rows.get(word.delivery_id)
        if named is None or row is None or row.request_id != named["id"]:
            continue
        known.add((row.id, word.token))
        proved[named["id"]] = named
        if word.fate > max(row.fate, climbed[row.id].fate if row.id in climbed else 0):
            climbed[row.id] = word
    _climb(conn, climbed, {row_id: (row.request_id, row.fate) for row_id, row in rows.items()})
    for named in proved.values():
        _prove(conn, named, now)
    return known


def _spread(
    words: Sequence[ProviderEvent], requests: Mapping[str, RowMapping], rows: Mapping[int, Row[int, int, int]]
) -> Iterator[ProviderEvent]:
    """Each word; one about a summary for all letters in it, for the mail can name but one of them."""
    for word in words:
        yield word
        named, row = requests.get(word.token), rows.get(word.delivery_id)
        if named is not None and named["kind"] == Kind.DIGEST and row is not None and row.request_id == named["id"]:
            for other in rows.values():
                if other.request_id == named["id"] and other.id != row.id:
                    yield replace(word, delivery_id=other.id)


def _climb(conn: Connection, climbed: dict[int, ProviderEvent], before: dict[int, tuple[int, int]]) -> None:
    """Write the new fates, and move the counters of their requests by the same."""
    if not climbed:
        return
    conn.execute(
        update(delivery)
        .where(delivery.c.id == bindparam("b_id"))
        .values(fate=bindparam("b_fate"), fate_at=bindparam("b_at")),
        [{"b_id": row_id, "b_fate": int(word.fate), "b_at": word.at} for row_id, word in sorted(climbed.items())],
    )
    changes: dict[int, dict[str, int]] = {}
    for row_id, word in climbed.items():
        request_id, old = before[row_id]
        change = changes.setdefault(request_id, {})
        change[word.fate.name.lower()] = change.get(word.fate.name.lower(), 0) + 1
        if old:
            name = FATES[old - 1].name.lower()
            change[name] = change.get(name, 0) - 1
    for request_id, change in sorted(changes.items()):
        values = {name: request.c[name] + number for name, number in change.items() if number}
        conn.execute(update(request).where(request.c.id == request_id).values(values))


def _prove(conn: Connection, named: RowMapping, now: int) -> None:
    state = State(named["state"])
    if state is State.ACCEPTED:
        return
    answer = TABLE[state][Event.PROOF]
    if answer.to is not None:
        conn.execute(move(Event.PROOF, answer.to, request.c.id == named["id"], answered_at=named["answered_at"] or now))
    if answer.alarm:
        alarm(conn, named["id"], named["attempt"], Event.PROOF, state, now)
