"""A letter, from the ZIP code to where it is, with a real browser and no JavaScript."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect
from sqlalchemy import select

from campaign.store.schema import evidence, letter, visit
from tests.contract.web import Web
from tests.journey.eyes import (
    MARIA,
    add_contact,
    add_maria,
    deliveries,
    letters,
    phone,
    rows,
    sign,
    tab_to,
    type_zip,
)


def test_a_letter_in_spanish_is_written_confirmed_and_taken_back_by_keyboard(chromium: Browser, door: Web) -> None:
    link = add_maria(door, locale="es")
    add_contact(door, "H:NC:12")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        tab_to(page, "zip")
        page.keyboard.type("28205")
        page.keyboard.press("Enter")
        eyes.on(re.compile("^Su carta a la representante "))
        expect(page.get_by_text("Así dice en español").first).to_be_visible()
        tab_to(page, "story")
        expect(page.get_by_label("Agregue sus propias palabras (opcional)")).to_be_focused()
        page.keyboard.type("En mi barrio la gente ya no llama a nadie.")
        page.keyboard.press("Enter")  # a new line, and not the form
        page.keyboard.type("Y eso nos hace daño.")
        tab_to(page, "first_name")
        expect(page.locator(":focus")).to_have_value("María")
        tab_to(page, "city")
        page.keyboard.type("Charlotte")
        assert letters(door) == []
        tab_to(page, "Confirmar y enviar")
        page.keyboard.press("Enter")
        eyes.on("Gracias. Su carta está confirmada")
        expect(page.get_by_text(re.compile("Puede cancelarla durante 1[45] minutos más"))).to_be_visible()
        expect(page.get_by_role("heading", name="Cómo va cada carta")).to_be_visible()
        assert letters(door) == [("H:NC:12", "zip", "", True)]
        assert deliveries(door) == [("letter", "email", None), ("receipt", None, None)]
        assert len(rows(door, select(evidence.c.id).where(evidence.c.by == "page"))) == 1
        assert rows(door, select(letter.c.characters)) == [(42 + 1 + 20,)]
        tab_to(page, "Cancelar la carta")
        page.keyboard.press("Enter")
        eyes.on("Usted canceló la carta")
        expect(page.get_by_text("no se enviará. Borramos su texto.")).to_be_visible()
        expect(page.get_by_role("button", name="Cancelar la carta")).to_have_count(0)
    assert letters(door) == [("H:NC:12", "zip", "taken back", False)]
    assert deliveries(door)[0] == ("letter", "email", "cancelled")
    assert len(rows(door, select(visit.c.at))) == 1


def test_the_form_of_an_office_is_copied_opened_and_told_of(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        sign(page, story="I teach here.").click()
        eyes.on("Almost done: send it on the office’s site")
        copy = page.get_by_label("Copy the letter")
        expect(copy).to_have_attribute("readonly", "")
        expect(copy).to_have_value(re.compile("I teach here[.]"))
        copy.focus()
        page.keyboard.press("Control+A")
        assert copy.evaluate("e => e.selectionEnd - e.selectionStart == e.value.length && e.selectionEnd > 100")
        office = page.get_by_role("link", name="Open the website")  # of this office no form is known
        expect(office).to_have_attribute("target", "_blank")
        expect(office).to_have_attribute("rel", "noopener noreferrer")
        expect(office).to_have_attribute("href", "https://adams.house.gov")
        expect(page.get_by_text("Look for “Contact” or “Email me” in the menu.")).to_be_visible()
        expect(page.locator(".guide").get_by_text("Paste your letter here.")).to_be_visible()
        page.get_by_text("Details the form may ask for", exact=True).click()
        expect(page.get_by_label("ZIP code")).to_have_value("28205")
        expect(page.get_by_label("ZIP code")).to_have_attribute("readonly", "")
        expect(page.get_by_text(MARIA)).to_have_count(0)  # who follows a forwarded link learns no address
        assert deliveries(door) == [("letter", "form", "handed_off"), ("receipt", None, None)]
        expect(page.get_by_role("heading", name="Did it go through?")).to_be_visible()
        page.get_by_role("button", name="Yes", exact=True).click()
        eyes.on("Thank you for telling us")
        expect(page.locator(".letters .state")).to_have_text(["sent by you, as you told us"])
        assert deliveries(door)[0] == ("letter", "form", "reported")
        expect(page.get_by_text("You can also write")).to_be_visible()
        expect(page.locator("button:not(.quiet, .link, .danger)")).to_have_count(0)
        tab_to(page, "to Senator Thom Tillis")
        page.keyboard.press("Enter")
        eyes.on(re.compile("^Your letter to Senator "))
        expect(page.get_by_label("Add your own words (optional)")).to_have_value("I teach here.")
        page.locator(".go button").click()
        eyes.on("Almost done: send it on the office’s site")
        page.get_by_role("button", name="No, it didn’t work", exact=True).click()
        eyes.on("Thank you for telling us")
        expect(page.get_by_text("Congressional web forms break sometimes.")).to_be_visible()
        page.get_by_role("button", name="Not yet", exact=True).first.click()
        eyes.on("No rush: it’s saved here")
    assert [(seat[:5], reason, kept) for seat, _, reason, kept in letters(door)] == [
        ("H:NC:", "", True),
        ("S:NC:", "", True),
    ]
    assert [one for one in deliveries(door) if one[0] == "letter"] == [
        ("letter", "form", "reported"),
        ("letter", "form", "handed_off"),
    ]


def test_a_sentence_that_tells_a_status_is_asked_about_kept_and_confirmed(chromium: Browser, door: Web) -> None:
    link, story = add_maria(door), "My cousin is undocumented & afraid to drive."
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        sign(page, story=story, first_name="Mary").click()
        eyes.on(re.compile("^Your letter to Representative "))
        expect(page.get_by_role("status")).to_contain_text("This may reveal someone’s immigration status")
        expect(page.get_by_label("Add your own words (optional)")).to_have_value(story)
        expect(page.get_by_label("First name")).to_have_value("Mary")
        expect(page.get_by_label("Add your own words (optional)")).to_be_focused()
        page.get_by_label("Last name").press("Enter")  # answers nothing: it is asked again
        expect(page.get_by_role("status")).to_be_visible()
        assert letters(door) == []
        page.get_by_role("link", name="Change it").click()
        assert page.url.endswith("#story")
        page.get_by_role("button", name="Keep it as it is").click()
        eyes.on("Almost done: send it on the office’s site")
        expect(page.get_by_label("Copy the letter")).to_have_value(re.compile(re.escape(story)))
    assert [reason for _, _, reason, _ in letters(door)] == [""]
    assert rows(door, select(letter.c.characters)) == [(len(story),)]
    with door.database.read() as conn:
        kept = b"".join(bytes(one) for one in conn.scalars(select(letter.c.words)))
    assert b"undocumented" not in kept


def test_where_a_zip_has_two_districts_one_is_chosen_by_name(chromium: Browser, door: Web) -> None:
    link = add_maria(door, zip="60632")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "60632")
        eyes.on("Who is your representative?")
        names = page.locator(".names button")
        expect(names).to_have_count(3)
        assert letters(door) == []
        page.get_by_role("button", name=re.compile("I don’t know")).click()
        eyes.on(re.compile("^Your letter to Senator "))
        page.locator(".others button").last.click()  # who remembers the name after all
        eyes.on(re.compile("^Your letter to Representative "))
        page.goto(link)
        type_zip(page, "60632")
        chosen = page.locator(".names button b").first.inner_text()
        page.locator(".names button").first.click()
        eyes.on(f"Your letter to Representative {chosen}")
        expect(page.get_by_text("You chose this name.")).to_be_visible()
        page.locator(".go button").click()
        eyes.on("Almost done: send it on the office’s site")
        expect(page.locator(".next button")).to_have_count(2)  # the senators: one person has one representative
    ((seat, matched, reason, kept),) = letters(door)
    assert seat in ("H:IL:4", "H:IL:7")
    assert (matched, reason, kept) == ("chosen", "", True)


def test_who_does_not_know_the_representative_writes_to_a_senator(chromium: Browser, door: Web) -> None:
    link = add_maria(door, zip="60632")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "60632")
        page.get_by_role("button", name=re.compile("I don’t know")).click()
        page.locator(".go button").click()
        eyes.on("Almost done: send it on the office’s site")
    ((seat, matched, _, _),) = letters(door)
    assert (seat[:5], matched) == ("S:IL:", "zip")
