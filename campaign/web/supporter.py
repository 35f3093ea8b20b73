"""What stands behind the links in our mails. GET, HEAD and OPTIONS change no row, whoever follows them."""

from __future__ import annotations

from litestar import Response, post, route
from litestar.di import NamedDependency
from litestar.params import RawBody

from campaign import links
from campaign.config import Settings
from campaign.links import BadLink, Purpose
from campaign.outreach.action_page import actions, link
from campaign.outreach.action_page import unsubscribe as opt_out
from campaign.web import action_page, pages
from campaign.web.action_page import Visit
from campaign.web.guards import READS, Asked, Door, InPath, Services, same_origin

Config = NamedDependency[Settings]


@route("/a/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def action(door: Door, settings: Config, request: Asked, slug: InPath, token: InPath) -> Response[str]:
    """The campaign and the ZIP question; nothing of the person."""
    visit = _visit(door, settings, request, slug, token)
    return _gone(visit) if visit.page.expired else action_page.ask_zip(visit)


@post("/a/{slug:str}/{token:str}", status_code=200, sync_to_thread=True, guards=[same_origin])
def tell(door: Door, settings: Config, request: Asked, slug: InPath, token: InPath, body: RawBody) -> Response[str]:
    """Every form of the person's pages: `step` says which."""
    try:
        visit = _visit(door, settings, request, slug, token, body)
    except BadLink:
        links.read(door.keys.links, slug, token, Purpose.ACTION)
        if action_page.read_form(body).get("step") != "forget":
            raise
        # A link of ours whose person is gone: the second press of the button that erased them.
        return pages.html("forgotten.html", pages.language(request), page=None, switch=False)
    return _gone(visit) if visit.page.expired else action_page.answer(visit)


@route("/c/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def held(door: Door, settings: Config, request: Asked, slug: InPath, token: InPath) -> Response[str]:
    """Asks for the code in the mail about a letter that waits."""
    visit = _visit(door, settings, request, slug, token)
    return _gone(visit) if visit.page.expired else visit.show("code.html", wrong=False)


@post("/c/{slug:str}/{token:str}", status_code=200, sync_to_thread=True, guards=[same_origin])
def confirm_held(
    door: Door, settings: Config, request: Asked, slug: InPath, token: InPath, body: RawBody
) -> Response[str]:
    """Confirms the letter that waits, by the code."""
    visit = _visit(door, settings, request, slug, token, body)
    return _gone(visit) if visit.page.expired else action_page.answer_code(visit)


@route("/n/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def not_mine(door: Door, settings: Config, request: Asked, slug: InPath, token: InPath) -> Response[str]:
    """One button. Only pressing it acts."""
    return _visit(door, settings, request, slug, token, purpose=Purpose.DISOWN).show("disown.html")


@post("/n/{slug:str}/{token:str}", status_code=200, sync_to_thread=True, guards=[same_origin])
def disown(door: Door, settings: Config, request: Asked, slug: InPath, token: InPath) -> Response[str]:
    """Stops the letters of this link, with no other proof than the link."""
    visit = _visit(door, settings, request, slug, token, purpose=Purpose.DISOWN)
    return visit.show("disowned.html", number=actions.disown(door.database, door.keys, slug, token))


@route("/u/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def unsubscribe_page(door: Door, settings: Config, request: Asked, slug: InPath, token: InPath) -> Response[str]:
    """One button. Only pressing it acts: mail scanners follow links."""
    return _visit(door, settings, request, slug, token, purpose=Purpose.UNSUBSCRIBE).show("unsubscribe.html")


@post("/u/{slug:str}/{token:str}", status_code=200, sync_to_thread=True)
def unsubscribe(door: Door, settings: Config, request: Asked, slug: InPath, token: InPath) -> Response[str]:
    """Acts at once, with no other proof than the link: mail programs post here by themselves (RFC 8058)."""
    opt_out.unsubscribe(door.database, door.keys, slug, token)
    try:
        visit = _visit(door, settings, request, slug, token, purpose=Purpose.UNSUBSCRIBE)
    except BadLink:  # erased since: there is nobody left to write to, which is what was asked
        return pages.html("done.html", pages.language(request), page=None, switch=False)
    return visit.show("done.html")


def _visit(
    door: Services,
    settings: Settings,
    request: Asked,
    slug: str,
    token: str,
    body: bytes = b"",
    purpose: Purpose = Purpose.ACTION,
) -> Visit:
    page = link.open_link(door.database, door.keys, slug, token, purpose)
    return Visit(door, settings, request, slug, token, page, action_page.read_form(body))


def _gone(visit: Visit) -> Response[str]:
    return visit.show("gone.html", status=410)
