"""When mail goes to an office: in its own hours, at its pace; each letter by itself, or all of a day in one summary."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Literal

from sqlalchemy import Connection

from campaign.config import Settings
from campaign.congress import contacts
from campaign.congress.contacts import DAILY, Contact
from campaign.delivery import outbox
from campaign.letters import office_hours as working
from campaign.letters.office_hours import Hours
from campaign.model import Claimed

SPREAD_MS = 30 * 60_000  # summaries of a morning go within so long

Again = Literal["", "closed", "each", "daily"]  # not now: out of hours, or the office wants it another way by now


def hours(settings: Settings) -> Hours:
    """The local hours in which offices get mail here."""
    return Hours(*settings.campaign.hours)


def queue_email(
    conn: Connection,
    contact: Contact,
    campaign_id: int,
    when: Hours,
    *,
    supporter_id: int,
    letter_id: int,
    locale: str,
    earliest: int,
) -> None:
    """Queue a letter as this office wants it; it does not leave before `earliest` (ms)."""
    if contact.wants == DAILY:
        outbox.add_to_digest(
            conn,
            campaign_id,
            digest_days(contact, when, earliest),
            seat=contact.seat,
            supporter_id=supporter_id,
            letter_id=letter_id,
            earliest=earliest,
        )
        return
    outbox.add_one(
        conn,
        campaign_id,
        kind="letter",
        wave=f"email-{letter_id}",
        locale=locale,
        variant=contact.seat,
        supporter_id=supporter_id,
        due_at=next_slot(conn, contact, when, earliest),
        letter_id=letter_id,
        channel="email",
    )


def next_slot(conn: Connection, contact: Contact, when: Hours, earliest: int) -> int:
    """The time (ms) for the office's next letter."""
    jitter = random.random()  # noqa: S311
    return contacts.reserve(conn, contact.seat, earliest, lambda at: opening_time(contact, when, at), jitter)


def opening_time(contact: Contact, when: Hours, at: int) -> int:
    """The first instant (ms) from `at` on at which this office gets mail."""
    return working.opens(when, contact.zone, at)


def digest_days(contact: Contact, when: Hours, earliest: int) -> Iterator[tuple[str, int]]:
    """The office's working days, each with the time (ms) of its summary: in the morning."""
    for day, begins in working.mornings(when, contact.zone, earliest):
        yield day, begins + random.randrange(SPREAD_MS)  # noqa: S311


def reschedule(
    conn: Connection,
    claim: Claimed,
    contact: Contact,
    why: Again,
    deliveries: Iterable[int],
    when: Hours,
    now: int,
) -> None:
    """Put off what this worker holds, or turn it into what the office wants by now."""
    if why == "each":
        outbox.split_digest(conn, claim.id, {one: next_slot(conn, contact, when, now) for one in deliveries})
    elif why == "daily":
        outbox.move_into_digest(conn, claim.id, digest_days(contact, when, now), now)
    elif why == "closed":
        alone = claim.kind == "letter"
        outbox.put_back(
            conn, [claim], due_at=next_slot(conn, contact, when, now) if alone else opening_time(contact, when, now)
        )
