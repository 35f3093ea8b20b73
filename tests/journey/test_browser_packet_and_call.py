"""Taking part without an email from us: a call, and a letter that someone carries, with a real browser."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from campaign.config import ROOT, load_settings
from campaign.outreach.channels.packet import promise_visit
from campaign.store.schema import evidence, tally
from tests.contract.web import Web
from tests.journey.eyes import add_maria, deliveries, go, letters, phone, reports, rows, tab_to, type_zip

CALL = re.compile(r"^Call Rep\.\sAdams")
COUNTED = select(tally.c.source, tally.c.event, tally.c.seat, tally.c.number).order_by(tally.c.event.desc())


def without_counts(door: Web) -> dict[str, list[tuple[Any, ...]]]:
    return door.rows(without="tally")


@pytest.mark.parametrize("lang", ["en", pytest.param("es", marks=pytest.mark.deep)])
def test_a_stranger_comes_from_a_shared_link_to_a_finished_call_and_only_a_count_is_kept(
    chromium: Browser, door: Web, lang: str
) -> None:
    before = without_counts(door)
    with phone(chromium, door, width=320) as eyes:
        page = eyes.page
        page.goto(f"{door.url}/end-287g?s=wa&lang={lang}")
        eyes.on(re.compile("287[(]g[)]" if lang == "es" else "Ask Congress to end 287[(]g[)]"))
        expect(page.locator("#first_name, #email")).to_have_count(0)
        type_zip(page, "28205")
        eyes.on(re.compile("Adams"))
        assert "v=" in page.url
        assert "28205" not in page.url
        go(page, "call H:NC:12")
        eyes.on(CALL if lang == "en" else re.compile("^(Llame a la oficina|Deje un mensaje)"))
        number = page.locator("a.dial")
        expect(number).to_have_attribute("href", re.compile(r"^tel:\+1202"))
        expect(page.locator(".script")).to_contain_text({"en": "a constituent in", "es": "representa"}[lang])
        page.locator("button[value=voicemail]").click()
        eyes.on(re.compile({"en": "^Thank you for calling", "es": "^Gracias por llamar"}[lang]))
        share = page.locator(".share a[href*='wa.me']")
        expect(share).to_have_attribute("href", re.compile("end-287g%3F(lang%3Des%26)?s%3Dwa"))
        expect(page.locator("#email")).to_have_count(1)  # to stay informed, for who wants to
    assert rows(door, COUNTED) == [("wa", "zip", "", 1), ("wa", "call_voicemail", "H:NC:12", 1)]
    assert without_counts(door) == before


@pytest.mark.deep
def test_a_supporter_calls_and_may_correct_what_was_pressed(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        go(page, "call")
        eyes.on(CALL)
        expect(page.get_by_text(re.compile("calling to ask Representative Adams"))).to_be_visible()
        assert reports(door) == []
        page.get_by_role("button", name="Busy or no answer").click()
        eyes.on("Ask Rep. Adams to cosponsor H.R. 6890")
        expect(page.get_by_role("status")).to_be_focused()
        assert reports(door) == [("H:NC:12", "call", "busy")]
        go(page, "call")
        page.get_by_role("button", name="I left a voicemail").click()
        eyes.on("Thank you for calling Rep. Adams’ office")
        assert reports(door) == [("H:NC:12", "call", "voicemail")]
        expect(page.locator(".next")).to_contain_text("Sen. Tillis’ office is ")
        go(page, "call S:NC:2")
        page.get_by_role("button", name="I left a voicemail").click()
        eyes.on("Thank you for calling Sen. Tillis’ office")
        page.get_by_role("button", name="Pressed the wrong button? Change it").click()
        eyes.on(re.compile(r"^Call Sen\.\sTillis"))
        assert reports(door) == [("H:NC:12", "call", "voicemail")]
        go(page, "offices")
        page.goto(link)
        type_zip(page, "28205")
        eyes.on("Your letters and calls")
        expect(page.locator(".states > li")).to_have_count(1)
        expect(page.locator(".states .state")).to_have_text("You left a voicemail")
    assert (letters(door), deliveries(door)) == ([], [("receipt", None, None)])


@pytest.mark.deep
def test_a_promised_visit_comes_first_and_its_letter_goes_onto_paper(
    chromium: Browser, door: Web, tmp_path: Path
) -> None:
    link = add_maria(door, locale="es")
    settings = load_settings(home=tmp_path, path=ROOT / "config.toml", environ={})
    promise_visit.promise(
        door.database, settings, "H:NC:12", by="Dana Whitlock", on=date(2026, 12, 16), city="Charlotte"
    )
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        eyes.on(re.compile("Adams"))
        choices = page.locator(".choices .choice")
        expect(choices.first).to_contain_text("Dana Whitlock")
        expect(choices.first).to_contain_text("Charlotte")
        ways = [choice.get_attribute("value") for choice in choices.all()]
        assert ways == ["letter", "call H:NC:12", "form H:NC:12"]
        choices.first.click()
        eyes.on(re.compile(r"^Su carta a la \S+\sAdams$"))
        page.get_by_label("Agregue una frase suya").fill("Mi barrio tiene miedo.")
        page.get_by_role("button", name="Que entreguen mi carta").click()
        eyes.on(re.compile("^Error: "))
        expect(page.get_by_role("alert")).to_be_focused()
        page.get_by_role("link", name="Escriba su ciudad o pueblo.").click()
        expect(page.get_by_label("Ciudad o pueblo")).to_be_focused()
        page.keyboard.type("Charlotte")
        page.get_by_role("button", name="Que entreguen mi carta").click()
        eyes.on("Gracias, María. Eso es todo")
        expect(page.locator("main .lead")).to_contain_text("Dana Whitlock")
        assert deliveries(door)[0] == ("letter", "packet", "to_print")
        assert rows(door, select(evidence.c.shown)) == [("whole",)]
        go(page, "status")
        eyes.on("Sus cartas y llamadas")
        expect(page.locator(".states > li")).to_contain_text("no la envíe además con el formulario")
        tab_to(page, "Cancelarla")
        page.keyboard.press("Enter")
        eyes.on("Usted canceló su carta")
        expect(page.get_by_role("button", name="Cancelarla")).to_have_count(0)
    assert [(seat, why) for seat, _, why, _ in letters(door)] == [("H:NC:12", "taken back")]
    assert deliveries(door)[0] == ("letter", "packet", "cancelled")
