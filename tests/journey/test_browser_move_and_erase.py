"""Who has moved, and who wants to be forgotten, with a real browser and no JavaScript."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect
from sqlalchemy import select

from campaign.delivery import campaigns
from campaign.store import engine
from campaign.store.schema import evidence, new_zip, request, supporter, suppression
from campaign.supporters import new_zips
from tests.contract.web import KEYS, SLUG, Web
from tests.journey.eyes import (
    MARIA,
    add_contact,
    add_maria,
    deliveries,
    letters,
    phone,
    rows,
    sign,
    type_zip,
)


def test_a_letter_for_another_zip_waits_for_the_code_in_the_mail(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "20002")
        eyes.on(re.compile("^Your letter to Delegate "))
        expect(page.get_by_text("One person in the House represents you")).to_be_visible()
        expect(page.get_by_label("First name")).to_have_value("")
        assert "María" not in page.content()
        sign(page, first_name="Rosa", last_name="López", email="somebody@example.org").click()
        eyes.on("Check your email")
        assert rows(door, select(new_zip.c.zip)) == []
        assert deliveries(door) == []
        page.goto(link)
        type_zip(page, "20002")
        sign(page, first_name="Rosa", last_name="López", email=f" {MARIA.title()} ".strip(), story="I moved.").click()
        eyes.on("Check your email")
        assert letters(door) == []
        assert deliveries(door) == [("confirm", None, None)]
        assert rows(door, select(request.c.state).where(request.c.kind == "confirm")) == [("queued",)]
        with door.database.read() as conn:
            number = campaigns.get(conn, SLUG).id
            held = new_zips.find(conn, KEYS, number, door.people[-1], engine.now(conn))
        assert held is not None
        page.goto(link.replace("/a/", "/c/"))
        eyes.on("Is this your letter?")
        field = page.get_by_label("Six-digit code")
        field.fill("000000" if held.code != "000000" else "111111")
        page.keyboard.press("Enter")
        eyes.on("Error: Is this your letter?")
        expect(field).to_be_focused()
        assert letters(door) == []
        field.fill(f"{held.code[:3]} {held.code[3:]}")
        page.get_by_role("button", name="Yes, confirm my letter").click()
        eyes.on("Almost done: send it on the office’s site")
        expect(page.get_by_label("Copy the letter")).to_have_value(re.compile("I moved[.]"))
        page.get_by_role("button", name="Yes", exact=True).click()  # the forms lead to her own page from here
        eyes.on("Thank you for telling us")
        assert page.url.startswith(link)
    assert letters(door) == [("H:DC:0", "zip", "", True)]
    assert rows(door, select(evidence.c.by)) == [("mail",)]
    assert rows(door, select(new_zip.c.zip)) == []
    assert rows(door, select(supporter.c.zip).where(supporter.c.id == door.people[-1])) == [("20002",)]


def test_who_asks_to_be_erased_is(chromium: Browser, door: Web) -> None:
    link = add_maria(door, locale="es")
    add_contact(door, "H:NC:12")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        sign(page, city="Charlotte", story="Nos importa.").click()
        eyes.on("Gracias. Su carta está confirmada")
        page.locator("summary", has_text="Borrar mis datos").click()
        page.get_by_label("Escriba la palabra BORRAR").fill("sí")
        page.get_by_role("button", name="Borrar mis datos ahora").click()
        eyes.on("Error: Sus cartas")
        expect(page.get_by_label("Escriba la palabra BORRAR")).to_be_focused()
        assert letters(door) == [("H:NC:12", "zip", "", True)]
        page.keyboard.type("borrar")
        page.keyboard.press("Enter")
        eyes.on("Borramos sus datos")
        assert not re.search(r"María|López|Nos importa", page.content())
        page.goto(link)
        eyes.on("We can’t find that page")
    assert letters(door) == [("H:NC:12", "zip", "erased", False)]
    assert deliveries(door) == [("letter", "email", "cancelled"), ("receipt", None, "cancelled")]
    who = select(supporter.c.email, supporter.c.first_name, supporter.c.last_name, supporter.c.zip)
    assert rows(door, who.where(supporter.c.id == door.people[-1])) == [(None, "", "", "")]
    assert rows(door, select(suppression.c.reason)) == [("erased",)]
