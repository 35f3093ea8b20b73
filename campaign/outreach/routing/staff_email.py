"""Email to the contact an office gave for letters: each letter by itself, or in a digest, in the office's hours."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from campaign.compose.campaign_folder.folder import CampaignConfig
from campaign.congress import contacts as office_contacts
from campaign.congress.contacts import DAILY, Contact
from campaign.delivery import outbox
from campaign.delivery.sender import Sender
from campaign.delivery.sendgrid import bulk, single
from campaign.delivery.transport import Answer
from campaign.outreach.routing import schedule
from campaign.outreach.routing.channel import (
    CITY,
    NAMES,
    PHONE,
    PREFIX,
    STREET,
    ChannelOption,
    ConfirmedLetter,
    LetterBatch,
    LetterToPost,
    LetterToRender,
    Offer,
    PostedChannel,
    Render,
    RenderedLetter,
)
from campaign.states import Proof

UNUSED = "the office's address is no longer used"
_ASKED = {"street": STREET, "city": CITY, "phone": PHONE}  # in the order of the page


class StaffEmail(PostedChannel):
    name, order = "email", 20
    labels = (("email", "by email"),)
    proves = Proof.DELIVERED
    ours = True

    def offer(self, conn: Connection, _campaign: CampaignConfig | None, /) -> Offer:
        contacts = _contacts(conn)
        return lambda seat: option(contacts.get(seat.code))

    def queue(self, conn: Connection, letter: ConfirmedLetter) -> None:
        contact = office_contacts.find(conn, letter.seat)
        assert contact is not None, "the channel is offered where there is a contact"
        if contact.wants == DAILY:
            outbox.add_to_digest(
                conn,
                letter.campaign_id,
                schedule.digest_days(contact, letter.hours, letter.due_at),
                seat=letter.seat,
                supporter_id=letter.supporter_id,
                letter_id=letter.letter_id,
                earliest=letter.due_at,
            )
            return
        self.queue_alone(conn, letter, schedule.next_slot(conn, contact, letter.hours, letter.due_at))

    def renderer(self, batch: LetterBatch) -> Render:
        contacts = _contacts(batch.conn)
        return lambda letter: _render(batch, letter, contacts.get(letter.letter.seat))

    async def post(self, sender: Sender, letter: LetterToPost) -> Answer:
        settings = sender.settings
        where, ids = settings.sendgrid.url.rstrip("/"), [letter.delivery_id]
        attempt = letter.claim.attempt
        return await bulk.post(sender.session, where, settings.api_key, letter.content, deliveries=ids, attempt=attempt)


def _contacts(conn: Connection) -> Mapping[str, Contact]:
    return {contact.seat: contact for contact in office_contacts.all_contacts(conn)}


def option(contact: Contact | None) -> ChannelOption:
    """For the office of this contact, or without one."""
    if contact is None:
        return ChannelOption("email", False, "no staff contact was loaded", (*NAMES, CITY))
    asked = tuple(field for name, field in _ASKED.items() if name == "city" or name in contact.needs)
    fields = (*((PREFIX,) if "prefix" in contact.needs else ()), *NAMES, *asked)
    if contact.off:
        return ChannelOption("email", False, contact.off, fields)
    why = "the office said how it wants letters" if contact.answered_on else "no answer yet, but you gave a reason"
    daily = contact.wants == DAILY
    return ChannelOption("email", True, why + ": one digest a day" * daily, fields, daily=daily)


def _render(batch: LetterBatch, letter: LetterToRender, contact: Contact | None) -> RenderedLetter:
    """The letter as it was confirmed, to the contact of its office as it is now."""
    if contact is None or contact.off:
        return RenderedLetter(unfit=UNUSED)
    claim, writer, content = letter.claim, letter.writer, letter.content
    if why := schedule.not_now(claim.kind, contact, schedule.hours(batch.settings), batch.now):
        return RenderedLetter(reschedule=why, contact=contact)
    organization = batch.release.folder.campaign.organization
    sender = (organization.offices_email, single.via(single.ascii_name(content.name), organization.sender_name))
    return RenderedLetter(
        single.mail(
            to=contact.email,
            to_name="",
            sender=sender,
            reply_to=(writer.email, content.name),
            subject=content.subject,
            text=content.signed(content.envelope) + "\n",
            request=f"{claim.token}.{claim.attempt}",
            delivery=str(writer.delivery_id),
        )
    )
