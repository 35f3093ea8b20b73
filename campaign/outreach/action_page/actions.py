"""What a supporter's page asks for. GET reads; only POST acts, and a letter exists only by `confirm`, or by the code
that `held` waits for."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from campaign.config import Settings
from campaign.delivery import outbox
from campaign.keys import Keys
from campaign.letters import calls, drafts, letters
from campaign.letters.calls import Call
from campaign.links import Purpose
from campaign.outreach.action_page import confirm as confirm_letter
from campaign.outreach.action_page import page as desks
from campaign.outreach.action_page import zip_change
from campaign.outreach.action_page.context import PageContext, seat_of
from campaign.outreach.action_page.link import at_zip, context_at, language, look
from campaign.outreach.action_page.views import ActionPage, HeldDraft, MustConfirmAgain, Stopped
from campaign.states import Proof
from campaign.store.engine import Database

log = structlog.get_logger()

ANSWERS = ("yes", "no", "later")


def enter(
    database: Database,
    keys: Keys,
    settings: Settings,
    slug: str,
    token: str,
    zip: str,
    *,
    seat: str = "",
    lang: str = "",
    typed: Mapping[str, str] | None = None,
) -> ActionPage:
    """The page after the ZIP code; `seat` asks for one office, `typed` came along. Raises WrongZip,
    TooManyGuesses, BadLink."""
    with database.begin() as conn:
        behind = look(conn, keys, slug, token)
        known = at_zip(conn, behind, zip)
        if known.own:  # a scanner that posts any digits is nobody
            letters.count_first_visit(conn, behind.campaign.id, behind.person.id, behind.now)
        return desks.show(conn, keys, settings, known, language(behind, lang), seat, typed)


def confirm(
    database: Database,
    keys: Keys,
    settings: Settings,
    slug: str,
    token: str,
    form: Mapping[str, str],
    *,
    lang: str = "",
) -> ActionPage | MustConfirmAgain | HeldDraft | Stopped:
    """One letter, with its evidence, its delivery and its receipt, in one transaction; or the form again.

    Confirming twice changes nothing, and so does confirming for a supporter who opted out, whenever the form was
    made. Raises WrongZip, TooManyGuesses, BadLink.
    """
    with database.begin() as conn:
        behind = look(conn, keys, slug, token, alone=True)
        known = at_zip(conn, behind, form.get("zip", ""))
        tongue = language(behind, lang)
        shown = desks.show(conn, keys, settings, known, tongue, form.get("seat", ""), form)
        if any(one.written and one.seat == form.get("seat") for one in shown.offices):
            return shown  # the second press of the same button
        if behind.person.suppressed:
            return Stopped(shown, dict(form))
        checked = confirm_letter.check(behind, known, shown, form)
        if isinstance(checked, MustConfirmAgain):
            return checked
        if not known.own:
            zip_change.hold(conn, keys, behind, {**form, "lang": tongue}, tongue)
            return HeldDraft(behind.page)
        confirm_letter.write(conn, keys, settings, behind, known, checked, tongue, by="page")
        return desks.show(conn, keys, settings, context_at(conn, behind, known.match.whole_zip), tongue)


def take_back(
    database: Database, keys: Keys, settings: Settings, slug: str, token: str, zip: str, letter: int, *, lang: str = ""
) -> ActionPage:
    """Take a letter back, as long as nothing of it has left."""
    with database.begin() as conn:
        behind = look(conn, keys, slug, token, alone=True)
        if _owns(at_zip(conn, behind, zip), letter) and outbox.cancel_letter(conn, letter, "taken back"):
            letters.withdraw(conn, letter, "taken back", behind.now)
        return desks.show(conn, keys, settings, context_at(conn, behind, zip), language(behind, lang))


def record_answer(
    database: Database,
    keys: Keys,
    settings: Settings,
    slug: str,
    token: str,
    zip: str,
    letter: int,
    answer: str,
    *,
    lang: str = "",
) -> ActionPage:
    """What the person says of the office's own form: yes, no, later. Counted as reported, never as sent."""
    with database.begin() as conn:
        behind = look(conn, keys, slug, token, alone=True)
        if answer in ANSWERS and _owns(at_zip(conn, behind, zip), letter):
            outbox.record_form_answer(conn, letter, answer, behind.now)
        return desks.show(conn, keys, settings, context_at(conn, behind, zip), language(behind, lang))


def switch_to_packet(
    database: Database, keys: Keys, settings: Settings, slug: str, token: str, zip: str, letter: int, *, lang: str = ""
) -> ActionPage:
    """Let a letter that waits for its writer go into the printed packet instead of the office's form.

    Not for a supporter who opted out: their offices have no packet.
    """
    with database.begin() as conn:
        behind = look(conn, keys, slug, token, alone=True)
        known = at_zip(conn, behind, zip)
        shown = desks.show(conn, keys, settings, known, language(behind, lang))
        one = next((one for one in shown.letters if one.letter == letter), None)
        if known.own and one is not None and one.state == Proof.READY and one.office.on_paper:
            who = {"supporter_id": behind.person.id, "letter_id": letter}
            outbox.queue_for_print(conn, behind.campaign.id, **who, now=behind.now)
        return desks.show(conn, keys, settings, context_at(conn, behind, zip), language(behind, lang))


def record_call(
    database: Database,
    keys: Keys,
    settings: Settings,
    slug: str,
    token: str,
    zip: str,
    seat: str,
    outcome: str,
    *,
    lang: str = "",
) -> ActionPage:
    """What the person says of a call to one of their offices; stored with the ZIP on file only. It is no letter."""
    with database.begin() as conn:
        behind = look(conn, keys, slug, token, alone=True)
        known, tongue = at_zip(conn, behind, zip), language(behind, lang)
        shown = desks.show(conn, keys, settings, known, tongue, seat)
        word = next((one for one in calls.OUTCOMES if one == outcome), None)
        office = next((one for one in shown.offices if one.seat == seat), None)
        whom = seat_of(known, seat)
        if not known.own or word is None or office is None or whom is None or whom.holder is None:
            return shown
        calls.record_call(
            conn, behind.campaign.id, behind.person.id, Call(seat, whom.holder.bioguide, word, behind.now)
        )
        return desks.show(conn, keys, settings, context_at(conn, behind, zip), tongue, seat)


def _owns(known: PageContext, letter: int) -> bool:
    return any(one.id == letter and not one.withdrawn for one in known.letters)


def disown(database: Database, keys: Keys, slug: str, token: str) -> int:
    """ "I did not send this": withdraw all letters of this link and campaign, and tell the organizer. How many."""
    with database.begin() as conn:
        behind = look(conn, keys, slug, token, Purpose.DISOWN, alone=True)
        every = letters.by_supporter(conn, behind.campaign.id, behind.person.id)
        live = [one for one in every if not one.withdrawn or one.proof is Proof.BACK]
        gone = 0
        for one in live:
            gone += not outbox.cancel_letter(conn, one.id, "not sent by this person")
            letters.withdraw(conn, one.id, "not sent by this person", behind.now)
        drafts.drop(conn, behind.person.id, behind.campaign.id)
    if live:
        log.error("disowned", campaign=slug, letters=len(live), had_left=gone)
    return len(live)
