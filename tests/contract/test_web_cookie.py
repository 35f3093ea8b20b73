"""The one cookie, and the addresses that it opens: over HTTP, without a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args
from urllib.parse import urlencode

import pytest

from campaign import clock
from campaign.config import Web as WebSection
from campaign.congress import contacts
from campaign.congress.contacts import Contact
from campaign.outreach.action_page import view_state
from campaign.outreach.action_page.view_state import PageName, ViewState
from tests.build import START
from tests.contract.doors import ACTION, everywhere, page_of
from tests.contract.web import KEYS, SLUG, Answer, Web, on_sqlite

COOKIE = re.compile(r"browser=([A-Za-z0-9_-]{22}); Path=/; Max-Age=1800; HttpOnly; SameSite=Lax")
QUESTION = 'inputmode="numeric"'
STORY = "A heron stood at the bus stop."


@dataclass
class CookieKeeper:
    """One browser at one of our addresses: it keeps the cookie, and goes where a form is answered to."""

    door: Web
    path: str
    cookie: str = ""

    def get(self, address: str = "", method: str = "GET") -> Answer:
        answer = self.door.ask(method, address or self.path, headers=self._sent())
        self.cookie = answer.headers.get("set-cookie", self.cookie).partition(";")[0]
        return answer

    def post(self, **form: str) -> Answer:
        return self.door.ask("POST", self.path, urlencode(form).encode(), self._sent())

    def press(self, **form: str) -> str:
        """The address that a form is answered with."""
        answer = self.post(**form)
        assert (answer.status, answer.body) == (303, b"")
        return answer.headers["location"]

    def _sent(self) -> dict[str, str]:
        return {"Cookie": self.cookie} if self.cookie else {}


def test_a_page_gives_one_cookie_and_keeps_the_one_there_is(small: Web) -> None:
    for path in (small.link(ACTION), f"/{SLUG}"):
        first = small.get(path).headers["set-cookie"]
        given = COOKIE.fullmatch(first)
        assert given is not None, first
        assert small.get(path).headers["set-cookie"] != first, "another browser is another number"
        again = small.get(path, Cookie=f"other=1; browser={given[1]}").headers["set-cookie"]
        assert again == first, "the same one, for another half hour"
        for rubbish in ("x", "A" * 21, "A" * 23, "<script>aaaaaaaaaaaaaa", '"' + "A" * 22):
            assert COOKIE.fullmatch(small.get(path, Cookie=f"browser={rubbish}").headers["set-cookie"])


def test_it_is_secure_where_the_site_is(tmp_path: Path) -> None:
    with on_sqlite(tmp_path, web=replace(WebSection(), base_url="https://letters.example.org")) as door:
        given = door.get(door.link(ACTION)).headers["set-cookie"]
    assert given.endswith("; HttpOnly; SameSite=Lax; Secure")


def test_there_is_no_other_cookie_anywhere(small: Web) -> None:
    browser = CookieKeeper(small, small.link(ACTION))
    browser.get()
    found = [small.get(path, **headers) for path in everywhere(small) for headers in ({}, {"Cookie": "a=1"})]
    found += [small.ask("POST", page_of(small, kind, 2), b"step=zip&zip=28205") for kind in "anu"]
    found += [browser.post(step="zip", zip="28205"), browser.post(step="zip", zip="1"), small.get("/no/such/page")]
    given = [answer for answer in found if "set-cookie" in answer.headers]
    assert given
    for answer in given:
        assert COOKIE.fullmatch(answer.headers["set-cookie"])
        assert answer.status < 500


def test_a_form_is_answered_with_an_address_that_its_browser_may_open_again_and_again(door: Web) -> None:
    browser = CookieKeeper(door, door.link(ACTION))
    assert QUESTION in browser.get().text
    address = browser.press(step="zip", zip="28205")
    assert address.startswith(f"{browser.path}?v=")
    before, pages = door.rows(), [browser.get(address) for _ in range(3)]
    assert {page.status for page in pages} == {200}
    assert all("Adams" in page.text and QUESTION not in page.text for page in pages)
    assert len(browser.get(address, "HEAD").body) == 0
    assert door.rows() == before


def test_elsewhere_the_same_address_shows_the_zip_question(small: Web) -> None:
    browser = CookieKeeper(small, small.link(ACTION))
    browser.get()
    address = browser.press(step="zip", zip="28205")
    sealed = address.partition("?")[2]
    other = CookieKeeper(small, browser.path)
    other.get()
    for page in (
        small.get(address),  # without a cookie
        other.get(address),  # another browser
        browser.get(f"{small.link(ACTION, 2)}?{sealed}"),  # the same one, at another link
        browser.get(f"/{SLUG}?{sealed}"),
    ):
        assert page.status == 200
        assert QUESTION in page.text
        assert "Adams" not in page.text
        assert "28205" not in page.text
    assert "Adams" in browser.get(address).text


@pytest.mark.deep
def test_get_and_head_with_any_state_change_no_row(door: Web) -> None:
    """The states of every page, with a letter written, typed words and reports that each could be about."""
    with door.database.begin() as conn:
        contacts.load(conn, [Contact("H:NC:12", "staff@example.org", "each", "us", "2026-11-10")], START)
    browser = CookieKeeper(door, door.link(ACTION))
    browser.get()
    page = browser.get(browser.press(step="zip", zip="28205")).text
    seen = dict(re.findall(r'name="(seen-[^"]+)" value="(\w+)"', page))
    form = {"zip": "28205", "house": "", "seat": "H:NC:12", "story": STORY, "first_name": "Ana", "last_name": "Ruiz"}
    form |= seen
    assert "Error:" in browser.get(browser.press(**form, city="", step="confirm")).text
    browser.press(**form, city="Charlotte", step="confirm")
    browser.press(zip="28205", seat="S:NC:2", step="called", outcome="answered")
    whose = {"link": f"{SLUG}/{browser.path.rpartition('/')[2]}", "browser": browser.cookie.partition("=")[2]}
    addresses = []
    for name in get_args(PageName):
        for news in ("", "check", "letters", "answered", "sent", "late", "wrong", "unsure"):
            for seat, letters in (("", ()), ("S:NC:3", (1,)), ("H:NC:12", (1, 2**40)), ("rubbish", ())):
                state = ViewState(page=name, zip="28205", seat=seat, news=news, letters=letters)
                addresses.append(f"{browser.path}?v={view_state.seal(KEYS, state, **whose, now=clock.now())}")
    addresses += [f"{browser.path}?v={odd}" for odd in ("", "x", "%00", "%F0%9F%92%A9", "A" * 4000, "=", "..")]
    before = door.rows()
    for number, address in enumerate(addresses):
        assert browser.get(address).status in (200, 400), address
        if number % 7 == 0:
            assert browser.get(address, "HEAD").body == b""
    assert door.rows() == before


def test_typed_words_are_shown_to_their_browser_alone(small: Web) -> None:
    with small.database.begin() as conn:
        contacts.load(conn, [Contact("H:NC:12", "staff@example.org", "each", "us", "2026-11-10")], START)
    browser, other = (CookieKeeper(small, small.link(ACTION)) for _ in range(2))
    browser.get()
    other.get()
    kept = browser.press(step="keep", zip="28205", story=STORY, first_name="Ana", city="")
    assert STORY in browser.get(kept).text
    assert STORY not in other.get(other.press(step="zip", zip="28205")).text
    assert STORY not in small.ask("POST", browser.path, b"step=zip&zip=28205").text
    assert STORY not in browser.get(browser.press(step="forget-typed", zip="28205")).text


@pytest.mark.parametrize("step", ["zip", "keep"])
def test_without_a_cookie_the_answer_is_the_page_itself(small: Web, step: str) -> None:
    answer = small.ask("POST", small.link(ACTION), urlencode({"step": step, "zip": "28205", "story": STORY}).encode())
    assert answer.status == 200
    assert "Adams" in answer.text
    assert "location" not in answer.headers
    assert small.rows()["typed_form"] == []
