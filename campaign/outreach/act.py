"""What a supporter's link does. GET reads; only POST acts."""

from __future__ import annotations

from dataclasses import dataclass

from campaign import links
from campaign.compose import release as releases
from campaign.delivery import campaigns, outbox
from campaign.keys import Keys
from campaign.links import BadLink, Purpose
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people


@dataclass(frozen=True, slots=True)
class Page:
    """What a page behind a link may show: the campaign, and nothing of the person."""

    slug: str
    title: dict[str, str]
    organization: str
    postal_address: str
    reply_to: str
    locale: str  # the language that the person reads, "" when unknown
    expired: bool


def open_link(database: Database, keys: Keys, slug: str, token: str, purpose: Purpose) -> Page:
    """The page of a link. Writes nothing. Raises BadLink, in the same words for every fault."""
    link = links.read(keys.links, slug, token, purpose)
    with database.read() as conn:
        campaign = campaigns.find(conn, slug)
        person = people.by_link(conn, link.supporter, link.nonce)
        if campaign is None or person is None:
            raise BadLink("this link does not work any more")
        folder = releases.load(conn, campaign.release).folder
        now = engine.now(conn)
    organization = folder.campaign.organization
    return Page(
        slug,
        dict(folder.campaign.title),
        organization.legal_name,
        organization.postal_address,
        organization.reply_to,
        person.locale,
        purpose is Purpose.ACTION and now >= link.expires * 1000,
    )


def unsubscribe(database: Database, keys: Keys, slug: str, token: str) -> None:
    """Write to this person no more, from this moment on. Needs no proof but the link, and never ends."""
    link = links.read(keys.links, slug, token, Purpose.UNSUBSCRIBE)
    with database.begin() as conn:
        person = people.by_link(conn, link.supporter, link.nonce)
        if person is not None:  # an erased person is suppressed already
            people.suppress(conn, [person.email_hash], "unsubscribed", f"link of {slug}", engine.now(conn))


def erase(database: Database, keys: Keys, email: str) -> bool:
    """Forget a person: what has not left is cancelled, the address and names go, a keyed hash keeps them out.

    Returns whether the address was on file; it is kept out either way.
    """
    email_hash = people.email_hash(keys, email)
    with database.begin() as conn:
        supporter_id = people.find(conn, email_hash)
        if supporter_id is not None:  # first, for `listen` locks requests before suppressions too
            outbox.cancel_person(conn, supporter_id, "erased")
        people.erase(conn, email_hash, engine.now(conn))
    return supporter_id is not None
