"""Back, Forward, Reload and a dropped tab after every step, with a real browser and no JavaScript; a copied and an old
address; a browser without cookies; and what was typed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from campaign import clock
from campaign.letters.typed_forms import KEPT_MS
from campaign.store.schema import typed_form
from campaign.web.pages import WORDS
from tests.contract.web import Web
from tests.journey.eyes import Eyes, add_contact, add_maria, go, letters, phone, reports, rows, sign, type_zip

pytestmark = pytest.mark.deep

LANGUAGES = ["en", "es"]
STORY = "Last week my neighbor Teodora stopped calling."
SPLIT, WHOLE = "60632", "28205"  # in several districts; in one, whose office takes only its own form


def titled(lang: str, table: str, *keys: str, fault: bool = False) -> re.Pattern[str]:
    """The title of a page, whatever names stand in it."""
    before = f"{WORDS[lang]['problem']['error']}: " if fault else ""
    found = (re.split(r"{\w+}", WORDS[lang][table][key]) for key in keys or ("title",))
    return re.compile("|".join(f"^{before}{'.+'.join(map(re.escape, parts))}" for parts in found))


def steady(eyes: Eyes, door: Web, title: re.Pattern[str], *, first: bool = False) -> None:
    """The page stays, and no row changes, whatever its reader does to the tab. `first`: there is no page before it."""
    eyes.on(title)
    before = door.rows()
    _loaded(eyes.page.reload())
    eyes.on(title)
    if not first:
        _loaded(eyes.page.go_back())
        expect(eyes.page).not_to_have_title(title)
        _loaded(eyes.page.go_forward())
        eyes.on(title)
    context, address = eyes.page.context, eyes.page.url
    eyes.page.close()
    eyes.page = context.new_page()
    _loaded(eyes.page.goto(address))
    eyes.on(title)
    assert door.rows() == before


def _loaded(answer: Any) -> None:
    assert answer is None or answer.status == 200  # None: Chromium kept the page


@pytest.mark.parametrize("lang", ["es", pytest.param("en", marks=pytest.mark.long)])
def test_every_step_of_a_letter_stays_where_it_is(chromium: Browser, door: Web, lang: str) -> None:
    link = add_maria(door, locale=lang, zip=SPLIT)
    add_contact(door, "H:IL:4")
    with phone(chromium, door) as eyes:
        eyes.page.goto(link)
        start = re.compile(re.escape(eyes.page.title()))
        steady(eyes, door, start, first=True)
        type_zip(eyes.page, SPLIT)
        steady(eyes, door, titled(lang, "names"))
        eyes.page.locator("button[name=house][value='H:IL:4']").click()
        steady(eyes, door, titled(lang, "letter"))
        sign(eyes.page, story=STORY).click()
        steady(eyes, door, titled(lang, "letter", fault=True))
        expect(eyes.page.locator("#story")).to_have_value(STORY)
        expect(eyes.page.get_by_role("alert")).to_be_visible()
        assert letters(door) == []
        sign(eyes.page, city="Chicago").click()
        steady(eyes, door, titled(lang, "thanks", "title_letters"))
        assert len(letters(door)) == 1
        go(eyes.page, "status")
        steady(eyes, door, titled(lang, "status"))
        eyes.page.locator("button[name=letters]").click()
        steady(eyes, door, titled(lang, "taken_back", "title_one"))
    assert [reason for _, _, reason, _ in letters(door)] == ["taken back"]


@pytest.mark.parametrize("lang", ["en", pytest.param("es", marks=pytest.mark.long)])
def test_every_step_of_a_form_and_a_call_stays_where_it_is(chromium: Browser, door: Web, lang: str) -> None:
    link = add_maria(door, locale=lang)
    with phone(chromium, door) as eyes:
        eyes.page.goto(link)
        type_zip(eyes.page, WHOLE)
        steady(eyes, door, titled(lang, "offices"))
        go(eyes.page, "form")
        steady(eyes, door, titled(lang, "form"))
        assert reports(door) == [("H:NC:12", "form", "chosen")]
        eyes.page.locator("button[name=told][value=failed]").click()
        steady(eyes, door, titled(lang, "call", "title"))
        assert reports(door) == [("H:NC:12", "form", "failed")]
        eyes.page.locator("button[name=outcome][value=voicemail]").click()
        steady(eyes, door, titled(lang, "thanks", "title_call"))
        assert reports(door)[1:] == [("H:NC:12", "call", "voicemail")]
        go(eyes.page, "status")
        steady(eyes, door, titled(lang, "status"))


def test_a_copied_address_shows_the_zip_question_and_nobodys_letter(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    add_contact(door, "H:NC:12")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        start = page.title()
        type_zip(page, WHOLE)
        sign(page, story=STORY, city="Charlotte").click()
        eyes.on(titled("en", "thanks", "title_letters"))
        copied = page.url
        assert "v=" in copied
        with phone(chromium, door) as elsewhere:
            _loaded(elsewhere.page.goto(copied))
            elsewhere.on(start)
            expect(elsewhere.page.locator("#zip")).to_have_value("")
            for secret in ("María", "Adams", "Teodora", WHOLE):
                assert secret not in elsewhere.page.content()
        page.context.clear_cookies()
        page.reload()
        eyes.on(start)


def test_an_address_older_than_half_an_hour_shows_the_zip_question(
    chromium: Browser, door: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, file = add_maria(door), tmp_path / "clock"
    add_contact(door, "H:NC:12")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        start = page.title()
        type_zip(page, WHOLE)
        sign(page, story=STORY).click()
        eyes.on(titled("en", "letter", fault=True))
        old = page.url
        for passed, shown in ((KEPT_MS - 60_000, titled("en", "letter", fault=True)), (KEPT_MS + 60_000, start)):
            clock.move(file, clock.now() + passed)
            monkeypatch.setenv(clock.VARIABLE, str(file))
            page.goto(old)
            eyes.on(shown)
            monkeypatch.delenv(clock.VARIABLE)
        monkeypatch.setenv(clock.VARIABLE, str(file))
        type_zip(page, WHOLE)
        expect(page.locator("#story")).to_have_value("")
    assert letters(door) == []


def press(page: Page, selector: str) -> None:
    """Press a button in a browser that keeps no cookie."""
    page.context.clear_cookies()
    page.locator(selector).first.click()


def test_the_whole_way_works_without_cookies(chromium: Browser, door: Web) -> None:
    link = add_maria(door, zip=SPLIT)
    add_contact(door, "H:IL:4")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        page.locator("#zip").fill(SPLIT)
        press(page, ".zip button")
        eyes.on(titled("en", "names"))
        press(page, "button[name=house][value='H:IL:4']")
        eyes.on(titled("en", "letter"))
        sign(page, story=STORY)
        press(page, ".tongue")
        eyes.on(titled("es", "letter"))
        expect(page.locator("#story")).to_have_value(STORY)
        press(page, ".tongue")
        press(page, "#letter button.full")
        eyes.on(titled("en", "letter", fault=True))
        expect(page.locator("#story")).to_have_value(STORY)
        sign(page, city="Chicago")
        press(page, "#letter button.full")
        eyes.on(titled("en", "thanks", "title_letters"))
        press(page, "button[name=go][value^=call]")
        eyes.on(titled("en", "call", "title"))
        press(page, "button[name=outcome][value=answered]")
        eyes.on(titled("en", "thanks", "title_call"))
        press(page, "button[name=go][value^=status]")
        eyes.on(titled("en", "status"))
        press(page, "button[name=letters]")
        eyes.on(titled("en", "taken_back", "title_one"))
        assert "v=" not in page.url
    assert [reason for _, _, reason, _ in letters(door)] == ["taken back"]
    assert rows(door, select(typed_form.c.mark)) == [], "without a cookie nothing that was typed is kept"


def test_what_was_typed_survives_every_button_until_it_is_forgotten(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    add_contact(door, "H:NC:12")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, WHOLE)
        sign(page, story=STORY, city="Charlotte")
        page.locator(".tongue").click()
        eyes.on(titled("es", "letter"))
        expect(page.locator("#story")).to_have_value(STORY)
        page.locator(".tongue").click()
        eyes.on(titled("en", "letter"))
        page.locator("#story").fill(f"{STORY} Twice.")
        page.locator("#letter button[name=go][value^=call]").first.click()  # call instead
        eyes.on(titled("en", "call", "title"))
        page.go_back()
        eyes.on(titled("en", "letter"))
        expect(page.locator("#story")).to_have_value(f"{STORY} Twice.")
        expect(page.locator("#city")).to_have_value("Charlotte")
        kept = rows(door, select(typed_form.c.words))
        assert len(kept) == 1
        assert b"Teodora" not in bytes(kept[0][0])
        page.locator("button[value=forget-typed]").click()
        eyes.on(titled("en", "letter"))
        expect(page.locator("#story")).to_have_value("")
        expect(page.locator("button[value=forget-typed]")).to_have_count(0)
    assert rows(door, select(typed_form.c.words)) == []
