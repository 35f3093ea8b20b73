"""Events that could not be read or applied, each alone. Nothing is lost: an operator can retry them.

An event that was applied without some unreadable bytes of its text is listed here too, so that an operator sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from campaign.delivery.sendgrid import webhook
from campaign.delivery.sendgrid.webhook import EventItem
from campaign.delivery.sendgrid.webhook_batch import clean
from campaign.log import scrub
from campaign.store.schema import set_aside

_REASON = 300  # characters that are kept
_LONGEST = 1000
GARBLED = "applied, but some of its text is not UTF-8 and was replaced"


@dataclass(frozen=True, slots=True)
class SetAside:
    """One of them as people may see it, without its bytes, which may hold addresses. Times in ms."""

    id: int
    received_at: int
    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
    """How many are set aside, the reason and time (ms) of the newest, and how many were applied without some text."""

    number: int = 0
    reason: str = ""
    at: int | None = None
    garbled: int = 0


def add(conn: Connection, failed: Sequence[tuple[EventItem, str]], now: int) -> None:
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
    failed = set_aside.c.reason != GARBLED
    number, every_ = conn.execute(select(func.count().filter(failed), func.count()).select_from(set_aside)).one()
    columns = (set_aside.c.reason, set_aside.c.at)
    newest = conn.execute(select(*columns).where(failed).order_by(set_aside.c.id.desc()).limit(1)).first()
    reason, at = newest or ("", None)
    return Summary(number, reason, at, every_ - number)


def give_back(conn: Connection) -> int:
    """Make each that was not applied a batch of its own that waits to be applied again. How many."""
    columns = (set_aside.c.id, set_aside.c.received_at, set_aside.c.body)
    query = select(*columns).where(set_aside.c.reason != GARBLED).order_by(set_aside.c.id)
    rows = conn.execute(query.with_for_update()).all()
    webhook.put_back(conn, [(row.received_at, row.body) for row in rows])
    if rows:
        gone = delete(set_aside).where(set_aside.c.id == bindparam("gone"))
        conn.execute(gone, [{"gone": row.id} for row in rows])
    return len(rows)


def forget(conn: Connection, before: int) -> int:
    """Drop those whose batch came before that time (ms): they may hold addresses."""
    return conn.execute(delete(set_aside).where(set_aside.c.received_at < before)).rowcount
