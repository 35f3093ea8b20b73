"""The forms of a supporter's pages: each step is one use case of `outreach.action_page` and the page it leads to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs

from campaign.congress.geocoding.address import Address
from campaign.outreach.action_page import actions, street_lookup, zip_change
from campaign.outreach.action_page import confirm as confirm_letter
from campaign.outreach.action_page import unsubscribe as opt_out
from campaign.outreach.action_page.context import WrongZip
from campaign.outreach.action_page.views import ActionPage, HeldDraft, MustConfirmAgain, Stopped
from campaign.outreach.action_page.visit import LinkRequest, Transaction, Visit
from campaign.web import replies
from campaign.web.guards import Services
from campaign.web.replies import Form, Reply

ERASE = ("erase", "borrar")  # what the supporter types to be erased
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def read_form(body: bytes) -> dict[str, str]:
    """The first value of each field, with plain line ends and without control characters."""
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: _CONTROL.sub("", values[0].replace("\r\n", "\n")) for name, values in fields.items()}


def answer(services: Services, link: LinkRequest, form: Form) -> Reply:
    """The page that follows a form, in one transaction; an unknown step leads to the ZIP question.

    A street is looked up between two transactions, and the second one checks the link again. Raises BadLink,
    TooManyGuesses.
    """
    with services.acting(link) as (conn, visit):
        reply = _take_step(conn, visit, form)
    if isinstance(reply, Reply):
        return reply
    agreement = street_lookup.look_up(services.database, services.keys, services.settings.matching, reply)
    with services.acting(link) as (conn, visit):
        return replies.gone(visit) or replies.offices(visit, street_lookup.save(conn, visit, reply, agreement), form)


def _take_step(conn: Transaction, visit: Visit, form: Form) -> Reply | Address:
    step = _STEPS.get(form.get("step", "zip"))
    try:
        return replies.gone(visit) or (step(conn, visit, form) if step else replies.zip_question(visit))
    except WrongZip:
        return replies.zip_question(visit, form, wrong="wrong")


def enter_zip(conn: Transaction, visit: Visit, form: Form) -> Reply:
    return replies.offices(visit, actions.enter(conn, visit, form), form)


def find_street(conn: Transaction, visit: Visit, form: Form) -> Reply | Address:
    """The address that the Census is asked about, if the operator allows it; the page with its button says so."""
    found = street_lookup.find(conn, visit, form)
    return found if isinstance(found, Address) else replies.offices(visit, found, form)


def forget_street(conn: Transaction, visit: Visit, form: Form) -> Reply:
    return replies.offices(visit, street_lookup.forget(conn, visit, form), form)


def write(conn: Transaction, visit: Visit, form: Form) -> Reply:
    return replies.letter_or_offices(visit, actions.enter(conn, visit, form), form)


def confirm(conn: Transaction, visit: Visit, form: Form) -> Reply:
    if form.get("other"):  # the button for another office, which keeps what was typed
        return write(conn, visit, form)
    result = confirm_letter.confirm(conn, visit, form)
    if isinstance(result, HeldDraft):
        return replies.show(visit, "held.html")
    if not isinstance(result, ActionPage):
        return _again(visit, result)
    confirmed = replies.newest_letter(result, form.get("seat", ""))
    return replies.letters(visit, result, form, news="confirmed", letter=confirmed)


def _again(visit: Visit, result: MustConfirmAgain | Stopped) -> Reply:
    """The form with its faults; or for a supporter who opted out, the letter to copy, and nothing stored."""
    if isinstance(result, Stopped):
        return replace(replies.letter_or_offices(visit, result.page, result.typed), status=replies.REFUSED)
    return replies.letter_or_offices(visit, result.page, result.typed, result.problems)


def take_back(conn: Transaction, visit: Visit, form: Form) -> Reply:
    return _with_letter(visit, actions.take_back(conn, visit, form), form, news="back")


def record_answer(conn: Transaction, visit: Visit, form: Form) -> Reply:
    return _with_letter(visit, actions.record_answer(conn, visit, form), form, news=form.get("answer", ""))


def switch_to_packet(conn: Transaction, visit: Visit, form: Form) -> Reply:
    page = actions.switch_to_packet(conn, visit, form)
    if page.opted_out:
        return replace(replies.letters(visit, page, form), status=replies.REFUSED)
    return _with_letter(visit, page, form, news="paper")


def _with_letter(visit: Visit, page: ActionPage, form: Form, *, news: str) -> Reply:
    number = actions.letter_id(form)
    letter = next((letter for letter in page.letters if letter.letter == number), None)
    return replies.letters(visit, page, form, news=news, letter=letter)


def call(conn: Transaction, visit: Visit, form: Form) -> Reply:
    """Whom to call and what to say. Opening it records nothing."""
    return replies.call(visit, actions.enter(conn, visit, form), form)


def record_call(conn: Transaction, visit: Visit, form: Form) -> Reply:
    page = actions.record_call(conn, visit, form)
    reported = (form.get("seat"), form.get("outcome"))
    if not any((call.office.seat, call.outcome) == reported for call in page.called):
        return replies.call(visit, page, form)
    return replies.letters(visit, page, form, news="called")


def unsubscribe(conn: Transaction, visit: Visit, _form: Form) -> Reply:
    """From the supporter's own page, as from the link in each email: at once, without the ZIP code."""
    opt_out.unsubscribe(conn, visit)
    return replies.show(visit, "done.html")


def forget(conn: Transaction, visit: Visit, form: Form) -> Reply:
    sure = form.get("word", "").strip().casefold() in ERASE
    page = opt_out.forget(conn, visit, form) if sure else actions.enter(conn, visit, form)
    if page is None:
        return replies.show(visit, "forgotten.html")
    return replies.letters(visit, page, form, news="unsure") if page.own else replies.offices(visit, page, form)


def answer_code(conn: Transaction, visit: Visit, form: Form) -> Reply:
    """The code from the email about a held letter. The forms that follow are those of the action page."""
    result = zip_change.confirm(conn, visit, form)
    if result is None:
        return replies.show(visit, "code.html", status=422, wrong=True)
    if isinstance(result, ActionPage):
        reply = replies.letters(visit, result, {}, news="confirmed", letter=result.letters[-1])
    else:
        reply = _again(visit, result)
    return reply.at(f"../../a/{visit.request.slug}/{visit.request.token}")


_STEPS: dict[str, Callable[[Transaction, Visit, Form], Reply | Address]] = {
    "zip": enter_zip,
    "street": find_street,
    "names": forget_street,
    "write": write,
    "confirm": confirm,
    "back": take_back,
    "told": record_answer,
    "paper": switch_to_packet,
    "call": call,
    "called": record_call,
    "forget": forget,
    "unsubscribe": unsubscribe,
}
