"""What was found for street addresses, so that nobody is asked twice; and which source does not answer at the moment.

The only writer of `located` and `outage`. An address itself is never stored: only its keyed hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, select

from campaign.congress.geocoding.agreement import Agreement
from campaign.store.dialect import insert
from campaign.store.schema import located, outage

DAY_MS = 24 * 3600 * 1000
FIRST_WAIT_MS, LONGEST_WAIT_MS = 30_000, 15 * 60_000  # before a source that does not answer is asked once more
NOT_KEPT = ("down", "unreadable", "off", "post-box")  # says nothing of the address, or was asked of nobody

Method = Literal["address", "batch"]


@dataclass(frozen=True, slots=True)
class Outage:
    """A source that does not answer: since when, how often it was asked, and when it may be asked again (ms)."""

    source: str
    since: int
    failures: int
    next_at: int
    why: str


def find(conn: Connection, key: bytes, congress: int, now: int) -> Agreement | None:
    """What was found for this address by the lines of that Congress, and holds still."""
    row = located.c
    query = select(row.seat, row.why, row.source, row.vintage, row.named).where(
        row.key == key, row.congress == congress, row.until > now
    )
    found = conn.execute(query).one_or_none()
    return Agreement(*found) if found else None


def keep(conn: Connection, key: bytes, verdict: Agreement, congress: int, method: Method, now: int, until: int) -> None:
    """Remember what was found: a seat until other lines begin (`until`, ms), anything else for a day at most."""
    if verdict.why in NOT_KEPT:
        return
    values = {
        "seat": verdict.seat,
        "why": verdict.why,
        "named": verdict.named,
        "source": verdict.source,
        "vintage": verdict.vintage,
        "method": method,
        "matched_at": now,
        "until": until if verdict.seat else min(until, now + DAY_MS),
    }
    made = insert(conn, located).values(key=key, congress=congress, **values)
    conn.execute(made.on_conflict_do_update(index_elements=["key", "congress"], set_=values))


def forget(conn: Connection, key: bytes) -> None:
    """Forget what was found for an address, by the lines of any Congress."""
    conn.execute(delete(located).where(located.c.key == key))


def drop_old(conn: Connection, now: int) -> int:
    """Forget what does not hold any more. How many."""
    return conn.execute(delete(located).where(located.c.until <= now)).rowcount


def outages(conn: Connection) -> list[Outage]:
    """The sources that did not answer when they were asked last."""
    o = outage.c
    query = select(o.source, o.since, o.failures, o.next_at, o.why).order_by(o.source)
    return [Outage(*row) for row in conn.execute(query)]


def note_outage(conn: Connection, source: str, why: str, now: int) -> None:
    """It gave no answer. The wait doubles each time: a service that is down for days costs nobody's time."""
    known = next((one for one in outages(conn) if one.source == source), None)
    failures = known.failures + 1 if known else 1
    wait = min(FIRST_WAIT_MS << min(failures - 1, 10), LONGEST_WAIT_MS)
    values = {"failures": failures, "next_at": now + wait, "why": why}
    made = insert(conn, outage).values(source=source, since=now, **values)
    conn.execute(made.on_conflict_do_update(index_elements=["source"], set_=values))


def clear_outage(conn: Connection, source: str) -> None:
    """It answered."""
    conn.execute(delete(outage).where(outage.c.source == source))
