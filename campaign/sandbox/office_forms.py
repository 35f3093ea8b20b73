"""Stand-ins for the web forms of offices, and for the websites that lead to them. What is sent to them stays in memory.

`office-forms.csv` says what each real form asks: required fields, its own name for immigration in its topics ("" for
none), the longest message, and whether it has a captcha. Derived from unitedstates/contact-congress (6c4c16d of
2026-08-13, CC0). `layout` is guessed from a form's address: `wyr` is the House's "Write Your Representative", `iq` the
Senate's IQ, `site` the member's own page. A form that is not in the file is one like most of its chamber.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web

from campaign.sandbox import pages

SEAT = "{seat:(?:H:[A-Z]{2}:[0-9]{1,2}|S:[A-Z]{2}:[123])}"
TOPICS = (
    "Agriculture",
    "Animals",
    "Budget and Taxes",
    "Civil Rights",
    "Defense",
    "Economy and Jobs",
    "Education",
    "Energy",
    "Environment",
    "Foreign Affairs",
    "Government Reform",
    "Guns",
    "Health Care",
    "Housing",
    "Judiciary",
    "Labor",
    "Other",
    "Science and Technology",
    "Seniors and Social Security",
    "Small Business",
    "Trade",
    "Transportation",
    "Veterans",
    "Welfare",
)
PREFIXES = ("Mr.", "Mrs.", "Ms.", "Miss", "Mx.", "Dr.")
# The fields in the order of the page: name, label, type, and what a browser fills in by itself.
FIELDS = {
    "prefix": ("Prefix", "select", "honorific-prefix"),
    "first_name": ("First name", "text", "given-name"),
    "last_name": ("Last name", "text", "family-name"),
    "street": ("Street address", "text", "address-line1"),
    "city": ("City", "text", "address-level2"),
    "zip": ("ZIP code", "text", "postal-code"),
    "plus4": ("+4", "text", "off"),
    "phone": ("Phone", "tel", "tel"),
    "email": ("Email", "email", "email"),
    "email_again": ("Confirm email", "email", "email"),
    "topic": ("Topic", "select", "off"),
    "subject": ("Subject", "text", "off"),
    "message": ("Message", "textarea", "off"),
    "captcha": ("I am not a robot", "checkbox", "off"),
}
ALWAYS = ("first_name", "last_name", "street", "city", "zip", "email", "message")
_SHAPES = {
    "zip": (r"\d{5}", "Please enter a 5-digit ZIP code."),
    "plus4": (r"\d{4}", "Please enter the last four digits of your ZIP+4 code."),
    "email": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "Please enter a valid email address."),
    "phone": (r"(\D*\d){10,11}\D*", "Please enter a 10-digit phone number."),
}
Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StandInForm:
    """`limit`: of the message, in characters; 0 for none. `asks`: its fields, in order."""

    seat: str
    layout: str
    required: frozenset[str]
    topic: str
    limit: int
    captcha: bool

    @property
    def gate(self) -> bool:
        """Whether a page of its own asks for the ZIP code first."""
        return self.layout == "wyr" or "zip4" in self.required

    @property
    def first(self) -> tuple[str, ...]:
        """The fields of the page before the form."""
        return (("zip", "plus4") if "zip4" in self.required else ("zip",)) if self.gate else ()

    @property
    def asks(self) -> tuple[str, ...]:
        wanted = {*ALWAYS, *self.required, *self.first}
        wanted |= ({"email_again"} if self.layout == "wyr" else set()) | ({"captcha"} if self.captcha else set())
        order = ("topic", "subject", *FIELDS) if self.layout == "iq" else FIELDS
        return tuple(dict.fromkeys(name for name in order if name in wanted))

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(sorted({*TOPICS, self.topic} - {""}))

    def errors(self, typed: Values, names: tuple[str, ...]) -> dict[str, str]:
        """What the form says about these fields, by name."""
        found = {name: self._error(name, typed.get(name, "").strip(), typed) for name in names}
        return {name: error for name, error in found.items() if error}

    def _error(self, name: str, value: str, typed: Values) -> str:
        label, kind, _ = FIELDS[name]
        if not value:
            return "Please confirm that you are not a robot." if kind == "checkbox" else f"{label} is required."
        if name == "email_again" and value != typed.get("email", "").strip():
            return "The email addresses do not match."
        if name == "message" and self.limit and len(value) > self.limit:
            return f"Your message may have at most {self.limit:,} characters; it has {len(value):,}."
        if options := {"topic": self.topics, "prefix": PREFIXES}.get(name):
            return "" if value in options else f"Please choose a {label.lower()} from the list."
        shape, error = _SHAPES.get(name, ("", ""))
        return error if shape and not re.fullmatch(shape, value) else ""


@cache
def known() -> dict[str, StandInForm]:
    with Path(__file__).with_name("office-forms.csv").open(encoding="utf-8", newline="") as file:
        return {row["seat"]: _form(row) for row in csv.DictReader(file)}


def _form(row: Values) -> StandInForm:
    required = frozenset(row["required"].split())
    return StandInForm(
        row["seat"], row["layout"], required, row["topic"], int(row["limit"] or 0), captcha=row["captcha"] == "yes"
    )


def of(seat: str) -> StandInForm:
    """The form of this office, or one like most in its chamber."""
    most = {"required": "phone prefix topic zip4", "captcha": "yes"}
    if seat.startswith("S:"):
        most = {"required": "phone prefix subject topic", "captcha": "no"}
    return known().get(seat) or _form({"seat": seat, "layout": "site", "topic": "Immigration", "limit": "", **most})


@dataclass(slots=True)
class Submissions:
    """How many messages each office got, and the fields of its last one."""

    number: dict[str, int] = field(default_factory=dict)
    last: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, seat: str, typed: dict[str, str]) -> None:
        self.number[seat] = self.number.get(seat, 0) + 1
        self.last[seat] = typed


SUBMISSIONS = web.AppKey("submissions", Submissions)


def routes() -> Iterator[web.RouteDef]:
    yield web.get(f"/sites/{SEAT}", site)
    yield web.get(f"/forms/{SEAT}", show)
    yield web.post(f"/forms/{SEAT}", submit)
    yield web.get(f"/forms/{SEAT}/thank-you", thank_you)
    yield web.get("/forms.json", submissions)


async def site(request: web.Request) -> web.Response:
    """GET /sites/SEAT: a website, with the way to the form in its menu."""
    return pages.rendered("office_site.html", seat=request.match_info["seat"])


async def show(request: web.Request) -> web.Response:
    """GET /forms/SEAT: the form, or the page before it."""
    form = of(request.match_info["seat"])
    return _page(form, {}, form.first or form.asks)


async def submit(request: web.Request) -> web.Response:
    """POST /forms/SEAT: its errors, or the next page; a whole message leads to the thank-you page."""
    form = of(request.match_info["seat"])
    typed = {name: str(value) for name, value in (await request.post()).items() if name in FIELDS}
    before = not typed.keys() - set(form.first)
    names = form.first if before else form.asks
    if errors := form.errors(typed, names):
        return _page(form, typed, names, errors)
    if before:
        return _page(form, typed, form.asks)
    request.app[SUBMISSIONS].add(form.seat, typed)
    raise web.HTTPSeeOther(f"/forms/{form.seat}/thank-you")


def _page(form: StandInForm, typed: Values, names: tuple[str, ...], errors: Values | None = None) -> web.Response:
    values: dict[str, Any] = {"form": form, "typed": typed, "names": names, "errors": errors or {}, "fields": FIELDS}
    return pages.rendered("office_form.html", status=422 if errors else 200, prefixes=PREFIXES, **values)


async def thank_you(request: web.Request) -> web.Response:
    """GET /forms/SEAT/thank-you: where a message that was sent leads."""
    return pages.rendered("office_thanks.html", seat=request.match_info["seat"])


async def submissions(request: web.Request) -> web.Response:
    """GET /forms.json?seat=: the number of messages by seat; for tests, the last message of one seat."""
    found, seat = request.app[SUBMISSIONS], request.query.get("seat", "")
    return web.json_response({"submissions": found.number, "last": found.last.get(seat)}, headers=pages.HEADERS)
