"""Who has moved, takes back, leaves or wants to be forgotten, with a real browser and no JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from campaign.delivery import campaigns
from campaign.store import engine
from campaign.store.schema import new_zip, supporter, suppression, tally
from campaign.supporters import new_zips
from tests.contract.web import KEYS, SLUG, Web
from tests.journey.eyes import (
    add_contact,
    add_maria,
    deliveries,
    go,
    letters,
    phone,
    reports,
    rows,
    sign,
    type_zip,
    typed_forms,
)

pytestmark = pytest.mark.deep

FORWARDED = "This link was made for a different ZIP code"
CODE = "Enter the code from our email"
NORTON = re.compile(r"Norton")
STATUS = {"en": "Your letters and calls", "es": "Sus cartas y llamadas"}


def write(page: Page, link: str, lang: str = "en") -> None:
    """Two letters, and the page that shows where they are."""
    page.goto(link)
    type_zip(page, "28205")
    sign(page, city="Charlotte", story="Nos importa.").click()
    go(page, "status")
    expect(page).to_have_title(STATUS[lang])


def two_offices(door: Web) -> None:
    for seat in ("H:NC:12", "S:NC:2"):
        add_contact(door, seat)


@pytest.mark.long
def test_another_zip_leads_on_as_a_stranger_and_nothing_is_done_in_the_owners_name(
    chromium: Browser, door: Web
) -> None:
    link = add_maria(door)
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "20002")
        eyes.on(FORWARDED)
        assert "María" not in page.content()
        page.get_by_role("button", name="Continue with 20002").click()
        eyes.on(NORTON)
        assert page.url.startswith(f"{door.url}/{SLUG}?"), "the open page, without the link"
        go(page, "call H:DC:0")
        eyes.on(NORTON)
        page.get_by_role("button", name="I left a voicemail").click()
        eyes.on(re.compile("^Thank you for calling"))
        assert "María" not in page.content()
    assert (letters(door), reports(door), deliveries(door)) == ([], [], [])
    counted = rows(door, select(tally.c.event, tally.c.seat, tally.c.number).order_by(tally.c.event))
    assert ("call_voicemail", "H:DC:0", 1) in counted
    assert rows(door, select(supporter.c.zip).where(supporter.c.id == door.people[-1])) == [("28205",)]


def test_who_moved_enters_the_code_from_the_mail_and_the_link_takes_the_new_zip(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    add_contact(door, "H:DC:0")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "20002")
        eyes.on(FORWARDED)
        page.get_by_text("It’s my link, and I moved").click()
        page.get_by_role("button", name="Email me a code").click()
        eyes.on(CODE)
        assert deliveries(door) == [("confirm", None, None)]
        assert "María" not in page.content()
        with door.database.read() as conn:
            number = campaigns.get(conn, SLUG).id
            held = new_zips.find(conn, KEYS, number, door.people[-1], engine.now(conn))
        assert held is not None
        field = page.get_by_label("Six-digit code")
        field.fill("000000" if held.code != "000000" else "111111")
        page.keyboard.press("Enter")
        eyes.on(f"Error: {CODE}")
        expect(page.get_by_role("alert")).to_be_focused()
        assert rows(door, select(supporter.c.zip).where(supporter.c.id == door.people[-1])) == [("28205",)]
        field.fill(f"{held.code[:3]} {held.code[3:]}")
        page.get_by_role("button", name="Use my new ZIP code").click()
        eyes.on(NORTON)
        assert page.url.startswith(link)
        assert rows(door, select(supporter.c.zip).where(supporter.c.id == door.people[-1])) == [("20002",)]
        sign(page, city="Washington").click()
        eyes.on("Thank you, María. You’re done")
    assert letters(door) == [("H:DC:0", "zip", "", True)]
    assert [used is not None for (used,) in rows(door, select(new_zip.c.used_at))] == [True]


def test_one_of_two_letters_is_taken_back_and_then_both_are_disowned(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    two_offices(door)
    with phone(chromium, door) as eyes:
        page = eyes.page
        write(page, link)
        eyes.on(STATUS["en"])
        page.get_by_role("button", name="Take it back").first.click()
        eyes.on(re.compile("^(You took your letter back|Your letters and calls)"))
        assert [reason for _, _, reason, _ in letters(door)] == ["taken back", ""]
        page.goto(link)
        type_zip(page, "28205")
        eyes.on(STATUS["en"])
        expect(page.locator(".states .state")).to_have_text(["Taken back", "Confirmed, not sent yet"])
        page.locator("summary", has_text="I didn’t send this").click()
        page.get_by_role("button", name="I didn’t send this").click()
        eyes.on(STATUS["en"])
        expect(page.get_by_role("status")).to_be_focused()
        expect(page.get_by_role("status")).to_contain_text("We stopped any letter that hadn’t gone out")
    assert [(reason, words) for _, _, reason, words in letters(door)] == [
        ("taken back", False),
        ("not sent by this person", False),
    ]
    assert [outcome for kind, _, outcome in deliveries(door) if kind == "letter"] == ["cancelled", "cancelled"]
    assert rows(door, select(suppression.c.reason)) == []


@pytest.mark.long
def test_who_unsubscribes_on_the_page_of_their_letters_gets_no_more(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    two_offices(door)
    with phone(chromium, door) as eyes:
        page = eyes.page
        write(page, link)
        page.get_by_role("main").get_by_role("button", name="Unsubscribe").click()
        eyes.on("You’re unsubscribed")
        assert rows(door, select(suppression.c.reason)) == [("unsubscribed",)]
        page.goto(link)
        type_zip(page, "28205")
        eyes.on(STATUS["en"])
        expect(page.get_by_role("main").get_by_role("button", name="Unsubscribe")).to_have_count(0)
        expect(page.locator(".states .state")).to_have_text(["Stopped: it didn’t go out"] * 2)
    assert [outcome for kind, _, outcome in deliveries(door) if kind == "letter"] == ["cancelled"] * 2


def test_who_asks_to_be_erased_is(chromium: Browser, door: Web) -> None:
    link = add_maria(door, locale="es")
    two_offices(door)
    with phone(chromium, door) as eyes:
        page = eyes.page
        write(page, link, "es")
        assert typed_forms(door) == 1
        page.locator("summary", has_text="Borrar mis datos").click()
        page.get_by_label("Escriba BORRAR para confirmar").fill("sí")
        page.get_by_role("button", name="Borrar mis datos").click()
        eyes.on("Error: Sus cartas y llamadas")
        expect(page.get_by_role("alert")).to_be_focused()
        assert [words for *_, words in letters(door)] == [True, True]
        page.get_by_label("Escriba BORRAR para confirmar").fill("borrar")
        page.keyboard.press("Enter")
        eyes.on("Borramos sus datos")
        assert not re.search(r"María|López|Nos importa", page.content())
        page.goto(link)
        eyes.on("We can’t find that page")
    assert [(reason, words) for _, _, reason, words in letters(door)] == [("erased", False)] * 2
    assert {outcome for _, _, outcome in deliveries(door)} == {"cancelled"}
    who = select(supporter.c.email, supporter.c.first_name, supporter.c.last_name, supporter.c.zip)
    assert rows(door, who.where(supporter.c.id == door.people[-1])) == [(None, "", "", "")]
    assert rows(door, select(suppression.c.reason)) == [("erased",)]
    assert typed_forms(door) == 0
