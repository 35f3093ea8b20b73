"""From a form to a letter: what was typed is checked, and then evidence, letter, delivery and receipt are written."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from campaign.compose.messages import immigration_warning
from campaign.compose.messages import letter as texts
from campaign.config import Settings
from campaign.delivery import outbox
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.letters import channels, eligibility, letters
from campaign.letters.channels import LINE_LENGTH, NAME_LENGTH, NAMES, Field
from campaign.letters.letters import LetterContent, NewLetter
from campaign.model import Seat
from campaign.outreach.action_page.context import PageContext, seat_of
from campaign.outreach.action_page.letter_preview import CONSENT
from campaign.outreach.action_page.link import Behind
from campaign.outreach.action_page.views import ActionPage, LetterPreview, MustConfirmAgain
from campaign.outreach.channels.cwc import from_letter
from campaign.outreach.routing import queue_letter, queue_receipt, schedule
from campaign.states import Outcome

RECEIPT_PART = 5  # a receipt goes out after this part of the take-back time, for all letters of these minutes

_ADVERTISES = re.compile(r"[@/<>]|\bwww\.|\.(?:com|net|org|info|io|ru|xyz|shop|link)\b", re.IGNORECASE)
_PHONE = re.compile(r"\(?[0-9]{3}\)?[-. ]?[0-9]{3}[-. ]?[0-9]{4}")


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """A form without a fault."""

    seat: Seat
    sheet: LetterPreview
    first_name: str
    last_name: str
    story: str
    lines: dict[str, str]  # city, street, phone, prefix, response: what was asked
    channel: str
    typed: dict[str, str]  # all of it, under the names of the form's fields
    quote: bool  # the office may be shown the own words

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def check(
    behind: Behind, known: PageContext, shown: ActionPage, form: Mapping[str, str]
) -> CheckedForm | MustConfirmAgain:
    """The form's values, or its faults. The text on the page must be the one that would go now."""
    seat = seat_of(known, form.get("seat", ""))
    if seat is None or shown.sheet is None or shown.sheet.office.seat != seat.code or not behind.open:
        return MustConfirmAgain(shown, {"seat": "seat"}, dict(form))
    sheet, problems = shown.sheet, dict[str, str]()
    first, last = (_line(form.get(name, ""), NAME_LENGTH) for name in ("first_name", "last_name"))
    if not first or not last or _ADVERTISES.search(f"{first} {last}"):
        problems["name"] = "name"
    story = texts.clean_story(form.get("story", ""))
    if sheet.over:
        problems["story"] = "story-long"
    elif immigration_warning.find_status_words(story) and form.get("guard") != "keep":
        problems["story"] = "status"
    on_paper = form.get("by") == "packet" and sheet.office.on_paper is not None
    way = sheet.office.on_paper if on_paper else None
    asked = [field for field in (way.asked if way else sheet.office.asked) if field not in NAMES]
    lines = {field.name: _line(form.get(field.name, ""), field.limit or LINE_LENGTH) for field in asked}
    problems |= {field.name: field.name for field in asked if not _fits(field, lines[field.name])}
    if not known.own and "@" not in form.get("email", ""):
        problems["email"] = "email"
    if not sheet.fits:
        problems["seen"] = "no-room"
    elif not sheet.over and not hmac.compare_digest(form.get("seen", "").encode(), sheet.seen.encode()):
        problems["seen"] = "refit" if sheet.refit else "changed"
    if problems:
        return MustConfirmAgain(shown, problems, dict(form))
    channel = "packet" if on_paper else sheet.office.channel
    typed = {"first_name": first, "last_name": last, "story": story, "tongue": sheet.tongue, **lines}
    typed = {name: said for name, said in typed.items() if said}
    quote = not on_paper and sheet.office.daily and bool(story) and form.get("quote") == "yes"
    return CheckedForm(seat, sheet, first, last, story, lines, channel, typed, quote)


def _fits(field: Field, value: str) -> bool:
    if not value:
        return not field.required
    if field.name == "phone":
        return bool(_PHONE.fullmatch(value))
    return value in field.options if field.options else len(value) >= 2


def _line(raw: str, longest: int) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in raw).split())[:longest]


def write(
    conn: Connection,
    keys: Keys,
    settings: Settings,
    behind: Behind,
    known: PageContext,
    checked: CheckedForm,
    locale: str,
    *,
    by: Literal["page", "mail"],
) -> None:
    """Evidence, letter, delivery and receipt."""
    seat, sheet, now = checked.seat, checked.sheet, behind.now
    matched = eligibility.match_basis(known.match, seat.code, known.house_seat)
    assert matched is not None, "a letter to a seat that the ZIP does not prove"
    assert seat.holder is not None
    words = _words(known, checked, proved={"email": by == "mail", "address": matched == "address"})
    way, why = _way(settings, behind, known, checked, words)
    bring = way != "form"  # the organization brings it, and not its writer
    due_at = now + settings.campaign.take_back * 1000 if bring else now
    letter_id = letters.confirm(
        conn,
        keys,
        NewLetter(
            campaign_id=behind.campaign.id,
            supporter_id=behind.person.id,
            seat=seat.code,
            holder=seat.holder.bioguide,
            matched=matched,
            variant=sheet.text.variant,
            locale=locale,
            release=known.release.hash,
            words=words,
            characters=len(checked.story),
            due_at=due_at,
            valid_until=sheet.text.valid_until,
            token=behind.token,
            consent=CONSENT,
            by=by,
            quote=checked.quote,
        ),
        now,
    )
    if letter_id is None:
        return  # another press of the button was a moment faster
    if why:
        outbox.hand_off(
            conn,
            behind.campaign.id,
            supporter_id=behind.person.id,
            letter_id=letter_id,
            channel="cwc",
            now=now,
            outcome=Outcome.REFUSED,
            reason=why,
        )
    queue_letter.queue_letter(
        conn,
        way,
        behind.campaign.id,
        supporter_id=behind.person.id,
        letter_id=letter_id,
        seat=seat.code,
        locale=locale,
        due_at=due_at,
        now=now,
        hours=schedule.hours(settings),
    )
    wait = settings.campaign.take_back * 1000 // RECEIPT_PART
    queue_receipt.announce_letter(conn, behind.campaign.id, behind.person.id, letter_id, locale, now + wait)


def _words(known: PageContext, checked: CheckedForm, proved: Mapping[str, bool]) -> LetterContent:
    """All that is kept of the letter, for the channels that may have to bring it."""
    sheet, lines, name = checked.sheet, checked.lines, checked.name
    place = (lines.get("city", ""), checked.seat.state, known.match.zip)
    plain = {key: value for key, value in lines.items() if key == "prefix"}
    parts: tuple[tuple[str, str], ...] = ()
    if checked.channel == "cwc":
        who = {**lines, "first_name": checked.first_name, "last_name": checked.last_name}
        parts = from_letter.address_parts(known.release.folder, sheet.text, checked.story, sheet.tongue, who, proved)
    return LetterContent(
        sheet.text.subject,
        texts.full_text(sheet.text, checked.story, sheet.tongue),
        texts.envelope(name, *place, lines) if checked.channel != "form" else "",
        name,
        (("name", name), ("zip", known.match.zip), *([("zip4", known.match.zip4)] if known.match.zip4 else [])),
        texts.envelope(name, *place, plain),
        parts,
        tuple(checked.typed.items()),
    )


def _way(
    settings: Settings, behind: Behind, known: PageContext, checked: CheckedForm, words: LetterContent
) -> tuple[str, str]:
    """The channel that takes it; and why Congress's own intake cannot, where that would have been the first."""
    if checked.channel != "cwc":
        return checked.channel, ""
    folder, email = known.release.folder, behind.person.email
    try:
        from_letter.message_body(
            settings, folder, checked.seat.code, words, email=email, token=from_letter.NO_ID, now=behind.now
        )
    except CampaignError as error:
        following = channels.first(checked.sheet.office.ways, ("cwc",))
        return (following.channel, error.what) if following else ("cwc", "")
    return "cwc", ""
