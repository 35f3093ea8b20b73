"""How many statements a page costs, and that looking only reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from campaign.congress import contacts
from campaign.congress.contacts import Contact
from campaign.web import pages
from tests.build import START
from tests.contract.doors import ACTION, page_of
from tests.contract.test_web_cookie import CookieKeeper
from tests.contract.web import SLUG, Web

FIRST, PLAIN, SHOWN, POSTED = 2, 9, 11, 20  # statements: the ZIP question, a page, one with letters, a form


@contextmanager
def statements(door: Web) -> Iterator[list[str]]:
    """Those that are sent meanwhile, but for BEGIN and COMMIT."""
    sent = list[str]()

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            sent.append(" ".join(statement.split()))

    event.listen(door.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(door.database.engine, "before_cursor_execute", note)


@pytest.fixture
def browser(small: Web) -> CookieKeeper:
    with small.database.begin() as conn:
        contacts.load(conn, [Contact("H:NC:12", "staff@example.org", "each", "us", "2026-11-10")], START)
    made = CookieKeeper(small, small.link(ACTION))
    made.get()
    return made


@pytest.mark.deep
def test_looking_reads_little_and_only_reads(small: Web, browser: CookieKeeper) -> None:
    def count(address: str) -> int:
        with statements(small) as sent:
            assert browser.get(address).status == 200
        assert all(one.startswith(("SELECT", "WITH")) for one in sent), sent
        return len(sent)

    for path in (browser.path, f"/{SLUG}", *(page_of(small, kind) for kind in "nu")):
        count(path)  # once for what a process reads once
        assert count(path) <= FIRST, path
    for form in ({"step": "zip"}, {"go": "offices"}, {"go": "call S:NC:2"}, {"go": "form S:NC:2"}, {"go": "names"}):
        assert count(browser.press(zip="28205", **form)) <= PLAIN, form
    browser.press(step="called", zip="28205", seat="S:NC:2", outcome="answered")
    assert count(browser.press(zip="28205", go="status")) <= SHOWN


def test_a_form_costs_a_bounded_number(small: Web, browser: CookieKeeper) -> None:
    for form in (
        {"step": "zip"},
        {"step": "zip", "zip": "60601"},
        {"step": "keep", "story": "A heron."},
        {"step": "called", "seat": "S:NC:2", "outcome": "answered"},
        {"step": "told", "seat": "S:NC:2", "told": "sent"},
        {"go": "call S:NC:2"},
    ):
        with statements(small) as sent:
            browser.press(**{"zip": "28205", **form})
        assert len(sent) <= POSTED, (form, sent)


def test_the_zip_question_is_rendered_once_for_all_of_a_language(small: Web) -> None:
    pages._rendered.clear()
    english, spanish = (small.get(small.link(ACTION, number)).text for number in (1, 2))
    assert small.get(small.link(ACTION, 3)).text == english != spanish
    assert small.get(f"/{SLUG}").text not in (english, spanish)
    assert len(pages._rendered) == 3
    wrong = small.ask("POST", small.link(ACTION), b"step=zip&zip=99999x").text
    assert "99999x" in wrong
    assert small.get(f"/{SLUG}?s=flyer").text != small.get(f"/{SLUG}").text, "its forms keep where it was found"
    assert small.get(small.link(ACTION)).text == english
    assert len(pages._rendered) == 3
