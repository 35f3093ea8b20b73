"""Letters for a packet: to be printed, printed, handed in. They have no request; each step is a guarded UPDATE."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, update

from campaign.states import Outcome
from campaign.store.schema import delivery


def mark_printed(conn: Connection, letter_ids: Sequence[int], now: int) -> set[int]:
    """Mark these letters as printed; returns those that were: a writer may have taken one back just before."""
    return _move(conn, letter_ids, Outcome.TO_PRINT, Outcome.PRINTED, now)


def mark_handed_in(conn: Connection, letter_ids: Sequence[int], at: int) -> set[int]:
    """Record that the organization handed these in at `at` (ms); returns those that were printed."""
    return _move(conn, letter_ids, Outcome.PRINTED, Outcome.HANDED_IN, at)


def _move(conn: Connection, letter_ids: Sequence[int], old: Outcome, new: Outcome, at: int) -> set[int]:
    moved = (
        update(delivery)
        .where(delivery.c.letter_id.in_(letter_ids), delivery.c.channel == "packet", delivery.c.outcome == old.value)
        .values(outcome=new.value, at=at)
        .returning(delivery.c.letter_id)
    )
    return set(conn.scalars(moved))
