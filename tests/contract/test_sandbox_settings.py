"""The sandbox's account as SendGrid shows one: scopes, authenticated domains, event webhooks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from campaign.sandbox import settings
from campaign.sandbox.settings import Setup
from tests.contract.sandbox import mail, receiver, sandbox

WEBHOOKS = "/v3/user/webhooks/event/settings/all"
PATHS = ("/v3/scopes", "/v3/whitelabel/domains", WEBHOOKS)
URL = "http://127.0.0.1:9/webhooks/sendgrid"
# EventWebhookSignedResponse of SendGrid's OpenAPI description; oauth_* only where OAuth is set up.
WEBHOOK: dict[str, type] = {
    **dict.fromkeys(("enabled", *settings.EVENTS, *settings.NEVER), bool),
    **dict.fromkeys(("url", "friendly_name", "id", "created_date", "updated_date", "public_key"), str),
}


def get(home: Path, path: str, **options: Any) -> Any:
    async def asked() -> Any:
        async with sandbox(home, **options) as running:
            return await running.get(path)

    return asyncio.run(asked())


def test_a_key_may_do_all_that_a_campaign_needs(tmp_path: Path) -> None:
    assert set(get(tmp_path, "/v3/scopes")["scopes"]) == set(settings.SCOPES)


def test_the_domain_has_its_three_records_and_pages_end(tmp_path: Path) -> None:
    (domain,) = get(tmp_path, "/v3/whitelabel/domains?limit=500&offset=0")
    assert (domain["domain"], domain["valid"]) == ("example.org", True)
    assert {name: record["type"] for name, record in domain["dns"].items()} == dict.fromkeys(
        ("mail_cname", "dkim1", "dkim2"), "cname"
    )
    assert get(tmp_path, "/v3/whitelabel/domains?offset=1") == []
    setup = Setup(domain="other.example", domain_valid=False)
    (domain,) = get(tmp_path, "/v3/whitelabel/domains", setup=setup)
    assert (domain["domain"], domain["valid"], domain["dns"]["dkim1"]["valid"]) == ("other.example", False, False)


def test_the_webhook_is_the_one_that_events_go_to(tmp_path: Path) -> None:
    told = get(tmp_path, WEBHOOKS, webhook_url=URL)
    (webhook,) = told["webhooks"]
    assert {name: type(value) for name, value in webhook.items()} == WEBHOOK
    assert webhook["url"] == URL
    assert all(webhook[name] for name in ("enabled", *settings.EVENTS))
    assert not any(webhook[name] for name in settings.NEVER)

    async def key() -> str:
        async with sandbox(tmp_path) as running:
            return running.public_key

    assert webhook["public_key"] == asyncio.run(key())


def test_the_webhook_shows_what_was_set_otherwise(tmp_path: Path) -> None:
    setup = Setup(webhook_enabled=False, signed=False, muted=("bounce",))
    (webhook,) = get(tmp_path, WEBHOOKS + "?include=account_status_change", webhook_url=URL, setup=setup)["webhooks"]
    assert webhook["account_status_change"]
    assert not webhook["enabled"]
    assert not webhook["bounce"]
    assert "public_key" not in webhook
    assert get(tmp_path, WEBHOOKS)["webhooks"] == [{}]


@pytest.mark.parametrize("path", [*PATHS, "/v3/suppression/bounces"])
def test_a_wrong_key_reads_nothing_and_a_narrow_one_only_its_scopes(tmp_path: Path, path: str) -> None:
    async def check() -> None:
        async with sandbox(tmp_path, setup=Setup(scopes=("mail.send",))) as running:
            async with running.session.get(path, headers={"Authorization": "Bearer nothing"}) as answer:
                assert answer.status == 401
            if path == "/v3/scopes":
                assert await running.get(path) == {"scopes": ["mail.send"]}
                return
            async with running.session.get(path) as answer:
                assert answer.status == 403
                assert await answer.json() == {"errors": [{"field": None, "message": "access forbidden"}]}

    asyncio.run(check())


def test_a_key_without_mail_send_sends_nothing(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path, setup=Setup(scopes=("whitelabel.read",))) as running:
            assert (await running.post(mail())).status == 403
            assert not running.ledger()

    asyncio.run(check())


def test_a_webhook_that_is_off_gets_no_events(tmp_path: Path) -> None:
    async def check() -> None:
        async with receiver() as listening:
            setup = Setup(webhook_enabled=False)
            async with sandbox(tmp_path, webhook_url=listening.url, setup=setup) as running:
                assert (await running.post(mail())).status == 202
                await running.quiet()
                assert not listening.posts

    asyncio.run(check())
