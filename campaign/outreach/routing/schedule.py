"""When an office gets mail: in its own hours, at its pace; each letter by itself, or all of a day in one digest."""

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
from campaign.model import Claimed, Kind

SPREAD_MS = 30 * 60_000  # all digests of a morning are sent within this time

Reschedule = Literal["", "closed", "each", "daily"]  # not now: out of hours, or the office changed how it wants letters


def hours(settings: Settings) -> Hours:
    """The local hours in which offices get mail here."""
    return Hours(*settings.campaign.hours)


def next_slot(conn: Connection, contact: Contact, when: Hours, earliest: int) -> int:
    """The time (ms) for the office's next letter."""
    jitter = random.random()  # noqa: S311
    return contacts.reserve(conn, contact.seat, earliest, lambda at: opening_time(contact, when, at), jitter)


def opening_time(contact: Contact, when: Hours, at: int) -> int:
    """The first instant (ms) from `at` on at which this office gets mail."""
    return working.opens(when, contact.zone, at)


def digest_days(contact: Contact, when: Hours, earliest: int) -> Iterator[tuple[str, int]]:
    """The office's working days, each with the time (ms) of its digest: in the morning."""
    for day, begins in working.mornings(when, contact.zone, earliest):
        yield day, begins + random.randrange(SPREAD_MS)  # noqa: S311


def not_now(kind: Kind, contact: Contact, when: Hours, now: int) -> Reschedule:
    """Why a message of this kind to this office must not be sent now; "" when it may."""
    wants = Kind.DIGEST if contact.wants == DAILY else Kind.LETTER
    if kind in (Kind.LETTER, Kind.DIGEST) and kind is not wants:
        return "daily" if contact.wants == DAILY else "each"
    return "closed" if opening_time(contact, when, now) > now else ""


def reschedule(
    conn: Connection,
    claim: Claimed,
    contact: Contact,
    *,
    why: Reschedule,
    deliveries: Iterable[int],
    when: Hours,
    now: int,
) -> None:
    """Postpone a claimed request, or turn it into what the office wants now."""
    if why == "each":
        slots = {delivery: next_slot(conn, contact, when, now) for delivery in deliveries}
        outbox.split_digest(conn, claim.id, slots)
    elif why == "daily":
        outbox.move_into_digest(conn, claim.id, digest_days(contact, when, now), now)
    elif why == "closed":
        paced = claim.kind is Kind.LETTER
        due_at = next_slot(conn, contact, when, now) if paced else opening_time(contact, when, now)
        outbox.put_back(conn, [claim], due_at=due_at)
