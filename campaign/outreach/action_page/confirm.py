"""Confirm letters: check the form, then save each letter with evidence, delivery and receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Connection

from campaign.outreach.action_page import page as pages
from campaign.outreach.action_page.check_form import check
from campaign.outreach.action_page.context import PageContext, check_zip
from campaign.outreach.action_page.save_letter import save_letter
from campaign.outreach.action_page.views import Confirmed, MustConfirmAgain, OtherZip, Stopped
from campaign.outreach.action_page.visit import Visit


def confirm(
    conn: Connection, visit: Visit, form: Mapping[str, str]
) -> Confirmed | MustConfirmAgain | OtherZip | Stopped:
    """The letters to the offices in the form (`seat`, separated by spaces), or the form again.

    Confirming twice changes nothing, and neither does confirming for a supporter who opted out, even if the form was
    older. Raises WrongZip, TooManyGuesses.
    """
    return confirm_letters(conn, check_zip(conn, visit, form), form, by="page")


def confirm_letters(
    conn: Connection, context: PageContext, form: Mapping[str, str], *, by: Literal["page", "mail"]
) -> Confirmed | MustConfirmAgain | OtherZip | Stopped:
    """The same, for a ZIP code that was checked. `by`: on the page, or with the link that was emailed for it."""
    visit, seats = context.visit, form.get("seat", "")
    page = pages.show(conn, context, seats, form)
    written = {office.seat for office in page.offices if office.written}
    known = [one.letter for one in page.letters if one.office.seat in seats.split() and one.state != "withdrawn"]
    if seats.split() and written.issuperset(seats.split()):
        return Confirmed(page, tuple(known))
    form = {**form, "seat": " ".join(code for code in seats.split() if code not in written)}
    if not context.own:
        return OtherZip()
    if visit.person.suppressed:
        return Stopped(page, dict(form))
    checked = check(context, page, form)
    if isinstance(checked, MustConfirmAgain):
        return checked
    saved = [save_letter(conn, context, letter, by=by) for letter in checked]
    return Confirmed(page, (*known, *filter(None, saved)))
