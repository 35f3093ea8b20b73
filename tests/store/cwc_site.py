"""A site whose letters take Congress's own intake, with both gateways on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from campaign.delivery import campaigns
from campaign.delivery.sender import open_sender
from campaign.outreach.channels.cwc import served_offices
from campaign.outreach.routing import registry
from campaign.outreach.sending import lost_answers
from campaign.outreach.sending.batch import DrainCounts
from campaign.store.schema import request
from tests import gateways as doubles
from tests.gateways import Gateways
from tests.store.site import ADAMS, HERE, KEYS, MINUTE, SLUG, Site

MORE = {"prefix": "Ms.", "street": "100 Sample Street", "response": "Yes"}
AGENT = {
    "environment": "production",
    "agent": "Riverbend Civic Tools",
    "ack_email": "acks@riverbend.example",
    "contact_name": "Mail Operations",
    "contact_email": "ops@riverbend.example",
    "contact_phone": "202-555-0134",
}


@pytest.fixture
def there(site: Site, tmp_path: Path) -> Iterator[Gateways]:
    """Both gateways, configured, with their lists fetched."""
    with doubles.running(tmp_path) as made:
        urls = {"house_url": made.url, "senate_url": f"{made.url}/api"}
        config = replace(site.settings.cwc, **AGENT, **urls)
        site.settings = replace(site.settings, cwc=config, cwc_keys=doubles.KEYS)
        refresh(site)
        yield made


def refresh(site: Site, *, force: bool = False) -> list[served_offices.RefreshedList]:
    with closing(open_sender(site.database, KEYS, site.settings)) as me:
        return served_offices.refresh(me, force=force, now=lambda _: site.at)


def ask(site: Site) -> DrainCounts:
    with closing(open_sender(site.database, KEYS, site.settings)) as me:
        return lost_answers.settle_unknown(me, SLUG, now=lambda _: site.at)


def due(site: Site) -> list[str]:
    with site.database.read() as conn:
        return campaigns.due(conn, site.at, repeatable=[channel.name for channel in registry.repeatable()])


def states(site: Site) -> list[str]:
    query = select(request.c.state).where(request.c.kind == "letter").order_by(request.c.id)
    return [row.state for row in site.rows(query)]


def go(site: Site, seat: str = ADAMS, **changes: str) -> None:
    """Write a letter, and let the take-back time pass."""
    site.write(HERE, seat, 1, **{**MORE, **changes})
    site.at += 16 * MINUTE
