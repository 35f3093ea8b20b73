"""Every page about an office, in both languages: what it must have, and that a phone and axe find nothing wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser import browser
from tests.contract.page_rules import check_access, check_look, check_structure, check_ways
from tests.contract.situations import LANGUAGES, SITUATIONS, primary, text

WATCH = """
    window.sent = undefined
    document.addEventListener("submit", event => { window.sent = event.submitter; event.preventDefault() })
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """One browser page for all tests here: a new one for each costs more than to look at it."""
    with browser() as running:
        yield running.new_page()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SITUATIONS)
def test_every_page_has_one_heading_and_stays_in_its_language(name: str, lang: str) -> None:
    shown = text(name, lang)
    check_structure(shown, lang)
    check_ways(shown, lang)
    assert "<b>Mi" not in shown


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SITUATIONS)
def test_the_airmail_stripe_is_on_one_thing_at_most(name: str, lang: str) -> None:
    assert text(name, lang).count("card mail") <= 1


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SITUATIONS)
def test_one_thing_to_do_stands_out_and_on_the_form_one_for_each_step(name: str, lang: str) -> None:
    assert len(primary(text(name, lang))) <= (2 if name.startswith("form") or name == "short form" else 1)


@pytest.mark.deep
@pytest.mark.parametrize("lang", ["es", pytest.param("en", marks=pytest.mark.long)])
@pytest.mark.parametrize("name", SITUATIONS)
def test_a_page_fits_a_phone_and_a_desk_and_breaks_no_rule_of_accessibility(page: Page, name: str, lang: str) -> None:
    page.emulate_media(color_scheme="dark" if lang == "en" else "light", reduced_motion="reduce")
    for width in (1280, 320):
        check_look(page, text(name, lang), width)
    check_access(page)


@pytest.mark.parametrize("clipboard", [True, False], ids=["clipboard", "an old browser"])
def test_one_press_copies_the_letter_and_says_so_only_then(page: Page, clipboard: bool) -> None:
    page.set_content(text("form", "en"))
    page.evaluate(
        "works => Object.defineProperty(navigator, 'clipboard', {configurable: true, value: works ? "
        "{writeText: text => {window.copied = text}} : undefined})",
        clipboard,
    )
    page.evaluate("document.addEventListener('copy', () => {window.copied = document.getSelection().toString()})")
    assert page.locator("#text-by-hand").is_hidden()
    assert page.locator("#text-copied").inner_text() == ""
    page.get_by_role("button", name="Copy letter").click()
    page.wait_for_function("document.getElementById('text-copied').textContent")
    assert page.locator("#text-copied").inner_text() == "Copied. Now open the form."
    assert str(page.evaluate("window.copied")).startswith("Dear Representative Example,")


def test_without_the_script_the_way_by_hand_stands_in_its_place(page: Page) -> None:
    page.set_content(re.sub(r"<script>.*?</script>", "", text("form", "en"), flags=re.DOTALL))
    assert page.locator("#text-by-hand").is_visible()
    assert page.get_by_role("button", name="Copy letter").count() == 0


def test_what_could_not_be_copied_is_not_called_copied(page: Page) -> None:
    page.set_content(text("form", "en"))
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {configurable: true, value: undefined})")
    page.evaluate("document.execCommand = () => false")
    page.get_by_role("button", name="Copy letter").click()
    page.wait_for_function("!document.getElementById('text-by-hand').hidden")
    assert page.locator("#text-copied").inner_text() == ""
    assert page.evaluate("document.activeElement.id") == "text", "the letter is there, selected"


@pytest.mark.parametrize("name", ["letter", "letter of a stranger", "mistakes"])
def test_the_enter_key_sends_nothing(page: Page, name: str) -> None:
    page.set_content(text(name, "en"))
    page.evaluate(WATCH)
    for field in ("first_name", "city"):
        page.locator(f"#{field}").focus()
        page.keyboard.press("Enter")
    assert page.evaluate("window.sent === undefined")
    page.get_by_role("button", name=primary(text(name, "en"))[0]).click()
    assert page.evaluate("new FormData(document.getElementById('letter'), window.sent).get('step')") == "confirm"


def test_the_language_switch_takes_along_what_was_typed(page: Page) -> None:
    page.set_content(text("letter", "en"))
    page.evaluate(WATCH)
    page.locator("#story").fill("I teach here.")
    page.get_by_role("button", name="Español").click()
    sent = dict(
        page.evaluate("[...new FormData(document.getElementById('letter'), window.sent)].reverse()")
    )  # of several values the first one counts, as the server reads them
    assert (sent["step"], sent["story"]) == ("keep", "I teach here.")
    assert page.evaluate("window.sent.getAttribute('formaction')") == "?lang=es"
