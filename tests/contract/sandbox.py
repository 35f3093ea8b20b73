"""A sandbox, and a receiver for its webhook, on ephemeral ports of loopback; bodies with plain defaults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from campaign.sandbox import hooks, ledger, server
from campaign.sandbox.mail import Request

KEY = "SG.a-key-of-the-tests"


def person(email: str, **more: Any) -> dict[str, Any]:
    return {"to": [{"email": email}], "custom_args": {"ct_delivery": f"d-{email}"}, **more}


def mail(*emails: str, **more: Any) -> dict[str, Any]:
    """A body that is accepted, one personalization for each address; `more` adds and replaces root keys."""
    return {
        "personalizations": [person(email) for email in emails or ("ana@example.org",)],
        "from": {"email": "org@example.org", "name": "Org"},
        "subject": "Hello",
        "content": [{"type": "text/plain", "value": "Hi"}, {"type": "text/html", "value": "<p>Hi</p>"}],
        "custom_args": {"ct_request": "r1"},
        **more,
    }


@dataclass(frozen=True)
class Running:
    """A sandbox that runs, and a client of it."""

    url: str
    home: Path
    session: aiohttp.ClientSession
    public_key: str

    async def post(self, body: Any, **more: Any) -> aiohttp.ClientResponse:
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        async with self.session.post("/v3/mail/send", data=data, **more) as answer:
            await answer.read()
        return answer

    async def faults(self, body: Any) -> list[tuple[str, str]]:
        """(field, message) of each error of the 400 that `body` gets."""
        answer = await self.post(body)
        assert answer.status == 400, await answer.text()
        assert not self.ledger()
        return [(error["field"], error["message"]) for error in (await answer.json())["errors"]]

    async def get(self, path: str) -> Any:
        async with self.session.get(path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def text(self, path: str, status: int = 200) -> str:
        async with self.session.get(path) as answer:
            assert answer.status == status
            return await answer.text()

    def ledger(self) -> list[Request]:
        return list(ledger.read(self.home / ledger.NAME))

    async def quiet(self) -> None:
        """Until the webhook waits for nothing."""
        async with asyncio.timeout(200):
            while (await self.get("/healthz"))["webhook_waiting"]:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def serve(made: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(made, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield "http://{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def sandbox(home: Path, **options: Any) -> AsyncIterator[Running]:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    made = server.app(server.Options(home, flush_seconds=0.02, **options))
    async with serve(made) as url, aiohttp.ClientSession(url, headers=headers) as session:
        yield Running(url, home, session, hooks.signing_key(home)[1])


@dataclass
class Receiver:
    """What came to the webhook: (signature, timestamp, body) of each POST, refused ones too."""

    url: str = ""
    posts: list[tuple[str, str, bytes]] = field(default_factory=list)
    refuse: int = 0  # how many POSTs are answered 503 first

    async def take(self, request: web.Request) -> web.Response:
        headers = request.headers
        self.posts.append((headers[hooks.SIGNATURE], headers[hooks.TIMESTAMP], await request.read()))
        self.refuse -= 1
        return web.Response(status=503 if self.refuse >= 0 else 204)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for _, _, body in self.posts for event in msgspec.json.decode(body)]


@asynccontextmanager
async def receiver(refuse: int = 0) -> AsyncIterator[Receiver]:
    made, app = Receiver(refuse=refuse), web.Application(client_max_size=2**20)
    app.router.add_post("/events", made.take)
    async with serve(app) as url:
        made.url = f"{url}/events"
        yield made
