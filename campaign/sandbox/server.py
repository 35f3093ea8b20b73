"""The SendGrid simulator: mail/send, suppression lists and signed events like the real one's, and faults on request.
Beside it, stand-ins for the web forms of offices.

It shares no code with the sender. It writes every accepted request to a ledger on disk before it responds.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import msgspec
import structlog
from aiohttp import web

from campaign import clock
from campaign.sandbox import hooks, ledger, office_forms, pages, rules, settings
from campaign.sandbox.account import SandboxAccount, named
from campaign.sandbox.mail import Mail, Request

log = structlog.get_logger()

LARGEST = 30 * 1024 * 1024  # bytes of a request
CHANCES = ("lost answer", "dropped", "429", "429 without headers", "503")


@dataclass(frozen=True, slots=True)
class Options:
    """One simulated account. `home` holds its ledger and webhook key; without a URL no events are sent."""

    home: Path
    webhook_url: str = ""
    api_key: str | None = field(default=None, repr=False)  # None: any bearer that begins with "SG."
    seed: int = 1
    fault_rate: float = 0.0  # share of requests that get one of CHANCES
    latency_ms: int = 0  # of each mail/send: half before it is accepted, half after
    flush_seconds: float = 0.2  # between batches of events
    slow_seconds: float = 35.0  # until a request to slow@ is answered
    limits: rules.SubstitutionLimits = field(default_factory=rules.SubstitutionLimits)
    setup: settings.Setup = field(default_factory=settings.Setup)


@dataclass(frozen=True, slots=True)
class Sandbox:
    options: Options
    ledger: ledger.Ledger
    account: SandboxAccount
    hooks: hooks.Hooks
    public_key: str
    chance: Random


SANDBOX = web.AppKey("sandbox", Sandbox)


def app(options: Options) -> web.Application:
    """The application. Its ledger stays locked until cleanup. Raises CampaignError."""
    book, account = ledger.Ledger(options.home / ledger.NAME), SandboxAccount()
    for seq, request in enumerate(ledger.read(book.path)):
        account.learn(request, seq)
    key, public_key = hooks.signing_key(options.home)
    url = options.webhook_url if options.setup.webhook_enabled else ""
    sender = hooks.Hooks(url, key, Random(options.seed), options.flush_seconds)
    made = web.Application(client_max_size=LARGEST)
    made[SANDBOX] = Sandbox(options, book, account, sender, public_key, Random(options.seed))
    made[pages.INBOX] = pages.Inbox(book, account, options.seed)
    made.router.add_post("/v3/mail/send", send)
    made.router.add_get("/v3/suppression/{list:bounces|blocks|spam_reports|invalid_emails|unsubscribes}", suppressed)
    made.router.add_get("/v3/{what:scopes|whitelabel/domains|user/webhooks/event/settings/all}", account_settings)
    made.router.add_get("/healthz", health)
    made.add_routes(pages.routes())
    made[office_forms.SUBMISSIONS] = office_forms.Submissions()
    made.add_routes(office_forms.routes())
    made.cleanup_ctx.append(_background)
    return made


def run(options: Options, sock: socket.socket | None = None) -> None:
    """Serve until interrupted, on the given socket or on a free local port."""
    sock = sock or socket.create_server(("127.0.0.1", 0))
    log.info("sandbox", url=f"http://127.0.0.1:{sock.getsockname()[1]}")
    web.run_app(app(options), sock=sock, access_log=None, print=None, shutdown_timeout=2)


async def _background(made: web.Application) -> AsyncIterator[None]:
    sandbox = made[SANDBOX]
    task = asyncio.create_task(hooks.run(sandbox.hooks, sandbox.account))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    sandbox.ledger.close()


def _errors(status: int, *errors: rules.Fault, headers: dict[str, str] | None = None) -> web.Response:
    body = msgspec.json.encode({"errors": errors})
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)


def _plain(words: str) -> rules.Fault:
    return {"message": words, "field": None, "help": None}


def _nginx(status: int, words: str) -> web.Response:
    heading = f"<center><h1>{status} {words}</h1></center>"
    text = f"<html>\r\n<body>\r\n{heading}\r\n<hr><center>nginx</center>\r\n</html>\r\n"
    return web.Response(status=status, text=text, content_type="text/html")


def _too_many(*, headers: bool) -> web.Response:
    """429, with or without the documented X-RateLimit headers, which were never observed on mail/send."""
    limit = {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 1)}
    return _errors(429, {"field": None, "message": "too many requests"}, headers=limit if headers else None)


def _cut(request: web.Request) -> web.Response:
    """Close the connection; the response is only for aiohttp and is not sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _unauthorized(request: web.Request, options: Options, scope: str = "") -> web.Response | None:
    """The error response for a key that is wrong or lacks the scope."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if options.api_key is None:
        good = key.startswith("SG.")
    else:
        good = secrets.compare_digest(key.encode(), options.api_key.encode())
    if not good or scheme.lower() != "bearer":
        return _errors(401, _plain("The provided authorization grant is invalid, expired, or revoked"))
    if scope and scope not in options.setup.scopes:
        return _errors(403, {"field": None, "message": "access forbidden"})
    return None


async def send(request: web.Request) -> web.Response:
    """POST /v3/mail/send."""
    sandbox = request.app[SANDBOX]
    if refusal := _unauthorized(request, sandbox.options, settings.SEND):
        return refusal
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return _nginx(413, "Request Entity Too Large")
    await asyncio.sleep(sandbox.options.latency_ms / 2000)
    mail = rules.decode(body)
    if not isinstance(mail, Mail):
        return _errors(400, mail)
    if faults := rules.faults(mail, clock.now() / 1000, sandbox.options.limits):
        return _errors(400, *faults)
    if mail.sandbox_mode:
        return web.Response(status=200)
    unlucky = sandbox.chance.random() < sandbox.options.fault_rate
    chance = sandbox.chance.choice(CHANCES) if unlucky else ""
    emails = [address.email for _, address in mail.recipients()]
    if refusal := _asked_for(mail, emails, sandbox.account) or _by_chance(request, chance):
        return refusal
    lost = sandbox.account.first_time("lost-answer", emails) or chance == "lost answer"
    message_id = await _accept(sandbox, body, mail, lost=lost)
    slow = sandbox.options.slow_seconds if "slow" in map(named, emails) else 0
    await asyncio.sleep(slow + sandbox.options.latency_ms / 2000)
    return _cut(request) if lost else web.Response(status=202, headers={"X-Message-Id": message_id})


def _asked_for(mail: Mail, emails: list[str], account: SandboxAccount) -> web.Response | None:
    """The error response that an address in the request asks for."""
    bad = [number for number, part in enumerate(mail.personalizations) if named(part.to[0].email) == "bad"]
    if bad:
        words = "Does not contain a valid address."
        return _errors(400, *(rules.fault(f"personalizations.{number}.to.0.email", words) for number in bad))
    if account.first_time("429", emails):
        return _too_many(headers=True)
    if account.first_time("500", emails):
        return _errors(500, _plain("Internal Server Error"))
    return None


def _by_chance(request: web.Request, chance: str) -> web.Response | None:
    if chance == "dropped":
        return _cut(request)
    if chance == "503":
        return _nginx(503, "Service Temporarily Unavailable")
    return _too_many(headers=chance == "429") if chance.startswith("429") else None


async def _accept(sandbox: Sandbox, body: bytes, mail: Mail, *, lost: bool) -> str:
    """Accept the request: write it to disk, then queue its events. Returns its X-Message-Id."""
    message_id, at = secrets.token_urlsafe(16), clock.now()
    request = Request(message_id, at, "lost" if lost else "202", mail)
    entry = await sandbox.ledger.append(request, body)
    sandbox.account.learn(request, entry.seq)
    sandbox.hooks.add(request, entry.seq)
    return message_id


async def suppressed(request: web.Request) -> web.Response:
    """GET /v3/suppression/...: each list has SendGrid's fields."""
    sandbox = request.app[SANDBOX]
    if refusal := _unauthorized(request, sandbox.options, settings.SUPPRESSIONS):
        return refusal
    details = {
        "bounces": {name: hooks.DETAILS["bounce"][name] for name in ("reason", "status")},
        "blocks": {name: hooks.DETAILS["block"][name] for name in ("reason", "status")},
        "spam_reports": {"ip": hooks.SERVER["ip"]},
    }.get(name := request.match_info["list"], {})
    offset, limit = pages.offset_limit(request, 500, 500)
    found = [{"created": entry.created, "email": email, **details} for email, entry in sandbox.account.list(name)]
    return web.json_response(found[offset : offset + limit])


async def account_settings(request: web.Request) -> web.Response:
    """GET /v3/scopes, /v3/whitelabel/domains, /v3/user/webhooks/event/settings/all: the account's settings."""
    sandbox, what = request.app[SANDBOX], request.match_info["what"]
    setup, url = sandbox.options.setup, sandbox.options.webhook_url
    needs = {"scopes": "", "whitelabel/domains": settings.DOMAINS}.get(what, settings.WEBHOOKS)
    if refusal := _unauthorized(request, sandbox.options, needs):
        return refusal
    if what == "scopes":
        return web.json_response({"scopes": setup.scopes})
    if what == "whitelabel/domains":
        offset, limit = pages.offset_limit(request, 50, 500)
        return web.json_response(settings.domains(setup)[offset : offset + limit])
    include = request.query.get("include", "")
    return web.json_response(settings.webhooks(setup, url, sandbox.public_key, include))


async def health(request: web.Request) -> web.Response:
    """The health check, with the number of requests and batches still to be sent to the webhook."""
    return web.json_response({"ok": True, "webhook_waiting": request.app[SANDBOX].hooks.waiting})
