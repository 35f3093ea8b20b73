"""A letter in Spanish to an office whose form takes 1,200 characters, on a phone, without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from campaign.compose.messages import short_form
from tests.contract.web import Web
from tests.journey.eyes import add_maria, letters, phone, sign, type_zip

STORY = "En mi calle la gente tiene miedo de llamar a la policía. " * 12  # 684 characters


@pytest.mark.deep
def test_a_short_form_in_spanish_says_what_it_leaves_out_and_the_letter_fits(chromium: Browser, door: Web) -> None:
    link = add_maria(door, locale="es", zip="40202")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "40202")
        page.get_by_role("button", name="Senador Rand Paul").first.click()
        eyes.on("Su carta al senador Rand Paul")
        expect(page.get_by_text("admite 1,200 caracteres.")).to_be_visible()
        page.get_by_text("Leer lo que quitamos").click()
        expect(page.get_by_text(re.compile("^Sources: "))).to_be_visible()
        expect(page.get_by_label("español, o en los dos")).to_be_checked()
        expect(page.get_by_text("[English summary: ")).to_be_visible()

        sign(page, story=STORY).click()  # more than there is room for beside the text
        expect(page.get_by_role("alert")).to_contain_text("lea la carta otra vez")
        assert letters(door) == []
        expect(page.get_by_label("Agregue sus propias palabras (opcional)")).to_have_value(re.compile("En mi calle"))
        page.locator(".go button").click()

        eyes.on("Falta un paso: envíela en el sitio de la oficina")
        text = page.get_by_label("Copie la carta").input_value()
        assert short_form.length(text) <= 1200
        assert STORY.strip() in text
        assert text.startswith("[")
        guide = page.locator(".guide")
        expect(guide).to_contain_text("Topic")
        expect(guide).to_contain_text("Admite 1,200 caracteres.")
        page.get_by_text("Otros datos que puede pedir el formulario", exact=True).click()
        expect(page.get_by_label("Asunto")).to_have_attribute("readonly", "")
        page.get_by_role("button", name="Todavía no").first.click()
        eyes.on("No hay prisa: aquí la guardamos")
