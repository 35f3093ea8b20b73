"""The simulator's inbox: all messages as their recipients see them, read from the ledger. Pages without scripts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from campaign.config import ROOT
from campaign.sandbox.account import SandboxAccount
from campaign.sandbox.ledger import Counts, Ledger, verify
from campaign.sandbox.mail import RenderedMessage, Request, render, subject

TEMPLATES = ROOT / "templates" / "web" / "sandbox"
PER_PAGE = 50
# The page's policy also covers the message in its frame: inline styles are allowed, nothing is fetched.
POLICY = "default-src 'none'; style-src 'self' {}; img-src data:; form-action 'self'; base-uri 'none'"
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
LABELS = {
    (): ("no events", "quiet"),
    ("processed", "delivered"): ("delivered", "good"),
    ("processed", "deferred", "delivered"): ("deferred, then delivered", "good"),
    ("processed", "delivered", "spamreport"): ("reported as spam", "bad"),
    ("processed", "bounce"): ("bounced", "bad"),
    ("processed", "block"): ("blocked", "bad"),
    ("dropped",): ("dropped", "bad"),
}


def _who(header: str) -> tuple[str, str]:
    """(name, address) of a header with one named address; else (the whole header, "")."""
    name, _, email = header.removesuffix(">").rpartition(" <")
    return (name, email) if name and "<" not in name else (header, "")


_pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
_pages.filters["moment"] = lambda at: datetime.fromtimestamp(at / 1000, UTC)
_pages.filters["who"] = _who
Wanted = Callable[[Request, int], bool]


@dataclass(slots=True)
class Inbox:
    """`counts`: the last count of the ledger."""

    ledger: Ledger
    account: SandboxAccount
    seed: int
    counts: Counts = field(default_factory=lambda: Counts(0, 0, 0))


INBOX = web.AppKey("inbox", Inbox)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/", listing),
        web.get("/m/{id}/{number:[0-9]{1,4}}", message),
        web.get("/inbox.json", inbox_json),
        web.get("/ledger.json", ledger_json),
        web.get("/style.css", style),
    ]


def number(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    """A whole number from the query, limited to its range; else the default."""
    text = request.query.get(name, "")
    return min(max(int(text), low), high) if text.isdecimal() and len(text) < 16 else default


def offset_limit(request: web.Request, default: int, most: int) -> tuple[int, int]:
    return number(request, "offset", 0, 0, 10**12), number(request, "limit", default, 1, most)


def newest(inbox: Inbox, offset: int, limit: int, wanted: Wanted | None) -> tuple[int, list[RenderedMessage]]:
    """The number of messages that are `wanted` (None: all), and one page of them, newest first."""
    total = 0
    found: list[RenderedMessage] = []
    for entry in reversed(list(inbox.ledger.entries.values())):
        if wanted is None and (total + entry.size <= offset or len(found) == limit):
            total += entry.size
            continue
        request = inbox.ledger.request(entry)
        for index in reversed(range(entry.size)):
            if wanted is None or wanted(request, index):
                if total >= offset and len(found) < limit:
                    found.append(render(request, index, inbox.seed))
                total += 1
    return total, found


def _is_to(request: Request, index: int, email: str) -> bool:
    return any(address.email.lower() == email.lower() for address in request.body.personalizations[index].to)


async def _counts(inbox: Inbox) -> Counts:
    if inbox.counts.requests != len(inbox.ledger.entries):
        inbox.counts = await asyncio.to_thread(verify, inbox.ledger.path)
    return inbox.counts


def _page(inbox: Inbox, name: str, *, status: int = 200, styles: str = "", **values: Any) -> web.Response:
    def story(message: RenderedMessage) -> tuple[tuple[str, ...], str]:
        return inbox.account.story(message.to, inbox.ledger.entries[message.id].seq)

    return rendered(name, status=status, styles=styles, story=story, labels=LABELS, **values)


def rendered(name: str, *, status: int = 200, styles: str = "", **values: Any) -> web.Response:
    """A template of templates/web/sandbox. `styles`: what its policy allows beside the style sheet."""
    headers = {**HEADERS, "Content-Security-Policy": POLICY.format(styles)}
    text = _pages.get_template(name).render(values)
    return web.Response(status=status, text=text, content_type="text/html", headers=headers)


async def listing(request: web.Request) -> web.Response:
    """GET /?q=&to=&page=: messages, newest first. With `to`: the inbox of one address, by sender."""
    inbox = request.app[INBOX]
    query, to = (request.query.get(name, "").strip() for name in ("q", "to"))
    page = number(request, "page", 1, 1, 10**9)
    needle, start = query.casefold(), (page - 1) * PER_PAGE

    def wanted(found: Request, index: int) -> bool:
        if to and not _is_to(found, index, to):
            return False
        people = ", ".join(map(str, found.body.personalizations[index].to))
        return needle in people.casefold() or needle in subject(found, index, inbox.seed).casefold()

    def link(page: int) -> str:
        given = {"q": query, "to": to, "page": page}
        return "/?" + urlencode({name: value for name, value in given.items() if value})

    total, found = await asyncio.to_thread(newest, inbox, start, PER_PAGE, wanted if needle or to else None)
    newer = link(page - 1) if page > 1 else ""
    older = link(page + 1) if start + PER_PAGE < total else ""
    values: dict[str, Any] = {"messages": found, "query": query, "to": to, "total": total, "first": start + 1}
    return _page(inbox, "list.html", counts=await _counts(inbox), newer=newer, older=older, **values)


async def message(request: web.Request) -> web.Response:
    """GET /m/<id>/<n>?part=: one message, its HTML in a frame without scripts."""
    inbox = request.app[INBOX]
    entry = inbox.ledger.entries.get(request.match_info["id"])
    index = int(request.match_info["number"])
    if entry is None or index >= entry.size:
        return _page(inbox, "missing.html", status=404)
    made = render(inbox.ledger.request(entry), index, inbox.seed)
    parts = [part for part in ("html", "text") if getattr(made, part)] + ["headers"]
    part = request.query.get("part", "")
    values: dict[str, Any] = {
        "message": made,
        "size": entry.size,
        "parts": parts,
        "part": part if part in parts else parts[0],
    }
    return _page(inbox, "message.html", styles="'unsafe-inline'", **values)


async def inbox_json(request: web.Request) -> web.Response:
    """GET /inbox.json?limit=&offset=&to=: messages after substitution, newest first."""
    to = request.query.get("to", "").strip()

    def wanted(found: Request, index: int) -> bool:
        return _is_to(found, index, to)

    offset, limit = offset_limit(request, 100, 1000)
    total, found = await asyncio.to_thread(newest, request.app[INBOX], offset, limit, wanted if to else None)
    body = msgspec.json.encode({"total": total, "messages": found})
    return web.Response(body=body, content_type="application/json", headers=HEADERS)


async def ledger_json(request: web.Request) -> web.Response:
    """GET /ledger.json: the counts."""
    return web.json_response(asdict(await _counts(request.app[INBOX])), headers=HEADERS)


async def style(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(TEMPLATES / "style.css")
