"""Ask an office how it wants letters before any is sent there: once for each address and campaign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from campaign.compose.messages import digest as texts
from campaign.compose.messages.letter import OFFICES_READ
from campaign.compose.rendering.release import Release
from campaign.config import Settings
from campaign.congress import contacts as office_contacts
from campaign.congress import roster, zip_match
from campaign.congress.contacts import UNANSWERED, Contact, OfficeAnswer
from campaign.congress.roster import Roster
from campaign.delivery import outbox
from campaign.errors import CampaignError
from campaign.letters import eligibility as planning
from campaign.model import Kind, Text
from campaign.outreach.launch import launch
from campaign.outreach.reports.small_counts import LEAST
from campaign.outreach.routing import schedule, targets
from campaign.states import Fate
from campaign.store import engine
from campaign.store.engine import Database
from campaign.store.schema import delivery, request
from campaign.supporters import segments

KIND = Kind.INVITE


@dataclass(frozen=True, slots=True)
class Invitation:
    """One invitation. `why`: the reason it is not sent, "" when it is."""

    seat: str
    email: str
    text: Text
    why: str = ""


def invite(
    database: Database,
    settings: Settings,
    slug: str,
    seats: Collection[str],
    *,
    dry_run: bool,
    now: int | None = None,
) -> list[Invitation]:
    """Queue an invitation to the contacts of these seats, or of all, that have not answered; each with its text.

    Raises CampaignError for a seat without a contact, and what `launch` raises for a campaign with a fault.
    """
    with database.begin() as conn:
        at = engine.now(conn) if now is None else now
        campaign, release = launch.ready(conn, settings, slug, at, keep=not dry_run)
        contacts = {contact.seat: contact for contact in office_contacts.all_contacts(conn)}
        if unknown := sorted(set(seats) - contacts.keys()):
            do = "Load them first, with who gave the address: campaign offices load FILE"
            raise CampaignError(f"no contact of {', '.join(unknown)} is on file", do=do)
        congress = roster.at(conn, at)
        folder = release.folder
        wanted = targets.seats(folder.campaign, congress) - targets.seats_on_hold(folder, congress)
        people = reach(conn, congress, wanted, at)
        before = _asked(conn, campaign.id) if campaign else frozenset()
        invitations = []
        for seat in sorted(seats or contacts):
            contact = contacts[seat]
            why = _why_not(contact, congress, wanted, before)
            text = Text("", "", "") if why else write(release, congress, contact, people, at)
            invitations.append(Invitation(seat, contact.email, text, why))
            if campaign and not why and not dry_run:
                _queue(conn, campaign.id, contact, schedule.opening_time(contact, schedule.hours(settings), at))
    return invitations


def write(release: Release, congress: Roster, contact: Contact, people: Mapping[str, int], now: int) -> Text:
    """The invitation as this office gets it. A number so small that it might identify supporters is left out."""
    number = people.get(contact.seat, 0)
    return texts.invitation(
        release, congress.seats[contact.seat], contact.given_by, number if number >= LEAST else 0, now
    )


def reach(conn: Connection, congress: Roster, wanted: Collection[str], now: int) -> Counter[str]:
    """By seat: the supporters it certainly represents."""
    people: Counter[str] = Counter()
    for zip_code, number in segments.by_zip(conn).items():
        matched = zip_match.by_zip(congress, zip_code, now)
        people.update(dict.fromkeys((seat.code for seat, _ in planning.offices(matched, wanted)), number))
    return people


def unwanted(contact: Contact | None) -> str:
    """Why this office gets no invitation: it answered, or its address is off."""
    if contact is None:
        return "its contact is no longer on file"
    if contact.answered_on:
        return f"it answered on {contact.answered_on}"
    return f"it is off: {contact.off}" if contact.off not in ("", UNANSWERED) else ""


def _why_not(contact: Contact, congress: Roster, wanted: Collection[str], before: Collection[str]) -> str:
    seat = congress.seats.get(contact.seat)
    if seat is None or seat.holder is None:
        return "no one holds this seat"
    if contact.seat not in wanted:
        return "the campaign does not write to it"
    return unwanted(contact) or ("it was asked before" if _wave(contact) in before else "")


def _wave(contact: Contact) -> str:
    """A new address gets a new invitation."""
    return f"{KIND}-{contact.seat}-{contact.changed_at}"


def _asked(conn: Connection, campaign_id: int) -> frozenset[str]:
    query = select(delivery.c.wave).where(delivery.c.supporter_id == 0, delivery.c.campaign_id == campaign_id)
    return frozenset(conn.scalars(query.where(delivery.c.kind == KIND)))


def _queue(conn: Connection, campaign_id: int, contact: Contact, due_at: int) -> None:
    outbox.add_one(
        conn,
        campaign_id,
        kind=KIND,
        wave=_wave(contact),
        locale=OFFICES_READ,
        variant=contact.seat,
        supporter_id=0,  # to an office, not to a supporter
        due_at=due_at,
    )


def list_invited(conn: Connection) -> Mapping[str, int]:
    """By seat: when SendGrid accepted its last invitation (ms)."""
    taken = (request.c.kind == KIND, request.c.state == "accepted")
    query = select(request.c.variant, func.max(request.c.answered_at)).where(*taken).group_by(request.c.variant)
    return {seat: int(at) for seat, at in conn.execute(query)}


def refusing_offices(conn: Connection) -> dict[str, tuple[int, str]]:
    """By seat: when its mailbox last refused an invitation (ms), and how."""
    query = (
        select(request.c.variant, delivery.c.fate, delivery.c.fate_at)
        .join(delivery, delivery.c.request_id == request.c.id)
        .where(delivery.c.supporter_id == 0, delivery.c.kind == KIND, delivery.c.fate >= int(Fate.BLOCKED))
        .order_by(delivery.c.fate_at)
    )
    return {seat: (int(at), _AWAY[Fate(fate)]) for seat, fate, at in conn.execute(query)}


_AWAY = {
    Fate.BLOCKED: "our invitation was blocked",
    Fate.DROPPED: "our invitation was dropped",
    Fate.BOUNCED: "our invitation bounced",
    Fate.COMPLAINED: "it complained",
}


def answer(database: Database, settings: Settings, seat: str, said: OfficeAnswer, *, now: int | None = None) -> Contact:
    """Store what an office answered; its pending digests are rescheduled at its new pace. Raises CampaignError."""
    with database.begin() as conn:
        at = engine.now(conn) if now is None else now
        old = office_contacts.find(conn, seat)
        contact = office_contacts.record_answer(conn, seat, said, at)
        if old and old.per_hour != contact.per_hour:
            when = schedule.hours(settings)
            for request_id in outbox.queued_digests(conn, seat):
                outbox.postpone(conn, request_id, schedule.next_slot(conn, contact, when, at))
    return contact
