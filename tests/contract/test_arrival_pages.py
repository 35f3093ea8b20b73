"""The pages before an office is chosen, and the ends of a visit: what each must say, and what it never may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Page

from campaign.outreach.action_page.views import Finder, OfficeView
from campaign.web import pages, replies
from tests.browser import browser
from tests.contract.action_pages import PAGE, visit
from tests.contract.arrival_situations import (
    ARRIVAL,
    CLOSED,
    ILLINOIS,
    SENATORS,
    TWO_STATES,
    check_email,
    names,
)
from tests.contract.page_rules import check_access, check_look, check_structure, check_ways, words
from tests.contract.recorded_words import Recorded

LANGUAGES = pages.LANGUAGES
BEFORE_THE_ZIP_FITS = ("open page", "behind a link", "wrong zip", "unknown zip", "military zip", "expired", "home")
FAULTS = ("wrong zip", "unknown zip", "foreign zip", "wrong code", "street not found")


def text(name: str, lang: str) -> str:
    return content(ARRIVAL[name](visit(lang)))


def content(reply: replies.Reply) -> str:
    return str(replies.render(reply).content)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser() as running:
        yield running.new_page()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ARRIVAL)
def test_every_page_has_one_heading_and_stays_in_its_language(name: str, lang: str) -> None:
    check_structure(text(name, lang), lang)
    check_ways(text(name, lang), lang)


@pytest.mark.deep
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ARRIVAL)
def test_a_page_fits_a_phone_and_a_desk_and_breaks_no_rule_of_accessibility(page: Page, name: str, lang: str) -> None:
    page.emulate_media(color_scheme="dark" if lang == "en" else "light", reduced_motion="reduce")
    for width in (1280, 320):
        check_look(page, text(name, lang), width)
    check_access(page)


@pytest.mark.parametrize("name", BEFORE_THE_ZIP_FITS)
def test_no_name_is_shown_before_the_zip_code_fits(name: str) -> None:
    at = visit("en")
    shown = text(name, "en")
    for own in (at.person.first_name, at.person.last_name, at.person.email, at.person.zip, *(o.name for o in ILLINOIS)):
        assert not re.search(rf"\b{re.escape(own)}\b", words(shown).replace("like 28205", ""))
    assert 'id="go"' not in shown


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_comes_first_in_focus_and_leads_to_its_field(name: str, lang: str) -> None:
    shown = text(name, lang)
    assert shown.index('role="alert" tabindex="-1" autofocus') < shown.index("<h1>")
    (field,) = re.findall(r'role="alert".*?href="#(\w+)"', shown, re.DOTALL)
    (entry,) = re.findall(rf'<input id="{field}"[^>]*>', shown)
    assert 'aria-invalid="true"' in entry
    assert f"{field}-wrong" in re.findall(r'aria-describedby="([^"]*)"', entry)[0].split()
    assert f'id="{field}-wrong">{pages.WORDS[lang]["problem"]["error"]}: ' in shown


@pytest.mark.deep
def test_a_browser_puts_the_focus_on_what_is_wrong_and_tab_moves_to_its_link(page: Page, tmp_path: Path) -> None:
    (tmp_path / "wrong.html").write_text(text("unknown zip", "en"), encoding="utf-8")
    page.goto((tmp_path / "wrong.html").as_uri())
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "See who represents me", "past the field"


def test_a_wrong_zip_code_is_still_there_and_harmless() -> None:
    shown = text("wrong zip", "en")
    (typed,) = re.findall(r'<input id="zip"[^>]* value="([^"]*)"', shown)
    assert unescape(typed) == '2"8<'
    assert "promise" not in words(shown), "what is wrong comes first"


@pytest.mark.parametrize(
    ("name", "en", "es"),
    [
        ("open page", "Expires January 3, 2027 (16 days left)", "Vence el 3 de enero de 2027 (quedan 16 días)"),
        ("open page on the last day but one", "2027 (1 day left)", "2027 (queda 1 día)"),
        ("open page on the last day", "2027 (today)", "2027 (hoy)"),
    ],
)
def test_the_deadline_is_a_fact_with_the_days_that_are_left(name: str, en: str, es: str) -> None:
    assert en in words(text(name, "en"))
    assert es in words(text(name, "es"))


def test_a_deadline_that_has_passed_or_is_not_known_is_not_shown() -> None:
    assert "deadline" not in text("open page after the deadline", "en").partition("</style>")[2]
    assert "deadline" not in text("open page without texts", "en").partition("</style>")[2]


def test_only_the_open_page_describes_itself_for_sharing() -> None:
    assert '<meta property="og:description" content="All you need to start is a ZIP code.">' in text("open page", "en")
    assert "og:" not in text("behind a link", "en")
    assert f'href="/{PAGE.slug}?lang=es"' in text("behind a link", "es"), "for a friend it was forwarded to"


def test_a_program_that_fills_every_field_is_known_by_a_field_that_nobody_sees() -> None:
    shown = text("joining goes wrong", "en")
    assert re.search(r'<div class="pot" aria-hidden="true">.*name="website" tabindex="-1" autocomplete="off">', shown)
    assert 'name="website"' not in text("open page", "en"), "a ZIP code stores nothing"


def buttons(shown: str) -> list[str]:
    return re.findall(r'<button[^>]* name="house" value="([^"]*)"', shown)


def test_names_come_with_districts_and_not_knowing_leads_to_the_senators() -> None:
    shown = text("names", "en")
    assert buttons(shown) == ["H:IL:4", "H:IL:7", "unsure"]
    assert "covers two districts in Illinois" in words(shown)
    assert "Jesús “Chuy” Example Illinois’s 4th District" in words(shown)
    assert "Theo Example and Thora Example represent everyone in Illinois." in words(shown)
    assert "Distrito 4 de Illinois" in words(text("names", "es"))


def test_not_knowing_comes_first_where_there_are_the_names_of_a_whole_state() -> None:
    assert buttons(text("names of a state", "en")) == ["unsure", "H:IL:4", "H:IL:7", "H:IL:8"]


def test_in_two_states_the_state_is_asked_for_and_nobody_is_sent_to_senators_of_another_one() -> None:
    shown = text("names of two states", "en")
    assert buttons(shown) == ["H:MT:2", "H:SD:0"]
    assert "Which state do you live in?" in words(shown)
    assert words(shown).index("Montana") < words(shown).index("Rep MT")
    senators = tuple(office for state in ("MT", "SD") for office in of_state(state))
    both = content(names(visit("en"), candidates=TWO_STATES, offices=senators))
    assert "Representative Rep SD, and Sens. Theo Example and Thora Example" in words(both)
    assert "unsure" not in buttons(both)


def of_state(state: str) -> tuple[OfficeView, ...]:
    return tuple(replace(office, state=state) for office in SENATORS)


def test_a_state_whose_lines_are_new_is_named_and_its_members_are_not_guessed() -> None:
    shown = words(content(names(visit("en"), candidates=(), offices=(), closed=(CLOSED,))))
    assert "A new Congress began on January 3, 2027, and North Carolina has new district lines." in shown
    assert "We won’t guess" in shown


def test_where_the_zip_code_settles_the_district_nobody_hits_a_wall() -> None:
    shown = text("one representative", "en")
    assert "North Carolina’s 12th District, which includes your ZIP code, 28205." in words(shown)
    assert "no one to write to" not in words(shown)
    assert re.findall(r'name="go" value="([^"]+)"', shown) == [
        f"offices {one}" for one in ("H:NC:12", "S:NC:2", "S:NC:3")
    ]


def test_no_way_on_is_missing_where_there_is_nobody_to_write_to() -> None:
    shown = text("nobody", "en")
    assert "There’s no one to write to right now" in words(shown)
    assert 'href="?lang=en">Try another ZIP code' in shown


def test_a_street_is_never_asked_for_without_saying_where_it_goes() -> None:
    shown = text("names or a street", "en")
    assert "census.gov" in words(shown)
    assert 'aria-describedby="street-hint goes"' in shown
    assert "<details open>" in text("street not found", "en")
    assert "house.gov" not in shown
    assert "house.gov" in text("names", "en")


def test_a_foreign_link_has_two_ways_on() -> None:
    shown = text("forwarded", "en")
    assert re.findall(r'name="step" value="([\w-]+)"', shown) == ["continue", "code"]
    assert "Continue with 28205" in words(shown)


def test_what_was_taken_back_is_counted_and_typed_words_can_be_forgotten() -> None:
    one, two = text("taken back", "en"), text("two taken back", "en")
    assert "You took your letter back It wasn’t sent, and it won’t be. Your words stay here" in words(one)
    assert "You took your letters back They weren’t sent, and they won’t be. Change my letter" in words(two)
    assert ('value="forget-typed"' in one, 'value="forget-typed"' in two) == (True, False)


def test_check_your_email_says_no_more_than_is_sure() -> None:
    shown = text("check email", "en")
    assert "rosa.m@example.com" in words(shown)
    assert "December 21, 2026" in words(shown)
    assert "We sent" not in words(shown)
    assert "on the list" in words(text("check email to join", "en"))
    assert "&lt;b&gt;" in content(check_email(visit("en"), email="<b>@example.org"))


def test_an_unsubscribed_person_may_join_again_on_the_open_page() -> None:
    for page in ("unsubscribed", "unsubscribed on the open page"):
        assert f'href="/{PAGE.slug}?lang=en"' in text(page, "en").partition("<main")[2]


def test_too_many_tries_say_how_long_and_that_a_call_needs_no_wait() -> None:
    assert "Please wait 10 minutes, then try again." in words(text("error 429 with a time", "en"))
    assert "Please wait a few minutes, then try again." in words(text("error 429", "en"))
    assert 'href="tel:+12022253121"' in text("error 429", "en")


OURS = (
    *("page", "open", "zip", "names", "street", "forwarded", "code", "used_code", "taken_back", "check_email"),
    *("disown", "disowned", "erased", "unsubscribe", "unsubscribed", "expired", "home", "error"),
    *("join", "joined", "join_ended", "never"),
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_of_these_pages_is_on_one_of_them(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Recorded(pages.WORDS[lang])
    monkeypatch.setitem(pages.WORDS, lang, said)
    at = visit(lang)
    for make in ARRIVAL.values():
        content(make(at))
    for why in said["street"]:
        content(names(at, finder=Finder(why)))
    content(names(at, candidates=ILLINOIS * 2))
    content(names(at, candidates=(*ILLINOIS, ILLINOIS[0])))
    content(names(at, candidates=(*ILLINOIS, *ILLINOIS, ILLINOIS[0])))
    senators = tuple(office for state in ("MT", "SD") for office in of_state(state))
    content(names(at, candidates=TWO_STATES, offices=senators))
    assert [path for path in said.unused() if path.partition(".")[0] in OURS] == []


def test_the_language_switch_keeps_the_place() -> None:
    shown = content(names(visit("en"), switch_query="v=abc"))
    assert '<a class="tongue" href="?v=abc&amp;lang=es" lang="es" hreflang="es">Español</a>' in shown
