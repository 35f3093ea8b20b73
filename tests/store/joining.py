"""Strangers who join on the open page, and the emails they get."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection, select

from campaign.links import Purpose
from campaign.outreach.action_page import actions
from campaign.outreach.action_page import sign_up as use_case
from campaign.outreach.action_page import visit as visits
from campaign.outreach.action_page.sign_up import CheckEmail, Joined, JoinEnd
from campaign.outreach.action_page.views import MustConfirmAgain
from campaign.outreach.action_page.visit import LinkRequest, Visit
from campaign.store.schema import supporter, suppression
from campaign.supporters import people
from campaign.supporters.people import Reason
from tests.store.site import HERE, KEYS, SLUG, Site

ROSA = "rosa@example.com"
OURS = "person1@example.org"
AGREED = "I am 13 or older, and you may email me."
HOUR = 3600_000


def join(site: Site, email: str = ROSA, **changes: str) -> CheckEmail | Mapping[str, str]:
    form = {"first_name": "Rosa", "last_name": "Mota", "email": email, "zip": HERE, "age": "13", **changes}
    with open_page(site) as (conn, visit):
        return use_case.request(conn, visit, form, agreed=AGREED)


def open_page(site: Site, token: str = "") -> AbstractContextManager[tuple[Connection, Visit]]:
    """A request to the open page, or to the page of this link."""
    asked = LinkRequest(SLUG, token, Purpose.JOIN)

    @contextmanager
    def visiting() -> Iterator[tuple[Connection, Visit]]:
        with site.database.begin() as conn:
            yield conn, visits.load_visit(conn, KEYS, site.settings, asked, acts=True)

    return visiting()


def write(site: Site, *seats: str, **changes: str) -> CheckEmail | MustConfirmAgain:
    """Letters of a stranger to these offices, as the page shows them."""
    form = {"email": ROSA, "zip": HERE, "age": "13", "seat": " ".join(seats)}
    with open_page(site) as (conn, visit):
        page = actions.enter(conn, visit, form)
        seen = {f"seen-{one.office.seat}": one.seen for one in page.previews}
        typed = {"first_name": "Rosa", "last_name": "Mota", "city": "Charlotte", "story": "A secret."}
        return use_case.request_letters(conn, visit, {**form, **seen, **typed, **changes}, agreed=AGREED)


def links_of(mail: Mapping[str, Any]) -> tuple[str, str]:
    """The tokens of the two links: to confirm, and never to be written to."""
    confirm, never = re.findall(r"/[jx]/end-287g/(\S+?)\)?(?=\s|$)", mail["text"])[:2]
    return confirm, never


def mailed(site: Site, email: str = ROSA) -> tuple[str, str]:
    """Join, and the tokens of the email that went out."""
    join(site, email)
    assert site.drain() == ["receipt"]
    assert address_of(site.mails[-1]) == email
    return links_of(site.mails[-1])


def address_of(mail: Mapping[str, Any]) -> str:
    return str(mail["personalizations"][0]["to"][0]["email"])


def press(site: Site, token: str) -> Joined | JoinEnd | None:
    with open_page(site, token) as (conn, visit):
        found = use_case.find(conn, visit)  # the reader presses what the page shows
        return use_case.confirm(conn, visit, "" if isinstance(found, JoinEnd) else use_case.shown(found))


def refuse(site: Site, token: str) -> None:
    with site.database.begin() as conn:
        use_case.refuse(conn, KEYS, LinkRequest(SLUG, token))


def suppress(site: Site, reason: Reason, email: str = ROSA) -> None:
    with site.database.begin() as conn:
        people.suppress(conn, [KEYS.email_hash(email)], reason, "tests", site.at)


def on_file(site: Site, email: str = ROSA) -> list[Any]:
    s = supporter.c
    columns = (s.email, s.first_name, s.last_name, s.zip, s.locale, s.list, s.consent)
    return site.rows(select(*columns).where(s.email_hash == KEYS.email_hash(email)))


def reasons(site: Site, email: str = ROSA) -> list[tuple[str, bool]]:
    found = select(suppression.c.reason, suppression.c.final).where(suppression.c.email_hash == KEYS.email_hash(email))
    return [tuple(row) for row in site.rows(found)]
