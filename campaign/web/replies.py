"""The page that shows where a visitor stands."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from campaign.clock import washington_day
from campaign.letters import typed_forms
from campaign.outreach.action_page import check_form, sign_up, view_state
from campaign.outreach.action_page import page as pages_after_zip
from campaign.outreach.action_page.context import PageContext, load_context
from campaign.outreach.action_page.view_state import PageName, ViewState
from campaign.outreach.action_page.views import ActionPage, MustConfirmAgain
from campaign.outreach.action_page.visit import Transaction, Visit
from campaign.web import form_time, pages

REFUSED = 403  # a supporter who opted out asks us to deliver a letter
FAULTS = (
    "seat",
    "seen",
    "story",
    "prefix",
    "first_name",
    "last_name",
    "street",
    "city",
    "response",
    "phone",
    "email",
    "age",
)

_TEMPLATES: dict[PageName, str] = {
    "zip": "action.html",
    "forwarded": "forwarded.html",
    "code": "code.html",
    "names": "names.html",
    "offices": "offices.html",
    "letter": "letter.html",
    "form": "form.html",
    "call": "call.html",
    "done": "thanks.html",
    "status": "status.html",
    "taken-back": "taken-back.html",
    "check-email": "check-email.html",
    "unsubscribed": "unsubscribed.html",
    "used-code": "used-code.html",
    "join": "stay.html",
}
_TYPED: frozenset[PageName] = frozenset(
    ("letter", "form", "taken-back", "check-email", "join")
)  # they show what was typed
_ABOUT_A_ZIP = frozenset(_TEMPLATES) - {"zip", "check-email", "unsubscribed", "used-code"}


@dataclass(frozen=True, slots=True)
class Reply:
    """A template of templates/web, and what it shows."""

    name: str
    language: str
    values: Mapping[str, Any]
    status: int = 200
    indexable: bool = False  # search engines may list it
    same: Hashable = None  # all that it depends on, if that is the same for many visitors: then it is rendered once


def render(reply: Reply) -> Response[str]:
    response = pages.html(reply.name, reply.language, status=reply.status, same=reply.same, **reply.values)
    if reply.indexable:
        response.set_header("X-Robots-Tag", "all")
    return response


def show(visit: Visit, name: str, *, status: int = 200, **values: Any) -> Reply:
    """A page of the campaign."""
    state = values.pop("state", ViewState())
    common = {
        "campaign": visit.campaign_page,
        "known": visit.supporter is not None,
        "site": visit.settings.web.site,
        "state": state,
        "now": visit.now,
        "switch_query": "",
        "page": None,
        "typed": {},
        "faults": {},
        "guarded": False,
        "shown_at": partial(form_time.stamp, visit.keys, visit.now, seen=state.news == "check"),
    }
    return Reply(name, visit.language, {**common, **values}, status)


def expired(visit: Visit) -> Reply:
    """The page of an expired link."""
    return show(visit, "expired.html", status=410)


def address(visit: Visit, state: ViewState) -> str:
    """Where a browser with our cookie is sent: the page's own address with the sealed state."""
    request = visit.request
    sealed = view_state.seal(visit.keys, state, link=request.link, browser=request.cookie, now=visit.now)
    return "?" + urlencode({"v": sealed, **({"lang": request.asked} if request.asked else {})})


def read_state(visit: Visit, sealed: str) -> ViewState | None:
    """Where the visitor stands by the address; None if it was made for another browser, or is old."""
    request = visit.request
    return view_state.unseal(visit.keys, sealed, link=request.link, browser=request.cookie, now=visit.now)


def at(
    conn: Transaction, visit: Visit, state: ViewState, *, sealed: str = "", form: Mapping[str, str] | None = None
) -> Reply:
    """The page where the visitor stands. `form`: what was just posted, by a browser without our cookie."""
    if visit.expired:
        return expired(visit)
    request = visit.request
    typed = form or {}
    if form is None and state.page in _TYPED:
        typed = typed_forms.find(conn, visit.keys, browser=request.cookie, link=request.link, now=visit.now)
    values: dict[str, Any] = {
        "state": state,
        "typed": typed,
        "switch_query": urlencode({"v": sealed} if sealed else {}),
    }
    if state.page not in _ABOUT_A_ZIP or not state.zip:
        wrong = form is not None and state.page == "zip" and bool(state.news)
        reply = show(visit, _TEMPLATES[state.page], status=422 if wrong else 200, **values)
        first, known, campaign = not sealed and form is None, visit.supporter is not None, visit.campaign_page
        same = (campaign, known, visit.settings.web.site, washington_day(visit.now))
        return replace(
            reply,
            indexable=first and not known and visit.is_open and campaign.indexable,
            same=same if first and state == ViewState() else None,
        )
    context = load_context(conn, visit, state.zip)
    if visit.supporter is not None and not context.own and state.page not in ("forwarded", "code"):
        return show(visit, _TEMPLATES["zip"], **values | {"state": ViewState()})
    page, faults = _page(conn, context, state, typed)
    name = _standing(page, state.page)
    return show(
        visit,
        _TEMPLATES[name],
        status=200 if form is None else 422 if faults else REFUSED if state.news == "stopped" else 200,
        **values | {"state": _renamed(state, name)},
        page=page,
        faults=_in_order(faults, typed),
        guarded=faults.get("story") == "status",
    )


def _page(
    conn: Transaction, context: PageContext, state: ViewState, typed: Mapping[str, str]
) -> tuple[ActionPage, Mapping[str, str]]:
    """The page, and the faults of the form on it if it came back."""
    typed = {**typed, "house": state.house}
    page = pages_after_zip.show(conn, context, state.seat, typed, page=state.page)
    if state.page == "names" and page.finder is not None:
        page = replace(page, finder=replace(page.finder, why=state.news, named=state.seat))
    if state.news != "check":
        return page, {}
    if state.page == "join":
        return page, sign_up.faults(conn, context.visit, {**typed, "zip": state.zip})
    form = {**typed, **({"seat": state.seat, "by": "form"} if state.page == "form" else {})}
    checked = check_form.check(context, page, form)
    return page, checked.problems if isinstance(checked, MustConfirmAgain) else {}


def _standing(page: ActionPage, name: PageName) -> PageName:
    """The page that can be shown: what its office offered may have changed since."""
    missing = {
        "letter": not page.previews,
        "form": page.form is None,
        "call": page.call is None,
        "status": not page.own,
        "taken-back": not page.own,
    }
    if missing.get(name):
        name = "offices"
    return "names" if name == "offices" and page.office is None else name


def _renamed(state: ViewState, name: PageName) -> ViewState:
    return state if state.page == name else ViewState(page=name, zip=state.zip, house=state.house, seat=state.seat)


def _in_order(problems: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """The problems by the field that shows them, in the order of the page. The guard is a question, not a fault."""
    faults = {name: key for name, key in problems.items() if key != "status"}
    if "name" in faults:
        faults["last_name" if typed.get("first_name", "").strip() else "first_name"] = faults.pop("name")
    return {name: faults[name] for name in FAULTS if name in faults}
