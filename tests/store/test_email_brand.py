"""A campaign's logo and color in its emails: served from our own address, and the text part is the same."""

from __future__ import annotations

import re

from campaign.compose.campaign_folder.images import Image
from campaign.compose.rendering import release
from campaign.compose.rendering.colors import PETROL
from campaign.delivery import campaigns
from tests.contract.test_web_brand import LOGO, edited
from tests.store.site import DAY, MINUTE, SLUG, START, Site
from tests.unit.compose_samples import SHIPPED


def publish(site: Site, *, branded: bool) -> None:
    with site.database.begin() as conn:
        frozen = release.freeze(conn, edited() if branded else SHIPPED, START)
        campaigns.save(conn, SLUG, release=frozen, opens_at=START - DAY, closes_at=START + 90 * DAY, now=START)


def receipt(site: Site, number: int) -> dict[str, str]:
    site.contact()
    site.write(number=number)
    site.at += 20 * MINUTE
    site.drain()
    (mail,) = [mail for mail in site.mails if mail["kind"] == "receipt"]
    site.mails.clear()
    return {part["type"]: part["value"] for part in mail["content"]}


def test_an_email_shows_the_logo_from_our_own_address_and_the_accent(site: Site) -> None:
    publish(site, branded=False)
    plain = receipt(site, 1)
    publish(site, branded=True)
    branded = receipt(site, 2)
    assert "<img" not in plain["text/html"]
    assert PETROL in plain["text/html"]
    (image,) = re.findall(r"<img [^>]*>", branded["text/html"])
    name = Image(LOGO, "png", 64, 40).name
    assert f'src="{site.settings.web.site}/brand/{SLUG}/{name}" width="64" height="40" alt=""' in image
    assert PETROL not in branded["text/html"]
    assert 'bgcolor="#7a1f5c"' in branded["text/html"]
    assert "border-bottom:3px solid #7a1f5c" in branded["text/html"]
    assert "site.invalid" not in branded["text/html"]
    personal = re.compile(r"https?://\S+|Person \d|\d+:\d\d")
    assert personal.sub("", branded["text/plain"]) == personal.sub("", plain["text/plain"])
