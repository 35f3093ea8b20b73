"""Queue a wave set-based: a launch takes a handful of statements, however many supporters it is for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    func,
    insert,
    literal,
    select,
)

from campaign.model import Kind
from campaign.store.dialect import random_token
from campaign.store.schema import Id, delivery, request

_picked = Table(
    "picked",
    MetaData(),
    Column("supporter_id", Id, nullable=False),
    Column("locale", String, nullable=False),
    Column("variant", String, nullable=False),
    Column("seq", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
_placed = Table(
    "placed",
    MetaData(),
    Column("locale", String, primary_key=True),
    Column("variant", String, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("request_id", Id, nullable=False),
    prefixes=["TEMPORARY"],
)


def add_wave(
    conn: Connection,
    campaign_id: int,
    wave: str,
    kind: Kind,
    pick: Select[int, str, str],
    *,
    per_request: int,
    due_at: int,
    gap_ms: int = 0,
    priority: int = 9,
) -> int:
    """Queue a delivery for each row of `pick` (supporter_id, locale, variant); returns how many.

    Requests hold at most `per_request` deliveries of one locale and variant, and fall due `gap_ms` apart.
    """
    audience = pick.subquery()
    place = func.row_number().over(
        partition_by=[audience.c.locale, audience.c.variant], order_by=audience.c.supporter_id
    )
    _picked.create(conn)
    conn.execute(
        insert(_picked).from_select(
            ["supporter_id", "locale", "variant", "seq"],
            select(audience.c.supporter_id, audience.c.locale, audience.c.variant, (place - 1) // per_request),
        )
    )
    _add_requests(conn, campaign_id, wave, kind, due_at=due_at, gap_ms=gap_ms, priority=priority)
    _add_deliveries(conn, campaign_id, wave, kind)
    added = conn.execute(select(func.count()).select_from(_picked)).scalar_one()
    _picked.drop(conn)
    return added


def _add_requests(
    conn: Connection, campaign_id: int, wave: str, kind: Kind, *, due_at: int, gap_ms: int, priority: int
) -> None:
    group = [_picked.c.locale, _picked.c.variant, _picked.c.seq]
    order = func.row_number().over(order_by=[_picked.c.seq, _picked.c.locale, _picked.c.variant])
    columns: dict[str, ColumnElement[Any]] = {
        "token": random_token(),
        "campaign_id": literal(campaign_id),
        "wave": literal(wave),
        "kind": literal(kind.value),
        "locale": _picked.c.locale,
        "variant": _picked.c.variant,
        "seq": _picked.c.seq,
        "priority": literal(priority),
        "due_at": literal(due_at, BigInteger) + (order - 1) * literal(gap_ms, BigInteger),
        "size": func.count(),
    }
    conn.execute(insert(request).from_select(list(columns), select(*columns.values()).group_by(*group)))


def _add_deliveries(conn: Connection, campaign_id: int, wave: str, kind: Kind) -> None:
    # The requests are copied into a table of their own first: PostgreSQL has no statistics about rows inserted by this
    # transaction, and would choose the wrong index, once for each supporter.
    place = (_placed.c.locale, _placed.c.variant, _placed.c.seq)
    made = select(request.c.locale, request.c.variant, request.c.seq, request.c.id).where(
        request.c.campaign_id == campaign_id,
        request.c.wave == wave,
        request.c.kind == kind,
        request.c.parent_id == 0,
        request.c.part == 0,
    )
    _placed.create(conn)
    conn.execute(insert(_placed).from_select([*place, _placed.c.request_id], made))
    # An outer join, though each row has its request: with an inner one SQLite walks all of `picked` once a request.
    joined = _picked.outerjoin(_placed, and_(*(_picked.c[column.name] == column for column in place)))
    rows = select(
        _placed.c.request_id, literal(campaign_id), literal(wave), literal(kind.value), _picked.c.supporter_id
    )
    columns = ["request_id", "campaign_id", "wave", "kind", "supporter_id"]
    conn.execute(insert(delivery).from_select(columns, rows.select_from(joined)))
    _placed.drop(conn)
