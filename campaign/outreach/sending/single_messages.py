"""Render requests with one email: letters, digests, invitations, and messages to one supporter.

A letter says what was confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog
from sqlalchemy import Connection

from campaign.congress import contacts as office_contacts
from campaign.congress.contacts import Contact
from campaign.delivery import outbox
from campaign.delivery.sendgrid import single
from campaign.letters import letters as letter_records
from campaign.letters import pending
from campaign.model import Claimed, Kind, Recipient, Text
from campaign.outreach.offices import invite
from campaign.outreach.routing import registry, schedule, staff_email
from campaign.outreach.routing.channel import LetterBatch, LetterToRender
from campaign.outreach.routing.schedule import Reschedule
from campaign.outreach.sending import digest_letters, supporter_messages
from campaign.outreach.sending.batch import ClaimedBatch, Outgoing, to_one, unfit

log = structlog.get_logger()


def render(conn: Connection, batch: ClaimedBatch) -> dict[int, Outgoing]:
    """By request: the message of each claim of one email. A request in which no supporter is left has none.

    Whatever fails while one is rendered holds that one for an operator; the others go on.
    """
    claims = [claim for claim in batch.claims if claim.kind is not Kind.ASK]
    to_offices = any(claim.kind.to_office for claim in claims)
    contacts = {contact.seat: contact for contact in office_contacts.all_contacts(conn)} if to_offices else {}
    letters = _Letters(conn, batch, [claim.id for claim in claims if claim.kind is Kind.LETTER])
    rendered = {}
    for claim in claims:
        to = next(iter(batch.recipients[claim.id]), None)
        try:
            if claim.kind is Kind.JOIN:
                rendered[claim.id] = supporter_messages.ask_to_join(conn, batch, claim)
            elif claim.kind in (Kind.DIGEST, Kind.INVITE):
                make_for_office = _digest if claim.kind is Kind.DIGEST else _invite
                rendered[claim.id] = make_for_office(conn, batch, claim, contacts.get(claim.variant))
            elif to is not None and claim.kind is Kind.LETTER:
                rendered[claim.id] = letters.render(claim, to)
            elif to is not None:
                rendered[claim.id] = supporter_messages.render(conn, batch, claim, to)
        except Exception as error:
            log.error("message_failed", request=claim.id, error=type(error).__name__)
            rendered[claim.id] = to_one(claim, to, hold=f"it cannot be made: {type(error).__name__}")
    return rendered


class _Letters:
    """Renders the letters of a batch as confirmed, each by its channel. The gate decides which may be sent."""

    def __init__(self, conn: Connection, batch: ClaimedBatch, requests: Sequence[int]) -> None:
        self.conn, self.keys = conn, batch.sender.keys
        self.due = pending.due_letters(conn, requests)
        shared = LetterBatch(conn, batch.sender.settings, batch.release, batch.now)
        used = {letter.channel for letter in self.due.values()}
        channels = registry.posted_channels().items()
        self.renderers = {name: channel.renderer(shared) for name, channel in channels if name in used}

    def render(self, claim: Claimed, to: Recipient) -> Outgoing:
        letter = self.due.get(claim.id)
        contents = letter_records.read_contents(self.conn, self.keys, [letter.letter_id] if letter else [])
        if letter is None or letter.letter_id not in contents:
            return unfit(claim, to, digest_letters.GONE)
        letters = {to.delivery_id: letter}
        if letter.channel not in self.renderers:
            return unfit(claim, to, f"the channel {letter.channel} is not installed here", letters=letters)
        made = self.renderers[letter.channel](LetterToRender(claim, to, letter, contents[letter.letter_id]))
        if made.unfit:
            return unfit(claim, to, made.unfit, letters=letters)
        if made.reschedule:
            return to_one(claim, to, reschedule=made.reschedule, contact=made.contact, letters=letters)
        return to_one(claim, to, content=made.content, valid_until=letter.valid_until, letters=letters)


def _not_now(batch: ClaimedBatch, claim: Claimed, contact: Contact) -> Reschedule:
    return schedule.not_now(claim.kind, contact, schedule.hours(batch.sender.settings), batch.now)


def _digest(conn: Connection, batch: ClaimedBatch, claim: Claimed, contact: Contact | None) -> Outgoing:
    """The digest of a day, from its letters as they are now."""
    digest = digest_letters.read(conn, batch, claim)
    message = Outgoing(
        claim=claim,
        deliveries=tuple(digest.letters),
        letters=digest.letters,
        valid_until=digest.valid_until,
        contact=contact,
    )
    if contact is None or contact.off:
        return replace(message, unfit=dict.fromkeys(digest.letters, staff_email.UNUSED))
    if why := _not_now(batch, claim, contact):
        return replace(message, reschedule=why)
    if digest.text is None:
        return replace(message, unfit=digest.gone)
    return replace(message, content=_to_office(batch, claim, contact, digest.text, min(digest.letters)))


def _invite(conn: Connection, batch: ClaimedBatch, claim: Claimed, contact: Contact | None) -> Outgoing:
    """The question how an office wants letters, while it needs to be asked."""
    (delivery,) = outbox.open_deliveries(conn, claim.id)
    message = Outgoing(claim=claim, deliveries=(delivery,), contact=contact)
    if (why := invite.unwanted(contact)) or contact is None:
        return replace(message, unfit={delivery: why})
    if why := _not_now(batch, claim, contact):
        return replace(message, reschedule=why)
    if batch.roster.seats[contact.seat].holder is None:
        return replace(message, unfit={delivery: "no one holds this seat"})
    reach = invite.reach(conn, batch.roster, [contact.seat], batch.now)
    text = invite.write(batch.release, batch.roster, contact, reach, batch.now)
    return replace(message, content=_to_office(batch, claim, contact, text, delivery))


def _to_office(batch: ClaimedBatch, claim: Claimed, contact: Contact, text: Text, delivery: int) -> bytes:
    """An email from the organization to an office."""
    organization = batch.release.folder.campaign.organization
    return single.mail(
        to=contact.email,
        to_name="",
        sender=(organization.offices_email, organization.sender_name),
        reply_to=(organization.reply_to, ""),
        subject=text.subject,
        text=text.text,
        request=f"{claim.token}.{claim.attempt}",
        delivery=str(delivery),
    )
