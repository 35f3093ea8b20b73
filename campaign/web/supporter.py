"""What stands behind the links of an ask. GET, HEAD and OPTIONS change no row, whoever follows them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

from litestar import HttpMethod, Response, post, route
from litestar.params import RawBody

from campaign.links import BadLink, Purpose
from campaign.outreach import act
from campaign.outreach.act import Page
from campaign.web import pages
from campaign.web.guards import READS, Asked, Door, InPath, same_origin

_ZIP = re.compile(r"[0-9]{5}(-?[0-9]{4})?")
_KEPT = 20  # characters of a wrong ZIP that are shown again


@route("/a/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def action(door: Door, request: Asked, slug: InPath, token: InPath) -> Response[str]:
    """The campaign and the ZIP question; nothing of the person."""
    page = act.open_link(door.database, door.keys, slug, token, Purpose.ACTION)
    return _gone(request, page) if page.expired else _show("action.html", request, page, typed="", wrong=False)


@post("/a/{slug:str}/{token:str}", status_code=200, sync_to_thread=True, guards=[same_origin])
def tell_zip(door: Door, request: Asked, slug: InPath, token: InPath, body: RawBody) -> Response[str]:
    """Looks at the shape of the ZIP, and says that the letter is not open yet. Stores nothing."""
    page = act.open_link(door.database, door.keys, slug, token, Purpose.ACTION)
    if page.expired:
        return _gone(request, page)
    typed = parse_qs(body.decode("utf-8", "replace")).get("zip", [""])[0].strip()
    if not _ZIP.fullmatch(typed):
        return _show("action.html", request, page, status=422, typed=typed[:_KEPT], wrong=True)
    return _show("thanks.html", request, page)


@route("/u/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def leave(door: Door, request: Asked, slug: InPath, token: InPath) -> Response[str]:
    """One button. Only pressing it acts: mail scanners follow links."""
    return _show("unsubscribe.html", request, act.open_link(door.database, door.keys, slug, token, Purpose.UNSUBSCRIBE))


@post("/u/{slug:str}/{token:str}", status_code=200, sync_to_thread=True)
def unsubscribe(door: Door, request: Asked, slug: InPath, token: InPath) -> Response[str]:
    """Acts at once, with no other proof than the link: mail programs post here by themselves (RFC 8058)."""
    act.unsubscribe(door.database, door.keys, slug, token)
    try:
        page = act.open_link(door.database, door.keys, slug, token, Purpose.UNSUBSCRIBE)
    except BadLink:  # erased since: there is nobody left to write to, which is what was asked
        return pages.html("done.html", pages.language(request), page=None, switch=False)
    return _show("done.html", request, page)


def _gone(request: Asked, page: Page) -> Response[str]:
    return _show("gone.html", request, page, status=410)


def _show(name: str, request: Asked, page: Page, *, status: int = 200, **values: Any) -> Response[str]:
    lang = pages.language(request, page.locale)
    switch = request.method != HttpMethod.POST  # the answer to a form is not what its address shows
    return pages.html(name, lang, status=status, page=page, switch=switch, **values)
