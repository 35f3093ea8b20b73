"""The gateways of this installation and the offices each serves: the only writer of `gateway`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from campaign.delivery.cwc.codes import Chamber
from campaign.store.dialect import insert
from campaign.store.schema import gateway


@dataclass(frozen=True, slots=True)
class ServedOffices:
    """A configured gateway with its last office list. `off`: why it is not used, "" when it is."""

    chamber: Chamber
    environment: str
    offices: frozenset[str]
    fetched_at: int
    off: str


_ALL = select(gateway)


def every(conn: Connection) -> dict[str, ServedOffices]:
    """By chamber, where one is configured."""
    return {
        row.chamber: ServedOffices(
            row.chamber, row.environment, frozenset(row.offices.split()), row.fetched_at, row.off
        )
        for row in conn.execute(_ALL)
    }


def keep(conn: Connection, chamber: Chamber, environment: str, offices: Collection[str], now: int) -> None:
    """Store a new office list: from now on the gateway is used."""
    row = {"environment": environment, "offices": " ".join(sorted(offices)), "fetched_at": now, "off": ""}
    statement = insert(conn, gateway).values(chamber=chamber, **row)
    conn.execute(statement.on_conflict_do_update(index_elements=[gateway.c.chamber], set_=row))


def close(conn: Connection, chamber: Chamber, why: str) -> bool:
    """Switch it off until its list is fetched again. False when it was off already; the first reason stays."""
    shut = update(gateway).where(gateway.c.chamber == chamber, gateway.c.off == "").values(off=why)
    return bool(conn.execute(shut).rowcount)


def drop(conn: Connection, chamber: str) -> None:
    """Delete a gateway that is no longer configured."""
    conn.execute(delete(gateway).where(gateway.c.chamber == chamber))
