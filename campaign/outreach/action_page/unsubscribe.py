"""How a person gets out: no more mail, or forgotten altogether."""

from __future__ import annotations

from sqlalchemy import Connection

from campaign import links
from campaign.congress.geocoding import cache
from campaign.delivery import outbox
from campaign.keys import Keys
from campaign.letters import drafts, letters, pending
from campaign.links import Purpose
from campaign.outreach.action_page.link import at_zip, look
from campaign.outreach.action_page.views import CampaignPage
from campaign.outreach.sending import unannounced_letters
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import guesses, people


def unsubscribe(database: Database, keys: Keys, slug: str, token: str, purpose: Purpose = Purpose.UNSUBSCRIBE) -> None:
    """Write to this person no more, from this moment on. Needs no proof but the link, and never ends.

    Their letters that have not left, and that no email told them about, are stopped.
    """
    link = links.read(keys.links, slug, token, purpose)
    with database.begin() as conn:
        people.lock_supporters(conn, link.supporter)
        person = people.by_link(conn, link.supporter, link.nonce)
        if person is not None:  # an erased person is suppressed already
            now = engine.now(conn)
            unannounced_letters.stop_letters(
                conn, pending.unannounced(conn, supporter_id=person.id), now
            )  # requests, then suppressions
            people.suppress(conn, [person.email_hash], "unsubscribed", f"link of {slug}", now)


def forget(database: Database, keys: Keys, slug: str, token: str, zip: str) -> CampaignPage | None:
    """Erase this person at once, with the letters that have not left; None, and nothing, without the ZIP on file."""
    with database.begin() as conn:
        behind = look(conn, keys, slug, token, alone=True)
        if not at_zip(conn, behind, zip).own:
            return None
        _erase(conn, behind.person.id, behind.person.email_hash, behind.now)
        return behind.page


def erase(database: Database, keys: Keys, email: str) -> bool:
    """Forget a person: what has not left is cancelled, the address and names go, a keyed hash keeps them out.

    Returns whether the address was on file; it is kept out either way.
    """
    email_hash = people.email_hash(keys, email)
    with database.begin() as conn:
        supporter_id = people.find(conn, email_hash)
        _erase(conn, supporter_id, email_hash, engine.now(conn))
    return supporter_id is not None


def _erase(conn: Connection, supporter_id: int | None, email_hash: bytes, now: int) -> None:
    if supporter_id is not None:
        people.lock_supporters(conn, supporter_id)  # then requests, for `listen` locks these before suppressions too
        outbox.cancel_supporter(conn, supporter_id, "erased")
        letters.erase_contents(conn, supporter_id, now)
        drafts.drop(conn, supporter_id)
        guesses.drop(conn, supporter_id)
        if place := people.address_hash(conn, supporter_id):
            cache.forget(conn, place)
    people.erase(conn, email_hash, now)
