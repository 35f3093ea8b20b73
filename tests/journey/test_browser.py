"""The pages around a letter, with a keyboard, a real browser and no JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from campaign.delivery import campaigns
from campaign.links import Purpose
from campaign.states import Fate
from campaign.store.schema import suppression
from tests.build import add_people
from tests.contract.web import SLUG, Web
from tests.journey.eyes import (
    ACTION,
    focused,
    phone,
    tab_to,
)
from tests.written import Sample, add

TITLE = "Ask Congress to end 287(g)"


def test_a_person_answers_the_zip_question_with_the_keyboard_alone(chromium: Browser, door: Web) -> None:
    before = door.rows()
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(door.url + door.link(ACTION, 2))
        eyes.on(re.compile("^Gracias por su visita[.] "))
        page.keyboard.press("Tab")
        assert focused(page) == "Ir al contenido principal"
        tab_to(page, "English")
        page.keyboard.press("Enter")
        eyes.on(f"Thanks for coming. {TITLE}")
        tab_to(page, "zip")
        expect(page.get_by_label("What’s your ZIP code?")).to_be_focused()
        outline = page.locator(":focus").evaluate("e => getComputedStyle(e).outlineStyle")
        assert outline == "solid"
        page.keyboard.type("2820")
        page.keyboard.press("Enter")
        eyes.on(f"Error: {TITLE}")
        expect(page.get_by_role("alert")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # to the field that it names
        field = page.get_by_label("What’s your ZIP code?")
        expect(field).to_be_focused()
        expect(field).to_have_value("2820")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile("Error: "))
        assert door.rows() == before
        page.keyboard.press("End")
        page.keyboard.type("5")
        page.keyboard.press("Tab")
        assert focused(page) == "See who represents me"
        page.keyboard.press("Enter")
        eyes.on("Ask Rep. Adams to cosponsor H.R. 6890")
        expect(page.get_by_text("which includes your ZIP code, 28205")).to_be_visible()
    after = door.rows()
    assert len(after.pop("visit")) == 1
    assert after.items() <= before.items()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_person_leaves_the_list_by_pressing_the_button(chromium: Browser, door: Web, width: int) -> None:
    def kept_out() -> list[str]:
        with door.database.read() as conn:
            return list(conn.scalars(select(suppression.c.reason)))

    with phone(chromium, door, width=width) as eyes:
        page = eyes.page
        page.goto(door.url + door.link(Purpose.UNSUBSCRIBE, 2))
        assert kept_out() == []
        eyes.on("¿No quiere más correos?")
        page.get_by_role("button", name="No quiero más correos").press("Enter")
        eyes.on("Listo. Canceló su suscripción")
        assert kept_out() == ["unsubscribed"]


@pytest.mark.deep
def test_the_report_fits_a_phone_and_its_tables_have_names(chromium: Browser, door: Web) -> None:
    with phone(chromium, door, width=320) as eyes:
        page = eyes.page
        page.goto(f"{door.url}{door.report}?lang=es")
        expect(page.get_by_role("table", name="Lo que hicimos")).to_be_visible()
        expect(page.get_by_role("row", name="en espera de enviarse 3 100.0 %")).to_be_visible()
        page.get_by_role("link", name="Actualizar", exact=True).click()
        eyes.on("Informe: end-287g")


@pytest.mark.deep
def test_the_report_of_letters_fits_a_phone(chromium: Browser, door: Web) -> None:
    with door.database.begin() as conn:
        campaign = campaigns.get(conn, SLUG)
        for number, person in enumerate(add_people(conn, range(50, 62))):
            add(conn, campaign, Sample(person, "S:NC:2", fate=Fate.DELIVERED if number < 7 else Fate.NONE))
            add(conn, campaign, Sample(person, "H:TX:29", "form", "reported" if number < 6 else "handed_off"))
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(f"{door.url}{door.report}")
        eyes.on("Report: end-287g")
        expect(page.get_by_role("heading", name="Letters by state")).to_be_visible()
