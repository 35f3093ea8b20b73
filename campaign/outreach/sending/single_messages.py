"""Render requests with one email: letters, digests, invitations, receipts, requests to confirm.

A letter says what was confirmed. A receipt is rendered when it is sent, from what is proved by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy import Connection

from campaign import links
from campaign.compose.messages import receipt
from campaign.compose.messages.receipt import ReceiptLine
from campaign.compose.rendering.release import Release
from campaign.congress import contacts as office_contacts
from campaign.congress import roster
from campaign.congress.contacts import Contact
from campaign.delivery import outbox
from campaign.delivery.sendgrid import single
from campaign.letters import letters as letter_records
from campaign.letters import pending
from campaign.letters.letters import Letter
from campaign.model import Claimed, Kind, Recipient, Text
from campaign.outreach.offices import invite
from campaign.outreach.routing import registry, schedule, staff_email
from campaign.outreach.routing.channel import LetterBatch, LetterToRender
from campaign.outreach.routing.schedule import Reschedule
from campaign.outreach.sending import digest_letters
from campaign.outreach.sending.batch import ClaimedBatch, Outgoing
from campaign.outreach.transition import letter_decision
from campaign.outreach.transition.letter_decision import CongressNow
from campaign.states import Proof
from campaign.supporters import new_zips, sign_ups

log = structlog.get_logger()

GRACE_MS = 30 * 24 * 3600 * 1000  # an action link works this long after the campaign's last day


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """Where one supporter's links lead."""

    action: str
    unsubscribe: str
    disown: str
    confirm: str


def urls(batch: ClaimedBatch, to: Recipient) -> Urls:
    """This supporter's links for this campaign."""
    keys, slug = batch.sender.keys.links, batch.campaign.slug
    expires = (batch.campaign.closes_at + GRACE_MS) // 1000
    action, leave = links.tokens(keys, slug, to.supporter_id, to.nonce, expires)
    disown = links.disown_token(keys, slug, to.supporter_id, to.nonce, expires)
    base = batch.sender.settings.web.base_url.rstrip("/")
    return Urls(
        action=f"{base}/a/{slug}/{action}",
        unsubscribe=f"{base}/u/{slug}/{leave}",
        disown=f"{base}/n/{slug}/{disown}",
        confirm=f"{base}/c/{slug}/{action}",
    )


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
                rendered[claim.id] = _join(conn, batch, claim)
            elif claim.kind in (Kind.DIGEST, Kind.INVITE):
                make_for_office = _digest if claim.kind is Kind.DIGEST else _invite
                rendered[claim.id] = make_for_office(conn, batch, claim, contacts.get(claim.variant))
            elif to is not None and claim.kind is Kind.LETTER:
                rendered[claim.id] = letters.render(claim, to)
            elif to is not None:
                make = _receipt if claim.kind is Kind.RECEIPT else _confirm
                rendered[claim.id] = make(conn, batch, claim, to)
        except Exception as error:
            log.error("message_failed", request=claim.id, error=type(error).__name__)
            rendered[claim.id] = _to(claim, to, hold=f"it cannot be made: {type(error).__name__}")
    return rendered


def _to(claim: Claimed, to: Recipient | None, **values: Any) -> Outgoing:
    """A request for this recipient alone."""
    if to is None:
        return Outgoing(claim=claim, **values)
    return Outgoing(claim=claim, deliveries=(to.delivery_id,), supporter_id=to.supporter_id, **values)


def _unfit(claim: Claimed, to: Recipient, reason: str, **values: Any) -> Outgoing:
    """It must never be sent, for this reason."""
    return _to(claim, to, unfit={to.delivery_id: reason}, **values)


class _Letters:
    """Renders the letters of a batch as confirmed, each by its channel. The gate decides which may be sent."""

    def __init__(self, conn: Connection, batch: ClaimedBatch, requests: Sequence[int]) -> None:
        self.conn, self.keys = conn, batch.sender.keys
        self.due = pending.due_letters(conn, requests)
        shared = LetterBatch(conn, batch.sender.settings, batch.release, batch.now)
        channels = {name: registry.find(name) for name in {letter.channel for letter in self.due.values()}}
        self.renderers = {name: channel.renderer(shared) for name, channel in channels.items() if channel}

    def render(self, claim: Claimed, to: Recipient) -> Outgoing:
        letter = self.due.get(claim.id)
        contents = letter_records.read_contents(self.conn, self.keys, [letter.letter_id] if letter else [])
        if letter is None or letter.letter_id not in contents:
            return _unfit(claim, to, digest_letters.GONE)
        letters = {to.delivery_id: letter}
        if letter.channel not in self.renderers:
            return _unfit(claim, to, f"the channel {letter.channel} is not installed here", letters=letters)
        made = self.renderers[letter.channel](LetterToRender(claim, to, letter, contents[letter.letter_id]))
        if made.unfit:
            return _unfit(claim, to, made.unfit, letters=letters)
        if made.reschedule:
            return _to(claim, to, reschedule=made.reschedule, contact=made.contact, letters=letters)
        return _to(claim, to, content=made.content, valid_until=letter.valid_until, letters=letters)


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
        return replace(message, unfit={delivery: "nobody holds this seat"})
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


def _receipt(conn: Connection, batch: ClaimedBatch, claim: Claimed, to: Recipient) -> Outgoing:
    letters = letter_records.by_supporter(conn, batch.campaign.id, to.supporter_id)
    if all(letter.withdrawn and letter.proof is not Proof.BACK for letter in letters):
        return _unfit(claim, to, "nothing is left to tell of")
    link = urls(batch, to)
    congress = letter_decision.congress_now(conn, batch.release.folder.campaign, batch.now)
    shown = [letter for letter in letters if not letter_decision.replaced(letter, letters)]
    lines = [_line(congress, letter, to.zip, link.action) for letter in shown]
    can_take_back = [letter.due_at for letter in letters if letter.proof is Proof.GOING and letter.due_at > batch.now]
    text = receipt.receipt(
        batch.release,
        claim.locale,
        [line for line in lines if line],
        greeting_name=to.first_name,
        status_url=link.action,
        disown_url=link.disown,
        unsubscribe_url=link.unsubscribe,
        take_back_until=max(can_take_back, default=None),
        text_until=max(letter.at or max(letter.due_at, batch.now) for letter in letters) + letter_records.KEPT_MS,
        now=batch.now,
    )
    return _to_supporter(batch.release, claim, to, text, link)


def _line(congress: CongressNow, letter: Letter, zip: str, url: str) -> ReceiptLine | None:
    """One letter in a receipt: whom it was written to, and who holds the seat now if that has changed."""
    seat = congress.roster.seats.get(letter.seat)
    to = roster.held_by(congress.roster, letter.seat, letter.holder) or seat
    if seat is None or to is None:
        return None
    turned = seat.holder is not None and seat.holder.bioguide != letter.holder
    status = letter_decision.status_of(congress, letter, zip)
    return ReceiptLine(to, status.proof, url, after=seat if turned else None, why=status.why)


def _confirm(conn: Connection, batch: ClaimedBatch, claim: Claimed, to: Recipient) -> Outgoing:
    waiting = new_zips.find(conn, batch.sender.keys, batch.campaign.id, to.supporter_id, batch.now)
    if waiting is None or waiting.used:
        return _unfit(claim, to, "there is nothing left to confirm")
    link = urls(batch, to)
    text = receipt.confirm(
        batch.release,
        claim.locale,
        greeting_name=to.first_name,
        confirm_url=link.confirm,
        code=waiting.code,
        unsubscribe_url=link.unsubscribe,
        zip=waiting.zip,
        until=waiting.expires_at,
        now=batch.now,
    )
    return _to_supporter(batch.release, claim, to, text, link)


def _join(conn: Connection, batch: ClaimedBatch, claim: Claimed) -> Outgoing:
    """The question whether an address from the open page is its reader's. The mark decides whether it may be sent."""
    (delivery,) = outbox.open_deliveries(conn, claim.id)
    message = Outgoing(claim=claim, deliveries=(delivery,))
    sign_up = sign_ups.find(conn, batch.sender.keys, claim.wave)
    if sign_up is None or sign_up.typed is None:
        return replace(message, unfit={delivery: "the sign-up has ended"})
    keys, slug = batch.sender.keys.links, batch.campaign.slug
    expires = sign_up.expires_at // 1000
    confirm = links.join_token(keys, slug, sign_up.id, bytes.fromhex(sign_up.nonce), expires)
    base = batch.sender.settings.web.base_url.rstrip("/")
    never = f"{base}/x/{slug}/{links.never_token(keys, slug, sign_up.email_hash)}"
    text = receipt.join(
        batch.release,
        claim.locale,
        confirm_url=f"{base}/j/{slug}/{confirm}",
        unsubscribe_url=never,
        until=sign_up.expires_at,
        now=batch.now,
    )
    content = _mail(batch.release, claim, text, to=(delivery, sign_up.typed.email), unsubscribe=never)
    return replace(message, content=content)


def _to_supporter(release: Release, claim: Claimed, to: Recipient, text: Text, link: Urls) -> Outgoing:
    """An email from the organization to one supporter."""
    email = _mail(release, claim, text, to=(to.delivery_id, to.email), unsubscribe=link.unsubscribe)
    return _to(claim, to, content=email)


def _mail(release: Release, claim: Claimed, text: Text, *, to: tuple[int, str], unsubscribe: str) -> bytes:
    """An email from the organization for one delivery and address, with one-click unsubscribe (RFC 8058)."""
    organization = release.folder.campaign.organization
    delivery, address = to
    return single.mail(
        to=address,
        to_name="",
        sender=(organization.sender_email, organization.sender_name),
        reply_to=(organization.reply_to, ""),
        subject=text.subject,
        text=text.text,
        html=text.html,
        request=f"{claim.token}.{claim.attempt}",
        delivery=str(delivery),
        headers={
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
