"""Check the form of a letter before it is confirmed."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from campaign.compose.messages import immigration_warning
from campaign.compose.messages import letter as texts
from campaign.model import ChannelName, Seat
from campaign.outreach.action_page.context import PageContext, seat_of
from campaign.outreach.action_page.views import ActionPage, LetterPreview, MustConfirmAgain
from campaign.outreach.routing.channel import LINE_LENGTH, NAME_LENGTH, NAMES, Field

_ADVERTISES = re.compile(r"[@/<>]|\bwww\.|\.(?:com|net|org|info|io|ru|xyz|shop|link)\b", re.IGNORECASE)
_PHONE = re.compile(r"\(?[0-9]{3}\)?[-. ]?[0-9]{3}[-. ]?[0-9]{4}")


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """A form without a fault."""

    seat: Seat
    preview: LetterPreview
    first_name: str
    last_name: str
    story: str
    lines: Mapping[str, str]  # city, street, phone, prefix, response: those the channel asks for
    channel: ChannelName
    quote: bool  # the digest may quote the personal note

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def typed(self) -> dict[str, str]:
        """Everything typed, by the names of the form's fields."""
        own = {"first_name": self.first_name, "last_name": self.last_name, "story": self.story}
        fields = {**own, "tongue": self.preview.tongue, **self.lines}
        return {name: value for name, value in fields.items() if value}


def check(context: PageContext, page: ActionPage, form: Mapping[str, str]) -> CheckedForm | MustConfirmAgain:
    """The form's values, or its faults. The text on the page must be the one that would be sent now."""
    seat, preview = seat_of(context, form.get("seat", "")), page.preview
    if seat is None or preview is None or preview.office.seat != seat.code or not context.visit.is_open:
        return MustConfirmAgain(page, {"seat": "seat"}, dict(form))
    first, last = (one_line(form.get(name, ""), NAME_LENGTH) for name in ("first_name", "last_name"))
    story = texts.clean_story(form.get("story", ""))
    option = preview.office.option(form.get("by", ""))
    asked = [field for field in option.asked if field not in NAMES]
    lines = {field.name: one_line(form.get(field.name, ""), field.limit or LINE_LENGTH) for field in asked}
    problems = {
        **_name_problems(first, last),
        **_story_problems(preview, story, form),
        **{field.name: field.name for field in asked if not _is_valid(field, lines[field.name])},
        **({} if context.own or "@" in form.get("email", "") else {"email": "email"}),
        **_text_problems(preview, form.get("seen", "")),
    }
    if problems:
        return MustConfirmAgain(page, problems, dict(form))
    return CheckedForm(
        seat=seat,
        preview=preview,
        first_name=first,
        last_name=last,
        story=story,
        lines=lines,
        channel=option.channel,
        quote=option.daily and bool(story) and form.get("quote") == "yes",
    )


def _name_problems(first: str, last: str) -> dict[str, str]:
    return {} if first and last and not _ADVERTISES.search(f"{first} {last}") else {"name": "name"}


def _story_problems(preview: LetterPreview, story: str, form: Mapping[str, str]) -> dict[str, str]:
    if preview.over:
        return {"story": "story-long"}
    unsafe = immigration_warning.find_status_words(story) and form.get("guard") != "keep"
    return {"story": "status"} if unsafe else {}


def _text_problems(preview: LetterPreview, seen: str) -> dict[str, str]:
    if not preview.fits:
        return {"seen": "no-room"}
    if preview.over or hmac.compare_digest(seen.encode(), preview.seen.encode()):
        return {}
    return {"seen": "refit" if preview.refit else "changed"}


def _is_valid(field: Field, value: str) -> bool:
    if not value:
        return not field.required
    if field.name == "phone":
        return bool(_PHONE.fullmatch(value))
    return value in field.options if field.options else len(value) >= 2


def one_line(raw: str, longest: int) -> str:
    """The text without control characters, with single spaces, cut to `longest` characters."""
    printable = "".join(sign if sign.isprintable() else " " for sign in raw)
    return " ".join(printable.split())[:longest]
