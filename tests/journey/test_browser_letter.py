"""Letters that we deliver, from the ZIP code to where they are, with a real browser and no JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from campaign.store.schema import evidence, letter, typed_form, visit
from tests.contract.web import Web
from tests.journey.eyes import (
    add_contact,
    add_maria,
    deliveries,
    focused,
    go,
    letters,
    phone,
    rows,
    sign,
    tab_to,
    type_zip,
)

STORY = "My cousin is undocumented & afraid to drive."


def test_a_letter_in_spanish_is_written_confirmed_and_taken_back_by_keyboard(chromium: Browser, door: Web) -> None:
    link = add_maria(door, locale="es")
    add_contact(door, "H:NC:12")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        tab_to(page, "zip")
        page.keyboard.type("28205")
        page.keyboard.press("Enter")
        eyes.on(re.compile(r"^Su carta a la \S+\sAdams$"))
        expect(page.get_by_text("Así dice en español").first).to_be_visible()
        tab_to(page, "story")
        expect(page.get_by_label("Agregue una frase suya")).to_be_focused()
        page.keyboard.type("En mi barrio la gente ya no llama a nadie.")
        page.keyboard.press("Enter")  # a new line, and not the form
        page.keyboard.type("Y eso nos hace daño.")
        tab_to(page, "first_name")
        expect(page.locator(":focus")).to_have_value("María")
        tab_to(page, "city")
        page.keyboard.type("Charlotte")
        assert letters(door) == []
        tab_to(page, "Enviar mi carta")
        page.keyboard.press("Enter")
        eyes.on("Gracias, María. Eso es todo")
        expect(page.locator("main .lead")).to_contain_text("Adams")
        assert letters(door) == [("H:NC:12", "zip", "", True)]
        assert deliveries(door) == [("letter", "email", None), ("receipt", None, None)]
        assert len(rows(door, select(evidence.c.id).where(evidence.c.by == "page"))) == 1
        assert rows(door, select(letter.c.characters)) == [(42 + 1 + 20,)]
        tab_to(page, "Cancelarla")
        page.keyboard.press("Enter")
        eyes.on("Usted canceló su carta")
        expect(page.get_by_text("No se envió y no se enviará.")).to_be_visible()
        expect(page.get_by_role("button", name="Cancelar")).to_have_count(0)
    assert letters(door) == [("H:NC:12", "zip", "taken back", False)]
    assert deliveries(door)[0] == ("letter", "email", "cancelled")
    assert len(rows(door, select(visit.c.at))) == 1


@pytest.mark.deep
def test_two_offices_get_their_letters_from_one_page_and_one_press(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    add_contact(door, "H:NC:12")
    add_contact(door, "S:NC:2")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        eyes.on("Your letter to Rep. Adams and Sen. Tillis")
        for office in ("Representative Alma S. Adams", "Senator Thom Tillis"):
            expect(page.get_by_role("checkbox", name=office)).to_be_checked()
        expect(page.get_by_text("Letters to Sen. Budd go only through the office’s own web form.")).to_be_visible()
        expect(page.get_by_text("Dear Representative Adams,")).to_be_visible()
        expect(page.get_by_text("Dear Senator Tillis,")).to_be_hidden()
        page.get_by_text("What’s different for Sen. Tillis").click()
        expect(page.get_by_text(re.compile("^“As your constituent, I ask you to introduce"))).to_be_visible()
        expect(page.get_by_role("button", name="Send my letter")).to_have_count(1)
        sign(page, story="I teach here.", city="Charlotte").click()
        eyes.on("Thank you, María. You’re done")
        expect(page.locator("main .lead")).to_contain_text("We’ll email your letters to Rep. Adams and Sen. Tillis at ")
        expect(page.locator(".next")).to_contain_text("Sen. Budd’s office is ")  # the third office is one quiet line
        expect(page.get_by_text(re.compile("unfinished|not done|left to do", re.IGNORECASE))).to_have_count(0)
        expect(page.locator("main button:not(.quiet, .textlink)")).to_have_count(0)
        page.get_by_role("button", name="Take them back").click()
        eyes.on("You took your letters back")
    taken = [("H:NC:12", "zip", "taken back", False), ("S:NC:2", "zip", "taken back", False)]
    assert letters(door) == taken
    order = select(evidence.c.shown).join(letter, letter.c.evidence_id == evidence.c.id).order_by(letter.c.id)
    assert rows(door, order) == [("whole",), ("difference",)]
    kinds = [kind for kind, _, _ in deliveries(door)]
    assert kinds == ["letter", "receipt", "letter"], "one receipt tells of both letters"


@pytest.mark.deep
def test_enter_never_sends_and_the_language_switch_keeps_all_that_was_typed(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    add_contact(door, "H:NC:12")
    add_contact(door, "S:NC:2")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        eyes.on("Your letter to Rep. Adams and Sen. Tillis")
        sign(page, story="I teach here.", first_name="Mary", city="Charlotte")
        page.get_by_role("checkbox", name="Senator Thom Tillis").uncheck()
        before = page.url, door.rows()
        for field in ("first_name", "last_name", "city"):
            page.locator(f"#{field}").press("Enter")
            page.wait_for_timeout(100)
        assert (page.url, door.rows()) == before
        page.locator("#to-1").press("Enter")  # in Chromium: the same page again
        page.wait_for_timeout(500)
        eyes.on("Your letter to Rep. Adams and Sen. Tillis")
        expect(page.locator("#city")).to_have_value("Charlotte")
        page.get_by_role("button", name="Español").click()
        eyes.on(re.compile(r"^Su carta a la \S+\sAdams y al \S+\sTillis$"))
        page.get_by_role("button", name="English").click()
        eyes.on("Your letter to Rep. Adams and Sen. Tillis")
        expect(page.get_by_label("Add a sentence of your own")).to_have_value("I teach here.")
        expect(page.get_by_label("First name")).to_have_value("Mary")
        expect(page.get_by_label("City or town")).to_have_value("Charlotte")
        expect(page.get_by_role("checkbox", name="Representative Alma S. Adams")).to_be_checked()
        expect(page.get_by_role("checkbox", name="Senator Thom Tillis")).not_to_be_checked()
        assert letters(door) == []
        page.get_by_role("button", name="Send my letter").click()
        eyes.on("Thank you, María. You’re done")
    assert [seat for seat, *_ in letters(door)] == ["H:NC:12"]


@pytest.mark.long
def test_a_sentence_that_tells_a_status_is_asked_about_once_and_kept(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    add_contact(door, "H:NC:12")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        sign(page, story=STORY, city="Charlotte").click()
        eyes.on("Your letter to Rep. Adams")
        guard = page.get_by_text("This may reveal someone’s immigration status")
        expect(guard).to_be_visible()
        assert focused(page) == "Change it"
        expect(page.get_by_label("Add a sentence of your own")).to_have_value(STORY)
        assert letters(door) == []
        page.keyboard.press("Enter")
        expect(page.locator("#story")).to_be_in_viewport()
        assert page.url.endswith("#story")
        page.locator("#city").fill("")
        page.get_by_role("button", name="Keep it as it is").click()
        eyes.on("Error: Your letter to Rep. Adams")
        expect(guard).to_have_count(0)
        sign(page, city="Charlotte").click()
        eyes.on("Thank you, María. You’re done")
    assert [reason for _, _, reason, _ in letters(door)] == [""]
    assert rows(door, select(letter.c.characters)) == [(len(STORY),)]
    with door.database.read() as conn:
        sealed = [*conn.scalars(select(letter.c.words)), *conn.scalars(select(typed_form.c.words))]
    assert sealed
    assert not [one for one in sealed if b"undocumented" in one]


@pytest.mark.deep
def test_where_a_zip_has_two_districts_one_is_chosen_by_name(chromium: Browser, door: Web) -> None:
    link = add_maria(door, zip="60632")
    for seat in ("H:IL:4", "H:IL:7"):
        add_contact(door, seat)
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "60632")
        eyes.on("Who’s your representative?")
        names = page.locator("button[name=house]")
        expect(names).to_have_count(3)
        chosen = names.first.locator(".name").inner_text()
        names.first.click()
        eyes.on("Your letter to Rep. García")
        expect(page.get_by_text(chosen).first).to_be_visible()
        page.get_by_role("button", name="Not your representative?").click()
        eyes.on("Who’s your representative?")
        page.locator("button[name=house]").first.click()
        sign(page, city="Chicago").click()
        eyes.on("Thank you, María. You’re done")
        go(page, "status")
        eyes.on("Your letters and calls")
        expect(page.locator(".states > li")).to_have_count(1)  # one person has one representative
    ((seat, matched, reason, kept),) = letters(door)
    assert seat in ("H:IL:4", "H:IL:7")
    assert (matched, reason, kept) == ("chosen", "", True)


@pytest.mark.long
def test_who_does_not_know_the_representative_is_led_to_a_senator(chromium: Browser, door: Web) -> None:
    link = add_maria(door, zip="60632")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "60632")
        page.get_by_role("button", name=re.compile("I don’t know")).click()
        eyes.on(re.compile(r"^Start with Sen\.\s"))
        expect(page.get_by_text("Senators represent everyone in Illinois")).to_be_visible()
        page.get_by_role("button", name="Know who represents you in the House? Choose the name").click()
        eyes.on("Who’s your representative?")
    assert letters(door) == []
