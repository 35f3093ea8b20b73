"""A person with a real browser, and no JavaScript unless a journey asks for it. axe looks at each page by itself, in
tests/contract/test_pages_render.py and test_arrival_pages.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Select, select

from campaign.congress import contacts
from campaign.congress.contacts import Contact
from campaign.links import Purpose
from campaign.store.schema import delivery, letter, reported, typed_form
from campaign.supporters import people
from tests.browser import browser
from tests.build import add_people
from tests.contract.web import KEYS, Web, on_sqlite

ACTION = Purpose.ACTION
MARIA = "maria.lopez@example.org"
expect.set_options(timeout=30_000)  # ms, for a busy machine


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Web]:
    with on_sqlite(tmp_path) as running:
        yield running


@dataclass
class Eyes:
    """Who looks at a page: that it is the right one, and fits."""

    page: Page
    width: int
    looked: int = 0

    def on(self, title: str | re.Pattern[str]) -> None:
        """The page has this title, and is no wider than its window."""
        expect(self.page).to_have_title(title)
        self.page.wait_for_load_state()
        assert self.page.locator("html").evaluate("e => e.scrollWidth") <= self.width, title
        self.looked += 1


@contextmanager
def phone(chromium: Browser, door: Web, *, width: int = 390, scripts: bool = False) -> Iterator[Eyes]:
    """A page on which nothing complains, and which asks no other host for anything."""
    context = chromium.new_context(java_script_enabled=scripts, viewport={"width": width, "height": 800})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(60_000)
    page = context.new_page()
    eyes = Eyes(page, width)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    yield eyes
    context.close()
    # Chromium notes every answer that is not 2xx or 3xx: an erased person’s link is 404, a form to be corrected 422.
    assert [text for text in said if "404" not in text and "422" not in text] == []
    assert all(url.startswith((door.url, "data:")) for url in asked), asked
    assert eyes.looked


def focused(page: Page) -> str:
    return str(page.locator(":focus").evaluate("e => e.id || e.textContent.trim()"))


def tab_to(page: Page, name: str) -> None:
    """Press Tab until that has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(":focus").count() and focused(page) == name:
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")


def add_maria(door: Web, **changes: Any) -> str:
    """Somebody whose address is known by its hash, as an import does it; the address of her page."""
    who = {"first_name": "María", "last_name": "López", "email": MARIA, "email_hash": people.email_hash(KEYS, MARIA)}
    with door.database.begin() as conn:
        door.people.extend(add_people(conn, [len(door.people) + 1], **{**who, **changes}))
    return door.url + door.link(ACTION, len(door.people))


def add_contact(door: Web, seat: str) -> None:
    with door.database.begin() as conn:
        contacts.load(conn, [Contact(seat, "aide@office.example.org", "each", "the tests", "2026-11-10")], 1)


def rows(door: Web, asked: Select[Any]) -> list[tuple[Any, ...]]:
    with door.database.read() as conn:
        return [tuple(row) for row in conn.execute(asked)]


def letters(door: Web) -> list[tuple[Any, ...]]:
    """(seat, matched, why withdrawn, has its words) of each letter."""
    found = rows(door, select(letter.c.seat, letter.c.matched, letter.c.reason, letter.c.words).order_by(letter.c.id))
    return [(seat, matched, reason, words is not None) for seat, matched, reason, words in found]


def deliveries(door: Web) -> list[tuple[Any, ...]]:
    """(kind, channel, outcome) of all that is not an ask."""
    asked = select(delivery.c.kind, delivery.c.channel, delivery.c.outcome).where(delivery.c.kind != "ask")
    return rows(door, asked.order_by(delivery.c.id))


def reports(door: Web) -> list[tuple[Any, ...]]:
    """(seat, way, outcome) of what supporters said they did themselves."""
    return rows(door, select(reported.c.seat, reported.c.way, reported.c.outcome).order_by(reported.c.id))


def typed_forms(door: Web) -> int:
    """How many browsers' typed words are kept for half an hour."""
    return len(rows(door, select(typed_form.c.mark)))


def type_zip(page: Page, zip_code: str) -> None:
    page.get_by_label(re.compile("ZIP|código postal")).fill(zip_code)
    page.keyboard.press("Enter")


def go(page: Page, to: str) -> None:
    """Press the first button that leads to this page: `call`, or `call H:NC:12`."""
    page.locator(f"button[name=go][value^='{to}']").first.click()


def sign(page: Page, **typed: str) -> Locator:
    """Fill what is asked, and give the button that sends the letter."""
    for name, value in typed.items():
        page.locator(f"#{name}").fill(value)
    return page.locator("#letter button.full")
