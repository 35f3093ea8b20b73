"""Unsubscribe and erase."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from campaign.congress.geocoding import cache
from campaign.delivery import outbox
from campaign.keys import Keys
from campaign.letters import follow_ups, letters, pending, typed_forms
from campaign.outreach.action_page.context import check_zip
from campaign.outreach.action_page.page import show
from campaign.outreach.action_page.views import ActionPage
from campaign.outreach.action_page.visit import OpenedLink, Visit
from campaign.outreach.sending import unannounced_letters
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import guesses, new_zips, people, sign_ups


def unsubscribe(conn: Connection, link: OpenedLink | Visit) -> None:
    """Email this supporter no more, in any campaign. The link is proof enough, and it never expires.

    Their letters that have not been sent, and that no email told them about, are stopped.
    """
    supporter, now = link.person if isinstance(link, Visit) else link.supporter, engine.now(conn)
    # Requests before suppressions: everything locks in this order.
    unannounced_letters.stop_letters(conn, pending.unannounced(conn, supporter_id=supporter.id), now)
    people.suppress(conn, [supporter.email_hash], "unsubscribed", f"link of {link.request.slug}", now)


def forget(conn: Connection, visit: Visit, form: Mapping[str, str]) -> ActionPage | None:
    """Erase this supporter now, and cancel letters that have not been sent: None. Without the ZIP code on file: the
    page, and nothing changes. Raises WrongZip, TooManyGuesses.
    """
    context = check_zip(conn, visit, form)
    if not context.own:
        return show(conn, context)
    typed_forms.forget(conn, visit.keys, browser=visit.request.cookie, link=visit.request.link)
    _erase(conn, visit.person.id, visit.person.email_hash, visit.now)
    return None


def erase(database: Database, keys: Keys, email: str) -> bool:
    """Erase a supporter: cancel what has not been sent, delete the address and names, and keep a keyed hash so that no
    list brings the address back.

    Returns whether the address was on file; it is suppressed either way.
    """
    email_hash = people.email_hash(keys, email)
    with database.begin() as conn:
        return _erase(conn, people.find(conn, email_hash), email_hash, engine.now(conn))


def _erase(conn: Connection, supporter_id: int | None, email_hash: bytes, now: int) -> bool:
    if supporter_id is not None:
        people.lock_supporters(conn, supporter_id)  # before requests, as everywhere
    people.lock_address(conn, email_hash)
    sign_ups.erase(conn, email_hash)
    supporter_id = supporter_id or people.find(conn, email_hash)  # they may have joined meanwhile
    if supporter_id is not None:
        people.lock_supporters(conn, supporter_id)
        outbox.cancel_supporter(conn, supporter_id, "erased")
        letters.erase_contents(conn, supporter_id, now)
        new_zips.drop(conn, supporter_id)
        guesses.drop(conn, supporter_id)
        follow_ups.drop(conn, supporter_id)
        if place := people.address_hash(conn, supporter_id):
            cache.forget(conn, place)
    people.erase(conn, email_hash, now)
    return supporter_id is not None
