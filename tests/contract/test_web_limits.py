"""How many forms one address may post. In front of these doors stands a proxy on the same machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from limits import RateLimitItemPerMinute

from campaign.config import Web as WebSettings
from campaign.config import load_settings
from campaign.keys import derive
from campaign.store import engine
from campaign.web import limits
from campaign.web.app import create_app
from campaign.web.limits import LIMITS, SIGN_UP, Limits
from tests.contract.page_rules import words
from tests.contract.test_web_join import join_form
from tests.contract.web import SLUG, Answer, Web, on_sqlite

OPEN = f"/{SLUG}"


def post(door: Web, address: str = "", path: str = OPEN, body: bytes = b"step=zip&zip=1") -> Answer:
    return door.ask("POST", path, body, {"X-Forwarded-For": address} if address else {})


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit in LIMITS.items():
        if limit is not None:
            monkeypatch.setitem(LIMITS, name, RateLimitItemPerMinute(2 if name == SIGN_UP else 3, limits.MINUTES))


def test_every_route_that_takes_a_form_has_a_row(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, environ={})
    app = create_app(engine.connect(f"sqlite:///{tmp_path}/x.db"), derive(b"x" * 32), settings)
    posts = {route.path for route in app.routes if "POST" in getattr(route, "methods", ())}
    rows = {name.replace(":str}", "}") for name in LIMITS} - {SIGN_UP}
    assert {path.replace(":str}", "}") for path in posts} == rows


@pytest.mark.usefixtures("few")
def test_the_fourth_form_of_an_address_waits_and_others_do_not(small: Web) -> None:
    assert [post(small, "203.0.113.7").status for _ in range(3)] == [422] * 3
    refused = post(small, "203.0.113.7")
    assert refused.status == 429
    assert 0 < int(refused.headers["retry-after"]) <= 600
    assert "Let’s take a short break" in words(refused.text)
    assert "202-225-3121" in refused.text
    assert post(small, "203.0.113.8").status == 422
    assert small.ask("GET", OPEN, None, {"X-Forwarded-For": "203.0.113.7"}).status == 200, "looking is free"
    assert post(small, "203.0.113.7", "/a/x/y").status == 404, "another route counts apart"


@pytest.mark.usefixtures("few")
def test_ipv6_addresses_of_one_household_count_together(small: Web) -> None:
    assert [post(small, f"2001:db8:1:2::{number}").status for number in range(1, 5)] == [422] * 3 + [429]
    assert post(small, "2001:db8:1:3::1").status == 422


@pytest.mark.usefixtures("few")
def test_this_machine_and_one_click_unsubscribes_are_never_limited(small: Web) -> None:
    assert {post(small).status for _ in range(6)} == {422}
    assert {post(small, "203.0.113.7", "/u/x/y").status for _ in range(6)} == {404}


@pytest.mark.usefixtures("few")
def test_forms_that_send_an_email_have_a_lower_limit(small: Web) -> None:
    from urllib.parse import urlencode

    bodies = [urlencode(join_form(small, email=f"p{number}@example.com")).encode() for number in range(3)]
    assert [post(small, "203.0.113.9", body=body).status for body in bodies] == [200, 200, 429]
    assert post(small, "203.0.113.9").status == 429, "these count as forms of the page too"


@pytest.mark.usefixtures("few")
def test_a_header_is_believed_only_from_a_proxy_that_the_settings_name(tmp_path: Path) -> None:
    with on_sqlite(tmp_path, web=WebSettings(proxies="")) as door:
        assert {post(door, "203.0.113.7").status for _ in range(6)} == {422}, "it is this machine that asks"


def test_no_address_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    class Connection:
        class client:
            host = "203.0.113.7"

    made: Any = Limits()
    made.count(Connection, OPEN.replace(SLUG, "{slug:str}"))
    assert made._counts.storage.events
    assert "203.0.113.7" not in repr(made._counts.storage.events)
    assert repr(made._counts.storage.events) != repr(_counted(Connection)), "another process has another key"


def _counted(connection: Any) -> Any:
    made: Any = Limits()
    made.count(connection, "/{slug:str}")
    return made._counts.storage.events
