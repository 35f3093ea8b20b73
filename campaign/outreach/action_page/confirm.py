"""Confirm a letter: check the form, then save letter, evidence, delivery and receipt."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from campaign.outreach.action_page import page as pages
from campaign.outreach.action_page import zip_change
from campaign.outreach.action_page.check_form import check
from campaign.outreach.action_page.context import check_zip, load_context
from campaign.outreach.action_page.save_letter import save_letter
from campaign.outreach.action_page.views import ActionPage, HeldDraft, MustConfirmAgain, Stopped
from campaign.outreach.action_page.visit import Visit


def confirm(
    conn: Connection, visit: Visit, form: Mapping[str, str]
) -> ActionPage | MustConfirmAgain | HeldDraft | Stopped:
    """One letter, or the form again.

    Confirming twice changes nothing, and neither does confirming for a supporter who opted out, even if the form was
    older. Raises WrongZip, TooManyGuesses.
    """
    context, seat = check_zip(conn, visit, form), form.get("seat", "")
    page = pages.show(conn, context, seat, form)
    if any(office.written and office.seat == seat for office in page.offices):
        return page
    if visit.supporter.suppressed:
        return Stopped(page, dict(form))
    checked = check(context, page, form)
    if isinstance(checked, MustConfirmAgain):
        return checked
    if not context.own:
        zip_change.hold(conn, visit, {**form, "zip": context.match.whole_zip})
        return HeldDraft()
    save_letter(conn, context, checked, by="page")
    return pages.show(conn, load_context(conn, visit, context.match.whole_zip))
