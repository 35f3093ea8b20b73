"""The addresses behind the links in our emails. GET, HEAD and OPTIONS change no row, whoever follows them."""

from __future__ import annotations

from collections.abc import Callable

from litestar import Response, post, route
from litestar.params import RawBody

from campaign.errors import CampaignError
from campaign.links import Purpose
from campaign.outreach.action_page import actions
from campaign.outreach.action_page import unsubscribe as opt_out
from campaign.outreach.action_page import visit as visits
from campaign.outreach.action_page.visit import LinkRequest, OpenedLink, SupporterGone, Transaction, Visit
from campaign.web import action_page, pages, replies
from campaign.web.guards import READS, Injected, InPath, Services, WebRequest, same_origin
from campaign.web.replies import Reply


@route("/a/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def action(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """The campaign and the ZIP question. Shows nothing about the supporter."""
    return _read(services, _link(request, slug, token), replies.zip_question)


@post("/a/{slug:str}/{token:str}", status_code=200, sync_to_thread=True, guards=[same_origin])
def submit(services: Injected, request: WebRequest, slug: InPath, token: InPath, body: RawBody) -> Response[str]:
    """Every form of the supporter's pages: `step` says which."""
    form = action_page.read_form(body)
    try:
        return replies.render(action_page.answer(services, _link(request, slug, token), form))
    except SupporterGone:
        if form.get("step") != "forget":
            raise
        # The second press of the button that erased the supporter.
        return _without_supporter(request, "forgotten.html")


@route("/c/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def held(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """Asks for the code from the email about a held letter."""
    return _read(services, _link(request, slug, token), lambda visit: replies.show(visit, "code.html", wrong=False))


@post("/c/{slug:str}/{token:str}", status_code=200, sync_to_thread=True, guards=[same_origin])
def confirm_held(services: Injected, request: WebRequest, slug: InPath, token: InPath, body: RawBody) -> Response[str]:
    """Confirms the held letter by the code."""
    with services.acting(_link(request, slug, token)) as (conn, visit):
        reply = replies.gone(visit) or action_page.answer_code(conn, visit, action_page.read_form(body))
    return replies.render(reply)


@route("/n/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def not_mine(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """One button. Only pressing it acts."""
    link = _link(request, slug, token, Purpose.DISOWN)
    return _read(services, link, lambda visit: replies.show(visit, "disown.html"))


@post("/n/{slug:str}/{token:str}", status_code=200, sync_to_thread=True, guards=[same_origin])
def disown(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """Stops the letters of this link; the link is proof enough."""
    with services.acting(_link(request, slug, token, Purpose.DISOWN)) as (conn, visit):
        reply = replies.show(visit, "disowned.html", number=actions.disown(conn, visit))
    return replies.render(reply)


@route("/u/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def unsubscribe_page(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """One button. Only pressing it acts: mail scanners follow links."""
    link = _link(request, slug, token, Purpose.UNSUBSCRIBE)
    return _read(services, link, lambda visit: replies.show(visit, "unsubscribe.html"))


@post("/u/{slug:str}/{token:str}", status_code=200, sync_to_thread=True)
def unsubscribe(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """Acts at once; the link is proof enough. Mail programs post here by themselves (RFC 8058)."""
    link = _link(request, slug, token, Purpose.UNSUBSCRIBE)
    try:
        with services.database.begin() as conn:
            opened = visits.open_link(conn, services.keys, link, lock=True)
            opt_out.unsubscribe(conn, opened)
            reply = _done(services, conn, opened)
    except SupporterGone:  # erased supporters are suppressed already
        reply = None
    return replies.render(reply) if reply else _without_supporter(request, "done.html")


def _link(request: WebRequest, slug: str, token: str, purpose: Purpose = Purpose.ACTION) -> LinkRequest:
    asked = request.query_params.get("lang", "")
    return LinkRequest(slug, token, purpose, asked=asked, browser=pages.preferred(request))


def _read(services: Services, link: LinkRequest, page: Callable[[Visit], Reply]) -> Response[str]:
    with services.reading(link) as (_, visit):
        pass
    return replies.render(replies.gone(visit) or page(visit))


def _done(services: Services, conn: Transaction, link: OpenedLink) -> Reply | None:
    """None for a campaign or release that cannot be read, as after a restored backup: the unsubscribe holds anyway."""
    try:
        return replies.show(visits.load_visit(conn, services.keys, services.settings, link, acts=True), "done.html")
    except CampaignError:
        return None


def _without_supporter(request: WebRequest, name: str) -> Response[str]:
    return pages.html(name, pages.language(request), campaign=None, switch=False)
