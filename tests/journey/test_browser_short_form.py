"""A letter in Spanish for an office whose form takes 1,200 characters, on a phone, without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from campaign.compose.messages import short_form
from tests.contract.web import Web
from tests.journey.eyes import add_maria, deliveries, go, letters, phone, reports, type_zip

STORY = "En mi calle la gente tiene miedo de llamar a la policía. " * 12  # 684 characters


@pytest.mark.deep
def test_a_letter_is_shortened_for_a_short_form_and_with_the_words_that_were_saved(
    chromium: Browser, door: Web
) -> None:
    link = add_maria(door, locale="es", zip="40202")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "40202")
        for _ in range(2):  # the others first: each of these pages offers the next office
            go(page, "call")
            page.locator("button[value=voicemail]").click()
            eyes.on(re.compile("^Gracias por llamar"))
        go(page, "form S:KY:")
        eyes.on(re.compile(r"^Envíe su carta en el sitio del senador\sPaul$"))
        expect(page.get_by_text("Este formulario admite 1,200 caracteres, así que acortamos la carta.")).to_be_visible()
        asks = page.locator(".asks")
        expect(asks).to_contain_text("Admite 1,200 caracteres.")
        expect(asks).to_contain_text("Tema. Elija")
        page.get_by_text("Leerla o cambiarla primero").click()
        assert 300 < short_form.length(page.locator("#text").input_value()) <= 1200

        page.get_by_text("Guardarla para después").click()
        page.locator("#story").fill(STORY)
        page.get_by_role("button", name="Guardar mi carta").click()
        eyes.on(
            re.compile("^Error: Envíe su carta")
        )  # more than there is room for beside the text, which is shorter now
        expect(page.get_by_role("alert")).to_contain_text("otra vez")
        assert letters(door) == []
        expect(page.locator("#story")).to_have_value(re.compile("^En mi calle"))
        page.get_by_role("button", name="Guardar mi carta").click()
        eyes.on("Sus cartas y llamadas")
        assert [one[1:] for one in deliveries(door) if one[0] == "letter"] == [("form", "handed_off")]

        page.get_by_role("button", name="Ver los pasos").click()
        eyes.on(re.compile(r"^Envíe su carta en el sitio del senador\sPaul$"))
        page.get_by_text("Leerla o cambiarla primero").click()
        text = page.locator("#text").input_value()
        assert short_form.length(text) <= 1200
        assert STORY.strip() in text
        assert text.startswith("[Personal words in Spanish follow.]")
        page.get_by_role("button", name="Sí, vi el mensaje de gracias").click()
        eyes.on(re.compile("^Gracias por escribirle al senador"))
    assert [(seat[:5], way, outcome) for seat, way, outcome in reports(door)][-1] == ("S:KY:", "form", "sent")
