"""Supporters at the web server, as browsers that keep their connection: for `python -m benchmarks web`."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from benchmarks.web_server import CONTACT
from campaign.demo import forms
from campaign.errors import CampaignError

TYPED = {"first_name": "Ana", "last_name": "Ruiz", "city": "Charlotte", "phone": "202-555-0143"}
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One kept connection; opened again where the server closed it, as it may after some seconds of silence."""

    def __init__(self, port: int, encoding: str) -> None:
        self._port, self._accept = port, f"Accept-Encoding: {encoding}\r\n" if encoding else ""
        self._reader: asyncio.StreamReader | None = None

    async def ask(self, method: str, path: str, *, body: str = "", cookie: str = "") -> Answer:
        head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\n{self._accept}"
        head += f"Cookie: {cookie}\r\n" if cookie else ""
        head += f"{FORM}Content-Length: {len(body)}\r\n" if method == "POST" else ""
        try:
            return await self._send(f"{head}\r\n{body}")
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()
            return await self._send(f"{head}\r\n{body}")

    async def _send(self, request: str) -> Answer:
        if self._reader is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(request.encode())
        first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(map(_header, lines[:-2]))
        content = await self._reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(first.split()[1]), headers, content)

    def close(self) -> None:
        if self._reader is not None:
            self._writer.close()
            self._reader = None


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.lower(), value.strip()


@dataclass(slots=True)
class Visitor:
    """One supporter with a browser: where they stand."""

    link: str
    zip: str = CONTACT
    cookie: str = ""
    at: str = ""  # the address that the last form was answered with; "" if the answer was the page itself
    page: str = ""

    async def open(self, connection: Connection) -> None:
        """Follow the link in the email."""
        self._take(await connection.ask("GET", self.link))

    async def enter(self, connection: Connection) -> None:
        """Send the ZIP code."""
        await self._send(connection, {"step": "zip", "zip": self.zip})

    async def arrive(self, connection: Connection) -> None:
        """Follow the redirect, if there is one."""
        if self.at:
            self._take(await connection.ask("GET", self.at, cookie=self.cookie))

    async def enter_and_arrive(self, connection: Connection) -> None:
        await self.enter(connection)
        await self.arrive(connection)

    async def confirm(self, connection: Connection) -> None:
        """Send the letter."""
        sheet = forms.step(self.page, "confirm")
        if sheet is None:
            raise CampaignError("the page has no letter to confirm")
        step = {} if "step" in sheet.fields else {"step": "confirm"}  # older pages had it on a button
        await self._send(connection, sheet.fields | {k: v for k, v in TYPED.items() if k in sheet.fields} | step)

    async def _send(self, connection: Connection, form: dict[str, str]) -> None:
        self._take(await connection.ask("POST", self.link, body=urlencode(form), cookie=self.cookie))

    def _take(self, answer: Answer) -> None:
        if answer.status not in (200, 303):
            raise CampaignError(f"a page answered {answer.status}")
        raw = gzip.decompress(answer.body) if answer.headers.get("content-encoding") == "gzip" else answer.body
        self.page, self.at = raw.decode(), answer.headers.get("location", "")
        self.cookie = answer.headers.get("set-cookie", self.cookie).partition(";")[0]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its process, its port, and how its visitors want their pages compressed."""

    name: str
    pid: int
    port: int
    encoding: str = ""

    def connect(self) -> Connection:
        return Connection(self.port, self.encoding)


Step = Callable[[Connection], Awaitable[object]]


async def one_by_one(server: Server, steps: Sequence[Step]) -> None:
    """All on one connection."""
    connection = server.connect()
    for step in steps:
        await step(connection)
    connection.close()


async def at_once(server: Server, steps: Sequence[Step], connections: int) -> list[float]:
    """On so many connections, each of which asks again as soon as it has its answer; the seconds each step took."""
    waiting, seconds = list(steps), list[float]()

    async def take() -> None:
        connection = server.connect()
        while waiting:
            step, started = waiting.pop(), time.perf_counter()
            await step(connection)
            seconds.append(time.perf_counter() - started)
        connection.close()

    await asyncio.gather(*(take() for _ in range(connections)))
    return seconds
