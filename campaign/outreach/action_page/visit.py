"""Open the link of a supporter's page: one `Visit` per request, read once in the request's transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import Connection

from campaign import links
from campaign.compose.campaign_folder.folder import LOCALES
from campaign.compose.messages import open_page
from campaign.compose.rendering import release as releases
from campaign.compose.rendering import render
from campaign.compose.rendering.release import Release
from campaign.config import Settings
from campaign.delivery import campaigns
from campaign.delivery.campaigns import Campaign
from campaign.keys import Keys
from campaign.links import BadLink, Purpose
from campaign.outreach.action_page.views import Branding, CampaignPage
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people
from campaign.supporters.people import SupporterRow

Transaction = Connection  # the open transaction of a request, for doors, which hold no SQL


class SupporterGone(BadLink):
    """The link was made here, but its supporter was erased since."""


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What a request says: the link in its address, and the languages its reader prefers ("" for none)."""

    slug: str
    token: str  # "": the open page, which belongs to no supporter
    purpose: Purpose = Purpose.ACTION
    asked: str = ""  # the language in the address
    preferred: str = ""  # the first of our languages in Accept-Language
    cookie: str = ""  # which browser it is; "": one without cookies

    @property
    def link(self) -> str:
        """What sealed states and typed words belong to."""
        return f"{self.slug}/{self.token}"

    @property
    def path(self) -> str:
        """Of the page behind the link, or of the open page."""
        return f"/{self.purpose}/{self.slug}/{self.token}" if self.token else f"/{self.slug}"


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A link that was made here. `expires` in unix seconds."""

    request: LinkRequest
    supporter: SupporterRow
    expires: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to a supporter's page or to the open page, as it was when its transaction began. `now` in ms."""

    request: LinkRequest
    supporter: SupporterRow | None  # None: the open page
    campaign: Campaign
    release: Release
    campaign_page: CampaignPage
    now: int
    language: str  # of the page
    expired: bool  # the action link has ended
    acts: bool  # a POST: it may write
    keys: Keys = field(repr=False)
    settings: Settings = field(repr=False)

    @property
    def person(self) -> SupporterRow:
        """The supporter, where only one can be."""
        assert self.supporter is not None, "the open page has no supporter"
        return self.supporter

    @property
    def is_open(self) -> bool:
        """Whether letters may still be confirmed."""
        return not self.expired and self.campaign.opens_at <= self.now < self.campaign.closes_at

    @property
    def text_language(self) -> str:
        """The language of letters and call scripts: the page's, if the campaign has texts in it."""
        has = tuple(self.campaign_page.title)
        return self.language if self.language in has else has[0]


@contextmanager
def acting(
    database: Database, keys: Keys, settings: Settings, request: LinkRequest
) -> Iterator[tuple[Connection, Visit]]:
    """A POST: one writing transaction, in which no other request acts for this supporter. Raises BadLink."""
    with database.begin() as conn:
        link = open_link(conn, keys, request, lock=True) if request.token else None
        yield conn, load_visit(conn, keys, settings, link or request, acts=True)


@contextmanager
def reading(
    database: Database, keys: Keys, settings: Settings, request: LinkRequest
) -> Iterator[tuple[Connection, Visit]]:
    """A GET or HEAD: one reading transaction. Raises BadLink."""
    with database.read() as conn:
        link = open_link(conn, keys, request, lock=False) if request.token else None
        yield conn, load_visit(conn, keys, settings, link or request, acts=False)


def open_link(conn: Connection, keys: Keys, request: LinkRequest, *, lock: bool) -> OpenedLink:
    """The link and its supporter; with `lock` no other transaction acts for them until this one ends.

    The lock comes before any other row is read. Raises BadLink, in the same words for every fault.
    """
    link = links.read(keys.links, request.slug, request.token, request.purpose)
    if lock:
        people.lock_supporters(conn, link.supporter)
    supporter = people.by_link(conn, link.supporter, link.nonce)
    if supporter is None:
        raise SupporterGone("this link no longer works")
    return OpenedLink(request, supporter, link.expires)


def load_visit(
    conn: Connection, keys: Keys, settings: Settings, link: OpenedLink | LinkRequest, *, acts: bool
) -> Visit:
    """The visit behind an opened link, or to the open page. Raises BadLink for a campaign that does not exist."""
    request, supporter = (link.request, link.supporter) if isinstance(link, OpenedLink) else (link, None)
    campaign = campaigns.find(conn, request.slug)
    if campaign is None:
        raise BadLink("this link no longer works")
    now, release = engine.now(conn), releases.load(conn, campaign.release)
    preferred = (request.asked, supporter.locale if supporter else "", request.preferred)
    ends = link.expires * 1000 if isinstance(link, OpenedLink) and request.purpose is Purpose.ACTION else None
    return Visit(
        request=request,
        supporter=supporter,
        campaign=campaign,
        release=release,
        campaign_page=campaign_page(campaign, release, now),
        now=now,
        language=next((language for language in preferred if language in LOCALES), LOCALES[0]),
        expired=ends is not None and now >= ends,
        acts=acts,
        keys=keys,
        settings=settings,
    )


def campaign_page(campaign: Campaign, release: Release, now: int) -> CampaignPage:
    """The campaign's part of every page, with the facts that have not expired."""
    return _campaign_page(campaign.slug, release, render.moment(release.folder, now))


@lru_cache(maxsize=32)
def _campaign_page(slug: str, release: Release, now: int) -> CampaignPage:
    config, facts = release.folder.campaign, release.folder.facts
    valid = [fact for fact in (facts[key] for key in config.why) if fact.expires is None or now < fact.expires]
    texts, deadline = open_page.texts(release, now), config.bill_at(now).expires
    return CampaignPage(
        slug=slug,
        title={lang: text.title for lang, text in texts.items()},
        organization=config.organization.legal_name,
        postal_address=config.organization.postal_address,
        reply_to=config.organization.reply_to,
        why={lang: tuple((fact.text[lang], fact.cite[lang]) for fact in valid) for lang in config.locales},
        lead={lang: text.lead for lang, text in texts.items()},
        brief={lang: text.questions for lang, text in texts.items()},
        description={lang: text.description for lang, text in texts.items()},
        message={lang: text.message for lang, text in texts.items()},
        subject={lang: text.subject for lang, text in texts.items()},
        deadline=deadline if now < deadline else 0,
        indexable=config.page.indexable,
        branding=branding(release),
        image=release.folder.image(config.page.image),
    )


def branding(release: Release) -> Branding:
    brand = release.folder.campaign.brand
    return Branding(release.slug, brand, release.folder.image(brand.logo))
