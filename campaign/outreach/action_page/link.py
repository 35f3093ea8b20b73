"""Whose link it is: the campaign, the person, and the page that may be shown before anything is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection

from campaign import links
from campaign.compose.rendering import release as releases
from campaign.delivery import campaigns
from campaign.delivery.campaigns import Campaign
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.links import BadLink, Purpose
from campaign.outreach.action_page.context import PageContext, load_context, page_of
from campaign.outreach.action_page.views import CampaignPage
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import guesses, people
from campaign.supporters.people import SupporterRow

_ZIP = re.compile(r"[0-9]{5}(?:-?[0-9]{4})?")


class WrongZip(CampaignError):
    """What was typed is not a ZIP code."""


class TooManyGuesses(CampaignError):
    """Too many wrong ZIP codes were entered for this link. `wait`: seconds until one may be typed again."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__("too many wrong ZIP codes were entered for this link", do=f"Try again in {wait} seconds.")


@dataclass(frozen=True, slots=True)
class Behind:
    """Whose link it is, and of which campaign."""

    campaign: Campaign
    person: SupporterRow
    page: CampaignPage
    token: str
    now: int
    keys: Keys

    @property
    def open(self) -> bool:
        """Whether letters may still be confirmed."""
        return not self.page.expired and self.campaign.opens_at <= self.now < self.campaign.closes_at


def open_link(database: Database, keys: Keys, slug: str, token: str, purpose: Purpose) -> CampaignPage:
    """The page of a link. Writes nothing. Raises BadLink, in the same words for every fault."""
    with database.read() as conn:
        return look(conn, keys, slug, token, purpose).page


def look(
    conn: Connection, keys: Keys, slug: str, token: str, purpose: Purpose = Purpose.ACTION, *, alone: bool = False
) -> Behind:
    """Who and what stands behind a link; with `alone` nobody else acts for this person until the transaction ends.

    Raises BadLink.
    """
    link = links.read(keys.links, slug, token, purpose)
    if alone:
        people.lock_supporters(conn, link.supporter)
    campaign = campaigns.find(conn, slug)
    person = people.by_link(conn, link.supporter, link.nonce)
    if campaign is None or person is None:
        raise BadLink("this link does not work any more")
    now = engine.now(conn)
    ended = purpose is Purpose.ACTION and now >= link.expires * 1000
    page = page_of(campaign, releases.load(conn, campaign.release), person.locale, now, expired=ended)
    return Behind(campaign, person, page, token, now, keys)


def at_zip(conn: Connection, behind: Behind, typed_zip: str) -> PageContext:
    """Everything about this person and the ZIP code that was typed; a wrong one is counted.

    Once a request: later, `known_at`. Raises WrongZip; TooManyGuesses, whatever was typed.
    """
    if not _ZIP.fullmatch(typed_zip):
        raise WrongZip("a ZIP code has five digits")
    link, digits = guesses.GuessedLink(behind.person.id, behind.campaign.id), typed_zip[:5]
    if digits == behind.person.zip:
        until = guesses.blocked_until(conn, link, behind.now)
    else:
        until = guesses.spend(conn, behind.keys, link, digits, behind.now)
    if until is not None:
        raise TooManyGuesses(-(-(until - behind.now) // 1000))
    return context_at(conn, behind, typed_zip)


def context_at(conn: Connection, behind: Behind, zip_code: str) -> PageContext:
    """Everything about this person and a ZIP code that was checked before."""
    return load_context(conn, behind.campaign, behind.person, behind.page, zip_code, behind.now, is_open=behind.open)


def language(behind: Behind, asked: str) -> str:
    """The language of the page, as far as the campaign has texts in it."""
    wanted, has = asked or behind.person.locale, tuple(behind.page.title)
    return wanted if wanted in has else has[0]
