"""The transport: the body that SendGrid documents, and what each of its answers means."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from campaign.delivery.sendgrid import bulk
from campaign.delivery.transport import Accepted, Answer, NoAnswer, Refused, Stop, TryLater
from campaign.model import Claimed, Kind, Recipient, Text
from tests.contract.sandbox import KEY, mail, sandbox

CLAIM = Claimed(1, "ab" * 16, 3, 2, Kind.ASK, "first", "en", "plain", 2)
TO = [Recipient(n, 1, n, f"p{n}@example.org", "Ana", "Ruiz", "28205", b"12345678", "petition") for n in (11, 12)]


def errors(*found: tuple[str, str | None]) -> bytes:
    return json.dumps({"errors": [{"message": m, "field": f, "help": None} for m, f in found]}).encode()


def test_the_body_holds_opaque_ids_one_click_headers_and_no_tracking() -> None:
    people = [bulk.personalization(to, {"[%t1%]": "Hi Ana,"}, f"https://a.org/u/{to.delivery_id}") for to in TO]
    body = json.loads(bulk.body(CLAIM, Text("S", "T", "<p>H"), people, sender=("a@b.org", "Ñ"), reply_to="r@b.org"))
    assert body["custom_args"] == {"ct_request": f"{'ab' * 16}.2"}
    assert [p["custom_args"] for p in body["personalizations"]] == [{"ct_delivery": "11"}, {"ct_delivery": "12"}]
    assert body["personalizations"][0]["headers"] == {
        "List-Unsubscribe": "<https://a.org/u/11>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert body["personalizations"][0]["to"] == [{"email": "p11@example.org"}]
    assert not any(value for part in body["tracking_settings"].values() for value in part.values())
    assert "asm" not in body
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]
    assert body["from"] == {"email": "a@b.org", "name": "Ñ"}


@pytest.mark.parametrize(
    ("status", "content", "answer"),
    [
        (202, b"", Accepted("xyz")),
        (200, b"", NoAnswer("status 200, not 202: sandbox mode may be on, and then nothing is delivered")),
        (201, b"", NoAnswer("status 201")),
        (204, b"", NoAnswer("status 204")),
        (400, errors(("bad", "personalizations.1.to.0.email")), Refused("400: bad", (12,))),
        (400, errors(("bad", "personalizations[0].to")), Refused("400: bad", (11,))),
        (400, errors(("bad", "personalizations.7.to")), Refused("400: bad")),
        (400, errors(("subject", "subject"), ("x", None), ("x", "y")), Refused("400: subject; x")),
        (413, b"<html>too large</html>", Refused("413: status 413")),
        (401, errors(("Maximum credits exceeded", None)), Stop("401: Maximum credits exceeded")),
        (403, errors(("forbidden", None)), Stop("403: forbidden")),
        (404, b"<html>", Stop("404: there is no mail/send endpoint at this address; check [sendgrid] url")),
        (405, b"", Stop("405: there is no mail/send endpoint at this address; check [sendgrid] url")),
        (400, b'{"errors": "\xff"}', Refused("400: status 400")),
        (400, b"[" * 100_000, Refused("400: status 400")),
        (400, errors(("bad", f"personalizations.{'9' * 5_000}.to")), Refused("400: bad")),
        (301, b"", NoAnswer("status 301")),
        (408, b"", NoAnswer("status 408")),
        (500, b"", NoAnswer("status 500")),
        (502, b"<html>", NoAnswer("status 502")),
        (503, b"{}", NoAnswer("status 503")),
        (299, b"[]", NoAnswer("status 299")),
    ],
)
def test_what_an_answer_means(status: int, content: bytes, answer: Answer) -> None:
    assert bulk.read(status, {"X-Message-Id": "xyz"}, content, [11, 12], 1) == answer


def test_too_many_requests_waits_longer_each_time_and_as_long_as_asked() -> None:
    waits = []
    for attempt in (1, 2, 3, 20):
        answer = bulk.read(429, {}, b"", [11], attempt)
        assert isinstance(answer, TryLater)
        waits.append(answer.after_ms)
    assert waits == [1_000, 2_000, 4_000, 60_000]
    far = bulk.read(429, {"X-RateLimit-Reset": "99999999999"}, b"", [11], 1)
    assert isinstance(far, TryLater)
    assert far.after_ms == 600_000, "a clock that is wrong does not stop the campaign for ever"
    assert isinstance(bulk.read(429, {"X-RateLimit-Reset": "soon"}, b"", [11], 1), TryLater)


@pytest.mark.parametrize("reset", ["inf", "-inf", "nan", "1e999", "9" * 5_000])
def test_a_reset_time_that_is_no_time_is_ignored(reset: str) -> None:
    answer = bulk.read(429, {"X-RateLimit-Reset": reset}, b"", [11], 1)
    assert answer == TryLater("429 too many requests", 1_000)


def test_an_acceptance_needs_no_message_id() -> None:
    assert bulk.read(202, {}, b"", [11], 1) == Accepted("")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        ("202 Accepted\r\nX-Message-Id: xyz", Accepted("xyz")),
        ("202 Accepted", Accepted("")),
        ("429 Too Many Requests", TryLater("429 too many requests", 1_000)),
        ("401 Unauthorized", Stop("401: status 401")),
        ("400 Bad Request", Refused("400: status 400")),
        ("500 Internal Server Error", NoAnswer("status 500")),
    ],
)
def test_a_body_that_breaks_off_does_not_change_what_the_status_says(status: str, answer: Answer) -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 100\r\n\r\ncut".encode())
        await writer.drain()
        writer.close()

    async def check() -> Answer:
        async with await asyncio.start_server(broken, "127.0.0.1", 0) as server:
            host, port = server.sockets[0].getsockname()[:2]
            async with bulk.session(in_flight=1, timeout=30) as client:
                return await bulk.post(client, f"http://{host}:{port}", "SG.x", b"{}", deliveries=[11], attempt=1)

    assert asyncio.run(check()) == answer


def test_sandbox_mode_leaves_the_request_unknown(tmp_path: Path) -> None:
    """A request in sandbox mode is answered 200, and so is whatever else is not SendGrid's own acceptance."""

    async def check() -> Answer:
        body = json.dumps(mail(mail_settings={"sandbox_mode": {"enable": True}})).encode()
        async with sandbox(tmp_path) as running, bulk.session(in_flight=1, timeout=30) as client:
            return await bulk.post(client, running.url, KEY, body, deliveries=[11], attempt=1)

    answer = asyncio.run(check())
    assert isinstance(answer, NoAnswer)
    assert "sandbox mode" in answer.reason


def test_values_that_sendgrid_would_refuse_are_found_before() -> None:
    assert not bulk.too_long({"[%t1%]": "a" * 2_400})
    assert not bulk.too_long({"[%t1%]": "a" * 9_900})
    assert bulk.too_long({"[%t1%]": "a" * 10_000})
    assert bulk.too_long({"[%t1%]": "ñ" * 5_000})
