"""Join on the open page: keep what a stranger typed, email one question, and make them a supporter when they press its
button."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import msgspec
from babel.dates import format_date
from sqlalchemy import Connection

from campaign import links
from campaign.clock import WASHINGTON
from campaign.compose.rendering.names import BABEL
from campaign.congress import roster, zip_match
from campaign.delivery import outbox
from campaign.formats import ZIP_CODE, email_address, is_email_address
from campaign.keys import Keys
from campaign.letters import pending, tallies
from campaign.links import Purpose
from campaign.model import Kind
from campaign.outreach.action_page import page as pages
from campaign.outreach.action_page.check_form import ADVERTISES, check, one_line
from campaign.outreach.action_page.confirm import confirm_letters
from campaign.outreach.action_page.context import check_zip, load_context
from campaign.outreach.action_page.views import Confirmed, LetterPreview, MustConfirmAgain, OtherZip, Stopped
from campaign.outreach.action_page.visit import LinkRequest, SupporterGone, Visit
from campaign.outreach.routing.channel import NAME_LENGTH
from campaign.outreach.sending import unannounced_letters
from campaign.outreach.sending.supporter_messages import GRACE_MS
from campaign.store import engine
from campaign.supporters import people, sign_ups
from campaign.supporters.people import NewSupporter
from campaign.supporters.sign_ups import SignUp, Typed

AGE = "13"  # the value of the box "I am 13 or older"
_NOT_KEPT = ("step", "website", "age", "email", "shown_at", "source")  # of the form of a letter
_CONSENT = {"en": "on our page on {day}: “{agreed}”", "es": "en nuestra página el {day}: «{agreed}»"}


class JoinEnd(StrEnum):
    """Why a pressed button confirms nothing."""

    ALREADY = "already"  # it was pressed before
    EXPIRED = "expired"  # 72 hours are over, a newer email replaced it, or the person was erased
    BARRED = "barred"  # the address bounced or complained, or is listed


@dataclass(frozen=True, slots=True)
class CheckEmail:
    """The answer to every sign-up without a fault, whether or not an email goes out."""

    email: str
    until: int  # ms


@dataclass(frozen=True, slots=True)
class Joined:
    """The new supporter's visit to their action link; the form of their letters, and the result: None without letters;
    if a text has changed since, it must be confirmed again.
    """

    visit: Visit
    form: Mapping[str, str]
    letters: Confirmed | MustConfirmAgain | OtherZip | Stopped | None


def request(conn: Connection, visit: Visit, form: Mapping[str, str], *, agreed: str) -> CheckEmail | Mapping[str, str]:
    """Join without a letter: keep the sign-up and queue the email that confirms it; or the faults of the form.

    `agreed`: the sentence on the form. An address that bounced, complained or was listed gets no email, nor does one
    that had one today.
    """
    return _request(conn, visit, form, agreed, letters={})


def faults(conn: Connection, visit: Visit, form: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with the form to join, by field."""
    return _read(conn, visit, form)[1]


def request_letters(
    conn: Connection, visit: Visit, form: Mapping[str, str], *, agreed: str
) -> CheckEmail | MustConfirmAgain:
    """Join with letters, to the offices in the form (`seat`, separated by spaces) that take them from us; or the form
    again. Raises WrongZip.
    """
    context = check_zip(conn, visit, form)
    page = pages.show(conn, context, form.get("seat", ""), form)
    ours = [office.seat for office in page.offices if office.by_us]
    seats = " ".join(code for code in form.get("seat", "").split() if code in ours)
    form = {**form, "seat": seats, "by": form.get("by", "").replace("form", "")}  # to save for a form takes a link
    checked = check(context, page, form)
    if isinstance(checked, MustConfirmAgain):
        return checked
    letters = {name: text for name, text in form.items() if name not in _NOT_KEPT}
    answer = _request(conn, visit, form, agreed, letters=letters)
    return answer if isinstance(answer, CheckEmail) else MustConfirmAgain(page, answer, dict(form))


def _request(
    conn: Connection, visit: Visit, form: Mapping[str, str], agreed: str, *, letters: Mapping[str, str]
) -> CheckEmail | Mapping[str, str]:
    typed, wrong = _read(conn, visit, form)
    if wrong:
        return wrong
    _keep(conn, visit, replace(typed, agreed=agreed, letters=letters))
    return CheckEmail(typed.email, visit.now + sign_ups.KEPT_MS)


def _keep(conn: Connection, visit: Visit, typed: Typed) -> None:
    """Keep the sign-up, and queue its email if the address may get one now."""
    campaign_id, now, email_hash = visit.campaign.id, visit.now, visit.keys.email_hash(typed.email)
    people.lock_address(conn, email_hash)
    if people.may_join(conn, email_hash) and (
        nonce := sign_ups.keep(conn, visit.keys, campaign_id, email_hash, typed, now=now)
    ):
        outbox.add_one(
            conn,
            campaign_id,
            kind=Kind.JOIN,
            wave=nonce,
            locale=visit.text_language,
            variant="",
            supporter_id=0,  # no supporter yet
            due_at=now,
        )


def _read(conn: Connection, visit: Visit, form: Mapping[str, str]) -> tuple[Typed, dict[str, str]]:
    """What was typed, and its faults by field."""
    first, last = (one_line(form.get(name, ""), NAME_LENGTH) for name in ("first_name", "last_name"))
    zip_ = ZIP_CODE.fullmatch(form.get("zip", "").strip())
    email = form.get("email", "")
    known = zip_ is not None and _is_known(conn, zip_[1], visit.now)
    typed = Typed(
        email=email_address(email) if is_email_address(email) else "",
        first_name=first,
        last_name=last,
        locale=visit.language,
        zip=zip_[1] if zip_ else "",
        source=form.get("source", ""),
        agreed="",
    )
    wrong = {
        "email": "" if typed.email else "email",
        "name": "" if first and not ADVERTISES.search(f"{first} {last}") else "name",
        "zip": "" if known else "zip",
        "age": "" if form.get("age") == AGE else "age",
    }
    return typed, {field: fault for field, fault in wrong.items() if fault}


def _is_known(conn: Connection, zip_code: str, now: int) -> bool:
    states = zip_match.by_zip(roster.at(conn, now), zip_code, now).states
    return bool(states or zip_match.state_without_members(zip_code))


def find(conn: Connection, visit: Visit) -> SignUp | JoinEnd:
    """The sign-up behind the link of its email, while it may be confirmed. Raises BadLink."""
    sign_up = _behind(conn, visit)
    if sign_up is None:
        return JoinEnd.EXPIRED
    if sign_up.confirmed_at is not None:
        return JoinEnd.ALREADY
    if sign_up.typed is None or visit.now >= sign_up.expires_at:
        return JoinEnd.EXPIRED
    return sign_up if people.may_join(conn, sign_up.email_hash) else JoinEnd.BARRED


def _behind(conn: Connection, visit: Visit) -> SignUp | None:
    """The sign-up behind this link, in any state."""
    asked = visit.request
    link = links.read(visit.keys.links, asked.slug, asked.token, Purpose.JOIN)
    sign_up = sign_ups.find(conn, visit.keys, link.nonce.hex())
    same = sign_up and (sign_up.id, sign_up.campaign_id) == (link.supporter, visit.campaign.id)
    return sign_up if same else None


def waiting_letters(conn: Connection, visit: Visit, sign_up: SignUp) -> tuple[LetterPreview, ...]:
    """The letters that the press confirms, as the offices would get them now."""
    letters = sign_up.typed.letters if sign_up.typed else {}
    if not letters:
        return ()
    seats = letters.get("seat", "")
    page = pages.show(conn, load_context(conn, visit, letters["zip"]), seats, letters, page="letter")
    return tuple(preview for preview in page.previews if preview.office.seat in seats.split())


def shown(sign_up: SignUp) -> str:
    """A mark of the letters in the question, "" without any: whoever knows the address can change them meanwhile."""
    letters = sign_up.typed.letters if sign_up.typed else {}
    return sha256(msgspec.json.encode(letters, order="sorted")).hexdigest() if letters else ""


def confirm(conn: Connection, visit: Visit, seen: str) -> Joined | JoinEnd | None:
    """Make the person behind the email's link a supporter, with the ZIP code they typed, and confirm their letters.
    None, and nothing is done, if these are not the ones that the page showed (`seen`, as `shown` gave it).

    Lifts an unsubscribe and an erasure, and nothing else. Raises BadLink.
    """
    found = find(conn, visit)
    if isinstance(found, SignUp):
        _lock(conn, found.email_hash)
        found = find(conn, visit)
    if isinstance(found, JoinEnd):
        return found
    if shown(found) not in ("", seen):
        return None
    typed = found.typed
    assert typed is not None
    names = {name: getattr(typed, name) for name in ("email", "first_name", "last_name", "locale", "zip")}
    new = NewSupporter(email_hash=found.email_hash, **names, consent=_consent(typed, visit.now))
    people.join(conn, new, visit.now)
    sign_ups.confirm(conn, found.id, visit.now)
    tallies.add(conn, visit.campaign.id, source=typed.source, event="joined", now=visit.now)
    theirs = replace(_theirs(conn, visit, found.email_hash), language=typed.locale)
    if not typed.letters:
        return Joined(theirs, {}, None)
    context = load_context(conn, theirs, typed.letters["zip"])
    return Joined(theirs, typed.letters, confirm_letters(conn, context, typed.letters, by="mail"))


def joined(conn: Connection, visit: Visit) -> Visit | None:
    """The visit of the supporter who confirmed this sign-up, behind their action link; None if it is not confirmed.
    Raises BadLink, also when they were erased since.
    """
    sign_up = _behind(conn, visit)
    if sign_up is None or sign_up.confirmed_at is None:
        return None
    theirs = _theirs(conn, visit, sign_up.email_hash)
    if theirs.supporter is None:
        raise SupporterGone("this link no longer works")
    return theirs


def _theirs(conn: Connection, visit: Visit, email_hash: bytes) -> Visit:
    """The same visit by the supporter with this address, behind their action link."""
    supporter_id, nonce = people.link_nonce(conn, email_hash)
    supporter, campaign = people.by_link(conn, supporter_id, nonce), visit.campaign
    expires = (campaign.closes_at + GRACE_MS) // 1000
    token, _ = links.tokens(visit.keys.links, campaign.slug, supporter_id, nonce, expires)
    request = replace(visit.request, token=token, purpose=Purpose.ACTION)
    return replace(visit, supporter=supporter, request=request)


def _lock(conn: Connection, email_hash: bytes) -> None:
    """No other transaction acts for this address, nor for its supporter if it has one, until this one ends."""
    supporter_id = people.find(conn, email_hash)
    if supporter_id is not None:
        people.lock_supporters(conn, supporter_id)
    people.lock_address(conn, email_hash)


def _consent(typed: Typed, now: int) -> str:
    day = format_date(datetime.fromtimestamp(now / 1000, WASHINGTON), "long", locale=BABEL[typed.locale])
    return _CONSENT[typed.locale].format(day=day, agreed=typed.agreed)


def check_never(keys: Keys, asked: LinkRequest) -> None:
    """Raises BadLink if this is no link "Never write to this address"."""
    links.read_never(keys.links, asked.slug, asked.token)


def refuse(conn: Connection, keys: Keys, asked: LinkRequest) -> None:
    """ "Never write to this address", from the same email: its link is proof enough, and never expires. Raises BadLink.

    If the address is a supporter's, their letters that no email has announced are stopped, as after an unsubscribe.
    """
    email_hash, now = links.read_never(keys.links, asked.slug, asked.token), engine.now(conn)
    _lock(conn, email_hash)
    supporter_id = people.find(conn, email_hash)
    if supporter_id is not None:
        unannounced_letters.stop_letters(conn, pending.unannounced(conn, supporter_id=supporter_id), now)
    sign_ups.erase(conn, email_hash)
    people.suppress(conn, [email_hash], "listed", f"sign-up email of {asked.slug}", now)
