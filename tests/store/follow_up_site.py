"""What supporters do and get after a letter: reports, calls, letters saved for later, and the emails about them."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from campaign.links import Purpose
from campaign.model import Kind
from campaign.outreach.action_page import actions, email_choices
from campaign.outreach.action_page import visit as visits
from campaign.outreach.sending import later_emails
from campaign.states import Fate
from campaign.store.schema import delivery
from tests.store.site import ADAMS, BUDD, DAY, HERE, KEYS, MINUTE, SLUG, Site

SIX_WEEKS = 42 * DAY


def quiet(site: Site, number: int = 1) -> None:
    with visits.acting(site.database, KEYS, site.settings, site.request(number, Purpose.QUIET)) as (conn, visit):
        email_choices.stop_emails(conn, visit)


def answer(site: Site, said: str, number: int = 1) -> None:
    with visits.acting(site.database, KEYS, site.settings, site.request(number, Purpose.ANSWER)) as (conn, visit):
        email_choices.record_answer(conn, visit, {"answer": said})


def ask(site: Site) -> int:
    return later_emails.queue(site.database, SLUG, now=lambda _: site.at)


def subjects(site: Site, number: int = 1, since: int = 0) -> list[str]:
    """The subjects of the emails to a supporter's own address."""
    to = f"person{number}@example.org"
    parts = [(mail, one) for mail in site.mails[since:] for one in mail["personalizations"]]
    return [one.get("subject") or mail["subject"] for mail, one in parts if one["to"][0]["email"] == to]


def deliver(site: Site, seat: str = BUDD, number: int = 1) -> None:
    """A letter that an office's mail server has accepted, and its receipt."""
    site.contact(seat)
    form = site.form(seat=seat, number=number)
    assert form["seat"] == seat, "that office gets no letters now"
    before = site.counts()["letter"]
    site.confirm(form, number)
    assert site.counts()["letter"] > before, "it was written before"
    site.at += 20 * MINUTE
    site.drain()
    site.tell(Fate.DELIVERED)


def save(site: Site, seat: str = BUDD, number: int = 1) -> None:
    """A letter that its writer keeps for later."""
    site.write(seat=seat, number=number, by="form")


def report(site: Site, seat: str = BUDD, number: int = 1, told: str = "sent") -> None:
    site.act(actions.record_form, number, zip=HERE, seat=seat, told=told)


def call(site: Site, seat: str = BUDD, number: int = 1, outcome: str = "answered") -> None:
    site.act(actions.record_call, number, zip=HERE, seat=seat, outcome=outcome)


def outcomes(site: Site, kind: Kind) -> list[tuple[str | None, str | None]]:
    query = select(delivery.c.outcome, delivery.c.reason).where(delivery.c.kind == kind).order_by(delivery.c.id)
    return [(row[0], row[1]) for row in site.rows(query)]


def take_back(site: Site) -> None:
    """A second letter, taken back."""
    site.promise(ADAMS, on="2027-01-20")
    page = site.write(seat=ADAMS, by="form")
    saved = next(one.letter for one in page.letters if one.office.seat == ADAMS)
    site.act(actions.take_back, zip=HERE, letters=saved)


NEVER: dict[str, Callable[[Site], object]] = {
    "disowned": lambda site: site.disown(),
    "took back": take_back,
    "unsubscribed": lambda site: site.unsubscribe(),
    "erased": lambda site: site.forget(),
    "quiet": quiet,
}
