"""The campaigns that anyone may open now, for the site's first page and for search engines."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Connection

from campaign.compose.rendering import release as releases
from campaign.delivery import campaigns
from campaign.errors import CampaignError
from campaign.outreach.action_page.views import CampaignPage
from campaign.outreach.action_page.visit import campaign_page
from campaign.store import engine


def list_open(conn: Connection) -> list[CampaignPage]:
    """The oldest first. A campaign is open from its first day to its last, unless its release can't be read."""
    now, found = engine.now(conn), list[CampaignPage]()
    for each in campaigns.every(conn):
        if each.opens_at <= now < each.closes_at:
            with suppress(CampaignError):
                found.append(campaign_page(each, releases.load(conn, each.release), now))
    return found
