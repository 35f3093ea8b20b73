"""The addresses behind the links of two emails: the one that confirms a sign-up (`/j`, `/x`), and the one with a code
for a supporter who moved (`/c`). GET changes no row, whoever follows a link."""

from __future__ import annotations

from litestar import Response, post, route
from litestar.params import RawBody
from litestar.response import Redirect

from campaign.links import Purpose
from campaign.outreach.action_page import sign_up
from campaign.outreach.action_page import visit as visits
from campaign.outreach.action_page.sign_up import Joined, JoinEnd
from campaign.outreach.action_page.view_state import ViewState
from campaign.outreach.action_page.views import MustConfirmAgain
from campaign.outreach.action_page.visit import Transaction, Visit
from campaign.web import action_page, browser_cookie, replies
from campaign.web.guards import READS, Injected, InPath, Services, WebRequest, same_origin
from campaign.web.replies import Reply
from campaign.web.supporter import Answer, link_of, post_form

_STATUS = {JoinEnd.ALREADY: 200, JoinEnd.EXPIRED: 410, JoinEnd.BARRED: 403}


@route("/j/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def question(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """One button. Only pressing it acts."""
    link = link_of(request, slug, token, Purpose.JOIN)
    with services.database.read() as conn:
        reply = _question(conn, visits.load_visit(conn, services.keys, services.settings, link, acts=False))
    return browser_cookie.give(services, replies.render(reply), link.cookie or browser_cookie.new())


def _question(conn: Transaction, visit: Visit) -> Reply:
    if (theirs := sign_up.joined(conn, visit)) and not theirs.person.suppressed:
        return replies.show(visit, "joined.html", what="joined")
    found = sign_up.find(conn, visit)
    if isinstance(found, JoinEnd):
        return _ended(visit, found)
    letters, typed = sign_up.waiting_letters(conn, visit, found), found.typed
    return replies.show(
        visit, "join.html", previews=letters, typed=typed.letters if typed else {}, seen=sign_up.shown(found)
    )


@post("/j/{slug:str}/{token:str}", status_code=200, sync_to_thread=True, guards=[same_origin])
def confirm(services: Injected, request: WebRequest, slug: InPath, token: InPath, body: RawBody) -> Answer:
    """Makes a supporter of the person behind the link, and confirms their letters. `step=open`: on to their page."""
    link = link_of(request, slug, token, Purpose.JOIN)
    form = action_page.read_form(body)
    with services.database.begin() as conn:
        visit = visits.load_visit(conn, services.keys, services.settings, link, acts=True)
        theirs = sign_up.joined(conn, visit)
        if theirs and form.get("step") == "open":
            return Redirect(f"{theirs.request.path}?lang={visit.language}", status_code=303)
        result = sign_up.confirm(conn, visit, form.get("seen", ""))
        if result is None:
            answer: Reply | Redirect = _question(conn, visit)
        elif isinstance(result, Joined):
            answer = _joined(conn, result, request.url.path)
        else:
            answer = _ended(visit, result)
    return answer if isinstance(answer, Redirect) else replies.render(answer)


def _ended(visit: Visit, end: JoinEnd) -> Reply:
    return replies.show(visit, "join-ended.html", status=_STATUS[end], end=end.value)


def _joined(conn: Transaction, result: Joined, here: str) -> Reply | Redirect:
    """On to where the letters are. Without letters, or without our cookie: the thanks."""
    visit, letters = result.visit, result.letters
    if letters is None:
        return Redirect(f"{here}?lang={visit.language}", status_code=303)
    again = isinstance(letters, MustConfirmAgain)
    if not visit.request.cookie:
        return replies.show(visit, "joined.html", what="again" if again else "letters")
    if again:
        action_page.keep_typed(conn, visit, result.form)
    state = action_page.after_letters(letters, result.form)
    return Redirect(visit.request.path + replies.address(visit, state), status_code=303)


@route("/x/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def never_page(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """One button: never write to this address."""
    with services.database.read() as conn:
        return replies.render(_never(conn, services, request, slug, token, done=False))


@post("/x/{slug:str}/{token:str}", status_code=200, sync_to_thread=True)
def never(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """Acts at once, and answers 200, as mail programs want it (RFC 8058)."""
    with services.database.begin() as conn:
        sign_up.refuse(conn, services.keys, link_of(request, slug, token))
        return replies.render(_never(conn, services, request, slug, token, done=True))


def _never(conn: Transaction, services: Services, request: WebRequest, slug: str, token: str, *, done: bool) -> Reply:
    link = link_of(request, slug, token)
    sign_up.check_never(services.keys, link)
    visit = visits.load_visit(conn, services.keys, services.settings, link, acts=done)
    return replies.show(visit, "never.html", done=done)


@route("/c/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def code_page(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """Asks for the code from the email. Says nothing of the ZIP code that it is for."""
    link = link_of(request, slug, token)
    with services.reading(link) as (conn, visit):
        reply = replies.at(conn, visit, ViewState(page="code"))
    return browser_cookie.give(services, replies.render(reply), link.cookie or browser_cookie.new())


@post("/c/{slug:str}/{token:str}", status_code=200, sync_to_thread=True, guards=[same_origin])
def enter_code(services: Injected, request: WebRequest, slug: InPath, token: InPath, body: RawBody) -> Answer:
    """The code, or any other form of the supporter's pages: a browser without cookies stays at this address."""
    return post_form(services, request, slug, token, action_page.read_form(body))
