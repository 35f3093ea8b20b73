"""Looking up a street with a real browser: names first, where it goes is said before it goes, and nothing on a GET."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from campaign.store.schema import located, supporter
from tests import censusgov
from tests.censusgov import CensusGov, Spot
from tests.contract.web import Web, on_sqlite
from tests.journey.eyes import add_contact, add_maria, letters, phone, rows, sign, type_zip

pytestmark = pytest.mark.deep

ZIP = "60632"
STREET = "100 Sample Street"


@pytest.fixture
def gov() -> Iterator[CensusGov]:
    with censusgov.serve(streets={STREET: [Spot("17", "04", ZIP)]}) as made:
        yield made


@pytest.fixture
def asking(tmp_path: Path, gov: CensusGov) -> Iterator[Web]:
    with on_sqlite(tmp_path, matching=gov.matching()) as running:
        yield running


def test_names_come_first_and_then_the_street_in_spanish(chromium: Browser, asking: Web, gov: CensusGov) -> None:
    link = add_maria(asking, locale="es", zip=ZIP)
    add_contact(asking, "H:IL:4")
    with phone(chromium, asking) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, ZIP)
        eyes.on("¿Quién es su representante?")
        names = page.locator("button[name=house] .name").all_inner_texts()
        assert names == ['Jesús G. "Chuy" García', "Danny K. Davis", "No lo sé"]
        page.get_by_text("Buscar por mi calle").click()
        expect(page.get_by_text("a la Oficina del Censo de EE. UU. (census.gov)")).to_be_visible()
        assert gov.asked == [], "it says where the street goes before it goes"
        page.get_by_label("Calle y número").fill("PO Box 7")
        page.get_by_role("button", name="Enviar a census.gov y buscar").click()
        eyes.on("Error: ¿Quién es su representante?")
        expect(page.get_by_role("alert")).to_contain_text("Un apartado postal no está en ningún distrito")
        assert gov.asked == []
        page.get_by_label("Calle y número").fill(STREET)
        page.keyboard.press("Enter")
        eyes.on(re.compile(r"García$"))
        expect(page.get_by_text("que incluye su calle")).to_be_visible()
        sign(page, city="Chicago").click()
        eyes.on("Gracias, María. Eso es todo")
        assert letters(asking) == [("H:IL:4", "address", "", True)]
    assert rows(asking, select(located.c.seat)) == [("H:IL:4",)]
    assert rows(asking, select(supporter.c.street).where(supporter.c.street.is_not(None))) == []


def test_who_is_down_leaves_the_names_and_not_my_street_brings_them_back(
    chromium: Browser, asking: Web, gov: CensusGov
) -> None:
    link = add_maria(asking, zip=ZIP)
    with phone(chromium, asking) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, ZIP)
        gov.map_body = b"{}"
        page.get_by_text("Look it up by my street").click()
        page.get_by_label("Street and house number").fill(STREET)
        page.keyboard.press("Enter")
        eyes.on("Error: Who’s your representative?")
        expect(page.get_by_role("alert")).to_contain_text("one isn’t enough to be sure")
        expect(page.get_by_text("One source gives this district for your street.")).to_have_count(1)
        gov.map_body = None
        gov.streets["1 Right Road"] = gov.streets[STREET]
        page.get_by_label("Street and house number").fill("1 Right Road")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("one isn’t enough to be sure")  # the second one is left alone
        page.get_by_role("button", name="I don’t know").click()
        eyes.on(re.compile(r"^Ask Sen\.|^Start with Sen\."))


def test_the_way_back_from_a_street(chromium: Browser, asking: Web) -> None:
    link = add_maria(asking, zip=ZIP)
    with phone(chromium, asking, width=1280) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, ZIP)
        page.get_by_text("Look it up by my street").click()
        page.get_by_label("Street and house number").fill(STREET)
        page.keyboard.press("Enter")
        eyes.on(re.compile(r"^Ask Rep\.\sGarcía"))
        page.get_by_role("button", name="Not your street? Choose by name").click()
        eyes.on("Who’s your representative?")
        assert rows(asking, select(supporter.c.place).where(supporter.c.place.is_not(None))) == []
        page.locator("button[name=house]", has_text="Danny K. Davis").click()
        eyes.on("Your representative is already on the bill. Ask Sen. Duckworth next")


def test_a_letter_keeps_its_words_on_the_way_back_from_a_street(chromium: Browser, asking: Web) -> None:
    link = add_maria(asking, zip=ZIP)
    for seat in ("H:IL:4", "H:IL:7"):
        add_contact(asking, seat)
    with phone(chromium, asking) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, ZIP)
        page.get_by_text("Look it up by my street").click()
        page.get_by_label("Street and house number").fill(STREET)
        page.keyboard.press("Enter")
        eyes.on("Your letter to Rep. García")
        sign(page, story="I teach here.", city="Chicago")
        page.get_by_role("button", name="Not your street? Choose by name").click()
        eyes.on("Who’s your representative?")
        page.locator("button[name=house]", has_text="Danny K. Davis").click()
        eyes.on("Your letter to Rep. Davis")
        expect(page.get_by_label("Add a sentence of your own")).to_have_value("I teach here.")
        expect(page.get_by_label("City or town")).to_have_value("Chicago")
    assert letters(asking) == []


def test_a_zip_that_is_not_known_is_found_by_the_street(chromium: Browser, asking: Web, gov: CensusGov) -> None:
    gov.streets[STREET] = [Spot("17", "04", "00001")]
    link = add_maria(asking, zip="00001")
    with phone(chromium, asking) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "00001")
        eyes.on("Find your representative by street")
        expect(page.get_by_text("We can’t find the ZIP code 00001")).to_be_visible()
        page.get_by_label("Street and house number").fill(STREET)
        page.keyboard.press("Enter")
        eyes.on(re.compile(r"^Ask Rep\.\sGarcía"))
