"""The forms of the open page that have an email address: to join, and to have letters delivered."""

from __future__ import annotations

from collections.abc import Mapping

from campaign.outreach.action_page import sign_up
from campaign.outreach.action_page.sign_up import CheckEmail
from campaign.outreach.action_page.view_state import ViewState
from campaign.outreach.action_page.views import MustConfirmAgain
from campaign.outreach.action_page.visit import Transaction, Visit
from campaign.web import form_time, pages


def join(conn: Transaction, visit: Visit, form: Mapping[str, str]) -> ViewState:
    """Stay informed, without a letter."""
    place = ViewState(page="check-email", zip=form.get("zip", ""), house=form.get("house", ""), news="join")
    if stopped := _by_program(visit, form, place):
        return stopped
    words = pages.WORDS[visit.language]
    agreed = f"{words['letter']['age']} {words['thanks']['stay_text']}"
    found = sign_up.request(conn, visit, form, agreed=agreed)
    return place if isinstance(found, CheckEmail) else ViewState(page="join", zip=place.zip, news="check")


def write(conn: Transaction, visit: Visit, form: Mapping[str, str]) -> ViewState:
    """Letters to the offices that are ticked, once the link in the email is pressed. Raises WrongZip."""
    place = ViewState(page="check-email", zip=form.get("zip", ""), house=form.get("house", ""), news="letter")
    if stopped := _by_program(visit, form, place):
        return stopped
    words, organization = pages.WORDS[visit.language]["letter"], visit.campaign_page.organization
    agreed = f"{words['age']} {words['consent_join'].format(organization=organization)}"
    found = sign_up.request_letters(conn, visit, form, agreed=agreed)
    if isinstance(found, MustConfirmAgain):
        return ViewState(page="letter", zip=found.page.zip, house=found.page.house, news="check")
    return place


def _by_program(visit: Visit, form: Mapping[str, str], place: ViewState) -> ViewState | None:
    """The answer to a form that a program filled in: the same page as for a person, and nothing happens. A form that is
    a day old starts over.
    """
    read = form_time.read(visit.keys, form.get("shown_at", ""), visit.now)
    if form.get("website") or read == "too soon":
        return place
    return ViewState(zip=place.zip) if read == "old" else None
