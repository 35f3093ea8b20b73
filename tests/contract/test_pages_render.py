"""Every page about an office, in both languages: what it must have, and that a phone and axe find nothing wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser import browser
from tests.contract.page_rules import check_access, check_look, check_structure, check_ways
from tests.contract.situations import LANGUAGES, SITUATIONS, primary, text


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


@pytest.mark.parametrize("lang", ["en", pytest.param("es", marks=pytest.mark.deep)])
@pytest.mark.parametrize("name", SITUATIONS)
def test_a_page_fits_a_phone_and_a_desk_and_breaks_no_rule_of_accessibility(page: Page, name: str, lang: str) -> None:
    page.emulate_media(color_scheme="dark" if lang == "en" else "light", reduced_motion="reduce")
    for width in (1280, 320):
        check_look(page, text(name, lang), width)
    check_access(page)
