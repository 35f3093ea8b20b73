"""Letters for a packet: to be printed, printed, handed in. They have no request; each step is a guarded UPDATE."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, update

from campaign.delivery.outbox.add_one import hand_off
from campaign.states import Outcome
from campaign.store.schema import delivery


def queue_for_print(conn: Connection, campaign_id: int, *, supporter_id: int, letter_id: int, now: int) -> bool:
    """Queue a letter that was handed to its writer for the next packet instead; False if it is no longer with them.

    It then no longer uses the office's form: a letter has one channel at a time.
    """
    handed_off = (delivery.c.letter_id == letter_id, delivery.c.outcome == Outcome.HANDED_OFF.value)
    values = {"outcome": Outcome.CANCELLED.value, "reason": "on paper instead", "at": now}
    if not conn.execute(update(delivery).where(*handed_off).values(values)).rowcount:
        return False
    made = hand_off(
        conn,
        campaign_id,
        supporter_id=supporter_id,
        letter_id=letter_id,
        channel="packet",
        now=now,
        outcome=Outcome.TO_PRINT,
    )
    return made is not None


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
