"""Render the emails to one supporter: receipts, and the questions whether a letter is theirs and an office answered.

Also the question to a stranger who wants to join. A receipt is rendered when it is sent, from what is proved by then.
So is a question, if there is still a reason to ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from campaign import links
from campaign.compose.messages import receipt
from campaign.compose.messages.receipt import CallState, ReceiptLine, Urls
from campaign.compose.rendering import frame
from campaign.congress import roster
from campaign.delivery import outbox
from campaign.delivery.sendgrid import single
from campaign.letters import follow_ups, reported
from campaign.letters import letters as letter_records
from campaign.letters.letters import Letter
from campaign.letters.reported import Report
from campaign.links import Link, Purpose
from campaign.model import Claimed, Kind, Recipient, Seat, Text
from campaign.outreach.routing import queue_receipt
from campaign.outreach.sending.batch import ClaimedBatch, Outgoing, to_one, unfit
from campaign.outreach.transition import letter_decision
from campaign.outreach.transition.letter_decision import CongressNow
from campaign.states import Proof
from campaign.store.acted import WITHDREW
from campaign.supporters import new_zips, sign_ups

GRACE_MS = 30 * 24 * 3600 * 1000  # an action link works this long after the campaign's last day
NOTHING = "nothing is left to tell of"
_STATES: dict[str, Proof | CallState] = {"answered": "answered", "voicemail": "voicemail", "sent": Proof.REPORTED}


def render(conn: Connection, batch: ClaimedBatch, claim: Claimed, to: Recipient) -> Outgoing:
    """One message to a supporter: a receipt, or one of the questions."""
    make = {Kind.CONFIRM: _confirm, Kind.QUESTION: _question}.get(claim.kind, _receipt)
    link = urls(batch, to, claim.locale)
    made = make(conn, _Message(batch, claim, to, link))
    if isinstance(made, str):
        return unfit(claim, to, made)
    content = _mail(batch, claim, made, to=(to.delivery_id, to.email), unsubscribe=link.unsubscribe)
    return to_one(claim, to, content=content)


@dataclass(frozen=True, slots=True)
class _Message:
    batch: ClaimedBatch
    claim: Claimed
    to: Recipient
    urls: Urls


def urls(batch: ClaimedBatch, to: Recipient, locale: str) -> Urls:
    """This supporter's links for this campaign. `locale`: of the page to share."""
    keys, slug = batch.sender.keys.links, batch.campaign.slug
    link = Link(to.supporter_id, to.nonce, (batch.campaign.closes_at + GRACE_MS) // 1000)
    action, leave = links.tokens(keys, slug, link.supporter, link.nonce, link.expires)
    base = batch.sender.settings.web.site

    def own(purpose: Purpose) -> str:
        return f"{base}/{purpose}/{slug}/{links.own_token(keys, slug, purpose, link)}"

    return Urls(
        action=f"{base}/a/{slug}/{action}",
        unsubscribe=f"{base}/u/{slug}/{leave}",
        disown=own(Purpose.DISOWN),
        confirm=f"{base}/c/{slug}/{action}",
        quiet=own(Purpose.QUIET),
        answer=own(Purpose.ANSWER),
        share=links.open_page(base, slug, locale, "mail"),
    )


def _receipt(conn: Connection, message: _Message) -> Text | str:
    """The receipt or reminder, or why there is none. The receipt for reported actions has no other letters, unless it
    announces one.
    """
    batch, to = message.batch, message.to
    letters = letter_records.by_supporter(conn, batch.campaign.id, to.supporter_id)
    done = message.claim.wave.startswith(queue_receipt.DONE)
    if done and not any(letter.receipt_id == to.delivery_id for letter in letters):
        letters = [letter for letter in letters if letter.proof is Proof.REPORTED and not letter.withdrawn]
    elif all(letter.withdrawn and letter.proof is not Proof.BACK for letter in letters):
        return NOTHING
    congress = letter_decision.congress_now(conn, batch.release.folder.campaign, batch.now)
    shown = [letter for letter in letters if not letter_decision.replaced(letter, letters)]
    lines = [_line(congress, letter, to.zip, message.urls.action) for letter in shown]
    lines += _reports(conn, congress, message, shown) if done else []
    can_take_back = [letter.due_at for letter in letters if letter.proof is Proof.GOING and letter.due_at > batch.now]
    kept = [letter.at or max(letter.due_at, batch.now) for letter in letters]
    if not any(lines):
        return NOTHING
    return receipt.receipt(
        batch.release,
        message.claim.locale,
        [line for line in lines if line],
        greeting_name=to.first_name,
        urls=message.urls,
        take_back_until=max(can_take_back, default=None),
        text_until=max(kept) + letter_records.KEPT_MS if kept else None,
        now=batch.now,
        discreet=to.discreet,
        reminder=message.claim.kind is Kind.REMINDER,
    )


def _line(congress: CongressNow, letter: Letter, zip: str, url: str) -> ReceiptLine | None:
    """One letter in a receipt: whom it was written to, and who holds the seat now if that has changed."""
    to, seat = _office(congress, letter.seat, letter.holder), congress.roster.seats.get(letter.seat)
    if seat is None or to is None:
        return None
    turned = seat.holder is not None and seat.holder.bioguide != letter.holder
    status = letter_decision.status_of(congress, letter, zip)
    return ReceiptLine(to, status.proof, url, after=seat if turned else None, why=status.why)


def _reports(
    conn: Connection, congress: CongressNow, message: _Message, shown: Sequence[Letter]
) -> list[ReceiptLine | None]:
    """What the supporter reported, besides these letters: forms of offices, and calls that reached one."""
    lines = list[ReceiptLine | None]()
    written = {(letter.seat, letter.holder) for letter in shown}
    for report in _all_reports(conn, message):
        to = _office(congress, report.seat, report.holder)
        known = report.way == "form" and (report.seat, report.holder) in written
        if to is not None and not known and report.outcome in _STATES:
            lines.append(ReceiptLine(to, _STATES[report.outcome]))
    return lines


def _office(congress: CongressNow, code: str, holder: str) -> Seat | None:
    """The seat with the member it was when the supporter acted."""
    return roster.held_by(congress.roster, code, holder) or congress.roster.seats.get(code)


def _confirm(conn: Connection, message: _Message) -> Text | str:
    batch, to = message.batch, message.to
    waiting = new_zips.find(conn, batch.sender.keys, batch.campaign.id, to.supporter_id, batch.now)
    if waiting is None or waiting.used:
        return "there is nothing left to confirm"
    return receipt.confirm(
        batch.release,
        message.claim.locale,
        greeting_name=to.first_name,
        urls=message.urls,
        code=waiting.code,
        zip=waiting.zip,
        until=waiting.expires_at,
        now=batch.now,
        discreet=to.discreet,
    )


def _question(conn: Connection, message: _Message) -> Text | str:
    """Asks whether the first office that got one of their letters, and whose holder is still there, has answered."""
    batch, to = message.batch, message.to
    letters = letter_records.by_supporter(conn, batch.campaign.id, to.supporter_id)
    if any(letter.withdrawn and letter.why in WITHDREW for letter in letters):
        return "they withdrew a letter"
    live = [letter for letter in letters if letter.proof in follow_ups.ARRIVED and not letter.withdrawn]
    wrote_to = [(letter.seat, letter.holder) for letter in live]
    wrote_to += [(one.seat, one.holder) for one in _all_reports(conn, message) if one.outcome == follow_ups.SENT]
    for code, holder in wrote_to:
        seat = batch.roster.seats.get(code)
        if seat is not None and seat.holder is not None and seat.holder.bioguide == holder:
            return receipt.question(
                batch.release,
                message.claim.locale,
                seat,
                greeting_name=to.first_name,
                urls=message.urls,
                now=batch.now,
                discreet=to.discreet,
            )
    return "no office that they wrote to is still the same"


def _all_reports(conn: Connection, message: _Message) -> list[Report]:
    return reported.by_supporter(conn, message.batch.campaign.id, message.to.supporter_id)


def _mail(batch: ClaimedBatch, claim: Claimed, text: Text, *, to: tuple[int, str], unsubscribe: str) -> bytes:
    """An email from the organization for one delivery and address, with one-click unsubscribe (RFC 8058)."""
    organization = batch.release.folder.campaign.organization
    delivery, address = to
    return single.mail(
        to=address,
        to_name="",
        sender=(organization.sender_email, organization.sender_name),
        reply_to=(organization.reply_to, ""),
        subject=text.subject,
        text=text.text,
        html=frame.at_site(text.html, batch.sender.settings.web.site),
        request=f"{claim.token}.{claim.attempt}",
        delivery=str(delivery),
        headers={
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def ask_to_join(conn: Connection, batch: ClaimedBatch, claim: Claimed) -> Outgoing:
    """The question whether an address from the open page is its reader's. The mark decides whether it may be sent."""
    (delivery,) = outbox.open_deliveries(conn, claim.id)
    message = Outgoing(claim=claim, deliveries=(delivery,))
    sign_up = sign_ups.find(conn, batch.sender.keys, claim.wave)
    if sign_up is None or sign_up.typed is None:
        return replace(message, unfit={delivery: "the sign-up has ended"})
    keys, slug = batch.sender.keys.links, batch.campaign.slug
    expires = sign_up.expires_at // 1000
    confirm = links.join_token(keys, slug, sign_up.id, bytes.fromhex(sign_up.nonce), expires)
    base = batch.sender.settings.web.site
    never = f"{base}/x/{slug}/{links.never_token(keys, slug, sign_up.email_hash)}"
    text = receipt.join(
        batch.release,
        claim.locale,
        confirm_url=f"{base}/j/{slug}/{confirm}",
        unsubscribe_url=never,
        until=sign_up.expires_at,
        now=batch.now,
    )
    content = _mail(batch, claim, text, to=(delivery, sign_up.typed.email), unsubscribe=never)
    return replace(message, content=content)
