"""Taking part without an address: a letter on paper, a call, with a real browser and no JavaScript."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect
from sqlalchemy import select

from campaign.store.schema import call
from tests.contract.web import Web
from tests.journey.eyes import add_maria, deliveries, letters, phone, rows, type_zip


def test_a_letter_in_spanish_goes_onto_paper_and_is_printed(chromium: Browser, door: Web) -> None:
    link = add_maria(door, locale="es")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        page.get_by_label("Agregue sus propias palabras (opcional)").fill("Mi barrio tiene miedo.")
        page.get_by_role("button", name="Que la impriman y la lleven").click()
        eyes.on(re.compile("^Error: "))
        expect(page.get_by_label("Ciudad o pueblo")).to_be_focused()
        page.get_by_label("Ciudad o pueblo").fill("Charlotte")
        page.get_by_role("button", name="Que la impriman y la lleven").click()
        eyes.on("Gracias. Vamos a imprimir su carta")
        expect(page.get_by_text("no la envíe además con el formulario")).to_be_visible()
        expect(page.get_by_role("button", name="Cancelar la carta")).to_have_count(1)
    assert [(seat, why) for seat, _, why, _ in letters(door)] == [("H:NC:12", "")]
    assert deliveries(door)[0] == ("letter", "packet", "to_print")


def test_a_ready_letter_is_moved_onto_paper(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        page.locator(".go button").click()
        eyes.on("Almost done: send it on the office’s site")
        page.get_by_role("button", name="Have it printed and delivered").click()
        eyes.on("Thank you. We’ll print your letter")
        expect(page.get_by_role("button", name="Have it printed and delivered")).to_have_count(0)
        page.get_by_role("button", name="Take it back").click()
        eyes.on("You took the letter back")
    found = [one for one in deliveries(door) if one[0] == "letter"]
    assert found == [("letter", "form", "cancelled"), ("letter", "packet", "cancelled")]


def test_a_call_needs_nothing_but_the_zip_code(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        page.get_by_role("link", name=re.compile("^Prefer to call")).click()
        assert page.url.endswith("#call")
        expect(page.locator("#call a.tel").first).to_have_attribute("href", re.compile(r"^tel:\+1202"))
        expect(page.get_by_text(re.compile("calling to ask Representative Adams"))).to_be_visible()
        assert rows(door, select(call.c.id)) == []
        page.get_by_role("button", name="I left a message").click()
        eyes.on("Thank you for telling us")
        expect(page.get_by_text("you called and left a message")).to_be_visible()
        page.locator("#rather ~ form button").nth(1).click()
        eyes.on(re.compile("^Your call to Senator "))
        page.get_by_role("button", name="Not yet").click()
        eyes.on("Thank you for telling us")
    assert rows(door, select(call.c.seat, call.c.outcome).order_by(call.c.id))[0] == ("H:NC:12", "voicemail")
    assert letters(door) == []
