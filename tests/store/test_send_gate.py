"""The last check before an email is sent: settings and texts may have changed since the launch."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from campaign.compose.campaign_folder import folder
from campaign.compose.rendering import release
from campaign.config import SENDGRID
from campaign.delivery import campaigns
from campaign.store.schema import request
from tests.build import launch
from tests.prepared import shipped
from tests.store.site import SLUG, Site

OWN = "action@piedmont.us"


def live(site: Site, *, base_url: str = "https://act.piedmont.us", sender: str = OWN) -> None:
    """The site's campaign, launched to its two people, with the live provider; `site.mails` holds what left."""
    settings = site.settings
    sendgrid = replace(settings.sendgrid, url=SENDGRID)
    site.settings = replace(settings, sendgrid=sendgrid, web=replace(settings.web, base_url=base_url))
    files = dict(shipped().files)
    for placeholder in ("action@example.org", "letters@offices.example.org", "letters@example.org"):
        files["campaign.toml"] = files["campaign.toml"].replace(placeholder, sender)
    with site.database.begin() as conn:
        found = campaigns.get(conn, SLUG)
        frozen = release.freeze(conn, folder.parse(SLUG, files), site.at)
        window = {"opens_at": site.at - 1, "closes_at": site.at + 10**9}
        launch(conn, campaigns.save(conn, SLUG, release=frozen, now=site.at, **window), now=site.at)
        assert found.release != frozen


def left(site: Site) -> tuple[int, set[str], str]:
    """(mails that left, states of the requests, why the campaign is paused)."""
    site.drain()
    with site.database.read() as conn:
        states = set(conn.scalars(select(request.c.state)))
        return len(site.mails), states, campaigns.get(conn, SLUG).reason


def test_with_everything_right_it_leaves(site: Site) -> None:
    live(site)
    mails, states, reason = left(site)
    assert (mails, states, reason) == (1, {"accepted"}, "")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"base_url": "http://127.0.0.1:8000"}, "base_url"),
        ({"base_url": "https://10.0.0.5"}, "base_url"),
        ({"sender": "piedmont@gmail.com"}, "gmail.com"),
    ],
)
def test_nothing_leaves_and_the_campaign_says_why(site: Site, wrong: dict[str, str], told: str) -> None:
    live(site, **wrong)
    mails, states, reason = left(site)
    assert (mails, states) == (0, {"queued"})
    assert told in reason


def test_once_it_is_fixed_and_resumed_it_leaves(site: Site) -> None:
    live(site, base_url="http://127.0.0.1:8000")
    assert left(site)[0] == 0
    site.settings = replace(site.settings, web=replace(site.settings.web, base_url="https://act.piedmont.us"))
    assert left(site)[0] == 0, "paused until a person resumes it"
    with site.database.begin() as conn:
        campaigns.resume(conn, campaigns.get(conn, SLUG).id, site.at)
    assert left(site) == (1, {"accepted"}, "")
