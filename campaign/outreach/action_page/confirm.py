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
from campaign.keys import Keys
from campaign.letters import eligibility, letters
from campaign.letters.letters import LetterContent, NewLetter
from campaign.model import ChannelName, Seat
from campaign.outreach.action_page.context import PageContext, seat_of
from campaign.outreach.action_page.letter_preview import CONSENT
from campaign.outreach.action_page.link import Behind
from campaign.outreach.action_page.views import ActionPage, LetterPreview, MustConfirmAgain
from campaign.outreach.routing import available_channels, queue_receipt, registry, schedule
from campaign.outreach.routing.channel import (
    LINE_LENGTH,
    NAME_LENGTH,
    NAMES,
    ConfirmedLetter,
    ConfirmedText,
    Field,
    UnsentLetter,
)
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
    channel: ChannelName
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
    option = sheet.office.option(form.get("by", ""))
    asked = [field for field in option.asked if field not in NAMES]
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
    typed = {"first_name": first, "last_name": last, "story": story, "tongue": sheet.tongue, **lines}
    typed = {name: said for name, said in typed.items() if said}
    quote = option.daily and bool(story) and form.get("quote") == "yes"
    return CheckedForm(seat, sheet, first, last, story, lines, option.channel, typed, quote)


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
    channel, refused = _channel(settings, behind, known, checked, words)
    bring = registry.get(channel).ours
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
    for name, why in refused:
        outbox.hand_off(
            conn,
            behind.campaign.id,
            supporter_id=behind.person.id,
            letter_id=letter_id,
            channel=name,
            now=now,
            outcome=Outcome.REFUSED,
            reason=why,
        )
    confirmed = ConfirmedLetter(
        campaign_id=behind.campaign.id,
        supporter_id=behind.person.id,
        letter_id=letter_id,
        seat=seat.code,
        locale=locale,
        due_at=due_at,
        now=now,
        hours=schedule.hours(settings),
    )
    registry.get(channel).queue(conn, confirmed)
    wait = settings.campaign.take_back * 1000 // RECEIPT_PART
    queue_receipt.announce_letter(
        conn,
        behind.campaign.id,
        supporter_id=behind.person.id,
        letter_id=letter_id,
        locale=locale,
        due_at=now + wait,
    )


def _words(known: PageContext, checked: CheckedForm, proved: Mapping[str, bool]) -> LetterContent:
    """All that is kept of the letter, for the channels that may have to bring it."""
    sheet, lines, name = checked.sheet, checked.lines, checked.name
    place = (lines.get("city", ""), checked.seat.state, known.match.zip)
    plain = {key: value for key, value in lines.items() if key == "prefix"}
    channel = registry.get(checked.channel)
    confirmed = ConfirmedText(
        folder=known.release.folder,
        text=sheet.text,
        story=checked.story,
        tongue=sheet.tongue,
        values={**lines, "first_name": checked.first_name, "last_name": checked.last_name},
        proved=proved,
    )
    return LetterContent(
        sheet.text.subject,
        texts.full_text(sheet.text, checked.story, sheet.tongue),
        texts.envelope(name, *place, lines) if channel.ours else "",
        name,
        (("name", name), ("zip", known.match.zip), *([("zip4", known.match.zip4)] if known.match.zip4 else [])),
        texts.envelope(name, *place, plain),
        channel.parts(confirmed),
        tuple(checked.typed.items()),
    )


def _channel(
    settings: Settings, behind: Behind, known: PageContext, checked: CheckedForm, words: LetterContent
) -> tuple[ChannelName, list[tuple[ChannelName, str]]]:
    """The channel that takes it; and those before it that cannot take this letter, each with the reason."""
    refused = list[tuple[ChannelName, str]]()
    letter = UnsentLetter(seat=checked.seat.code, content=words, email=behind.person.email, now=behind.now)
    channel = checked.channel
    while why := registry.get(channel).refuses(settings, known.release.folder, letter):
        tried = [*(name for name, _ in refused), channel]
        following = available_channels.first(checked.sheet.office.ways, tried)
        if following is None:
            return checked.channel, []
        refused.append((channel, why))
        channel = following.channel
    return channel, refused
