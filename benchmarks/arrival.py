"""`python -m benchmarks arrival`: from the email to an office, on a phone, in steps and seconds, in both languages.

A Chromium of 390 by 844 pixels starts at an email in the sandbox's inbox. It ends at the thank-you page of the stand-in
for an office's form and at ours, or after a call that reached voicemail; for one office, and for all three. Pages,
taps, keys and the words from the top of each page to what is tapped are counted. A person's seconds are worked out from
them (`campaign/demo/effort.py`); the machine's are measured, from each tap until its page has loaded.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, ViewportSize
from rich.console import Console

from campaign import clock
from campaign.cli.output import show_table
from campaign.config import CONFIG, ROOT
from campaign.demo import effort, simulated_supporters, stage
from campaign.demo.simulated_visit import TYPED
from campaign.demo.stage import Running
from tests.browser import browser

KNOWN, WEBSITE = "16750", "73007"  # ZIP codes: of a representative whose form is known, and one with a website only
NOW = "2026-12-01T14:12-05:00"  # a Tuesday, when offices are open
PHONE: ViewportSize = {"width": 390, "height": 844}
WAYS = ("call", "form")
OFFICES = (1, 3)
COUNTED = ("pages", "taps", "keys", "words")
AUTOFILLED = ("first_name", "last_name", "street", "city", "zip", "phone", "email", "email_again")


# The words that can be seen from the top of the page to an element.
WORDS_TO = """target => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let words = 0;
    while (walk.nextNode()) {
        const text = walk.currentNode, around = text.parentElement;
        if (!target.contains(text) && target.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING) break;
        if (!around.checkVisibility() || around.closest("select, textarea, .skip, .vh, .pot")) continue;
        words += text.data.split(/\\s+/).filter(Boolean).length;
    }
    return words;
}"""


@dataclass(slots=True)
class Walk:
    """One person on the way, and what it took."""

    language: str
    way: str
    offices: int
    zip: str = KNOWN
    pages: int = 0
    taps: int = 0
    keys: int = 0
    filled: int = 0  # keys that the browser spares
    words: int = 0
    lists: int = 0
    envelopes: int = 0
    calling: float = 0  # seconds
    machine: float = 0  # seconds
    to_choice: float = 0  # a person's seconds, up to the choice of a way to reach the office
    read: dict[str, int] = field(default_factory=dict)  # words of a page that were read, by its heading

    @property
    def seconds(self) -> float:
        """A person whose browser fills in name, address, phone and email."""
        found = {"lists": self.lists, "envelopes": self.envelopes}
        return effort.seconds(read=self.words, taps=self.taps, keys=self.keys, **found) + self.calling

    def press(self, page: Page, target: Locator) -> None:
        """Read to this element, and tap on it. What was read before is not read again."""
        heading = page.url.split("?")[0] + page.locator("h1").first.inner_text()
        before, words = self.read.get(heading, 0), int(target.evaluate(WORDS_TO))
        self.words += max(0, words - before)
        self.read[heading] = max(before, words)
        self.taps += 1
        target.tap()

    def tap(self, page: Page, target: Locator) -> None:
        """Tap on what leads to another page, and wait for it."""
        before = time.perf_counter()
        with page.expect_navigation(wait_until="load"):
            self.press(page, target)
        self._arrived(before)

    def open(self, page: Page, target: Locator) -> Page:
        """Tap on what opens another tab."""
        before = time.perf_counter()
        with page.context.expect_page() as popup:
            self.press(page, target)
        popup.value.wait_for_load_state("load")
        self._arrived(before)
        return popup.value

    def _arrived(self, before: float) -> None:
        self.machine += time.perf_counter() - before
        self.pages += 1

    def type(self, target: Locator, text: str) -> None:
        self.taps += 1
        self.keys += len(text)
        target.fill(text)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks arrival", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--quick", action="store_true", help="one office, in English")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="arrival-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        people = list(_people(quick=options.quick))
        running = _start(home, people, stack)
        chromium = stack.enter_context(browser())
        for number, walk in enumerate(people):
            _walk(running, chromium, f"person{number}@example.org", walk)
    found = [_numbers(walk) for walk in people]
    print(json.dumps(found)) if options.json else _show(found)


def _people(*, quick: bool) -> Iterator[Walk]:
    for language in ("en",) if quick else ("en", "es"):
        for way in WAYS:
            for offices in (1,) if quick else OFFICES:
                yield Walk(language, way, offices)
        yield Walk(language, "form", 1, WEBSITE)


def _start(home: Path, people: list[Walk], stack: ExitStack) -> Running:
    """A demo of its own with these people, each at the same ZIP code, who all got the ask."""
    rows = [["email", "first_name", "last_name", "zip", "locale", "consent"]]
    for number, walk in enumerate(people):
        rows.append(
            [f"person{number}@example.org", "Ana", "Ruiz", walk.zip, walk.language, "petition page, 2026-09-12"]
        )
    with (home / "people.csv").open("w", encoding="utf-8", newline="") as made:
        csv.writer(made).writerows(rows)
    config = home / CONFIG
    text = (ROOT / CONFIG).read_text(encoding="utf-8")
    text = text.replace('"examples/supporters.csv"', json.dumps(str(home / "people.csv")))
    config.write_text(text.replace('"templates"', json.dumps(str(ROOT / "templates"))), encoding="utf-8")
    file = home / "clock"
    clock.move(file, int(datetime.fromisoformat(NOW).timestamp() * 1000))
    os.environ[clock.VARIABLE] = str(file)
    stack.callback(os.environ.pop, clock.VARIABLE, None)
    (home / "state").mkdir()
    quiet = Console(quiet=True)
    running = stage.start(home / "state", quiet, stack, config=config, environ={clock.VARIABLE: str(file)})
    stage.pull_list(running)
    stage.launch(running)
    return running


@contextmanager
def _phone(chromium: Browser, language: str) -> Iterator[Page]:
    grants = ["clipboard-read", "clipboard-write"]
    context = chromium.new_context(
        viewport=PHONE, is_mobile=True, has_touch=True, locale=f"{language}-US", permissions=grants
    )
    yield context.new_page()
    context.close()


def _walk(running: Running, chromium: Browser, email: str, walk: Walk) -> None:
    mail = simulated_supporters.mails(running.sandbox, to=email)[-1]
    link = simulated_supporters.links(mail, "a")[0]
    with _phone(chromium, walk.language) as inbox:
        inbox.goto(f"{running.sandbox}/m/{mail['id']}/{mail['number']}")
        walk.words += len(mail["text"].partition(link)[0].split())
        walk.taps += 1
        with inbox.context.expect_page() as popup:
            inbox.frame_locator("iframe").locator("a[href*='/a/']").first.tap()
        page = popup.value
        page.wait_for_load_state("load")
        walk.pages += 1
        walk.type(page.locator("#zip"), walk.zip)
        walk.tap(page, page.locator("form:has(#zip) button").first)
        for number in range(walk.offices):
            _reach(walk, page, first=number == 0)


def _reach(walk: Walk, page: Page, *, first: bool) -> None:
    """Call this office, or fill in its form. The page with thanks offers the next one."""
    choice = page.locator(f"button[name=go][value^='{walk.way} ']").first
    walk.tap(page, choice)
    if first:
        walk.to_choice = walk.seconds
    if walk.way == "call":
        _call(walk, page)
    else:
        _fill_in(walk, page)


def _call(walk: Walk, page: Page) -> None:
    """Tap on the number, say what the page says, and end the call with the phone's own button."""
    script = len(page.locator(".script").first.inner_text().split())
    assert page.locator("a.dial[href^='tel:']").count()
    walk.taps += 2
    walk.calling += effort.call(script)
    walk.words -= script  # read aloud
    walk.tap(page, page.locator("button[name=outcome][value=voicemail]"))


def _fill_in(walk: Walk, page: Page) -> None:
    walk.press(page, page.locator("[data-copy]").first)
    office = walk.open(page, page.locator("a[target=_blank][href*='127.0.0.1']").first)
    if (menu := office.locator("summary")).count():  # a website: the form is in its menu
        walk.press(office, menu)
        walk.tap(office, office.get_by_role("link", name="Contact"))
    if not office.locator("#message").count():
        walk.type(office.locator("#zip"), walk.zip)
        if office.locator("#plus4").count():
            walk.type(office.locator("#plus4"), TYPED["plus4"])
            walk.envelopes += 1
        walk.tap(office, office.get_by_role("button"))
    _type_rest(walk, office)
    walk.tap(office, office.get_by_role("button", name="Send"))
    assert office.url.endswith("/thank-you"), office.locator(".errors").inner_text()
    office.close()
    walk.taps += 1
    walk.tap(page, page.locator("button[name=told]").first)


def _type_rest(walk: Walk, office: Page) -> None:
    """Fill in the office's form; what the browser knows takes one tap for all."""
    values = {**TYPED, "zip": walk.zip, "email": "ana@example.org", "email_again": "ana@example.org"}
    known = [name for name in AUTOFILLED if office.locator(f"#{name}[value='']").count()]
    for name in known:
        office.locator(f"#{name}").fill(values[name])
    walk.taps += 2  # into the first field, and on what the browser offers
    walk.filled += sum(len(values[name]) for name in known)
    for name in ("prefix", "topic"):
        if (choices := office.locator(f"#{name}")).count():
            walk.lists += 1
            found = choices.locator("option").all_inner_texts()
            choices.select_option(next((one for one in found if "mmigration" in one), found[-1]))
    if office.locator("#subject").count():
        walk.type(office.locator("#subject"), TYPED["subject"])
    office.locator("#message").fill(office.evaluate("navigator.clipboard.readText()"))
    walk.taps += 2  # press and hold, Paste
    if office.locator("#captcha").count():
        walk.taps += 1
        office.locator("#captcha").check()


def _numbers(walk: Walk) -> dict[str, Any]:
    counted = {name: getattr(walk, name) for name in ("language", "way", "offices", "zip", *COUNTED)}
    times = {
        "seconds": walk.seconds,
        "seconds_after_choice": walk.seconds - walk.to_choice,
        "seconds_typing_all": walk.seconds + effort.seconds(keys=walk.filled),
        "machine_seconds": walk.machine,
    }
    return {**counted, **{name: round(value, 1) for name, value in times.items()}}


def _show(found: list[dict[str, Any]]) -> None:
    columns = ("", "way", "offices", "ZIP code", *COUNTED, "person, s", "after the choice", "typing all", "machine, s")
    rows = [tuple(str(value) for value in walk.values()) for walk in found]
    title = "From the email to the end, on a phone. A person's seconds: campaign/demo/effort.py"
    show_table(title, columns, rows, to=Console(highlight=False, width=120))
