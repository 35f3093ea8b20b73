"""What a supporter's link does. GET reads; only POST acts, and a letter exists only by `confirm` or `confirm_held`."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from campaign import links
from campaign.compose import guard
from campaign.compose import letters as texts
from campaign.compose import release as releases
from campaign.config import Settings
from campaign.congress import offices as contacts
from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.letters import drafts, plan, record
from campaign.letters.record import New, Words
from campaign.links import BadLink, Purpose
from campaign.model import Seat
from campaign.outreach import desk as desks
from campaign.outreach import receipts
from campaign.outreach.desk import CONSENT, Again, Desk, Held, Known, Office, Page, Sheet, Status
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people
from campaign.supporters.people import SupporterRow

__all__ = ["Again", "Desk", "Held", "Office", "Page", "Sheet", "Status"]

log = structlog.get_logger()

NAME_LENGTH, LINE_LENGTH = 60, 100
DRAFT_MAILS = 3  # how often one person may be mailed about letters for another ZIP
RECEIPT_PART = 5  # a receipt goes out after this part of the take-back time, for all letters of these minutes
PREFIXES = ("Mr.", "Mrs.", "Ms.", "Miss", "Dr.")
ANSWERS = ("yes", "no", "later")

_ZIP = re.compile(r"[0-9]{5}(?:-?[0-9]{4})?")
_ADVERTISES = re.compile(r"[@/<>]|\bwww\.|\.(?:com|net|org|info|io|ru|xyz|shop|link)\b", re.IGNORECASE)
_PHONE = re.compile(r"\(?[0-9]{3}\)?[-. ]?[0-9]{3}[-. ]?[0-9]{4}")


class WrongZip(CampaignError):
    """What was typed is not a ZIP code."""


@dataclass(frozen=True, slots=True)
class _Behind:
    """Whose link it is, and of which campaign."""

    campaign: Campaign
    person: SupporterRow
    page: Page
    token: str
    now: int

    @property
    def open(self) -> bool:
        """Whether letters may still be confirmed."""
        return not self.page.expired and self.campaign.opens_at <= self.now < self.campaign.closes_at


def open_link(database: Database, keys: Keys, slug: str, token: str, purpose: Purpose) -> Page:
    """The page of a link. Writes nothing. Raises BadLink, in the same words for every fault."""
    with database.read() as conn:
        return _behind(conn, keys, slug, token, purpose).page


def _behind(
    conn: Connection, keys: Keys, slug: str, token: str, purpose: Purpose = Purpose.ACTION, *, alone: bool = False
) -> _Behind:
    link = links.read(keys.links, slug, token, purpose)
    if alone:
        people.alone(conn, link.supporter)
    campaign = campaigns.find(conn, slug)
    person = people.by_link(conn, link.supporter, link.nonce)
    if campaign is None or person is None:
        raise BadLink("this link does not work any more")
    now = engine.now(conn)
    ended = purpose is Purpose.ACTION and now >= link.expires * 1000
    page = desks.page_of(campaign, releases.load(conn, campaign.release), person.locale, now, expired=ended)
    return _Behind(campaign, person, page, token, now)


def _known(conn: Connection, behind: _Behind, typed_zip: str) -> Known:
    if not _ZIP.fullmatch(typed_zip):
        raise WrongZip("a ZIP code has five digits")
    return desks.know(conn, behind.campaign, behind.person, behind.page, typed_zip, behind.now, is_open=behind.open)


def _lang(behind: _Behind, asked: str) -> str:
    """The language of the page, as far as the campaign has texts in it."""
    wanted, has = asked or behind.person.locale, tuple(behind.page.title)
    return wanted if wanted in has else has[0]


# ------------------------------------------------------------------------------------------------ pages


def enter(
    database: Database,
    keys: Keys,
    settings: Settings,
    slug: str,
    token: str,
    zip: str,
    *,
    seat: str = "",
    lang: str = "",
) -> Desk:
    """The page after the ZIP code; `seat` asks for one office. Raises WrongZip, BadLink."""
    with database.begin() as conn:
        behind = _behind(conn, keys, slug, token)
        known = _known(conn, behind, zip)
        if known.own:  # a scanner that posts any digits is nobody
            record.came(conn, behind.campaign.id, behind.person.id, behind.now)
        return desks.show(conn, keys, settings, known, _lang(behind, lang), seat)


def confirm(
    database: Database,
    keys: Keys,
    settings: Settings,
    slug: str,
    token: str,
    form: Mapping[str, str],
    *,
    lang: str = "",
) -> Desk | Again | Held:
    """One letter, with its evidence, its delivery and its receipt, in one transaction; or the form again.

    Confirming twice changes nothing. Raises WrongZip, BadLink.
    """
    with database.begin() as conn:
        behind = _behind(conn, keys, slug, token, alone=True)
        known = _known(conn, behind, form.get("zip", ""))
        tongue = _lang(behind, lang)
        shown = desks.show(conn, keys, settings, known, tongue, form.get("seat", ""))
        if any(one.written and one.seat == form.get("seat") for one in shown.offices):
            return shown  # the second press of the same button
        checked = _check(behind, known, shown, form)
        if isinstance(checked, Again):
            return checked
        if not known.own:
            _hold(conn, keys, behind, {**form, "lang": tongue}, tongue)
            return Held(behind.page)
        _write(conn, keys, settings, behind, known, checked, tongue, by="page")
        return desks.show(conn, keys, settings, _known(conn, behind, known.match.zip), tongue)


def take_back(
    database: Database, keys: Keys, settings: Settings, slug: str, token: str, zip: str, letter: int, *, lang: str = ""
) -> Desk:
    """Take a letter back, as long as nothing of it has left."""
    with database.begin() as conn:
        behind = _behind(conn, keys, slug, token, alone=True)
        if _owns(_known(conn, behind, zip), letter) and outbox.cancel_letter(conn, letter, "taken back"):
            record.withdraw(conn, letter, "taken back", behind.now)
        return desks.show(conn, keys, settings, _known(conn, behind, zip), _lang(behind, lang))


def told(
    database: Database,
    keys: Keys,
    settings: Settings,
    slug: str,
    token: str,
    zip: str,
    letter: int,
    answer: str,
    *,
    lang: str = "",
) -> Desk:
    """What the person says of the office's own form: yes, no, later. Counted as reported, never as sent."""
    with database.begin() as conn:
        behind = _behind(conn, keys, slug, token, alone=True)
        if answer in ANSWERS and _owns(_known(conn, behind, zip), letter):
            outbox.told(conn, letter, answer, behind.now)
        return desks.show(conn, keys, settings, _known(conn, behind, zip), _lang(behind, lang))


def _owns(known: Known, letter: int) -> bool:
    return any(one.id == letter and not one.withdrawn for one in known.letters)


def disown(database: Database, keys: Keys, slug: str, token: str) -> int:
    """ "I did not send this": withdraw all letters of this link and campaign, and tell the organizer. How many."""
    with database.begin() as conn:
        behind = _behind(conn, keys, slug, token, Purpose.DISOWN, alone=True)
        live = [one for one in record.of_person(conn, behind.campaign.id, behind.person.id) if not one.withdrawn]
        gone = 0
        for one in live:
            gone += not outbox.cancel_letter(conn, one.id, "not sent by this person")
            record.withdraw(conn, one.id, "not sent by this person", behind.now)
        drafts.drop(conn, behind.person.id, behind.campaign.id)
    if live:
        log.error("disowned", campaign=slug, letters=len(live), had_left=gone)
    return len(live)


def unsubscribe(database: Database, keys: Keys, slug: str, token: str) -> None:
    """Write to this person no more, from this moment on. Needs no proof but the link, and never ends."""
    link = links.read(keys.links, slug, token, Purpose.UNSUBSCRIBE)
    with database.begin() as conn:
        person = people.by_link(conn, link.supporter, link.nonce)
        if person is not None:  # an erased person is suppressed already
            people.suppress(conn, [person.email_hash], "unsubscribed", f"link of {slug}", engine.now(conn))


def forget(database: Database, keys: Keys, _settings: Settings, slug: str, token: str, zip: str) -> Page:
    """Erase this person at once, with the letters that have not left. Needs the ZIP on file."""
    with database.begin() as conn:
        behind = _behind(conn, keys, slug, token, alone=True)
        if _known(conn, behind, zip).own:
            _erase(conn, behind.person.id, behind.person.email_hash, behind.now)
        return behind.page


def erase(database: Database, keys: Keys, email: str) -> bool:
    """Forget a person: what has not left is cancelled, the address and names go, a keyed hash keeps them out.

    Returns whether the address was on file; it is kept out either way.
    """
    email_hash = people.email_hash(keys, email)
    with database.begin() as conn:
        supporter_id = people.find(conn, email_hash)
        _erase(conn, supporter_id, email_hash, engine.now(conn))
    return supporter_id is not None


def _erase(conn: Connection, supporter_id: int | None, email_hash: bytes, now: int) -> None:
    if supporter_id is not None:
        people.alone(conn, supporter_id)
    if supporter_id is not None:  # first, for `listen` locks requests before suppressions too
        outbox.cancel_person(conn, supporter_id, "erased")
        record.forget(conn, supporter_id, now)
        drafts.drop(conn, supporter_id)
    people.erase(conn, email_hash, now)


# ------------------------------------------------------------------------------------------------ another ZIP


def open_held(database: Database, keys: Keys, slug: str, token: str) -> Page:
    """The page that asks for the code in the mail. Writes nothing."""
    return open_link(database, keys, slug, token, Purpose.ACTION)


def confirm_held(database: Database, keys: Keys, settings: Settings, slug: str, token: str, code: str) -> Desk | None:
    """Confirm the letter that was held, by the code from the mail; None when it is wrong, or nothing is held.

    From then on that ZIP code is the one on file.
    """
    with database.begin() as conn:
        behind = _behind(conn, keys, slug, token, alone=True)
        held = drafts.find(conn, keys, behind.campaign.id, behind.person.id, behind.now)
        if held is None:
            return None
        typed = "".join(code.split())
        if not hmac.compare_digest(held.code.encode(), typed.encode()):
            if len(typed) == len(held.code):
                drafts.missed(conn, held.id)
            return None
        tongue, typed_zip = held.form.get("lang", ""), held.form["zip"]
        known = _known(conn, behind, typed_zip)
        shown = desks.show(conn, keys, settings, known, tongue, held.form.get("seat", ""))
        checked = _check(behind, known, shown, held.form)
        drafts.drop(conn, behind.person.id, behind.campaign.id)
        people.moved(conn, behind.person.id, typed_zip[:5], behind.now)
        record.came(conn, behind.campaign.id, behind.person.id, behind.now)
        if not isinstance(checked, Again):  # else the text has changed since: the page shows it anew
            _write(conn, keys, settings, behind, known, checked, tongue, by="mail")
        behind = _behind(conn, keys, slug, token, alone=True)
        return desks.show(conn, keys, settings, _known(conn, behind, typed_zip), tongue)


def _hold(conn: Connection, keys: Keys, behind: _Behind, form: Mapping[str, str], locale: str) -> None:
    """Keep the draft and mail its owner, if the address that was typed is the owner's; else nothing happens."""
    try:
        same = people.email_hash(keys, form.get("email", "")) == behind.person.email_hash
    except CampaignError:
        same = False
    mails = outbox.pieces(conn, behind.campaign.id, behind.person.id, "confirm")
    if not same or mails >= DRAFT_MAILS:
        return
    drafts.keep(conn, keys, behind.campaign.id, behind.person.id, form, behind.now)
    outbox.add_one(
        conn,
        behind.campaign.id,
        kind="confirm",
        wave=f"draft-{behind.person.id}-{mails}",
        locale=locale,
        variant="",
        supporter_id=behind.person.id,
        due_at=behind.now,
    )


# ------------------------------------------------------------------------------------------------ one letter


@dataclass(frozen=True, slots=True)
class _Checked:
    """A form without a fault."""

    seat: Seat
    sheet: Sheet
    name: str
    story: str
    lines: dict[str, str]  # city, street, phone, prefix: what was asked


def _check(behind: _Behind, known: Known, shown: Desk, form: Mapping[str, str]) -> _Checked | Again:
    """The form's values, or its faults. The text on the page must be the one that would go now."""
    seat = desks.seat_of(known, form.get("seat", ""))
    if seat is None or shown.sheet is None or shown.sheet.office.seat != seat.code or not behind.open:
        return Again(shown, {"seat": "seat"}, dict(form))
    sheet, problems = shown.sheet, dict[str, str]()
    first, last = (_line(form.get(name, ""), NAME_LENGTH) for name in ("first_name", "last_name"))
    if not first or not last or _ADVERTISES.search(f"{first} {last}"):
        problems["name"] = "name"
    story = texts.clean_story(form.get("story", ""))
    if len(story) > sheet.limit:
        problems["story"] = "story-long"
    elif guard.guard(story) and form.get("guard") != "keep":
        problems["story"] = "status"
    lines = {name: _line(form.get(name, ""), LINE_LENGTH) for name in _asked(sheet.office)}
    problems |= {name: name for name, value in lines.items() if not _fits(name, value)}
    if not known.own and "@" not in form.get("email", ""):
        problems["email"] = "email"
    if not hmac.compare_digest(form.get("seen", "").encode(), sheet.seen.encode()):
        problems["seen"] = "changed"
    if problems:
        return Again(shown, problems, dict(form))
    return _Checked(seat, sheet, f"{first} {last}", story, lines)


def _asked(office: Office) -> tuple[str, ...]:
    """What this office's channel needs besides name and ZIP."""
    return ("city", *office.needs) if office.channel == "email" else ()


def _fits(name: str, value: str) -> bool:
    if name == "phone":
        return bool(_PHONE.fullmatch(value))
    return value in PREFIXES if name == "prefix" else len(value) >= 2


def _line(raw: str, longest: int) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in raw).split())[:longest]


def _write(
    conn: Connection,
    keys: Keys,
    settings: Settings,
    behind: _Behind,
    known: Known,
    checked: _Checked,
    locale: str,
    *,
    by: str,
) -> None:
    """Evidence, letter, delivery and receipt."""
    seat, sheet, now = checked.seat, checked.sheet, behind.now
    matched = plan.how(known.match, seat.code, known.house_seat)
    assert matched is not None, "a letter to a seat that the ZIP does not prove"
    assert seat.holder is not None
    by_email = sheet.office.channel == "email"
    due_at = now + settings.campaign.take_back * 1000 if by_email else now
    core = texts.core(sheet.text, checked.story, locale)
    lines = checked.lines
    envelope = (
        texts.envelope(checked.name, lines.get("city", ""), seat.state, known.match.zip, lines) if by_email else ""
    )
    fields = (("name", checked.name), ("zip", known.match.zip))
    letter_id = record.confirm(
        conn,
        keys,
        New(
            campaign_id=behind.campaign.id,
            supporter_id=behind.person.id,
            seat=seat.code,
            holder=seat.holder.bioguide,
            matched=matched,
            variant=sheet.text.variant,
            locale=locale,
            release=known.release.hash,
            words=Words(sheet.text.subject, core, envelope, checked.name, fields),
            characters=len(checked.story),
            due_at=due_at,
            valid_until=sheet.text.valid_until,
            token=behind.token,
            consent=CONSENT,
            by="mail" if by == "mail" else "page",
        ),
        now,
    )
    if letter_id is None:
        return  # another press of the button was a moment faster
    if by_email:
        outbox.add_one(
            conn,
            behind.campaign.id,
            kind="letter",
            wave=f"email-{letter_id}",
            locale=locale,
            variant=seat.code,
            supporter_id=behind.person.id,
            due_at=contacts.reserve(conn, seat.code, due_at),
            letter_id=letter_id,
            channel="email",
        )
    else:
        outbox.hand_off(
            conn,
            behind.campaign.id,
            supporter_id=behind.person.id,
            letter_id=letter_id,
            channel="form",
            now=now,
        )
    wait = settings.campaign.take_back * 1000 // RECEIPT_PART
    receipts.queue(conn, behind.campaign.id, behind.person.id, f"letter-{letter_id}", locale, now + wait)
