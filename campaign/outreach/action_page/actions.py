"""What the forms of a supporter's page ask for, except to confirm a letter (`confirm`) and to opt out (`unsubscribe`).
Each function takes the request's connection and visit, and raises WrongZip and TooManyGuesses."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from sqlalchemy import Connection

from campaign.delivery import outbox
from campaign.letters import letters, reported
from campaign.letters.reported import Report, ReportedWay
from campaign.outreach.action_page.context import PageContext, check_zip, load_context, seat_of
from campaign.outreach.action_page.page import show
from campaign.outreach.action_page.view_state import PageName
from campaign.outreach.action_page.views import ActionPage
from campaign.outreach.action_page.visit import Visit
from campaign.outreach.routing import queue_receipt
from campaign.states import Proof
from campaign.store.acted import REACHED

log = structlog.get_logger()

LONGEST_ID = 18  # digits


def enter(conn: Connection, visit: Visit, form: Mapping[str, str], *, page: PageName | None = None) -> ActionPage:
    """The page after the ZIP code. `seat` in the form asks for one office."""
    context = check_zip(conn, visit, form)
    if context.own:  # a link scanner that posts some digits is not counted
        letters.count_first_visit(conn, visit.campaign.id, visit.person.id, visit.now)
    return show(conn, context, form.get("seat", ""), form, page=page)


def take_back(conn: Connection, visit: Visit, form: Mapping[str, str]) -> ActionPage:
    """Take back letters that have not been sent."""
    context = check_zip(conn, visit, form)
    for letter in letter_ids(form):
        if _owns(context, letter) and outbox.cancel_letter(conn, letter, "taken back"):
            letters.withdraw(conn, letter, "taken back", visit.now)
    return show(conn, load_context(conn, visit, context.match.whole_zip), typed=form)


def record_call(conn: Connection, visit: Visit, form: Mapping[str, str]) -> ActionPage:
    """How a call to one of the visitor's offices went; stored only with the ZIP code on file."""
    return _record(conn, visit, form, way="call", outcome=form.get("outcome", ""))


def record_form(conn: Connection, visit: Visit, form: Mapping[str, str]) -> ActionPage:
    """What the visitor says of an office's own form: chosen, sent, failed. Counted as reported, never as sent; stored
    only with the ZIP code on file. A letter saved for that form follows.
    """
    page = _record(conn, visit, form, way="form", outcome=form.get("told", ""))
    told, seat = form.get("told", ""), form.get("seat", "")
    saved = [one for one in page.letters if one.office.seat == seat and one.channel == "form"]
    if not page.own or told not in ("sent", "failed", UNDO):
        return page
    for letter in saved:
        outbox.record_form_answer(conn, letter.letter, "yes" if told == "sent" else "no", visit.now)
    if not saved:
        return page
    return show(conn, load_context(conn, visit, page.zip), seat, form)


UNDO = "undo"


def _record(conn: Connection, visit: Visit, form: Mapping[str, str], *, way: ReportedWay, outcome: str) -> ActionPage:
    context, code = check_zip(conn, visit, form), form.get("seat", "")
    page, seat = show(conn, context, code, form), seat_of(context, code)
    shown = any(office.seat == code for office in page.offices)
    if not context.own or not shown or seat is None or seat.holder is None:
        return page
    whose = (visit.campaign.id, visit.person.id)
    if outcome == UNDO:
        reported.take_back(conn, *whose, seat=code, way=way)
    elif outcome in reported.OUTCOMES[way]:
        report = Report(seat=code, holder=seat.holder.bioguide, way=way, outcome=outcome, at=visit.now)
        reported.record(conn, *whose, report)
        if outcome in REACHED:
            queue_receipt.thank_for_action(
                conn,
                visit.campaign.id,
                supporter_id=visit.person.id,
                locale=visit.text_language,
                due_at=queue_receipt.due_at(visit.settings, visit.now),
            )
    else:
        return page
    return show(conn, load_context(conn, visit, context.match.whole_zip), code, form)


def disown(conn: Connection, visit: Visit) -> int:
    """ "I didn't write this": withdraw every letter of this supporter in this campaign, and alert the operator.

    Returns how many there were.
    """
    every = letters.by_supporter(conn, visit.campaign.id, visit.person.id)
    live = [letter for letter in every if not letter.withdrawn or letter.proof is Proof.BACK]
    sent = 0
    for letter in live:
        sent += not outbox.cancel_letter(conn, letter.id, "not sent by this person")
        letters.withdraw(conn, letter.id, "not sent by this person", visit.now)
    if live:
        log.error("disowned", campaign=visit.campaign.slug, letters=len(live), had_left=sent)
    return len(live)


def disown_reports(conn: Connection, visit: Visit) -> int:
    """ "I didn't make this call": delete what was reported with this supporter's link. How many reports."""
    return reported.drop(conn, visit.campaign.id, visit.person.id)


def letter_ids(form: Mapping[str, str]) -> tuple[int, ...]:
    """The letters that the form is about."""
    words = form.get("letters", form.get("letter", "")).split()
    return tuple(int(word) for word in words if word.isascii() and word.isdigit() and len(word) <= LONGEST_ID)


def _owns(context: PageContext, letter_id: int) -> bool:
    return any(letter.id == letter_id and not letter.withdrawn for letter in context.letters)
