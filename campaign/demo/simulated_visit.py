"""What one simulated supporter does on the pages: letters, an office's own form to its thank-you page, a call.

Most give up somewhere, by a rule that is stated, not measured: on each page a supporter goes on with a chance of STEP,
times MINUTE for each minute that the page takes by `effort`. Of the ways to reach an office they pick one at random.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from urllib.parse import urlsplit

from campaign.demo import effort, forms
from campaign.demo.forms import Form
from campaign.demo.web_client import Client

STEP, MINUTE = 0.95, 0.85
TAPS = 6  # on a page of an office's form: to fill in, to paste, to send
OFFICE_PAGES = 2  # of an office's form: the ZIP code, the rest
_AWAY = re.compile(r'<a [^>]*href="(https?://[^"]+/(?:forms|sites)/[^"]+)"')
_CONTACT = re.compile(r'<a href="(/forms/[^"]+)">')
_LETTER = re.compile(r'<textarea [^>]*id="text"[^>]*>\n?(.*?)</textarea>', re.DOTALL)
_SCRIPT = re.compile(r'<div class="script">.*?</div>', re.DOTALL)
_PHONE = "202-555-0143"
# What the stand-in for an office's form asks for, beside the ZIP code, the letter and lists.
TYPED = {
    "first_name": "Sam",
    "last_name": "Rivera",
    "street": "1 Main Street",
    "city": "Springfield",
    "phone": _PHONE,
    "plus4": "1234",
    "subject": "Please cosponsor H.R. 6890",
    "captcha": "yes",
}
KEYS = len(TYPED["subject"])


@dataclass(frozen=True, slots=True)
class SimulatedSupporter:
    """A row of the list."""

    email: str
    zip: str
    locale: str


class GaveUp(Exception):
    """The supporter left, as most do somewhere."""


@dataclass(slots=True)
class SimulatedVisit:
    """A supporter at their action page. `patient`: never gives up. `page`: what the browser shows."""

    client: Client
    link: str
    person: SimulatedSupporter
    patient: bool = False
    page: str = ""
    chance: Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = Random(self.person.email)  # noqa: S311 - the same in every demo

    def open(self) -> None:
        self._show(*self.client.ask("GET", self.link))

    def _show(self, status: int, page: str) -> None:
        assert status in (200, 422), f"{urlsplit(self.client.at).path.split('/')[1]}: {status}"
        self.page = page

    def read(self, until: str = "", *, more: float = 0, **steps: int) -> None:
        """Take the time for this page, up to this piece of HTML; `steps` and `more` come on top. Raises GaveUp."""
        took = more + effort.seconds(read=effort.words(self.page, until), **{"taps": 1, **steps})
        if not self.patient and self.chance.random() > STEP * MINUTE ** (took / 60):
            raise GaveUp

    def post(self, form: Form, values: Mapping[str, str]) -> None:
        self._show(*self.client.ask("POST", form.action, {**form.fields, **values}))

    def submit(self, step: str, typed: Mapping[str, str] = MappingProxyType({})) -> bool:
        """Send the first form of this step; False if the page has none."""
        form = forms.step(self.page, step)
        if form is not None:
            self.post(form, typed)
        return form is not None

    def press(self, name: str, value: str = "", **typed: str) -> bool:
        """Press the first button with this name whose value begins with this one; False if there is none."""
        for form in forms.read(self.page):
            for button in form.buttons:
                if button[0] == name and button[1].startswith(value):
                    self.post(form, {**typed, name: button[1]})
                    return True
        return False

    def enter_zip(self, zip_code: str) -> None:
        """Enter a ZIP code, and choose the first name if the page offers several."""
        assert self.submit("zip", {"zip": zip_code}), "the page does not ask for a ZIP code"
        if forms.step(self.page, "names"):
            self.read('name="house"')
            self.press("house", "H:")

    def reach(self) -> str:
        """Pick one of the ways to reach the office on this page; "" if it offers none."""
        ways = [value for form in forms.read(self.page) for name, value in form.buttons if name == "go"]
        ways = [way for way in ways if way.partition(" ")[0] in ("call", "form")]
        way, _, seat = (self.chance.choice(ways) if ways else "").partition(" ")
        return way if way and self.go(way, seat) else ""

    def go(self, way: str, seat: str = "") -> bool:
        """Call this office, or fill in its form to the end. False: this page leads to no such thing."""
        self.read(f'name="go" value="{way}')
        if not self.press("go", f"{way} {seat}".strip() + ("" if seat else " ")):
            return False
        if way == "call":
            self._call()
        else:
            self._fill_in()
        return True

    def _call(self) -> None:
        scripts = _SCRIPT.findall(self.page)
        said = effort.words(scripts[0]) if scripts else 0
        self.read('name="outcome"', taps=3, more=effort.call(said))
        assert self.press("outcome", "voicemail"), "the page does not ask how the call went"

    def _fill_in(self) -> None:
        """Copy the letter, find the form, send it, and come back to say so."""
        ours, task = self.client.at, self.page
        self.read('name="told"', taps=3)
        letter = _LETTER.search(task)
        away = _AWAY.search(task)
        assert letter, "the page has no letter to copy"
        assert away, "the page has no form to open"
        self._show(*self.client.ask("GET", away[1]))
        if contact := _CONTACT.search(self.page):
            self.read(contact[0], taps=2)
            self._show(*self.client.ask("GET", contact[1]))
        for _ in range(OFFICE_PAGES):
            if found := forms.read(self.page):
                self._send(found[0], html.unescape(letter[1]))
        assert self.client.at.endswith("/thank-you"), "the office's form did not take the letter"
        self.client.at, self.page = ours, task
        assert self.press("told", "sent"), "the page does not ask whether it went through"

    def _send(self, form: Form, letter: str) -> None:
        asked = {*form.fields, *form.boxes}
        self.read(
            "<button",
            taps=TAPS,
            keys=KEYS if "subject" in asked else 0,
            lists=len(form.options),
            envelopes=int("plus4" in asked and "message" not in asked),
        )
        self.post(form, self._values(form, letter))

    def _values(self, form: Form, letter: str) -> dict[str, str]:
        lists = {name: _choice(options) for name, options in form.options.items()}
        known = {"zip": self.person.zip, "email": self.person.email, "email_again": self.person.email}
        every = {**TYPED, **known, "message": letter, **lists}
        return {name: value for name, value in every.items() if name in {*form.fields, *form.boxes}}


def _choice(options: list[str]) -> str:
    """Immigration, if the list has it."""
    return next((option for option in options if "mmigration" in option), options[-1])
