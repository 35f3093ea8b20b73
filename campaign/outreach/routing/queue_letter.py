"""A confirmed letter goes onto a channel: its first delivery, and the one after a channel that failed."""

from __future__ import annotations

from sqlalchemy import Connection

from campaign.congress import contacts
from campaign.delivery import outbox
from campaign.letters.office_hours import Hours
from campaign.outreach.channels.cwc import served_offices
from campaign.outreach.routing import schedule
from campaign.states import Outcome


def queue_letter(
    conn: Connection,
    channel: str,
    campaign_id: int,
    *,
    supporter_id: int,
    letter_id: int,
    seat: str,
    locale: str,
    due_at: int,
    now: int,
    hours: Hours,
) -> None:
    """Write the letter's delivery by this channel. `due_at` (ms): it does not leave before. `hours`: of offices."""
    if channel == "cwc":
        outbox.add_one(
            conn,
            campaign_id,
            kind="letter",
            wave=f"{channel}-{letter_id}",
            locale=locale,
            variant=seat,
            supporter_id=supporter_id,
            due_at=served_offices.due_at(seat, due_at),
            letter_id=letter_id,
            channel=channel,
        )
    elif channel == "email":
        contact = contacts.find(conn, seat)
        assert contact is not None, "the channel is that of its contact"
        schedule.queue_email(
            conn,
            contact,
            campaign_id,
            hours,
            supporter_id=supporter_id,
            letter_id=letter_id,
            locale=locale,
            earliest=due_at,
        )
    elif channel in ("form", "packet"):
        outbox.hand_off(
            conn,
            campaign_id,
            supporter_id=supporter_id,
            letter_id=letter_id,
            channel=channel,
            now=now,
            outcome=Outcome.HANDED_OFF if channel == "form" else Outcome.TO_PRINT,
        )
    else:
        raise ValueError(f"no letter goes by {channel}")
