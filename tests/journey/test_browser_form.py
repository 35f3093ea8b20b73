"""An office that takes only its own form, with a real browser: the letter is copied there, and never reaches us."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from campaign.store.schema import evidence, letter
from tests.contract.web import Web
from tests.journey.eyes import (
    MARIA,
    add_maria,
    deliveries,
    go,
    letters,
    phone,
    reports,
    rows,
    type_zip,
    typed_forms,
)

OWN = "Last week my neighbor Teodora stopped calling."


def on_disk(door: Web) -> bytes:
    return b"".join(file.read_bytes() for file in door.home.glob("test.db*"))


def test_a_letter_is_copied_with_one_press_and_a_form_that_fails_leads_to_the_call(
    chromium: Browser, door: Web
) -> None:
    link = add_maria(door)
    with phone(chromium, door, scripts=True) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        eyes.on("Ask Rep. Adams to cosponsor H.R. 6890")
        go(page, "form")
        eyes.on("Send your letter on Rep. Adams’ website")
        expect(page.get_by_text("Press and hold the text")).to_be_hidden()
        page.get_by_text("Read or change it first").click()
        field = page.get_by_label("Your letter to Rep. Adams")
        field.press("Control+Home")
        page.keyboard.type(f"{OWN} ")
        page.get_by_role("button", name="Copy letter").click()
        expect(page.get_by_text("Copied. Now open the website.")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(f"{OWN} Dear Representative Adams,")
        assert "Sincerely,\nMaría López\n" in copied
        assert MARIA not in page.content()  # who follows a forwarded link learns no address
        office = page.get_by_role("link", name="Open Rep. Adams’ website")
        expect(office).to_have_attribute("target", "_blank")
        expect(office).to_have_attribute("rel", "noopener noreferrer")
        expect(office).to_have_attribute("href", "https://adams.house.gov")
        expect(page.get_by_text("Look for Contact or Email me in the menu.")).to_be_visible()
        expect(page.locator(".asks")).to_contain_text("Your ZIP code and four more digits, like 28205-1234")
        page.get_by_role("button", name="No, it didn’t work").click()
        eyes.on(re.compile(r"^Call Rep\.\sAdams"))
        expect(page.get_by_role("status")).to_be_focused()
        assert reports(door) == [("H:NC:12", "form", "failed")]
        page.get_by_role("button", name="I left a voicemail").click()
        eyes.on("Thank you for calling Rep. Adams’ office")
    assert reports(door) == [("H:NC:12", "form", "failed"), ("H:NC:12", "call", "voicemail")]
    assert (letters(door), typed_forms(door)) == ([], 0)
    assert deliveries(door) == [("receipt", None, None)]  # it thanks for the call
    assert b"Teodora" not in on_disk(door)


@pytest.mark.deep
def test_without_scripts_the_letter_can_be_selected_and_its_form_reported(chromium: Browser, door: Web) -> None:
    link = add_maria(door, locale="es")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        go(page, "form")
        eyes.on(re.compile("^Envíe su carta en el sitio "))
        expect(page.get_by_role("button", name="Copiar la carta")).to_be_hidden()
        expect(page.get_by_text("Mantenga el dedo sobre el texto")).to_be_visible()
        page.get_by_text("Leerla o cambiarla primero").click()
        field = page.locator("#text")
        field.press("Control+A")
        assert field.evaluate("e => e.selectionEnd - e.selectionStart == e.value.length && e.selectionEnd > 100")
        expect(field).to_have_attribute("lang", "en")
        page.get_by_role("button", name="Sí, vi el mensaje de gracias").click()
        eyes.on(re.compile(r"^Gracias por escribirle a la \S+\sAdams"))
        assert reports(door) == [("H:NC:12", "form", "sent")]
        page.get_by_role("button", name="¿Tocó «Sí» por error? Cámbielo").click()
        eyes.on(re.compile("^Envíe su carta en el sitio "))
        assert reports(door) == []
    assert letters(door) == []


@pytest.mark.deep
def test_a_letter_saved_for_later_is_sealed_and_its_steps_show_it_again(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        go(page, "form")
        page.get_by_text("Save it for later").click()
        page.locator("#story").fill(OWN)
        page.get_by_role("button", name="Save my letter").click()
        eyes.on("Your letters and calls")
        expect(page.get_by_role("status")).to_be_focused()
        expect(page.locator(".states > li")).to_contain_text("Representative Alma S. Adams")
        expect(page.locator(".states > li")).to_contain_text("only you can send it there")
        assert letters(door) == [("H:NC:12", "zip", "", True)]
        assert [one for one in deliveries(door) if one[0] == "letter"] == [("letter", "form", "handed_off")]
        assert rows(door, select(evidence.c.by, evidence.c.shown)) == [("page", "whole")]
        assert b"Teodora" not in on_disk(door)

    with phone(chromium, door) as eyes:  # days later, on another telephone
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        eyes.on("Your letters and calls")
        page.get_by_role("button", name="Show the steps").click()
        eyes.on("Send your letter on Rep. Adams’ website")
        page.get_by_text("Read or change it first").click()
        expect(page.locator("#text")).to_have_value(re.compile(re.escape(OWN)))
        expect(page.get_by_text("Save it for later")).to_have_count(0)
        page.get_by_role("button", name="Yes, I saw the thank-you").click()
        eyes.on("Thank you for writing to Rep. Adams")
        go(page, "status")
        expect(page.locator(".states > li")).to_have_count(1)
        expect(page.locator(".states .state")).to_contain_text("as you told us")
    assert [one for one in deliveries(door) if one[0] == "letter"] == [("letter", "form", "reported")]
    assert rows(door, select(letter.c.reason)) == [("",)]
