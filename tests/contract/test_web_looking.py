"""GET, HEAD and OPTIONS change no row: on the open page, and behind the links to join, to answer and to end emails."""

from __future__ import annotations

import pytest

from campaign.links import Purpose
from campaign.store.schema import sign_up, suppression
from tests.contract.doors import ACTION, press
from tests.contract.test_web_join import OPEN, join_form, join_link, letter_form, small, stamp
from tests.contract.web import Web

__all__ = ["small"]  # a fixture
pytestmark = pytest.mark.deep

# What follows a path, and with which headers.
LOOKS: tuple[tuple[str, dict[str, str]], ...] = (
    ("", {}),
    ("?lang=es", {"Cookie": f"browser={'A' * 22}"}),
    ("?s=whatsapp", {"User-Agent": "facebookexternalhit/1.1", "Accept-Encoding": "gzip"}),
    ("?v=AAAA&lang=en", {"Sec-Purpose": "prefetch", "Sec-Fetch-Site": "none"}),
    ("?step=confirm&zip=28205&answer=yes", {}),
)


def look(door: Web, *paths: str, status: int = 200) -> None:
    before = door.rows()
    for path in paths:
        for query, headers in LOOKS:
            answers = [door.ask(method, path + query, headers=headers) for method in ("GET", "HEAD", "OPTIONS")]
            assert [answer.status for answer in answers] == [status, status, 204], path + query
            assert answers[1].body == b""
    assert door.rows() == before


def test_looking_at_open_pages(small: Web) -> None:
    look(small, OPEN, "/", "/robots.txt")


def test_looking_at_a_sign_up_before_and_after_it(small: Web) -> None:
    assert press(small, OPEN, **letter_form(small)).status == 200
    assert len(small.rows()[sign_up.name]) == 1, "a letter of a stranger waits"
    confirms, never = join_link(small), join_link(small, "x")
    look(small, confirms, never)
    assert press(small, confirms).status in (200, 303)
    look(small, confirms, never)


def test_looking_at_a_refused_sign_up(small: Web) -> None:
    press(small, OPEN, **join_form(small, shown_at=stamp(small)))
    confirms, never = join_link(small), join_link(small, "x")
    assert press(small, never).status == 200
    assert small.rows()[suppression.name]
    look(small, never)
    look(small, confirms, status=small.get(confirms).status)


@pytest.mark.parametrize("number", [1, 2])
def test_looking_at_what_ends_emails_and_asks_for_an_answer(small: Web, number: int) -> None:
    quiet, asks = (small.link(purpose, number) for purpose in (Purpose.QUIET, Purpose.ANSWER))
    look(small, quiet, asks)
    before = small.rows()
    assert [press(small, quiet).status, press(small, asks, answer="yes").status] == [303, 303]
    assert small.rows() != before, "pressing does act"
    look(small, quiet, asks)


def test_looking_at_links_that_were_not_made_here(small: Web) -> None:
    token = small.link(ACTION).rpartition("/")[2]
    look(small, *(f"{OPEN.replace('/', f'/{kind}/')}/{token}" for kind in "jqhn"), status=404)
