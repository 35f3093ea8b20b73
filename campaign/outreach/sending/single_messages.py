"""What goes out one by one: a letter to an office, its receipt, the mail about a letter that is held.

A letter's words are those that were confirmed. A receipt is made when it goes, from what is proved by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy import Connection

from campaign import links
from campaign.compose.messages import receipt
from campaign.compose.messages.receipt import ReceiptLine
from campaign.compose.rendering import fields
from campaign.compose.rendering.release import Release
from campaign.config import Settings
from campaign.congress import contacts as office_contacts
from campaign.congress import roster
from campaign.congress.contacts import Contact
from campaign.delivery import outbox
from campaign.delivery.campaigns import Campaign
from campaign.delivery.sendgrid import single
from campaign.keys import Keys
from campaign.letters import drafts, pending
from campaign.letters import letters as letter_records
from campaign.letters.letters import Letter, LetterContent
from campaign.letters.pending import DueLetter
from campaign.model import Claimed, Recipient, Text
from campaign.outreach.offices import invite
from campaign.outreach.routing import registry, schedule, staff_email
from campaign.outreach.routing.channel import LetterBatch, LetterToRender, Render, RenderedLetter
from campaign.outreach.routing.schedule import Reschedule
from campaign.outreach.sending import send_digest
from campaign.outreach.transition import pending_letters
from campaign.outreach.transition.pending_letters import CongressNow
from campaign.states import Proof

log = structlog.get_logger()

GRACE_MS = 30 * 24 * 3600 * 1000  # an action link works this long after the campaign's last day
TO_OFFICES = ("letter", "daily", "invite")
KINDS = (*TO_OFFICES, "receipt", "confirm")


@dataclass(frozen=True, slots=True)
class Piece:
    """One request's content, or why it must not go: `hold` until a person decides, `unfit` for ever."""

    delivery_id: int
    supporter_id: int
    content: bytes = b""
    valid_until: int | None = None
    hold: str = ""
    unfit: str = ""
    letter: DueLetter | None = None
    letters: Mapping[int, DueLetter] = field(default_factory=dict)  # of a summary, by delivery
    gone: Mapping[int, str] = field(default_factory=dict)  # those of them that must not go, for ever
    again: Reschedule = ""
    contact: Contact | None = None  # whom it goes to

    @property
    def deliveries(self) -> tuple[int, ...]:
        """All that this content is for."""
        return tuple(self.letters) or (self.delivery_id,)


@dataclass(frozen=True, slots=True)
class Urls:
    """Where one person's links lead."""

    action: str
    unsubscribe: str
    disown: str
    confirm: str


def urls(keys: Keys, settings: Settings, campaign: Campaign, to: Recipient) -> Urls:
    """This person's links for this campaign."""
    expires = (campaign.closes_at + GRACE_MS) // 1000
    action, leave = links.tokens(keys.links, campaign.slug, to.supporter_id, to.nonce, expires)
    base = settings.web.base_url.rstrip("/")
    stop = links.disown_token(keys.links, campaign.slug, to.supporter_id, to.nonce, expires)
    made = {"a": action, "u": leave, "n": stop, "c": action}
    return Urls(*(f"{base}/{page}/{campaign.slug}/{token}" for page, token in made.items()))


@dataclass(frozen=True, slots=True)
class SingleMessage:
    """What a mail to a supporter is made from, besides the claim and the person."""

    conn: Connection
    keys: Keys
    settings: Settings
    campaign: Campaign
    release: Release
    now: int


def read(
    conn: Connection,
    keys: Keys,
    settings: Settings,
    campaign: Campaign,
    release: Release,
    claims: Sequence[Claimed],
    who: Mapping[int, list[Recipient]],
    now: int,
) -> dict[int, Piece]:
    """By request: the piece of each of these claims that is for one person and has somebody to go to."""
    job = SingleMessage(conn, keys, settings, campaign, release, now)
    mine = [claim for claim in claims if claim.kind in KINDS and (who[claim.id] or claim.kind in ("daily", "invite"))]
    due = pending.due_letters(conn, [claim.id for claim in mine if claim.kind == "letter"])
    contacts = (
        {one.seat: one for one in office_contacts.all_contacts(conn)} if any(c.kind in TO_OFFICES for c in mine) else {}
    )
    renderers = _renderers(LetterBatch(conn, settings, release, now), due.values())
    made = {}
    for claim in mine:
        to = next(iter(who[claim.id]), None)
        try:
            if to is None or claim.kind == "daily":
                make_one = _daily if claim.kind == "daily" else _invite
                made[claim.id] = make_one(job, claim, contacts.get(claim.variant))
            elif claim.kind == "letter":
                one = due.get(claim.id)
                text = letter_records.read_contents(conn, keys, [one.letter_id]).get(one.letter_id) if one else None
                render = renderers[one.channel] if one else _not_installed
                made[claim.id] = _letter(claim, to, one, text, render)
            else:
                make = _receipt if claim.kind == "receipt" else _confirm
                made[claim.id] = make(job, claim, to)
        except Exception as error:  # whatever it is: a person must look, and the others go on
            log.error("piece_failed", request=claim.id, error=type(error).__name__)
            hold = f"it cannot be made: {type(error).__name__}"
            made[claim.id] = Piece(to.delivery_id if to else 0, to.supporter_id if to else 0, hold=hold)
    return made


def _letter(claim: Claimed, to: Recipient, one: DueLetter | None, words: LetterContent | None, render: Render) -> Piece:
    """The letter as it was confirmed. Whether it may be sent, `pending_letters.decide` says."""
    if one is None or words is None:
        return Piece(to.delivery_id, to.supporter_id, unfit="the letter's words are not kept any more")
    made = render(LetterToRender(claim, to, one, words))
    valid_until = one.valid_until if made.content else None
    return Piece(
        to.delivery_id,
        to.supporter_id,
        made.content,
        valid_until,
        unfit=made.unfit,
        letter=one,
        again=made.reschedule,
        contact=made.contact,
    )


def _renderers(batch: LetterBatch, due: Iterable[DueLetter]) -> dict[str, Render]:
    """By channel: what renders its letters."""
    used = {letter.channel for letter in due}
    return {name: channel.renderer(batch) if (channel := registry.find(name)) else _not_installed for name in used}


def _not_installed(letter: LetterToRender) -> RenderedLetter:
    return RenderedLetter(unfit=f"the channel {letter.letter.channel} is not installed here")


def _again(job: SingleMessage, claim: Claimed, contact: Contact) -> Reschedule:
    return schedule.not_now(claim.kind, contact, schedule.hours(job.settings), job.now)


def _daily(job: SingleMessage, claim: Claimed, contact: Contact | None) -> Piece:
    """The summary of a day, from what its letters are now."""
    found = send_digest.read(job.conn, job.keys, job.release, claim, roster.at(job.conn, job.now).seats, job.now)
    first = min(found.letters, default=0)
    of = Piece(first, 0, letters=found.letters, valid_until=found.valid_until, contact=contact)
    if contact is None or contact.off:
        return replace(of, unfit=staff_email.UNUSED)
    if again := _again(job, claim, contact):
        return replace(of, again=again)
    if found.text is None:
        return replace(of, gone=found.gone)
    return replace(of, content=_to_office(job, claim, contact, found.text, first))


def _invite(job: SingleMessage, claim: Claimed, contact: Contact | None) -> Piece:
    """The question how an office wants letters, as long as it is a question."""
    (delivery,) = outbox.open_deliveries(job.conn, claim.id)
    if (why := invite.unwanted(contact)) or contact is None:
        return Piece(delivery, 0, unfit=why)
    if again := _again(job, claim, contact):
        return Piece(delivery, 0, again=again, contact=contact)
    known = roster.at(job.conn, job.now)
    if known.seats[contact.seat].holder is None:
        return Piece(delivery, 0, unfit="nobody holds this seat")
    text = invite.write(job.release, known, contact, invite.reach(job.conn, known, [contact.seat], job.now), job.now)
    return Piece(delivery, 0, _to_office(job, claim, contact, text, delivery), contact=contact)


def _to_office(job: SingleMessage, claim: Claimed, contact: Contact, text: Text, delivery: int) -> bytes:
    """A mail from the organization to an office."""
    organization = job.release.folder.campaign.organization
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


def _receipt(job: SingleMessage, claim: Claimed, to: Recipient) -> Piece:
    found = letter_records.by_supporter(job.conn, job.campaign.id, to.supporter_id)
    if all(one.withdrawn and one.proof is not Proof.BACK for one in found):
        return Piece(to.delivery_id, to.supporter_id, unfit="nothing is left to tell of")
    link = urls(job.keys, job.settings, job.campaign, to)
    here = pending_letters.congress_now(job.conn, job.release.folder.campaign, job.now)
    told = [one for one in found if not pending_letters.replaced(one, found)]
    lines = [line for one in told if (line := _line(here, one, to.zip, claim.locale, link.action))]
    back = [one.due_at for one in found if one.proof is Proof.GOING and one.due_at > job.now]
    text = receipt.receipt(
        job.release,
        claim.locale,
        lines,
        greeting_name=to.first_name,
        status_url=link.action,
        disown_url=link.disown,
        unsubscribe_url=link.unsubscribe,
        take_back_until=max(back, default=None),
        text_until=max(one.at or max(one.due_at, job.now) for one in found) + letter_records.KEPT_MS,
        now=job.now,
    )
    return _mail(job.release, claim, to, text, link)


def _line(here: CongressNow, one: Letter, zip: str, locale: str, url: str) -> ReceiptLine | None:
    """One letter in a receipt: to whom it was written, and who holds the seat now where that is somebody else."""
    seat = here.roster.seats.get(one.seat)
    to = roster.held_by(here.roster, one.seat, one.holder) or seat
    if seat is None or to is None:
        return None
    turned = seat.holder is not None and seat.holder.bioguide != one.holder
    after = fields.titled(seat, locale) if turned else ""
    return ReceiptLine(fields.titled(to, locale), pending_letters.status_of(here, one, zip).proof.value, url, after)


def _confirm(job: SingleMessage, claim: Claimed, to: Recipient) -> Piece:
    held = drafts.find(job.conn, job.keys, job.campaign.id, to.supporter_id, job.now)
    if held is None:
        return Piece(to.delivery_id, to.supporter_id, unfit="there is nothing left to confirm")
    link = urls(job.keys, job.settings, job.campaign, to)
    text = receipt.confirm(
        job.release,
        claim.locale,
        greeting_name=to.first_name,
        confirm_url=link.confirm,
        code=held.code,
        unsubscribe_url=link.unsubscribe,
        zip=held.form["zip"],
        until=held.expires_at,
        now=job.now,
    )
    return _mail(job.release, claim, to, text, link)


def _mail(release: Release, claim: Claimed, to: Recipient, text: Text, link: Urls) -> Piece:
    """A mail from the organization to one supporter."""
    organization = release.folder.campaign.organization
    content = single.mail(
        to=to.email,
        to_name="",
        sender=(organization.sender_email, organization.sender_name),
        reply_to=(organization.reply_to, ""),
        subject=text.subject,
        text=text.text,
        html=text.html,
        request=f"{claim.token}.{claim.attempt}",
        delivery=str(to.delivery_id),
        headers={
            "List-Unsubscribe": f"<{link.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    return Piece(to.delivery_id, to.supporter_id, content)
