"""One message for one person: what the sandbox and SendGrid's own description say of it, and who it is from."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.delivery.sendgrid import bulk, single
from campaign.delivery.transport import Accepted
from campaign.model import Claimed, Kind, Text
from tests.contract.sandbox import KEY, receiver, sandbox

CLAIM = Claimed(1, "ab" * 16, 3, 2, Kind.LETTER, "first", "en", "house", 1)
ROOT_KEYS = {
    "personalizations",
    "from",
    "reply_to",
    "subject",
    "content",
    "headers",
    "custom_args",
    "tracking_settings",
}


def letter(**changes: Any) -> bytes:
    given: dict[str, Any] = {
        "to": "office@example.org",
        "to_name": "Office of Rep. Example",
        "sender": ("letters@example.org", single.via("Begoña Núñez", "Example Coalition")),
        "reply_to": ("begona@example.org", "Begoña Núñez"),
        "subject": "Please cosponsor",
        "text": "Dear Representative",
        "request": f"{'ab' * 16}.2",
        "delivery": "11",
        "headers": {"X-Campaign": "end-287g"},
    }
    return single.mail(**given | changes)


def test_a_letter_has_the_shape_that_sendgrid_documents_and_plain_text_alone() -> None:
    body = json.loads(letter())
    assert body.keys() == ROOT_KEYS
    assert body["personalizations"] == [
        {
            "to": [{"email": "office@example.org", "name": "Office of Rep. Example"}],
            "custom_args": {"ct_delivery": "11"},
        }
    ]
    assert body["from"] == {"email": "letters@example.org", "name": "Begona Nunez via Example Coalition"}
    assert body["reply_to"] == {"email": "begona@example.org", "name": "Begoña Núñez"}
    assert body["content"] == [{"type": "text/plain", "value": "Dear Representative"}]
    assert body["custom_args"] == {"ct_request": f"{'ab' * 16}.2"}


def test_html_comes_after_the_text_and_names_may_be_missing() -> None:
    body = json.loads(letter(html="<p>Hi", to_name="", headers={}))
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    assert body["personalizations"][0]["to"] == [{"email": "office@example.org"}]
    assert "headers" not in body


def test_nothing_is_tracked_as_in_an_ask() -> None:
    ask = bulk.body(CLAIM, Text("S", "T", "H"), [], sender=("a@b.org", "A"), reply_to="r@b.org")
    for made in (
        letter(),
        single.trial(to="a@b.org", sender=("a@b.org", ""), reply_to=("a@b.org", ""), subject="S", text="T"),
    ):
        tracking = json.loads(made)["tracking_settings"]
        assert tracking == json.loads(ask)["tracking_settings"]
        assert not any(value for part in tracking.values() for value in part.values())


def test_the_sandbox_takes_it_and_its_ids_come_back_on_events(tmp_path: Path) -> None:
    async def check() -> None:
        async with receiver() as listening, sandbox(tmp_path, webhook_url=listening.url) as running:
            async with bulk.session(in_flight=1, timeout=100) as client:
                answer = await bulk.post(client, running.url, KEY, letter(html="<p>Hi"), deliveries=[11], attempt=2)
            assert answer == Accepted(running.ledger()[0].id)
            await running.quiet()
            assert {event["event"] for event in listening.events} == {"processed", "delivered"}
            for event in listening.events:
                assert (event["ct_request"], event["ct_delivery"]) == (f"{'ab' * 16}.2", "11")

    asyncio.run(check())


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Begoña Núñez", "Begona Nunez"),
        ("  Ana   Ruiz ", "Ana Ruiz"),
        ("Łukasz Großmann", "Lukasz Grossmann"),
        ("Nguyễn Văn Ánh", "Nguyen Van Anh"),
        ("D’Angelo O'Brien-N’Diaye", "D'Angelo O'Brien-N'Diaye"),
        ("Zoë 🌻", "Zoe"),
        ("Anna Иванова", "Anna"),
        ("محمد الأحمد", "A constituent"),
        ("李小龍", "A constituent"),
        ("\x00 \r\n", "A constituent"),
        ("", "A constituent"),
    ],
)
def test_a_name_in_ascii(name: str, plain: str) -> None:
    assert single.ascii_name(name) == plain


@pytest.mark.parametrize(
    ("name", "organization", "shown"),
    [
        ("Begoña Núñez", "Coalición 287(g)", "Begona Nunez via Coalicion 287g"),
        ('Ana "x" <a@b.org>, Bo', "Org; Inc.", "Ana x ab.org Bo via Org Inc."),
        ("＜Ana＞", "Org", "Ana via Org"),
        ("Ana", "李小龍", "Ana"),
        ("W" * 300, "One Two " * 30, f"{'W' * 40} via One Two One Two One Two"),
    ],
)
def test_the_from_name_of_a_letter(name: str, organization: str, shown: str) -> None:
    assert single.via(name, organization) == shown


@given(st.text(max_size=120), st.text(max_size=120))
def test_no_name_breaks_a_from_header(name: str, organization: str) -> None:
    shown = single.via(name, organization)
    assert shown.isascii()
    assert shown.isprintable()
    assert 0 < len(shown) <= single.LONGEST_FROM
    assert not set(shown) & set('<>"\\,;:@()[]')
    assert shown == shown.strip()
    assert single.ascii_name(single.ascii_name(name)) == single.ascii_name(name)
