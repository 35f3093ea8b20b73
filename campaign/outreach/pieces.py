"""What goes out one by one: a letter to an office, its receipt, the mail about a letter that is held.

A letter's words are those that were confirmed. A receipt is made when it goes, from what is proved by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from campaign import links
from campaign.compose import fields, receipts
from campaign.compose.receipts import ReceiptLine
from campaign.compose.release import Release
from campaign.config import Settings
from campaign.congress import offices, roster
from campaign.congress.offices import Contact
from campaign.delivery import single
from campaign.delivery.campaigns import Campaign
from campaign.delivery.cwc import gateways
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.letters import drafts, record
from campaign.letters.record import Due, Words
from campaign.model import Claimed, Recipient, Seat, Text
from campaign.outreach import cwc, intake
from campaign.states import Proof

log = structlog.get_logger()

GRACE_MS = 30 * 24 * 3600 * 1000  # an action link works this long after the campaign's last day
KINDS = ("letter", "receipt", "confirm")


@dataclass(frozen=True, slots=True)
class Piece:
    """One request's content, or why it must not go: `hold` until a person decides, `unfit` for ever."""

    delivery_id: int
    supporter_id: int
    content: bytes = b""
    valid_until: int | None = None
    hold: str = ""
    unfit: str = ""
    intake: str = ""  # the seat, where it goes to Congress's own intake


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
class Job:
    """What a mail to a supporter is made from, besides the claim and the person."""

    conn: Connection
    keys: Keys
    settings: Settings
    campaign: Campaign
    release: Release
    seats: Mapping[str, Seat]
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
    job = Job(conn, keys, settings, campaign, release, roster.at(conn, now).seats, now)
    alone = [(claim, who[claim.id][0]) for claim in claims if claim.kind in KINDS and who[claim.id]]
    ids = [claim.id for claim, _ in alone if claim.kind == "letter"]
    due = record.due(conn, ids)
    contacts = offices.usable(conn) if ids else {}
    made = {}
    for claim, to in alone:
        try:
            if claim.kind == "letter":
                one = due.get(claim.id)
                text = record.words(conn, keys, [one.letter_id]).get(one.letter_id) if one else None
                made[claim.id] = _letter(job, claim, to, one, text, contacts)
            else:
                make = _receipt if claim.kind == "receipt" else _confirm
                made[claim.id] = make(job, claim, to)
        except Exception as error:  # whatever it is: a person must look, and the others go on
            log.error("piece_failed", request=claim.id, error=type(error).__name__)
            made[claim.id] = Piece(to.delivery_id, to.supporter_id, hold=f"it cannot be made: {type(error).__name__}")
    return made


def _letter(
    job: Job,
    claim: Claimed,
    to: Recipient,
    one: Due | None,
    words: Words | None,
    contacts: Mapping[str, Contact],
) -> Piece:
    """The letter as it was confirmed, to the contact of its office as it is now."""
    if one is None or words is None:
        return Piece(to.delivery_id, to.supporter_id, unfit="the letter's words are not kept any more")
    seat = job.seats.get(one.seat)
    if seat is None or seat.holder is None or seat.holder.bioguide != one.holder:
        return Piece(to.delivery_id, to.supporter_id, hold="somebody else holds this seat now: back to its writer")
    if one.valid_until is not None and job.now >= one.valid_until:
        return Piece(to.delivery_id, to.supporter_id, hold="its text is not true any more: back to its writer")
    if one.channel == "cwc":
        return _intake(job, claim, to, one, words)
    contact = contacts.get(one.seat)
    if contact is None:
        return Piece(to.delivery_id, to.supporter_id, unfit="the office's address is not used any more")
    organization = job.release.folder.campaign.organization
    content = single.mail(
        to=contact.email,
        to_name="",
        sender=(organization.sender_email, single.via(single.ascii_name(words.name), organization.sender_name)),
        reply_to=(to.email, words.name),
        subject=words.subject,
        text="\n\n".join(filter(None, (words.core, words.envelope))) + "\n",
        request=f"{claim.token}.{claim.attempt}",
        delivery=str(to.delivery_id),
    )
    return Piece(to.delivery_id, to.supporter_id, content, one.valid_until)


def _intake(job: Job, claim: Claimed, to: Recipient, one: Due, words: Words) -> Piece:
    """The same letter as Congress's own intake wants it; what it cannot take goes the next way."""
    takes, why = intake.takes(gateways.every(job.conn), one.seat)
    if not takes:
        return Piece(to.delivery_id, to.supporter_id, unfit=why)
    try:
        content = cwc.content(
            job.settings, job.release.folder, one.seat, words, email=to.email, token=claim.token, now=job.now
        )
    except CampaignError as error:
        return Piece(to.delivery_id, to.supporter_id, unfit=error.what)
    return Piece(to.delivery_id, to.supporter_id, content, one.valid_until, intake=one.seat)


def _receipt(job: Job, claim: Claimed, to: Recipient) -> Piece:
    found = record.of_person(job.conn, job.campaign.id, to.supporter_id)
    if all(one.withdrawn for one in found):
        return Piece(to.delivery_id, to.supporter_id, unfit="nothing is left to tell of")
    link = urls(job.keys, job.settings, job.campaign, to)
    lines = [
        ReceiptLine(fields.titled(job.seats[one.seat], claim.locale), one.proof.value, link.action)
        for one in found
        if one.seat in job.seats
    ]
    back = [one.due_at for one in found if one.proof is Proof.GOING and one.due_at > job.now]
    text = receipts.receipt(
        job.release,
        claim.locale,
        lines,
        greeting_name=to.first_name,
        status_url=link.action,
        disown_url=link.disown,
        unsubscribe_url=link.unsubscribe,
        take_back_until=max(back, default=None),
        text_until=max(one.at or max(one.due_at, job.now) for one in found) + record.KEPT_MS,
        now=job.now,
    )
    return _mail(job.release, claim, to, text, link)


def _confirm(job: Job, claim: Claimed, to: Recipient) -> Piece:
    held = drafts.find(job.conn, job.keys, job.campaign.id, to.supporter_id, job.now)
    if held is None:
        return Piece(to.delivery_id, to.supporter_id, unfit="there is nothing left to confirm")
    link = urls(job.keys, job.settings, job.campaign, to)
    text = receipts.confirm(
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
