"""What the forms of a supporter's page ask for, except to confirm a letter (`confirm`) and to opt out (`unsubscribe`).
Each function takes the request's connection and visit, and raises WrongZip and TooManyGuesses."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from sqlalchemy import Connection

from campaign.delivery import outbox
from campaign.letters import calls, drafts, letters
from campaign.letters.calls import Call
from campaign.outreach.action_page.context import PageContext, check_zip, load_context, seat_of
from campaign.outreach.action_page.page import show
from campaign.outreach.action_page.views import ActionPage
from campaign.outreach.action_page.visit import Visit
from campaign.states import Proof

log = structlog.get_logger()

ANSWERS = ("yes", "no", "later")


def enter(conn: Connection, visit: Visit, form: Mapping[str, str]) -> ActionPage:
    """The page after the ZIP code. `seat` in the form asks for one office."""
    context = check_zip(conn, visit, form)
    if context.own:  # a link scanner that posts some digits is not counted
        letters.count_first_visit(conn, visit.campaign.id, visit.supporter.id, visit.now)
    return show(conn, context, form.get("other") or form.get("seat", ""), form)


def take_back(conn: Connection, visit: Visit, form: Mapping[str, str]) -> ActionPage:
    """Take back a letter that has not been sent."""
    context, letter = check_zip(conn, visit, form), letter_id(form)
    if _owns(context, letter) and outbox.cancel_letter(conn, letter, "taken back"):
        letters.withdraw(conn, letter, "taken back", visit.now)
    return show(conn, load_context(conn, visit, context.match.whole_zip))


def record_answer(conn: Connection, visit: Visit, form: Mapping[str, str]) -> ActionPage:
    """Whether the supporter sent the office's own form: yes, no, later. Counted as reported, never as sent."""
    context, letter, answer = check_zip(conn, visit, form), letter_id(form), form.get("answer", "")
    if answer in ANSWERS and _owns(context, letter):
        outbox.record_form_answer(conn, letter, answer, visit.now)
    return show(conn, load_context(conn, visit, context.match.whole_zip))


def switch_to_packet(conn: Connection, visit: Visit, form: Mapping[str, str]) -> ActionPage:
    """Put a letter that its writer has not sent by the office's form into the printed packet.

    Does nothing for a supporter who opted out: their offices have no packet.
    """
    context = check_zip(conn, visit, form)
    page, number = show(conn, context), letter_id(form)
    letter = next((letter for letter in page.letters if letter.letter == number), None)
    if context.own and letter is not None and letter.state == Proof.READY and letter.office.on_paper:
        outbox.queue_for_print(
            conn, visit.campaign.id, supporter_id=visit.supporter.id, letter_id=number, now=visit.now
        )
    return show(conn, load_context(conn, visit, context.match.whole_zip))


def record_call(conn: Connection, visit: Visit, form: Mapping[str, str]) -> ActionPage:
    """How a call to one of the supporter's offices went; stored only with the ZIP code on file."""
    context, code = check_zip(conn, visit, form), form.get("seat", "")
    page, seat = show(conn, context, code), seat_of(context, code)
    outcome = next((outcome for outcome in calls.OUTCOMES if outcome == form.get("outcome")), None)
    shown = any(office.seat == code for office in page.offices)
    if not context.own or outcome is None or not shown or seat is None or seat.holder is None:
        return page
    call = Call(code, seat.holder.bioguide, outcome, visit.now)
    calls.record_call(conn, visit.campaign.id, visit.supporter.id, call)
    return show(conn, load_context(conn, visit, context.match.whole_zip), code)


def disown(conn: Connection, visit: Visit) -> int:
    """ "I didn't write this": withdraw every letter of this supporter in this campaign, and alert the operator.

    Returns how many there were.
    """
    every = letters.by_supporter(conn, visit.campaign.id, visit.supporter.id)
    live = [letter for letter in every if not letter.withdrawn or letter.proof is Proof.BACK]
    sent = 0
    for letter in live:
        sent += not outbox.cancel_letter(conn, letter.id, "not sent by this person")
        letters.withdraw(conn, letter.id, "not sent by this person", visit.now)
    drafts.drop(conn, visit.supporter.id, visit.campaign.id)
    if live:
        log.error("disowned", campaign=visit.campaign.slug, letters=len(live), had_left=sent)
    return len(live)


def letter_id(form: Mapping[str, str]) -> int:
    """The letter that the form is about; 0 when it names none."""
    digits = form.get("letter", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else 0


def _owns(context: PageContext, letter_id: int) -> bool:
    return any(letter.id == letter_id and not letter.withdrawn for letter in context.letters)
