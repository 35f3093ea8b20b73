"""What only the provider can tell before a launch, over real HTTP; and a test message that leaves no trace."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiohttp import web
from sqlalchemy import select

from campaign import keys as key_files
from campaign.cli import account as commands
from campaign.cli.app import CliContext, root
from campaign.config import ROOT, Settings, load_settings
from campaign.delivery.sendgrid import account
from campaign.errors import CampaignError
from campaign.outreach.launch import provider_check
from campaign.outreach.launch.provider_check import CheckResult
from campaign.outreach.sending import webhook_events
from campaign.sandbox import hooks
from campaign.sandbox.settings import Setup
from campaign.store.engine import Database
from campaign.store.schema import metadata
from campaign.supporters import people
from tests.build import add_people
from tests.contract.sandbox import KEY, Running, mail, receiver, sandbox, serve
from tests.prepared import migrated

SLUG = "end-287g"
KEYS = key_files.derive(b"\x07" * 32)
BASE = "http://127.0.0.1:8000"
NOW = 1_795_651_200_000  # 2026-11-25, inside the campaign
T = TypeVar("T")


def settings_of(home: Path, url: str, *, key: str = KEY, **environ: str) -> Settings:
    given = {"SENDGRID_API_KEY": key, "CAMPAIGN_SENDGRID_URL": url, "CAMPAIGN_SENDGRID_TIMEOUT": "5", **environ}
    return load_settings(home=home, path=ROOT / "config.toml", environ=given)


def beside(home: Path, act: Callable[[Running], T], **options: Any) -> T:
    """What `act` gives in a thread, beside a sandbox that runs."""

    async def run() -> T:
        async with sandbox(home / "sandbox", **options) as running:
            return await asyncio.to_thread(act, running)

    return asyncio.run(run())


def checked(database: Database, home: Path, *, mailed: tuple[str, ...] = (), **options: Any) -> list[CheckResult]:
    """`check`, of an account where everything is right but for these options."""
    _, public = hooks.signing_key(home / "sandbox")

    async def run() -> list[CheckResult]:
        async with sandbox(home / "sandbox", **({"webhook_url": BASE + provider_check.WEBHOOK} | options)) as running:
            if mailed:
                assert (await running.post(mail(*mailed))).status == 202
            given = settings_of(home, running.url + "/", CAMPAIGN_SENDGRID_WEBHOOK_KEY=public)
            return await asyncio.to_thread(provider_check.check, database, KEYS, given, SLUG)

    return asyncio.run(run())


def bad(found: list[CheckResult]) -> list[str]:
    assert all(bool(finding.do) is not finding.ok for finding in found), "each red line says what to do"
    return [finding.what for finding in found if not finding.ok]


def test_an_account_that_is_ready_is_all_good(database: Database, tmp_path: Path) -> None:
    found = checked(database, tmp_path)
    assert bad(found) == []
    assert len(found) == 7


@pytest.mark.parametrize(
    ("setup", "told"),
    [
        (Setup(domain="offices.example.org"), "the sender's domain, example.org, is not authenticated"),
        (Setup(webhook_enabled=False), "is off"),
        (Setup(muted=("bounce", "dropped")), "leaves out: bounce, dropped"),
        (Setup(muted=("account_status_change",)), "leaves out: account_status_change"),
        (Setup(signed=False), "not signed"),
        (Setup(scopes=("mail.send", "whitelabel.read", "suppression.read")), "may not read user/webhooks"),
        (Setup(scopes=("whitelabel.read", "suppression.read", "user.webhooks.event.settings.read")), "may not send"),
    ],
)
def test_what_is_not_right_is_one_red_line(tmp_path: Path, setup: Setup, told: str) -> None:
    with on_sqlite(tmp_path) as database:
        (what,) = bad(checked(database, tmp_path, setup=setup))
        assert told in what


@pytest.mark.parametrize(
    ("setup", "told"),
    [
        (Setup(domain="example.com"), "not authenticated"),
        (Setup(domain="mail.example.org"), "not authenticated"),
        (Setup(domain="ple.org"), "not authenticated"),
        (Setup(domain_valid=False), "on the account, but its DNS records are not valid"),
    ],
)
def test_both_domains_are_looked_at(tmp_path: Path, setup: Setup, told: str) -> None:
    with on_sqlite(tmp_path) as database:
        assert bad(checked(database, tmp_path, setup=setup)) == [
            f"the sender's domain, example.org, is {told}",
            f"the domain for email to offices, offices.example.org, is {told}",
        ]


def test_a_parent_of_the_senders_domain_will_do(tmp_path: Path) -> None:
    copy = tmp_path / "templates" / SLUG
    copy.parent.mkdir()
    shutil.copytree(ROOT / "templates" / SLUG, copy)
    file = copy / "campaign.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("action@example", "action@mail.example"), encoding="utf-8")

    def act(running: Running) -> list[CheckResult]:
        given = settings_of(tmp_path, running.url, CAMPAIGN_CAMPAIGN_TEMPLATES=str(copy.parent))
        with on_sqlite(tmp_path) as database:
            return provider_check.check(database, KEYS, given, SLUG)

    assert "the sender's domain, mail.example.org, is authenticated" in [
        one.what for one in beside(tmp_path, act) if one.ok
    ]


def test_a_webhook_elsewhere_and_a_key_that_is_not_ours_are_told(tmp_path: Path) -> None:
    with on_sqlite(tmp_path) as database:
        (what,) = bad(checked(database, tmp_path, webhook_url="https://other.example/hook"))
        assert f"no event webhook posts to {BASE}/webhooks/sendgrid (1 other(s) there)" in what
        (what,) = bad(checked(database, tmp_path, webhook_url=""))
        assert what.endswith("/webhooks/sendgrid")

    def act(running: Running) -> list[CheckResult]:
        with on_sqlite(tmp_path) as database:
            return provider_check.check(database, KEYS, settings_of(tmp_path, running.url), SLUG)

    (finding,) = [one for one in beside(tmp_path, act, webhook_url=BASE + provider_check.WEBHOOK) if not one.ok]
    assert hooks.signing_key(tmp_path / "sandbox")[1] in finding.do


def test_only_addresses_that_are_not_suppressed_here_are_counted(database: Database, tmp_path: Path) -> None:
    mailed = ("bounce+1@example.org", "complaint+1@example.org", "drop+1@example.org", "block+1@example.org")
    (what,) = bad(checked(database, tmp_path, mailed=mailed))
    assert "3 address(es)" in what
    with database.begin() as conn:
        known = [people.email_hash(KEYS, email) for email in ("Bounce+1@example.org", "drop+1@example.org")]
        people.suppress(conn, known, "bounced", "tests", NOW)
    (what,) = bad(checked(database, tmp_path))
    assert "1 address(es)" in what


def test_a_key_that_is_refused_ends_the_check_with_one_line(tmp_path: Path) -> None:
    def act(running: Running) -> list[CheckResult]:
        with on_sqlite(tmp_path) as database:
            return provider_check.check(database, KEYS, settings_of(tmp_path, running.url, key=""), SLUG)

    (finding,) = beside(tmp_path, act)
    assert "does not take the key" in finding.what
    assert "SENDGRID_API_KEY" in finding.do


def test_an_account_that_cannot_be_reached_is_told_in_plain_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    there = account.connect(f"http://127.0.0.1:{port}", KEY)
    with pytest.raises(CampaignError, match="gives no answer: ConnectionRefusedError"):
        account.scopes(there)


def test_silence_ends_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = account.connect(f"http://127.0.0.1:{silent.getsockname()[1]}", KEY, timeout=0.05)
        with pytest.raises(CampaignError, match="gives no answer: TimeoutError"):
            account.scopes(there)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, "<html>", "not what SendGrid documents"),
        (200, "{}", "not what SendGrid documents"),
        (429, "{}", "status 429"),
        (503, "<html>", "status 503"),
        (404, "", "status 404"),
    ],
)
def test_other_answers_are_told_with_what_to_do(status: int, body: str, told: str) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    async def run() -> None:
        made = web.Application()
        made.router.add_get("/v3/scopes", answer)
        async with serve(made) as url:
            with pytest.raises(CampaignError, match=told) as raised:
                await asyncio.to_thread(account.scopes, account.connect(url, KEY))
            assert raised.value.do

    asyncio.run(run())


def test_long_lists_are_read_to_their_end() -> None:
    emails = [f"p{number}@example.org" for number in range(2 * account.PAGE)]

    async def answer(request: web.Request) -> web.Response:
        offset, limit = int(request.query["offset"]), int(request.query["limit"])
        return web.json_response([{"created": 1, "email": email} for email in emails[offset : offset + limit]])

    async def run() -> None:
        made = web.Application()
        made.router.add_get("/v3/suppression/bounces", answer)
        async with serve(made) as url:
            there = account.connect(url, KEY)
            pages = await asyncio.to_thread(lambda: list(account.suppressed(there, "bounces")))
            assert [email for page in pages for email in page] == emails

    asyncio.run(run())


@contextmanager
def on_sqlite(home: Path) -> Iterator[Database]:
    made = migrated(home / "own.db")
    yield made
    made.close()


def rows(database: Database, *, but: tuple[str, ...] = ()) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as conn:
        return {
            name: [tuple(row) for row in conn.execute(select(table).order_by(*table.primary_key.columns))]
            for name, table in metadata.tables.items()
            if name not in but
        }


def test_a_test_message_says_so_and_names_nobody(tmp_path: Path) -> None:
    def act(running: Running) -> Any:
        sent = provider_check.send_test(
            settings_of(tmp_path, running.url), SLUG, to=" Me@Example.org ", locale="es", now=NOW
        )
        (request,) = running.ledger()
        assert sent == request.id
        return request.body

    body = beside(tmp_path, act)
    assert body.subject.startswith("[TEST] ")
    assert [person.email for part in body.personalizations for person in part.to] == ["me@example.org"]
    assert body.custom_args == {"ct_test": "1"}
    assert body.personalizations[0].custom_args is None
    assert body.sender.email == "action@example.org"
    assert not any(switch.enable for switch in body.tracking_settings.values())
    assert "Hola" in body.content[0].value


@pytest.mark.deep
@pytest.mark.parametrize("kind", provider_check.KINDS[1:])
def test_other_kinds_can_be_tried_in_every_language(tmp_path: Path, kind: str) -> None:
    def act(running: Running) -> list[Any]:
        for locale in ("en", "es"):
            provider_check.send_test(
                settings_of(tmp_path, running.url), SLUG, to="me@example.org", locale=locale, kind=kind, now=NOW
            )
        return [request.body for request in running.ledger()]

    for body in beside(tmp_path, act):
        assert body.subject.startswith("[TEST] ")
        assert [part.custom_args for part in (body, *body.personalizations)] == [{"ct_test": "1"}, None]
        assert [part.type for part in body.content] == ["text/plain", "text/html"][: 1 if kind == "letter" else 2]
        by_letter = (body.sender.name, body.reply_to.email) == ("Ana via Example Coalition", "me@example.org")
        assert by_letter is (kind == "letter")


def test_a_test_message_writes_no_row_and_its_bounce_suppresses_nobody(database: Database, tmp_path: Path) -> None:
    to = "bounce+me@example.org"
    with database.begin() as conn:
        add_people(conn, [1], email=to, email_hash=people.email_hash(KEYS, to))
    before = rows(database)

    async def run() -> list[bytes]:
        async with receiver() as listening, sandbox(tmp_path, webhook_url=listening.url) as running:
            given = settings_of(tmp_path, running.url)
            await asyncio.to_thread(lambda: provider_check.send_test(given, SLUG, to=to, now=NOW))
            await running.quiet()
            return [body for _, _, body in listening.posts]

    batches = asyncio.run(run())
    assert any(event["event"] == "bounce" for body in batches for event in json.loads(body))
    assert rows(database) == before
    for body in batches:
        webhook_events.receive(database, body)
    webhook_events.apply(database, KEYS)
    assert rows(database, but=("webhook",)) == {name: was for name, was in before.items() if name != "webhook"}


def test_a_test_message_that_is_not_accepted_tells_why_without_the_address(tmp_path: Path) -> None:
    def act(running: Running) -> str:
        with pytest.raises(CampaignError, match="did not accept it: 400") as raised:
            provider_check.send_test(settings_of(tmp_path, running.url), SLUG, to="bad@example.org", now=NOW)
        return str(raised.value)

    assert "bad@example.org" not in beside(tmp_path, act)
    gone = settings_of(tmp_path, "http://127.0.0.1:9")
    with pytest.raises(CampaignError, match="not connected"):
        provider_check.send_test(gone, SLUG, to="me@example.org", now=NOW)
    with pytest.raises(CampaignError, match="not an email address"):
        provider_check.send_test(gone, SLUG, to="me@example", now=NOW)
    with pytest.raises(CampaignError, match="'fr'"):
        provider_check.send_test(gone, SLUG, to="me@example.org", locale="fr", now=NOW)


def test_no_test_message_goes_through_the_real_sendgrid_with_a_placeholder_or_without_a_key(tmp_path: Path) -> None:
    real = replace(settings_of(tmp_path, "https://api.sendgrid.com"), api_key="SG.never-used")
    with pytest.raises(CampaignError) as raised:
        provider_check.send_test(real, SLUG, to="me@example.org", now=NOW)
    assert "sender_email" in str(raised.value)
    assert "still a placeholder" in str(raised.value)
    with pytest.raises(CampaignError, match="no key"):
        provider_check.send_test(replace(real, api_key=""), SLUG, to="me@example.org", now=NOW)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`campaign ...` in a home of its own, with a copy of the templates; what the command returns."""
    shutil.copytree(ROOT / "templates" / SLUG, tmp_path / "templates" / SLUG)
    monkeypatch.setenv("CAMPAIGN_CAMPAIGN_TEMPLATES", str(tmp_path / "templates"))
    monkeypatch.setenv("SENDGRID_API_KEY", KEY)

    def command(*arguments: str) -> Any:
        return root.main(["--home", str(tmp_path / "home"), *arguments], standalone_mode=False)

    return command


def test_the_commands_say_what_they_found_and_sent(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def act(running: Running) -> None:
        monkeypatch.setenv("CAMPAIGN_SENDGRID_URL", running.url)
        run("test-send", SLUG, "--to", "me@example.org")
        assert f"as message {running.ledger()[0].id}" in capsys.readouterr().out
        assert commands.show_account(CliContext(tmp_path / "home"), SLUG) == 1
        shown = capsys.readouterr().out
        assert "ok      the key works" in shown
        assert "failed  it is signed with a key that is not in" in shown
        assert "is not ready: 1 check failed" in shown
        monkeypatch.setenv("CAMPAIGN_SENDGRID_WEBHOOK_KEY", running.public_key)
        assert all(finding.ok for finding in commands.check_account(CliContext(tmp_path / "home"), SLUG))

    beside(tmp_path, act, webhook_url=BASE + provider_check.WEBHOOK)


def test_the_commands_about_facts(run: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    run("facts", "reviewed", "count_growth", "--by", "Ana [Ruiz]", "--days", "5")
    assert "count_growth: reviewed by Ana [Ruiz] on 20" in capsys.readouterr().out
    run("facts", "list", SLUG)
    assert "reviewed by Ana [Ruiz], 20" in capsys.readouterr().out
    run("facts", "list", SLUG, "--json")
    (fact,) = [one for one in json.loads(capsys.readouterr().out) if one["key"] == "count_growth"]
    assert not fact["due"]
    with pytest.raises(CampaignError, match="no fact 'count-grwth'"):
        run("facts", "reviewed", "count-grwth", "--by", "Ana")
