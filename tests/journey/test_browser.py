"""A person with a real browser, a keyboard and no JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from campaign.links import Purpose
from campaign.store.schema import suppression
from tests.browser import browser
from tests.contract.web import Web, on_sqlite


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Web]:
    with on_sqlite(tmp_path) as running:
        yield running


@contextmanager
def phone(chromium: Browser, door: Web, *, width: int = 390) -> Iterator[Page]:
    """A page on which nothing complains, and which asks no other host for anything."""
    context = chromium.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    wide = page.locator("html").evaluate("e => e.scrollWidth")
    context.close()
    assert wide <= width, "the page is wider than its window"
    # Chromium notes every answer that is not 2xx; the wrong ZIP's 422 is meant.
    assert [text for text in said if "422" not in text] == []
    assert all(url.startswith((door.url, "data:")) for url in asked), asked


def focused(page: Page) -> str:
    return str(page.locator(":focus").evaluate("e => e.id || e.textContent.trim()"))


def test_a_person_answers_the_zip_question_with_the_keyboard_alone(chromium: Browser, door: Web) -> None:
    before = door.rows()
    with phone(chromium, door) as page:
        page.goto(door.url + door.link(Purpose.ACTION, 2))
        expect(page).to_have_title("Pongamos fin al 287(g)")
        page.keyboard.press("Tab")
        assert focused(page) == "Read in English"
        page.keyboard.press("Enter")
        expect(page).to_have_title("End 287(g)")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert focused(page) == "zip"
        expect(page.get_by_label("What is your ZIP code?")).to_be_focused()
        outline = page.locator(":focus").evaluate("e => getComputedStyle(e).outlineStyle")
        assert outline == "solid"
        page.keyboard.type("2820")
        page.keyboard.press("Enter")
        expect(page).to_have_title("Error: End 287(g)")
        field = page.get_by_label("What is your ZIP code?")
        expect(field).to_be_focused()
        expect(field).to_have_value("2820")
        expect(field).to_have_accessible_description(
            "That is all you need to start. Its five digits show who represents you. "
            "Error: Write the five digits of your ZIP code, for example 28205."
        )
        page.keyboard.press("End")
        page.keyboard.type("5")
        page.keyboard.press("Tab")
        assert focused(page) == "Continue"
        page.keyboard.press("Enter")
        expect(page.get_by_text("Nothing was stored, and nothing was sent to Congress.")).to_be_visible()
    assert door.rows() == before


@pytest.mark.parametrize("width", [320, 1280])
def test_a_person_leaves_the_list_by_pressing_the_button(chromium: Browser, door: Web, width: int) -> None:
    def kept_out() -> list[str]:
        with door.database.read() as conn:
            return list(conn.scalars(select(suppression.c.reason)))

    with phone(chromium, door, width=width) as page:
        page.goto(door.url + door.link(Purpose.UNSUBSCRIBE, 2))
        assert kept_out() == []
        page.get_by_role("button", name="No quiero más correos").press("Enter")
        expect(page.get_by_role("heading", name="Listo. No volveremos a escribirle.")).to_be_visible()
        assert kept_out() == ["unsubscribed"]


def test_the_report_fits_a_phone_and_its_tables_have_names(chromium: Browser, door: Web) -> None:
    with phone(chromium, door, width=320) as page:
        page.goto(f"{door.url}{door.report}?lang=es")
        expect(page.get_by_role("table", name="Lo que hicimos")).to_be_visible()
        expect(page.get_by_role("row", name="esperan su turno 3 100.0 %")).to_be_visible()
        page.get_by_role("link", name="Actualizar", exact=True).click()
        expect(page).to_have_title("Informe: end-287g")
