"""Every page of a supporter, in both languages: what it must have, and that a phone and axe find nothing wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from campaign.states import Proof
from campaign.web import pages
from tests.browser import browser
from tests.contract.action_pages import (
    status,
    visit,
)
from tests.contract.situations import LANGUAGES, SITUATIONS, content, leaves, standing, text, words


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """One browser page for all tests here: a new one for each costs more than to look at it."""
    with browser() as running:
        yield running.new_page()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SITUATIONS)
def test_every_page_has_one_heading_and_names_for_all_it_asks(name: str, lang: str) -> None:
    page = text(name, lang)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<h1>") == 1
    assert f'<html lang="{lang}">' in page
    referred = " ".join(re.findall(r' (?:for|aria-describedby|aria-labelledby)="([^"]+)"', page)).split()
    referred += re.findall(r'href="#([^"]+)"', page)
    assert set(referred) <= set(ids)
    fields = re.findall(r'<(?:textarea|select|input(?! type="hidden"))[^>]* id="([^"]+)"', page)
    assert set(fields) <= set(re.findall(r'<label for="([^"]+)"', page))
    assert page.count(" autofocus") <= 1
    for never in ("<script", " style=", "onclick", "<b>Mi"):
        assert never not in page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SITUATIONS)
def test_every_form_keeps_the_language_and_every_way_out_gives_nothing_away(name: str, lang: str) -> None:
    page = text(name, lang)
    other = "en" if lang == "es" else "es"
    for form in re.findall(r"<form[^>]*>", page):
        assert f'action="?lang={other if "switch" in form else lang}"' in form
        assert 'method="post"' in form
    for link in re.findall(r'<a [^>]*href="https?:[^>]*>', page):
        assert 'target="_blank" rel="noopener noreferrer"' in link
        assert 'href="https://office.example/' in link


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_called_sent_that_a_channel_did_not_prove(lang: str) -> None:
    english = r"(?<!not )(?<!being )(?<!be )(?<!is )(?<!n’t )(?<!it’s )\bsent\b"
    claim = re.compile(rf"{english}|(?<!se )\benvi(?:ad[oa]s?|ó)\b", re.IGNORECASE)
    allowed = {"status.sent", "status.reported", "letters.told_yes"}
    ours = (
        "warning",
        "choose",
        "write",
        "call",
        "problem",
        "guard",
        "status",
        "letters",
        "held",
        "code",
        "disown",
        "disowned",
    )
    tables = {name: pages.WORDS[lang][name] for name in (*ours, "forgotten", "role", "why", "value")}
    assert {path for path, said in leaves(tables) if claim.search(said)} == allowed
    for one in Proof:
        page = words(content(standing(visit(lang), status(state=one.value))))
        assert bool(claim.search(page)) == (one in (Proof.SENT, Proof.REPORTED)), one
        assert pages.WORDS[lang]["status"][one.value] in page


def scene(page: Page, html: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(html)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        "[...document.querySelectorAll('button:not(.hidden), a.switch, .button, summary, .tel, .field input, select')]"
        ".filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"
    )
    assert small == []


@pytest.mark.parametrize("lang", ["en", pytest.param("es", marks=pytest.mark.deep)])
@pytest.mark.parametrize("name", SITUATIONS)
def test_a_page_fits_a_phone_and_a_desk_and_breaks_no_rule_of_accessibility(page: Page, name: str, lang: str) -> None:
    page.emulate_media(color_scheme="dark" if lang == "en" else "light")
    for width in (1280, 320):
        scene(page, text(name, lang), width)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
