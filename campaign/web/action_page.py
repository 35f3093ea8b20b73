"""The forms of a supporter's pages and of the open page. Each step is one use case, and says where its visitor stands
afterwards: the answer is sent there, and shows it with GET."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from msgspec.structs import replace

from campaign.congress.geocoding.address import Address
from campaign.letters import tallies, typed_forms
from campaign.outreach.action_page import actions, email_choices, street_lookup, zip_change
from campaign.outreach.action_page import confirm as confirm_letters
from campaign.outreach.action_page import page as pages
from campaign.outreach.action_page import unsubscribe as opt_out
from campaign.outreach.action_page.context import WrongZip, check_zip, load_context
from campaign.outreach.action_page.view_state import PageName, ViewState
from campaign.outreach.action_page.views import ActionPage, Confirmed, MustConfirmAgain, OtherZip, Stopped
from campaign.outreach.action_page.visit import LinkRequest, Transaction, Visit
from campaign.outreach.action_page.zip_change import CodeResult
from campaign.web import join_form
from campaign.web.guards import Services

Form = Mapping[str, str]

ERASE = ("erase", "borrar")  # what the supporter types to be erased
ERASED = ViewState(page="zip", news="erased")
LONGEST_ZIP = 20  # characters of a wrong ZIP code that are shown again
LONGEST_PLACE = 40  # characters of a place in an address
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_PLACE = (
    "step",
    "go",
    "zip",
    "house",
    "letters",
    "outcome",
    "told",
    "word",
    "code",
    "website",
    "street",
    "shown_at",
    "source",
)

# ZIP codes that no member of Congress represents: the warning, and its key in `[zip]` of words.toml.
_ZIPS = {"unknown-zip": "unknown", "military-zip": "military", "foreign-zip": "foreign"}


def read_form(body: bytes) -> dict[str, str]:
    """Each field with plain line ends and without control characters; several offices become one value."""
    fields = dict[str, str]()
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        clean = _CONTROL.sub("", value.replace("\r\n", "\n"))
        clean = clean[:LONGEST_PLACE] if name in ("zip", "house", "go") else clean  # they stand in sealed addresses
        if name == "seat" and name in fields:
            fields[name] = f"{fields[name]} {clean}"
        else:
            fields.setdefault(name, tallies.source_code(clean) if name == "source" else clean)
    return fields


def take_step(services: Services, link: LinkRequest, form: Form) -> tuple[Visit, ViewState]:
    """Do what a form asks for, in one transaction, and say where its visitor stands then. What was typed is kept.

    A street is looked up between two transactions, and the second one checks the link again. Raises BadLink,
    TooManyGuesses.
    """
    with services.acting(link) as (conn, visit):
        if visit.expired:
            return visit, ViewState()
        _keep_typed(conn, visit, form)
        state = _step(conn, visit, form)
        if isinstance(state, ViewState):
            _count(conn, visit, form, state)
            return visit, replace(state, source=form.get("source", ""))
    agreement = street_lookup.look_up(services.database, services.keys, services.settings.matching, state)
    with services.acting(link) as (conn, visit):
        return visit, _after_zip(street_lookup.save(conn, visit, state, agreement))


def _keep_typed(conn: Transaction, visit: Visit, form: Form) -> None:
    """Only a letter's form has anything to keep; it always has a personal note or an email address."""
    if {"story", "email"} & form.keys():
        keep_typed(conn, visit, form)


def keep_typed(conn: Transaction, visit: Visit, form: Form) -> None:
    """Keep what was typed for this browser, at the address of this visit."""
    if visit.request.cookie:
        values = {name: value for name, value in form.items() if name not in _PLACE}
        whose = (visit.request.cookie, visit.request.link)
        typed_forms.keep(conn, visit.keys, browser=whose[0], link=whose[1], values=values, now=visit.now)


def _count(conn: Transaction, visit: Visit, form: Form, state: ViewState) -> None:
    """Count what a visitor without a link did, and keep nothing about them."""
    if form.get("step") == "zip" and state.page != "zip":
        event: tallies.Event | None = "zip"
    else:
        event = _EVENTS.get((form.get("step", ""), state.news))
    if visit.supporter is None and event is not None:
        source, campaign_id = form.get("source", ""), visit.campaign.id
        tallies.add(conn, campaign_id, source=source, event=event, seat=state.seat, now=visit.now)


_EVENTS: dict[tuple[str, str], tallies.Event] = {
    ("called", "answered"): "call_answered",
    ("called", "voicemail"): "call_voicemail",
    ("called", "busy"): "call_busy",
    ("told", "sent"): "form_sent",
    ("told", "failed"): "form_failed",
}


def _step(conn: Transaction, visit: Visit, form: Form) -> ViewState | Address:
    step = _go if form.get("go") else _STEPS.get(form.get("step", "zip"), enter_zip)
    try:
        return step(conn, visit, form)
    except WrongZip:
        return ViewState(zip=form.get("zip", "").strip()[:LONGEST_ZIP], news="wrong")


def enter_zip(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    return _after_zip(actions.enter(conn, visit, form, page="zip"))


def _after_zip(page: ActionPage) -> ViewState:
    """Where a ZIP code leads: to the letter, or to the office that comes first, or to the names to choose from."""
    place = ViewState(zip=page.zip, house=page.house)
    wrong = next((_ZIPS[warning] for warning in page.warnings if warning in _ZIPS), "")
    if page.other_zip:
        return _at(place, "forwarded")
    if wrong and not page.finder:
        return ViewState(zip=page.zip, news=wrong)
    if page.has_acted:
        return _at(place, "status")
    if page.finder and page.finder.why:
        return _at(place, "names", seat=page.finder.named, news=page.finder.why)
    if (page.candidates or page.finder) and not page.house:
        return _at(place, "names")
    ours = {office.by_us.channel for office in page.offices if office.by_us and not office.written}
    if ours - {"packet"}:  # a packet alone is one of the ways to reach an office
        return _at(place, "letter")
    return _at(place, "offices" if page.office else "names")


def _at(place: ViewState, page: PageName, *, seat: str = "", news: str = "") -> ViewState:
    return ViewState(page=page, zip=place.zip, house=place.house, seat=seat, news=news)


def _place(page: ActionPage) -> ViewState:
    return ViewState(zip=page.zip, house=page.house)


def _go(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    """A button that leads to another page: its name, and the office it is about."""
    name, _, seat = form["go"].partition(" ")
    if name == "form":
        page = actions.record_form(conn, visit, {**form, "seat": seat, "told": "chosen"})
    else:
        page = actions.enter(conn, visit, {**form, "seat": seat}, page="zip")
    if page.other_zip or name not in _PAGES:
        return _after_zip(page)
    return _at(_place(page), _PAGES[name], seat=seat)


_PAGES: dict[str, PageName] = {
    "letter": "letter",
    "offices": "offices",
    "form": "form",
    "call": "call",
    "status": "status",
    "names": "names",
}


def confirm(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    """Letters to the offices that are ticked."""
    if visit.supporter is None:
        return join_form.write(conn, visit, form)
    return after_letters(confirm_letters.confirm(conn, visit, form), form)


def after_letters(result: Confirmed | MustConfirmAgain | OtherZip | Stopped, form: Form) -> ViewState:
    if isinstance(result, OtherZip):
        return ViewState(page="forwarded", zip=form.get("zip", ""))
    if isinstance(result, Stopped):
        return _at(_place(result.page), "form", seat=form.get("seat", "").partition(" ")[0], news="stopped")
    if isinstance(result, MustConfirmAgain):
        return _at(_place(result.page), "letter", news="check")
    page = result.page
    if not result.letters or {one.letter for one in page.letters if one.with_writer}.issuperset(result.letters):
        return _at(_place(page), "status")  # saved for the offices' forms before, in another tab: nothing is done
    return ViewState(page="done", zip=page.zip, house=page.house, news="letters", letters=result.letters)


def join(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    """Only on the open page: behind a supporter's link it would answer to guesses of their ZIP code."""
    return join_form.join(conn, visit, form) if visit.supporter is None else enter_zip(conn, visit, form)


def save(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    """Keep a letter for the office's form, to send it later."""
    result = confirm_letters.confirm(conn, visit, {**form, "by": "form"})
    state, seat = after_letters(result, form), form.get("seat", "")
    if state.page == "letter":
        return _at(state, "form", seat=seat, news="check")
    if not isinstance(result, Confirmed):
        return state
    sent = any(one.letter in result.letters and not one.with_writer for one in result.page.letters)  # in another tab
    return _at(state, "status", news="" if sent else "saved")


def keep(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    """The same page again, with what was typed: in the other language, say."""
    return _at(_place(actions.enter(conn, visit, {**form, "seat": ""}, page="zip")), "letter")


def take_back(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    page, ids = actions.take_back(conn, visit, form), actions.letter_ids(form)
    states = {one.state == "withdrawn" for one in page.letters if one.letter in ids}
    if states == {True}:
        return _at(_place(page), "taken-back")
    return _at(_place(page), "status", news="late" if False in states else "")


def record_call(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    outcome, seat = form.get("outcome", ""), form.get("seat", "")
    page = actions.record_call(conn, visit, form)
    after: dict[str, PageName] = {"answered": "done", "voicemail": "done", "busy": "offices"}
    return _reported(page, after.get(outcome, "call"), seat=seat, news=outcome if outcome in after else "")


def record_form(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    told, seat = form.get("told", ""), form.get("seat", "")
    page = actions.record_form(conn, visit, form)
    after: dict[str, PageName] = {"sent": "done", "failed": "call"}
    return _reported(page, after.get(told, "form"), seat=seat, news=told if told in after else "")


def _reported(page: ActionPage, name: PageName, *, seat: str, news: str) -> ViewState:
    known = any(office.seat == seat for office in page.offices)
    return _at(_place(page), name, seat=seat, news=news) if known and not page.other_zip else _after_zip(page)


def find_street(conn: Transaction, visit: Visit, form: Form) -> ViewState | Address:
    """The address that the Census is asked about, if the operator allows it; the page with its button says so."""
    found = street_lookup.find(conn, visit, form)
    return found if isinstance(found, Address) else _after_zip(found)


def forget_street(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    return _after_zip(street_lookup.forget(conn, visit, form))


def forget_typed(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    typed_forms.forget(conn, visit.keys, browser=visit.request.cookie, link=visit.request.link)
    return _after_zip(actions.enter(conn, visit, form, page="zip"))


def disown(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    """ "I didn't send this", from the page that shows the letters."""
    page = actions.enter(conn, visit, form, page="zip")
    if not page.own:
        return _after_zip(page)
    number, reports = actions.disown(conn, visit), actions.disown_reports(conn, visit)
    return _at(_place(page), "status", news="disowned" if number else "unreported" if reports else "")


def set_discreet(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    """Whether the subjects of their emails name the topic."""
    page = actions.enter(conn, visit, form, page="zip")
    if not page.own:
        return _after_zip(page)
    email_choices.set_discreet(conn, visit, form)
    return _at(_place(page), "status", news="subjects")


def unsubscribe(conn: Transaction, visit: Visit, _form: Form) -> ViewState:
    """From the supporter's own page, as from the link in each email: at once, without the ZIP code."""
    if visit.supporter is None:
        return ViewState()
    opt_out.unsubscribe(conn, visit)
    return ViewState(page="unsubscribed")


def forget(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    sure = form.get("word", "").strip().casefold() in ERASE
    page = opt_out.forget(conn, visit, form) if sure else actions.enter(conn, visit, form, page="zip")
    if page is None:
        return ERASED
    return _at(_place(page), "status", news="unsure") if page.own else _after_zip(page)


def send_code(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    """ "It's my link, and I moved." The code is for letters that we deliver; nothing else needs one."""
    context = check_zip(conn, visit, form)
    page = pages.show(conn, context, page="zip")
    if visit.supporter is None or context.own or not any(office.by_us for office in page.offices):
        return _after_zip(page)
    sent = zip_change.send_code(conn, context)
    return ViewState(page="code", zip=context.match.whole_zip, news="" if sent else "limit")


def enter_code(conn: Transaction, visit: Visit, form: Form) -> ViewState:
    if visit.supporter is None:
        return ViewState()
    result, visit = zip_change.enter_code(conn, visit, form.get("code", ""))
    if result is CodeResult.MOVED:
        return _after_zip(pages.show(conn, load_context(conn, visit, visit.person.zip), page="zip"))
    zip_code = form.get("zip", "")
    if result is CodeResult.USED:
        return ViewState(page="used-code", zip=zip_code if zip_code[:5] == visit.person.zip else "")
    return ViewState(page="code", zip=zip_code, news=result.value)


_STEPS: dict[str, Callable[[Transaction, Visit, Form], ViewState | Address]] = {
    "zip": enter_zip,
    "names": enter_zip,
    "street": find_street,
    "forget-street": forget_street,
    "confirm": confirm,
    "save": save,
    "keep": keep,
    "back": take_back,
    "told": record_form,
    "called": record_call,
    "disown": disown,
    "discreet": set_discreet,
    "forget": forget,
    "forget-typed": forget_typed,
    "unsubscribe": unsubscribe,
    "join": join,
    "code": send_code,
    "enter-code": enter_code,
}
