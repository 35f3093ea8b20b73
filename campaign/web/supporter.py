"""The addresses behind the links in our emails, and the open page. GET, HEAD and OPTIONS change no row, whoever follows
them; a form is answered with an address (303) that shows what it led to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Response, post, route
from litestar.params import RawBody
from litestar.response import Redirect

from campaign.errors import CampaignError
from campaign.letters import tallies
from campaign.links import Purpose
from campaign.outreach.action_page import actions
from campaign.outreach.action_page import unsubscribe as opt_out
from campaign.outreach.action_page import visit as visits
from campaign.outreach.action_page.view_state import ViewState
from campaign.outreach.action_page.visit import LinkRequest, OpenedLink, SupporterGone, Transaction, Visit
from campaign.web import action_page, browser_cookie, pages, replies
from campaign.web.guards import READS, Injected, InPath, Services, WebRequest, same_origin
from campaign.web.limits import SIGN_UP
from campaign.web.replies import Reply

Answer = Response[str] | Redirect


@route("/a/{slug:str}/{token:str}", http_method=READS)
async def action(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """Where the visitor stands; at first, the ZIP question, which shows nothing about the supporter."""
    return await services.look(lambda: stand(services, request, link_of(request, slug, token)))


@post("/a/{slug:str}/{token:str}", status_code=200, sync_to_thread=True, guards=[same_origin])
def submit(services: Injected, request: WebRequest, slug: InPath, token: InPath, body: RawBody) -> Answer:
    """Every form of the supporter's pages: `step` says which, or `go` where to."""
    return post_form(services, request, slug, token, action_page.read_form(body))


def post_form(services: Services, request: WebRequest, slug: str, token: str, form: action_page.Form) -> Answer:
    """The answer to a form behind an action link."""
    if form.get("step") == "continue":  # another supporter's link: go on without it
        return answer_form(services, request, link_of(request, slug, ""), {**form, "step": "zip"})
    try:
        return answer_form(services, request, link_of(request, slug, token), form)
    except SupporterGone:
        if form.get("step") != "forget":
            raise
        return without_supporter(request, "erased.html")  # the button that erased them, pressed again


@route("/{slug:str}", http_method=READS)
async def open_page(services: Injected, request: WebRequest, slug: InPath) -> Response[str]:
    """A campaign for everyone: what it asks for, and the ZIP question. Nothing is stored."""
    return await services.look(lambda: stand(services, request, link_of(request, slug, "")))


@post("/{slug:str}", status_code=200, sync_to_thread=True, guards=[same_origin])
def submit_open(services: Injected, request: WebRequest, slug: InPath, body: RawBody) -> Answer:
    """Every form of the open page."""
    form = action_page.read_form(body)
    if form.get("step") in ("join", "confirm"):
        services.limits.count(request, SIGN_UP)
    return answer_form(services, request, link_of(request, slug, ""), form)


def stand(services: Services, request: WebRequest, link: LinkRequest) -> Response[str]:
    """The page of this address. A browser without the cookie gets one."""
    sealed, source = request.query_params.get("v", ""), request.query_params.get("s", "")
    with services.reading(link) as (conn, visit):
        state = replies.read_state(visit, sealed) or ViewState(source=tallies.source_code(source))
        reply = replies.at(conn, visit, state, sealed=sealed)
    return browser_cookie.give(services, replies.render(reply), link.cookie or browser_cookie.new())


def answer_form(services: Services, request: WebRequest, link: LinkRequest, form: action_page.Form) -> Answer:
    """The answer to a form: the address that shows what it led to, or the page itself for a browser without cookies."""
    visit, state = action_page.take_step(services, link, form)
    if state == action_page.ERASED:
        return without_supporter(request, "erased.html")
    if link.cookie and not visit.expired:
        return Redirect(link.path + replies.address(visit, state), status_code=303)
    with services.reading(link) as (conn, visit):
        reply = replies.at(conn, visit, state, form=form)
    return replies.render(reply)


@route("/n/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def not_mine(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """One button. Only pressing it acts."""
    link = link_of(request, slug, token, Purpose.DISOWN)
    return _read(services, link, lambda visit: replies.show(visit, "disown.html"))


@post("/n/{slug:str}/{token:str}", status_code=200, sync_to_thread=True, guards=[same_origin])
def disown(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """Stops the letters of this link; the link is proof enough."""
    with services.acting(link_of(request, slug, token, Purpose.DISOWN)) as (conn, visit):
        number, reports = actions.disown(conn, visit), actions.disown_reports(conn, visit)
        reply = replies.show(visit, "disowned.html", number=number, reports=reports)
    return replies.render(reply)


@route("/u/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def unsubscribe_page(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """One button. Only pressing it acts: mail scanners follow links."""
    link = link_of(request, slug, token, Purpose.UNSUBSCRIBE)
    return _read(services, link, lambda visit: replies.show(visit, "unsubscribe.html"))


@post("/u/{slug:str}/{token:str}", status_code=200, sync_to_thread=True)
def unsubscribe(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """Acts at once; the link is proof enough. Mail programs post here by themselves, and want 200 (RFC 8058)."""
    link = link_of(request, slug, token, Purpose.UNSUBSCRIBE)
    try:
        with services.database.begin() as conn:
            opened = visits.open_link(conn, services.keys, link, lock=True)
            opt_out.unsubscribe(conn, opened)
            reply = _done(services, conn, opened)
    except SupporterGone:  # erased supporters are suppressed already
        reply = None
    return replies.render(reply) if reply else without_supporter(request, "unsubscribed.html")


def link_of(request: WebRequest, slug: str, token: str, purpose: Purpose = Purpose.ACTION) -> LinkRequest:
    asked, cookie = request.query_params.get("lang", ""), browser_cookie.read(request)
    return LinkRequest(slug, token, purpose, asked=asked, preferred=pages.preferred(request), cookie=cookie)


def _read(services: Services, link: LinkRequest, page: Callable[[Visit], Reply]) -> Response[str]:
    with services.reading(link) as (_, visit):
        pass
    return replies.render(replies.expired(visit) if visit.expired else page(visit))


def _done(services: Services, conn: Transaction, link: OpenedLink) -> Reply | None:
    """None for a campaign or release that cannot be read, as after a restored backup: the unsubscribe holds anyway."""
    try:
        visit = visits.load_visit(conn, services.keys, services.settings, link, acts=True)
    except CampaignError:
        return None
    return replies.show(visit, "unsubscribed.html")


def without_supporter(request: WebRequest, name: str) -> Response[str]:
    values: dict[str, Any] = {"campaign": None, "known": False, "state": ViewState(), "page": None, "switch_query": ""}
    return pages.html(name, pages.language(request), **values)
