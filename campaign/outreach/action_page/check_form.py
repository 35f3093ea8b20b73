"""Check the form of a letter before it is confirmed."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from campaign.compose.messages import immigration_warning
from campaign.compose.messages import letter as texts
from campaign.formats import is_email_address
from campaign.model import ChannelName, Seat
from campaign.outreach.action_page.context import PageContext, seat_of
from campaign.outreach.action_page.views import ActionPage, LetterPreview, MustConfirmAgain
from campaign.outreach.routing.channel import LINE_LENGTH, NAME_LENGTH, NAMES, Field

ADVERTISES = re.compile(r"[@/<>]|\bwww\.|\.(?:com|net|org|info|io|ru|xyz|shop|link)\b", re.IGNORECASE)
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
    shown: Literal["whole", "difference"]  # on the page: its whole text, or what differs from the first letter

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def typed(self) -> dict[str, str]:
        """Everything typed, by the names of the form's fields."""
        own = {"first_name": self.first_name, "last_name": self.last_name, "story": self.story}
        fields = {**own, "tongue": self.preview.tongue, **self.lines}
        return {name: value for name, value in fields.items() if value}


def check(context: PageContext, page: ActionPage, form: Mapping[str, str]) -> list[CheckedForm] | MustConfirmAgain:
    """The form's values for each office in it, or its faults. The texts on the page must be those that would be sent
    now. A fault in one letter stops them all.
    """
    codes = form.get("seat", "").split()
    previews = {preview.office.seat: preview for preview in page.previews}
    checked, problems = list[CheckedForm](), dict[str, str]()
    for code in codes:
        seat, preview = seat_of(context, code), previews.get(code)
        if seat is None or preview is None or not context.visit.is_open:
            problems["seat"] = "seat"
            continue
        one, faults = _check_one(context, seat, preview, form)
        checked.append(one)
        problems |= faults
    if not codes:
        problems["seat"] = "no-office"
    return MustConfirmAgain(page, problems, dict(form)) if problems else checked


def _check_one(
    context: PageContext, seat: Seat, preview: LetterPreview, form: Mapping[str, str]
) -> tuple[CheckedForm, dict[str, str]]:
    option = preview.office.option(form.get("by", ""))
    saved = option.channel == "form"  # for the supporter alone, with the name on file, if there is a whole one
    first, last = (one_line(form.get(name, ""), NAME_LENGTH) for name in ("first_name", "last_name"))
    story = texts.clean_story(form.get("story", ""))
    asked = [field for field in option.asked if field not in NAMES]
    lines = {field.name: one_line(form.get(field.name, ""), field.limit or LINE_LENGTH) for field in asked}
    seen = form.get(f"seen-{seat.code}", form.get("seen", ""))
    problems = {
        **_name_problems(first, last, whole=not saved),
        **_story_problems(preview, story, form),
        **{field.name: field.name for field in asked if not _is_valid(field, lines[field.name])},
        **_stranger_problems(context, form),
        **_text_problems(preview, seen),
    }
    checked = CheckedForm(
        seat=seat,
        preview=preview,
        first_name=first,
        last_name=last,
        story=story,
        lines=lines,
        channel=option.channel,
        quote=option.daily and bool(story) and form.get("quote") == "yes",
        shown="difference" if preview.differs else "whole",
    )
    return checked, problems


def _stranger_problems(context: PageContext, form: Mapping[str, str]) -> dict[str, str]:
    """What only the open page asks for."""
    if context.visit.supporter is not None:
        return {}
    email = {} if is_email_address(form.get("email", "")) else {"email": "email"}
    return email if form.get("age") == "13" else {**email, "age": "age"}


def _name_problems(first: str, last: str, *, whole: bool) -> dict[str, str]:
    missing = whole and not (first and last)
    return {"name": "name"} if missing or ADVERTISES.search(f"{first} {last}") else {}


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
