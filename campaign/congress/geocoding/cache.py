"""Results for street addresses, so that each is looked up once, and sources that are down.

The only writer of `located` and `outage`. Addresses are not stored, only their keyed hashes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, select

from campaign.congress.geocoding.agreement import Agreement
from campaign.store.dialect import insert
from campaign.store.schema import located, outage

DAY_MS = 24 * 3600 * 1000
FIRST_WAIT_MS, LONGEST_WAIT_MS = 30_000, 15 * 60_000  # until a source that is down is asked again
NOT_KEPT = ("down", "unreadable", "off", "post-box")  # not about the address, or not looked up

Method = Literal["address", "batch"]


@dataclass(frozen=True, slots=True)
class Outage:
    """A source that is down, and when it may be asked again (`next_at`). Times in ms."""

    source: str
    since: int
    failures: int
    next_at: int
    why: str


def find(conn: Connection, key: bytes, congress: int, now: int) -> Agreement | None:
    """The result for an address by the lines of a Congress, while it is valid."""
    row = located.c
    query = select(row.seat, row.why, row.source, row.vintage, row.named).where(
        row.key == key, row.congress == congress, row.until > now
    )
    found = conn.execute(query).one_or_none()
    return Agreement(*found) if found else None


def keep(
    conn: Connection, key: bytes, result: Agreement, *, congress: int, method: Method, now: int, until: int
) -> None:
    """Store a result: a seat until `until` (ms), when other lines begin, anything else for a day at most."""
    if result.why in NOT_KEPT:
        return
    values = {name: getattr(result, name) for name in ("seat", "why", "named", "source", "vintage")}
    values |= {"method": method, "matched_at": now, "until": until if result.seat else min(until, now + DAY_MS)}
    made = insert(conn, located).values(key=key, congress=congress, **values)
    conn.execute(made.on_conflict_do_update(index_elements=["key", "congress"], set_=values))


def forget(conn: Connection, key: bytes) -> None:
    """Delete the results for an address."""
    conn.execute(delete(located).where(located.c.key == key))


def drop_old(conn: Connection, now: int) -> int:
    """Delete expired results. How many."""
    return conn.execute(delete(located).where(located.c.until <= now)).rowcount


def outages(conn: Connection) -> list[Outage]:
    """The sources that are down."""
    o = outage.c
    query = select(o.source, o.since, o.failures, o.next_at, o.why).order_by(o.source)
    return [Outage(*row) for row in conn.execute(query)]


def note_outage(conn: Connection, source: str, why: str, now: int) -> None:
    """The source did not answer. The wait doubles each time, up to LONGEST_WAIT_MS."""
    failures = 1 + next((down.failures for down in outages(conn) if down.source == source), 0)
    wait = min(FIRST_WAIT_MS << min(failures - 1, 10), LONGEST_WAIT_MS)
    values = {"failures": failures, "next_at": now + wait, "why": why}
    made = insert(conn, outage).values(source=source, since=now, **values)
    conn.execute(made.on_conflict_do_update(index_elements=["source"], set_=values))


def clear_outage(conn: Connection, source: str) -> None:
    """The source answered."""
    conn.execute(delete(outage).where(outage.c.source == source))
