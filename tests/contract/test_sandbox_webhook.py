"""The sandbox's events: signed, in batches, shuffled, repeated, retried; and its suppression lists."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from sendgrid.helpers.eventwebhook import EventWebhook

from tests.contract.sandbox import Receiver, mail, person, receiver, sandbox


async def _send(tmp_path: Path, *bodies: dict[str, Any], refuse: int = 0) -> tuple[Receiver, str]:
    """What the webhook got after all bodies were accepted, and the public key."""
    async with receiver(refuse) as received, sandbox(tmp_path, webhook_url=received.url) as running:
        for body in bodies:
            assert (await running.post(body)).status == 202
        await running.quiet()
        return received, running.public_key


def _story(events: list[dict[str, Any]]) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = defaultdict(set)
    for event in events:
        kinds[event["email"]].add(event.get("type") or event["event"])
    return kinds


def test_each_address_gets_the_events_that_it_names(tmp_path: Path) -> None:
    names = ["ana", "bounce", "block+1", "drop", "defer", "complaint+x", "slow", "silent", "Bounce+upper"]
    body = mail(*(f"{name}@example.org" for name in names))

    async def check() -> None:
        async with receiver() as received:
            async with sandbox(tmp_path, webhook_url=received.url, slow_seconds=0) as running:
                assert (await running.post(body)).status == 202
                await running.quiet()
            assert _story(received.events) == {
                "ana@example.org": {"processed", "delivered"},
                "bounce@example.org": {"processed", "bounce"},
                "Bounce+upper@example.org": {"processed", "bounce"},
                "block+1@example.org": {"processed", "blocked"},
                "drop@example.org": {"dropped"},
                "defer@example.org": {"processed", "deferred", "delivered"},
                "complaint+x@example.org": {"processed", "delivered", "spamreport"},
                "slow@example.org": {"processed", "delivered"},
            }

    asyncio.run(check())


def test_the_official_verifier_accepts_each_batch_and_no_changed_one(tmp_path: Path) -> None:
    received, key = asyncio.run(_send(tmp_path, mail(*(f"p{n}@example.org" for n in range(50)))))
    official = EventWebhook(key)
    assert received.posts
    for signature, timestamp, body in received.posts:
        assert body.endswith(b"\r\n")
        assert official.verify_signature(body.decode(), signature, timestamp)
        assert not official.verify_signature(body.decode().replace("delivered", "deferred"), signature, timestamp)


def test_an_event_carries_sendgrids_fields_and_the_custom_arguments(tmp_path: Path) -> None:
    part = person("bounce@example.org", custom_args={"ct_delivery": "7", "email": "loses", "ct_request": "wins"})
    received, _ = asyncio.run(_send(tmp_path, mail(personalizations=[part], categories=["asks"])))
    event = next(event for event in received.events if event["event"] == "bounce")
    message_id = event["sg_message_id"].split(".")[0]
    assert len(message_id) == 22
    assert message_id in event["smtp-id"]
    assert (event["ct_delivery"], event["ct_request"], event["email"]) == ("7", "wins", "bounce@example.org")
    assert (event["type"], event["status"], event["category"], event["tls"]) == ("bounce", "5.1.1", ["asks"], 1)
    assert type(event["timestamp"]) is int
    assert {"sg_event_id", "reason", "ip", "bounce_classification"} <= event.keys()


def test_a_deferral_counts_its_attempts_in_text(tmp_path: Path) -> None:
    received, _ = asyncio.run(_send(tmp_path, mail("defer@example.org")))
    event = next(event for event in received.events if event["event"] == "deferred")
    assert event["attempt"] == "1"
    assert "response" in event


def test_events_come_shuffled_and_again_but_none_is_missing(tmp_path: Path) -> None:
    emails = [f"p{n}@example.org" for n in range(1000)]
    received, _ = asyncio.run(_send(tmp_path, mail(*emails)))
    events = received.events
    seen = Counter((event["email"], event["event"]) for event in events)
    assert seen.keys() == {(email, kind) for email in emails for kind in ("processed", "delivered")}
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for event in events:
        ids[event["email"], event["event"]].add(event["sg_event_id"])
    twice = [key for key, times in seen.items() if times > 1]
    assert {len(ids[key]) for key in twice} == {1, 2}  # under the same id, and under a new one
    order = [event["email"] for event in events if event["event"] == "processed"]
    assert order != sorted(order, key=emails.index)
    assert all(len(body) < 800_000 for _, _, body in received.posts)
    assert max(len(msgspec.json.decode(body)) for _, _, body in received.posts) <= 1000
    assert len(received.posts) > 2


def test_some_batches_are_sent_twice(tmp_path: Path) -> None:
    async def check() -> None:
        async with receiver() as received, sandbox(tmp_path, webhook_url=received.url) as running:
            for number in range(60):
                await running.post(mail(f"p{number}@example.org"))
                await running.quiet()
            batches = Counter(body for _, _, body in received.posts)
            assert 60 < len(received.posts) < 90
            assert set(batches.values()) == {1, 2}

    asyncio.run(check())


def test_a_refused_batch_comes_again_until_it_is_taken(tmp_path: Path) -> None:
    received, key = asyncio.run(_send(tmp_path, mail("ana@example.org"), refuse=3))
    bodies = [body for _, _, body in received.posts]
    assert len(bodies) >= 4
    assert len(set(bodies)) == 1
    signature, timestamp, body = received.posts[-1]
    assert EventWebhook(key).verify_signature(body.decode(), signature, timestamp)


def test_a_lost_answer_is_settled_by_events(tmp_path: Path) -> None:
    async def check() -> None:
        async with receiver() as received, sandbox(tmp_path, webhook_url=received.url) as running:
            with pytest.raises(aiohttp.ClientConnectionError):
                await running.post(mail("lost-answer@example.org"))
            await running.quiet()
            assert _story(received.events) == {"lost-answer@example.org": {"processed", "delivered"}}
            assert received.events[0]["ct_request"] == "r1"

    asyncio.run(check())


def test_an_address_that_bounced_or_complained_is_dropped_from_then_on(tmp_path: Path) -> None:
    body = mail("bounce@example.org", "complaint@example.org", "block@example.org", "ana@example.org")

    async def check() -> None:
        async with receiver() as received, sandbox(tmp_path, webhook_url=received.url) as running:
            await running.post(body)
            await running.quiet()
            received.posts.clear()
            await running.post(body)
            await running.quiet()
            assert {(event["email"], event["reason"]) for event in received.events if event["event"] == "dropped"} == {
                ("bounce@example.org", "Bounced Address"),
                ("complaint@example.org", "Spam Reporting Address"),
            }
            assert _story(received.events)["block@example.org"] == {"processed", "blocked"}

    asyncio.run(check())


def test_suppression_lists_have_sendgrids_fields_and_pages(tmp_path: Path) -> None:
    names = ["bounce", "bounce+2", "bounce+3", "block", "complaint", "drop", "ana"]

    async def check() -> None:
        async with sandbox(tmp_path) as running:
            await running.post(mail(*(f"{name}@example.org" for name in names)))
            page = await running.get("/v3/suppression/bounces?limit=2&offset=1")
            assert [item["email"] for item in page] == ["bounce+2@example.org", "bounce+3@example.org"]
            assert page[0].keys() == {"created", "email", "reason", "status"}
            (block,) = await running.get("/v3/suppression/blocks")
            assert block.keys() == {"created", "email", "reason", "status"}
            (complaint,) = await running.get("/v3/suppression/spam_reports")
            assert complaint.keys() == {"created", "email", "ip"}
            (dropped,) = await running.get("/v3/suppression/unsubscribes")
            assert dropped.keys() == {"created", "email"}
            assert await running.get("/v3/suppression/invalid_emails") == []
            async with running.session.get("/v3/suppression/blocks", headers={"Authorization": ""}) as answer:
                assert answer.status == 401

    asyncio.run(check())
