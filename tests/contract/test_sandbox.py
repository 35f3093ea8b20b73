"""mail/send: what the sandbox takes, what it refuses and in which words, and what stands in its ledger."""

from __future__ import annotations

import asyncio
import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail

from campaign.errors import CampaignError
from campaign.sandbox import ledger, rules, server
from tests.contract.sandbox import mail, person, sandbox

HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message.personalizations.to"


def test_a_good_request_is_accepted_with_one_message_id_and_stands_in_the_ledger(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            answer = await running.post(mail("ana@example.org", "li@example.org"))
            assert answer.status == 202
            assert answer.headers["Content-Length"] == "0"
            assert len(answer.headers["X-Message-Id"]) == 22
            (request,) = running.ledger()
            assert (request.id, request.answered) == (answer.headers["X-Message-Id"], "202")
            assert [part.to[0].email for part in request.body.personalizations] == ["ana@example.org", "li@example.org"]
            assert await running.get("/ledger.json") == {"accepted": 2, "duplicates": 0, "requests": 1}

    asyncio.run(check())


def test_the_official_package_sends_through_it(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            client = SendGridAPIClient(api_key="SG.key", host=running.url)
            message = Mail("org@example.org", "ana@example.org", "Hello", "Hi", "<p>Hi</p>")
            answer = await asyncio.to_thread(client.send, message)
            assert answer.status_code == 202
            assert answer.headers["X-Message-Id"] == running.ledger()[0].id

    asyncio.run(check())


@pytest.mark.parametrize("value", ["", "Bearer nothing", "Basic SG.key", "Bearer SG.other"])
def test_a_wrong_key_is_refused_in_sendgrids_words(tmp_path: Path, value: str) -> None:
    async def check() -> None:
        async with sandbox(tmp_path, api_key="SG.the-one") as running:
            answer = await running.post(mail(), headers={"Authorization": value})
            words = "The provided authorization grant is invalid, expired, or revoked"
            assert answer.status == 401
            assert await answer.json() == {"errors": [{"message": words, "field": None, "help": None}]}
            assert (await running.post(mail(), headers={"Authorization": "Bearer SG.the-one"})).status == 202

    asyncio.run(check())


def _with(**keys: Any) -> dict[str, Any]:
    return mail(personalizations=[person("ana@example.org", **keys)])


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        _with(substitutions={"[%a%]": 1}),
        _with(headers={"X-Number": 1}),
        _with(custom_args={"ct_delivery": 1}),
        _with(reply_to={"email": "ana@example.org"}),
        mail(custom_args="text"),
        mail(mail_settings={"sandbox_mode": {"enable": "true"}}),
    ],
)
def test_a_wrong_shape_is_a_bad_request_and_no_more_is_said(tmp_path: Path, body: Any) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            answer = await running.post(body)
            assert answer.status == 400
            assert await answer.json() == {"errors": [{"message": "Bad Request", "field": None, "help": None}]}

    asyncio.run(check())


def _without(key: str) -> dict[str, Any]:
    body = mail()
    del body[key]
    return body


NAMES = {"email": "ana@example.org"}, {"email": "ANA@example.org"}
WRONG: list[tuple[dict[str, Any], str, str]] = [
    (mail(personalizations=[]), "personalizations", "must have at least one personalization"),
    (_with(bcc=[{"email": f"p{n}@example.org"} for n in range(1000)]), "personalizations", "1000 total recipients"),
    (_with(to=[]), "personalizations.0.to", "The to array is required"),
    (_with(to=[{"name": "Ana"}]), "personalizations.0.to.0.email", "The to email parameter is required."),
    (_with(to=[{"email": "ana@"}]), "personalizations.0.to.0.email", "Does not contain a valid address."),
    (_with(cc=[{"email": "josé@example.org"}]), "personalizations.0.cc.0.email", "Does not contain a valid address."),
    (_with(to=[NAMES[0]], cc=[NAMES[1]]), "personalizations.0", "unique between to, cc, and bcc. We found the first"),
    (_without("from"), "from", "The from object must be provided"),
    (mail(**{"from": {"email": "org"}}), "from.email", "The from email does not contain a valid address."),
    (mail(reply_to={"email": "org"}), "reply_to.email", "Does not contain a valid address."),
    (mail(reply_to=NAMES[0], reply_to_list=[NAMES[0]]), "reply_to_list", "may not be used together"),
    (_without("subject"), "subject", "The subject is required."),
    (mail(subject=""), "subject", "at least one character"),
    (_with(subject=""), "personalizations.0.subject", "at least one character"),
    (_without("content"), "content", "The content param is required"),
    (mail(content=list(reversed(mail()["content"]))), "content", "text/plain needs to be first"),
    (mail(content=[{"type": "text/plain", "value": ""}]), "content.0.value", "at least one character"),
    (mail(content=[{"value": "Hi"}]), "content.0.type", "A content type is required"),
    (mail(headers={"Reply-To": "x"}), "headers", "reserved keys"),
    (_with(headers={"DKIM-Signature": "x"}), "personalizations.0.headers", "reserved keys"),
    (_with(headers={"X Y": "x"}), "personalizations.0.headers", "empty spaces"),
    (_with(headers={"X-Y": "x", "x-y": "x"}), "personalizations.0.headers", "duplicate keys"),
    (_with(custom_args={}), "personalizations.0.custom_args", "can't be empty"),
    (_with(custom_args={"a": "é" * 5000}), "personalizations.0.custom_args", "may not exceed 10000 bytes"),
    (_with(substitutions={"[%a%]": "é" * 5000}), "personalizations.0.substitutions", "limited to 10000 bytes per"),
    (_with(substitutions={f"[%{n}%]": "" for n in range(151)}), "personalizations.0.substitutions", "150 items per"),
    (mail(categories=["a"] * 2), "categories.1", "a unique list"),
    (mail(categories=[str(n) for n in range(11)]), "categories", "limit of 10 categories"),
    (mail(categories=["a" * 256]), "categories.0", "longer than 255"),
    (mail(categories=["é"]), "categories.0", "non-ASCII"),
    (mail(send_at="soon"), "send_at", "expecting a UNIX timestamp"),
    (_with(send_at=int(time.time()) + 73 * 3600), "personalizations.0.send_at", "more than 72 hours"),
    (mail(template_id="d-1"), "template_id", "valid template id"),
]


@pytest.mark.parametrize(("body", "field", "words"), WRONG, ids=[f"{field}-{words}" for _, field, words in WRONG])
def test_what_is_wrong_is_named_with_its_field(tmp_path: Path, body: dict[str, Any], field: str, words: str) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            ((named, message),) = await running.faults(body)
            assert named == field
            assert words in message

    asyncio.run(check())


def test_one_bad_personalization_fails_the_request_and_every_fault_is_told(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            body = mail("ana@example.org", "not an address", "li@example.org", "@")
            answer = await running.post({**body, "subject": ""})
            errors = (await answer.json())["errors"]
            places = ["subject", "personalizations.1.to.0.email", "personalizations.3.to.0.email"]
            assert [error["field"] for error in errors] == places
            assert errors[1]["help"] == HELP
            assert not running.ledger()

    asyncio.run(check())


def test_a_thousand_personalizations_is_the_most(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            emails = [f"p{number}@example.org" for number in range(1001)]
            (personalizations, recipients) = await running.faults(mail(*emails))
            assert "You have provided 1001 personalizations." in personalizations[1]
            assert "1000 total recipients" in recipients[1]
            assert (await running.post(mail(*emails[:1000]))).status == 202

    asyncio.run(check())


def test_limits_of_substitutions_can_be_those_of_another_account(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path, limits=rules.SubstitutionLimits(50_000, 200)) as running:
            body = _with(substitutions={f"[%{n}%]": "x" * 200 for n in range(200)})
            assert (await running.post(body)).status == 202

    asyncio.run(check())


def test_more_than_30_mb_is_refused_with_a_page_of_html(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            body = io.BytesIO(b" " * (server.LARGEST + 1))
            async with running.session.post("/v3/mail/send", data=body) as answer:
                assert (answer.status, answer.content_type) == (413, "text/html")

    asyncio.run(check())


def test_sandbox_mode_is_200_and_keeps_nothing(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            assert (await running.post(mail(mail_settings={"sandbox_mode": {"enable": True}}))).status == 200
            assert not running.ledger()

    asyncio.run(check())


def test_a_lost_answer_was_accepted_and_happens_once(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            body = mail("ana@example.org", "lost-answer@example.org")
            with pytest.raises(aiohttp.ClientConnectionError):
                await running.post(body)
            assert [request.answered for request in running.ledger()] == ["lost"]
            assert (await running.post(body)).status == 202
            assert await running.get("/ledger.json") == {"accepted": 4, "duplicates": 2, "requests": 2}

    asyncio.run(check())


def test_a_request_is_in_the_ledger_while_its_client_still_waits_for_the_answer(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path, slow_seconds=60) as running:
            waiting = asyncio.create_task(running.post(mail("slow@example.org")))
            async with asyncio.timeout(200):
                while not running.ledger():
                    await asyncio.sleep(0.01)
            assert not waiting.done()
            waiting.cancel()
            assert len(running.ledger()) == 1

    asyncio.run(check())


def test_an_answer_comes_after_the_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def recorded(fd: int) -> None:
        synced.append(os.fstat(fd).st_size)
        fsync(fd)

    async def check() -> None:
        async with sandbox(tmp_path) as running:
            monkeypatch.setattr(os, "fsync", recorded)
            for number in range(5):
                await running.post(mail(f"p{number}@example.org"))
                assert synced[-1] == (tmp_path / ledger.NAME).stat().st_size

    asyncio.run(check())


def test_429_and_500_keep_nothing_and_happen_once(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            busy = await running.post(mail("429+ana@example.org"))
            assert busy.status == 429
            assert await busy.json() == {"errors": [{"field": None, "message": "too many requests"}]}
            assert int(busy.headers["X-RateLimit-Reset"]) >= int(time.time())
            assert (await running.post(mail("500@example.org"))).status == 500
            assert not running.ledger()
            assert (await running.post(mail("429+ana@example.org", "500@example.org"))).status == 202

    asyncio.run(check())


def test_bad_is_named_by_its_place_each_time(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            body = mail("ana@example.org", "bad@example.org", "bad+2@example.org")
            words = "Does not contain a valid address."
            for _ in range(2):
                places = ["personalizations.1.to.0.email", "personalizations.2.to.0.email"]
                assert await running.faults(body) == [(place, words) for place in places]

    asyncio.run(check())


async def _fates(tmp_path: Path, seed: int) -> list[str]:
    async with sandbox(tmp_path / str(seed), seed=seed, fault_rate=0.5) as running:
        fates = []
        for number in range(60):
            before = len(running.ledger())
            try:
                fate = str((await running.post(mail(f"p{number}@example.org"))).status)
            except aiohttp.ClientConnectionError:
                fate = "lost" if len(running.ledger()) > before else "dropped"
            assert (len(running.ledger()) > before) is (fate in ("202", "lost"))
            fates.append(fate)
        return fates


def test_faults_by_chance_are_those_of_the_seed(tmp_path: Path) -> None:
    first, again = asyncio.run(_fates(tmp_path / "1", 7)), asyncio.run(_fates(tmp_path / "2", 7))
    assert first == again
    assert set(first) == {"202", "lost", "dropped", "429", "503"}
    assert asyncio.run(_fates(tmp_path / "3", 8)) != first


def test_it_starts_again_from_its_ledger_without_a_torn_last_line(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            with pytest.raises(aiohttp.ClientConnectionError):
                await running.post(mail("lost-answer@example.org", "bounce@example.org"))
        with (tmp_path / ledger.NAME).open("ab") as file:
            file.write(b'{"id":"torn","at":1,"answ')
        assert ledger.verify(tmp_path / ledger.NAME) == ledger.Counts(2, 0, 1)
        async with sandbox(tmp_path) as running:
            assert (await running.post(mail("lost-answer@example.org"))).status == 202
            assert [request.answered for request in running.ledger()] == ["lost", "202"]
            assert [item["email"] for item in await running.get("/v3/suppression/bounces")] == ["bounce@example.org"]

    asyncio.run(check())


def test_a_spoiled_line_is_an_error_that_says_where(tmp_path: Path) -> None:
    path = tmp_path / ledger.NAME
    path.write_bytes(b"{}\n")
    with pytest.raises(CampaignError) as raised:
        ledger.verify(path)
    assert f"{path}:1" in str(raised.value)


def test_two_sandboxes_do_not_write_one_ledger(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path):
            with pytest.raises(CampaignError, match="another simulator"):
                server.app(server.Options(tmp_path))

    asyncio.run(check())


def test_requests_that_arrive_together_are_all_kept_once(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path, latency_ms=10) as running:
            bodies = [mail(*(f"p{batch}-{n}@example.org" for n in range(20))) for batch in range(40)]
            answers = await asyncio.gather(*map(running.post, bodies))
            assert {answer.status for answer in answers} == {202}
            assert len({answer.headers["X-Message-Id"] for answer in answers}) == 40
            assert await running.get("/ledger.json") == {"accepted": 800, "duplicates": 0, "requests": 40}

    asyncio.run(check())


@pytest.mark.parametrize("spell", [lambda raw: raw.replace(b",", b",\r\n  "), lambda raw: raw])
def test_a_body_over_several_lines_is_one_line_of_the_ledger(tmp_path: Path, spell: Callable[[bytes], bytes]) -> None:
    async def check() -> None:
        import msgspec

        async with sandbox(tmp_path) as running:
            assert (await running.post(spell(msgspec.json.encode(mail())))).status == 202
            assert len(running.ledger()) == 1

    asyncio.run(check())
