"""The addresses behind two links in our emails: no more of them about a letter, and whether an office answered.

GET and HEAD change no row. A form is answered with its own address (303), which shows what is stored.
"""

from __future__ import annotations

from litestar import Response, post, route
from litestar.params import RawBody
from litestar.response import Redirect

from campaign.links import Purpose
from campaign.outreach.action_page import email_choices
from campaign.outreach.action_page.visit import LinkRequest
from campaign.web import action_page, replies
from campaign.web.guards import READS, Injected, InPath, Services, WebRequest, same_origin
from campaign.web.supporter import link_of


@route("/q/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def quiet_page(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """One button. Only pressing it acts."""
    return _show(services, link_of(request, slug, token, Purpose.QUIET), "quiet.html")


@post("/q/{slug:str}/{token:str}", status_code=303, sync_to_thread=True, guards=[same_origin])
def quiet(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Redirect:
    """Stops the emails about the letters of this link; the link is proof enough."""
    link = link_of(request, slug, token, Purpose.QUIET)
    with services.acting(link) as (conn, visit):
        email_choices.stop_emails(conn, visit)
    return _back(link)


@route("/h/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def answer_page(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[str]:
    """Three buttons. It names no office: the link may have been forwarded."""
    return _show(services, link_of(request, slug, token, Purpose.ANSWER), "answer.html")


@post("/h/{slug:str}/{token:str}", status_code=303, sync_to_thread=True, guards=[same_origin])
def answer(services: Injected, request: WebRequest, slug: InPath, token: InPath, body: RawBody) -> Redirect:
    """Stores one of three answers; the last one counts."""
    link = link_of(request, slug, token, Purpose.ANSWER)
    with services.acting(link) as (conn, visit):
        email_choices.record_answer(conn, visit, action_page.read_form(body))
    return _back(link)


def _show(services: Services, link: LinkRequest, name: str) -> Response[str]:
    with services.reading(link) as (conn, visit):
        reply = replies.show(visit, name, said=email_choices.choices(conn, visit))
    return replies.render(reply)


def _back(link: LinkRequest) -> Redirect:
    return Redirect(link.path + (f"?lang={link.asked}" if link.asked else ""), status_code=303)
