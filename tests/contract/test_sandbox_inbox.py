"""The sandbox's inbox: what a reader gets after substitution, shown to people and to the demo."""

from __future__ import annotations

import asyncio
import io
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any

import pytest
import structlog

from campaign.sandbox.mail import substitute
from tests.contract.sandbox import mail, person, sandbox


def _letter(email: str, name: str, **more: Any) -> dict[str, Any]:
    values = {"[%t%]": name, "[%h%]": f"<b>{name}</b>", "<%n%>": "never"}
    headers = {"List-Unsubscribe": "<https://example.org/u/[%t%]>"}
    return person(
        email, substitutions=values, headers=headers, custom_args={"ct_delivery": "7", "tag": "[%t%]"}, **more
    )


LETTER = mail(
    personalizations=[_letter("ana@example.org", "Ana"), _letter("li@example.org", "Li", subject="For [%t%] only")],
    subject="Hello [%t%]",
    reply_to={"email": "org@example.org", "name": "[%t%]'s friends"},
    content=[{"type": "text/plain", "value": "Hi [%t%] <%n%>"}, {"type": "text/html", "value": "<p>Hi [%h%]</p>"}],
)


def test_tags_are_replaced_in_subject_reply_to_and_content_and_nowhere_else(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            message_id = (await running.post(LETTER)).headers["X-Message-Id"]
            inbox = await running.get("/inbox.json")
            assert inbox["total"] == 2
            li, ana = inbox["messages"]
            assert (ana["to"], ana["subject"], ana["text"]) == ("ana@example.org", "Hello Ana", "Hi Ana <%n%>")
            assert (li["subject"], li["html"], li["delivery"]) == ("For Li only", "<p>Hi <b>Li</b></p>", "7")
            assert ana["headers"]["Reply-To"] == "Ana's friends <org@example.org>"
            assert ana["headers"]["List-Unsubscribe"] == "<https://example.org/u/[%t%]>"
            assert ana["args"] == {"ct_request": "r1", "ct_delivery": "7", "tag": "[%t%]"}
            assert {(item["id"], item["headers"]["Message-ID"]) for item in (li, ana)} == {
                (message_id, f"<{message_id}@sandbox.invalid>")
            }

    asyncio.run(check())


def test_tags_that_overlap_or_nest_come_out_differently_by_order() -> None:
    nested = {substitute("[%a%]", {"[%a%]": "[%b%]", "[%b%]": "x"}, Random(seed)) for seed in range(20)}
    assert nested == {"[%b%]", "x"}
    overlapping = {substitute("-ab-", {"-a": "1", "-ab-": "2"}, Random(seed)) for seed in range(20)}
    assert overlapping == {"1b-", "2"}


def test_inbox_json_pages_and_finds_by_recipient(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            for batch in range(3):
                await running.post(mail(*(f"p{batch}{n}@example.org" for n in range(3))))
            everything = [item["to"] for item in (await running.get("/inbox.json"))["messages"]]
            assert everything == [f"p{batch}{n}@example.org" for batch in (2, 1, 0) for n in (2, 1, 0)]
            pages = [await running.get(f"/inbox.json?limit=4&offset={offset}") for offset in (0, 4, 8, 12)]
            assert [item["to"] for page in pages for item in page["messages"]] == everything
            assert {page["total"] for page in pages} == {9}
            found = await running.get("/inbox.json?to=P11@example.org")
            assert [item["to"] for item in found["messages"]] == ["p11@example.org"]

    asyncio.run(check())


def test_the_list_pages_searches_and_says_what_came_of_each(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            assert "No messages yet" in await running.text("/")
            await running.post(mail(*(f"p{n:03}@example.org" for n in range(99)), "bounce+z@example.org"))
            first, second = await running.text("/"), await running.text("/?page=2")
            assert first.count("<li>") == second.count("<li>") == 50
            assert "bounced" in first
            assert "p000@example.org" in second
            assert "51–100 of 100" in second
            assert (await running.text("/?q=P042")).count("<li>") == 1
            assert (await running.text("/?q=hello&page=2")).count("<li>") == 50
            assert "No messages match" in await running.text("/?q=nobody")
            assert "This page does not exist" in await running.text("/?page=99999999999")

    asyncio.run(check())


OFFICE = "office@example.org"


def _to_office(writer: str) -> dict[str, Any]:
    """A letter, in plain text alone, as the office gets it."""
    return mail(
        personalizations=[person(OFFICE)],
        **{"from": {"email": "letters@example.org", "name": f"{writer} via Org"}},
        reply_to={"email": f"{writer.lower()}@example.org", "name": writer},
        subject=f"From {writer}",
        content=[{"type": "text/plain", "value": f"Dear office,\n\n  {writer}"}],
    )


def test_an_office_sees_its_own_mail_by_who_wrote_it(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            await running.post(mail("ana@example.org"))
            for writer in ("Ana", "Bo"):
                assert (await running.post(_to_office(writer))).status == 202
            page = await running.text("/?to=Office@example.org")
            assert page.count("<li>") == 2
            assert "<b>Bo via Org</b> <small>letters@example.org</small>" in page
            assert (await running.text(f"/?to={OFFICE}&q=from+bo")).count("<li>") == 1
            assert "No messages match" in await running.text("/?to=nobody@example.org")
            assert (await running.text("/")).count("<li>") == 3

    asyncio.run(check())


def test_the_pages_of_one_inbox_stay_in_it(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            for _ in range(51):
                await running.post(mail(OFFICE))
            await running.post(mail("ana@example.org"))
            assert "/?to=office%40example.org&amp;page=2" in await running.text(f"/?to={OFFICE}")
            assert (await running.text("/?to=office%40example.org&page=2")).count("<li>") == 1

    asyncio.run(check())


def test_a_plain_letter_shows_its_text_first_with_all_who_are_in_it(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            message_id = (await running.post(_to_office("Ana"))).headers["X-Message-Id"]
            page = await running.text(f"/m/{message_id}/0")
            assert '<pre class="text"><span class="sheet">Dear office,\n\n  Ana</span></pre>' in page
            assert "iframe" not in page
            assert "<dt>From</dt><dd><b>Ana via Org</b> <small>letters@example.org</small></dd>" in page
            assert "<dt>To</dt><dd>office@example.org</dd>" in page
            assert "<dt>Reply-To</dt><dd><b>Ana</b> <small>ana@example.org</small></dd>" in page
            assert 'href="/?to=office%40example.org"' in page

    asyncio.run(check())


class _Page(HTMLParser):
    """The tags of a page, and what its frame holds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.frame: dict[str, str | None] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "iframe":
            self.frame = dict(attrs)


EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def test_a_hostile_mail_stays_in_its_frame(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            body = mail(
                personalizations=[{"to": [{"email": "ana@example.org", "name": EVIL}], "headers": {"X-Evil": EVIL}}],
                subject=EVIL,
                content=[{"type": "text/plain", "value": EVIL}, {"type": "text/html", "value": EVIL}],
            )
            message_id = (await running.post(body)).headers["X-Message-Id"]
            paths = [
                "/",
                f"/?q={EVIL[2:8]}",
                *(f"/m/{message_id}/0?part={part}" for part in ("html", "text", "headers")),
            ]
            for path in paths:
                page = _Page(await running.text(path))
                assert "script" not in page.tags
                assert "img" not in page.tags
            frame = _Page(await running.text(f"/m/{message_id}/0")).frame
            assert frame["srcdoc"] == '<base target="_blank">' + EVIL
            assert frame["sandbox"] == "allow-popups allow-popups-to-escape-sandbox"

    asyncio.run(check())


@pytest.mark.parametrize("path", ["/", "/m/{id}/0", "/m/none/0"])
def test_pages_run_no_script_and_fetch_nothing(tmp_path: Path, path: str) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            message_id = (await running.post(LETTER)).headers["X-Message-Id"]
            async with running.session.get(path.format(id=message_id)) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert policy.startswith("default-src 'none';")
                assert "script" not in policy
                assert answer.headers["Referrer-Policy"] == "no-referrer"

    asyncio.run(check())


def test_a_message_shows_its_headers_and_its_neighbours(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            message_id = (await running.post(LETTER)).headers["X-Message-Id"]
            page = await running.text(f"/m/{message_id}/0?part=headers")
            assert "List-Unsubscribe" in page
            assert f"/m/{message_id}/1" in page
            assert "Hi Ana" in await running.text(f"/m/{message_id}/0?part=text")
            await running.text(f"/m/{message_id}/2", status=404)
            await running.text(f"/m/{'x' * 22}/0", status=404)

    asyncio.run(check())


def test_no_address_gets_into_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    written = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))

    async def check() -> None:
        async with sandbox(tmp_path, webhook_url="http://127.0.0.1:9/closed") as running:
            await running.post(mail("secret-person@example.org", "bad@example.org"))
            await running.post(mail("secret-person@example.org"))
            await running.text("/?q=secret-person@example.org")

    try:
        asyncio.run(check())
    finally:
        structlog.reset_defaults()
    assert "secret-person" not in written.getvalue() + caplog.text
