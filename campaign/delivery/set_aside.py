"""Events that could not be read or applied, each alone. Nothing is lost: an operator can retry them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from campaign.delivery import events
from campaign.delivery.batch import clean
from campaign.delivery.events import Item
from campaign.log import scrub
from campaign.store.schema import set_aside

_REASON = 300  # characters that are kept
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class SetAside:
    """One of them as people may see it, without its bytes, which may hold addresses. Times in ms."""

    id: int
    received_at: int
    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
    """How many are set aside, and the reason and time (ms) of the newest."""

    number: int = 0
    reason: str = ""
    at: int | None = None


def add(conn: Connection, failed: Sequence[tuple[Item, str]], now: int) -> None:
    """Keep these, each with the reason, until an operator tries them again or 30 days have passed."""
    if failed:
        rows = [
            {
                "webhook_id": item.webhook_id,
                "position": item.position,
                "received_at": item.received_at,
                "at": now,
                "reason": scrub(clean(reason[:_LONGEST]))[:_REASON],
                "body": item.stored(),
            }
            for item, reason in failed
        ]
        conn.execute(insert(set_aside), rows)


def every(conn: Connection) -> list[SetAside]:
    """The oldest first."""
    columns = (set_aside.c.id, set_aside.c.received_at, set_aside.c.at, set_aside.c.reason)
    return [SetAside(*row) for row in conn.execute(select(*columns).order_by(set_aside.c.id))]


def summary(conn: Connection) -> Summary:
    newest = conn.execute(select(set_aside.c.reason, set_aside.c.at).order_by(set_aside.c.id.desc()).limit(1)).first()
    if newest is None:
        return Summary()
    return Summary(conn.execute(select(func.count()).select_from(set_aside)).scalar_one(), newest.reason, newest.at)


def give_back(conn: Connection) -> int:
    """Make each a batch of its own that waits to be applied again. How many."""
    columns = (set_aside.c.id, set_aside.c.received_at, set_aside.c.body)
    rows = conn.execute(select(*columns).order_by(set_aside.c.id).with_for_update()).all()
    events.put_back(conn, [(row.received_at, row.body) for row in rows])
    if rows:
        gone = delete(set_aside).where(set_aside.c.id == bindparam("gone"))
        conn.execute(gone, [{"gone": row.id} for row in rows])
    return len(rows)


def forget(conn: Connection, before: int) -> int:
    """Drop those whose batch came before that time (ms): they may hold addresses."""
    return conn.execute(delete(set_aside).where(set_aside.c.received_at < before)).rowcount
