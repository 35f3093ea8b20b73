"""A receipt for a writer: queued here, made when it goes, from what is proved by then."""

from __future__ import annotations

from sqlalchemy import Connection

from campaign.delivery import outbox
from campaign.letters import letters


def queue_receipt(conn: Connection, campaign_id: int, supporter_id: int, wave: str, locale: str, due_at: int) -> bool:
    """Queue a receipt, unless one waits that will tell of this too. Hold `people.alone` before."""
    if outbox.find_queued(conn, campaign_id, supporter_id, "receipt") is not None:
        return False
    return (
        outbox.add_one(
            conn,
            campaign_id,
            kind="receipt",
            wave=wave,
            locale=locale,
            variant="",
            supporter_id=supporter_id,
            due_at=due_at,
        )
        is not None
    )


def announce_letter(
    conn: Connection, campaign_id: int, supporter_id: int, letter_id: int, locale: str, due_at: int
) -> None:
    """Queue the receipt for a letter confirmed just now, and note which email that is. Hold `people.alone` before."""
    queue_receipt(conn, campaign_id, supporter_id, f"letter-{letter_id}", locale, due_at)
    receipt = outbox.find_queued(conn, campaign_id, supporter_id, "receipt")
    assert receipt is not None, "a receipt waits: an earlier one, or this letter's own"
    letters.set_receipt(conn, letter_id, receipt)
