"""The receipt for a supporter: queued here, written when it is sent, from what is verified then."""

from __future__ import annotations

from sqlalchemy import Connection

from campaign.config import Settings
from campaign.delivery import outbox
from campaign.letters import letters
from campaign.model import Kind

RECEIPT_PART = 5  # a receipt is due after this part of the take-back time, for all that is done in these minutes
DONE = "done-"  # begins the wave of the receipt for what a supporter has reported


def due_at(settings: Settings, now: int) -> int:
    """When a receipt for what was done at `now` is due."""
    return now + settings.campaign.take_back * 1000 // RECEIPT_PART


def queue_receipt(
    conn: Connection, campaign_id: int, *, supporter_id: int, wave: str, locale: str, due_at: int
) -> bool:
    """Queue a receipt, unless one is queued that will report this too. Call `lock_supporters` first."""
    if outbox.find_queued(conn, campaign_id, supporter_id, Kind.RECEIPT) is not None:
        return False
    receipt = outbox.add_one(
        conn,
        campaign_id,
        kind=Kind.RECEIPT,
        wave=wave,
        locale=locale,
        variant="",
        supporter_id=supporter_id,
        due_at=due_at,
    )
    return receipt is not None


def thank_for_action(conn: Connection, campaign_id: int, *, supporter_id: int, locale: str, due_at: int) -> None:
    """Queue the receipt for a call, or a letter sent on an office's website, that a supporter has reported: one for a
    campaign, and none where another is about to be sent. Call `lock_supporters` first.
    """
    wave = f"{DONE}{supporter_id}"
    queue_receipt(conn, campaign_id, supporter_id=supporter_id, wave=wave, locale=locale, due_at=due_at)


def announce_letter(
    conn: Connection, campaign_id: int, *, supporter_id: int, letter_id: int, locale: str, due_at: int
) -> None:
    """Queue the receipt for a letter just confirmed, and note which email it is. Call `lock_supporters` first."""
    wave = f"letter-{letter_id}"
    queue_receipt(conn, campaign_id, supporter_id=supporter_id, wave=wave, locale=locale, due_at=due_at)
    receipt = outbox.find_queued(conn, campaign_id, supporter_id, Kind.RECEIPT)
    assert receipt is not None, "a receipt is queued: an earlier one, or this letter's own"
    letters.set_receipt(conn, letter_id, receipt)
