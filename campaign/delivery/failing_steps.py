"""Which steps of the scheduler fail at present, so that `campaign status` can say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from campaign.store.dialect import insert
from campaign.store.schema import failing_step


@dataclass(frozen=True, slots=True)
class Failing:
    """A step that failed when it last ran: why, since when, and when last (ms)."""

    name: str
    reason: str
    since: int
    at: int


def note(conn: Connection, failing_: Mapping[str, str], now: int) -> None:
    """Record why each of these steps fails, by name, and that all others work."""
    conn.execute(delete(failing_step).where(failing_step.c.name.not_in(failing_)))
    for name, reason in failing_.items():
        added = insert(conn, failing_step).values(name=name, reason=reason, since=now, at=now)
        conn.execute(added.on_conflict_do_update(index_elements=["name"], set_={"reason": reason, "at": now}))


def failing(conn: Connection) -> list[Failing]:
    columns = (failing_step.c.name, failing_step.c.reason, failing_step.c.since, failing_step.c.at)
    return [Failing(*row) for row in conn.execute(select(*columns).order_by(failing_step.c.name))]
