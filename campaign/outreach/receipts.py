"""A receipt for a writer: queued here, made when it goes, from what is proved by then."""

from __future__ import annotations

from sqlalchemy import Connection

from campaign.delivery import outbox


def queue(conn: Connection, campaign_id: int, supporter_id: int, wave: str, locale: str, due_at: int) -> bool:
    """Queue a receipt, unless one waits that will tell of this too. Hold `people.alone` before."""
    if outbox.waits(conn, campaign_id, supporter_id, "receipt"):
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
