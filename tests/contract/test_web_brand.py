"""A campaign's logo and colors on its pages, and what search engines and shared links see of the open page."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from campaign.compose.campaign_folder import folder as folders
from campaign.compose.campaign_folder import images
from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.rendering import colors, release
from campaign.delivery import campaigns
from campaign.links import Purpose
from campaign.store import engine
from tests.contract.web import SLUG, Web
from tests.prepared import shipped
from tests.unit.test_appearance import png

SHIPPED = shipped()
LOGO, SHARED = png(64, 40), png(600, 315)
BRAND = '[brand]\nlogo = "logo.png"\naccent = "#7a1f5c"\n'


def edited(*, brand: str = BRAND, indexable: bool = True) -> Folder:
    settings = SHIPPED.files["campaign.toml"].replace(
        "indexable = false", f"indexable = {str(indexable).lower()}\nimage = 'share.png'"
    )
    files = {"campaign.toml": settings + brand, "logo.png": images.pack(LOGO), "share.png": images.pack(SHARED)}
    return folders.parse(SLUG, {**SHIPPED.files, **files})


def publish(door: Web, folder: Folder, *, ended: bool = False) -> None:
    with door.database.begin() as conn:
        now = engine.now(conn)
        frozen, closes = release.freeze(conn, folder, now), now - 1 if ended else now + 10**9
        campaigns.save(conn, SLUG, release=frozen, opens_at=0, closes_at=closes, now=now)


def styles(page: str) -> list[str]:
    return re.findall(r"<style>(.*?)</style>", page, re.S)


def test_every_page_has_the_campaigns_logo_and_colors(small: Web) -> None:
    publish(small, edited())
    for path in (f"/{SLUG}", small.link(Purpose.ACTION), small.link(Purpose.UNSUBSCRIBE), small.report):
        answer = small.get(path)
        (logo,) = re.findall(r'<img src="([^"]+)" width="64" height="40" alt="">', answer.text)
        served = small.get(logo)
        assert (served.status, served.body, served.headers["content-type"]) == (200, LOGO, "image/png")
        assert served.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert served.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert "img-src 'self' data:" in policy
        assert "--act:#7a1f5c" in styles(answer.text)[1]
        for style in styles(answer.text):
            assert f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
        assert "unsafe" not in policy


def test_a_campaign_without_a_brand_keeps_ours(small: Web) -> None:
    page = small.get(f"/{SLUG}")
    assert len(styles(page.text)) == 1
    assert "<img" not in page.text
    assert '<svg viewBox="0 0 32 32"' in page.text


def test_an_image_of_an_earlier_release_is_still_served_and_nothing_else_is(small: Web) -> None:
    publish(small, edited())
    (logo,) = re.findall(r'<img src="([^"]+)"', small.get(f"/{SLUG}").text)
    publish(small, edited(brand=""))
    assert "<img" not in small.get(f"/{SLUG}").text
    assert small.get(logo).body == LOGO, "emails that were sent before show it"
    for path in ("missing.png", f"{'0' * 20}.png", "..%2Fcampaign.toml", "logo.png", "campaign.toml"):
        assert small.get(f"/brand/{SLUG}/{path}").status == 404
    assert small.get(logo.replace(SLUG, "another")).status == 404


def test_a_shared_link_shows_title_text_and_picture(small: Web) -> None:
    publish(small, edited())
    page = small.get(f"/{SLUG}?lang=es").text
    metas = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]+)">', page))
    assert metas["og:title"] == "Pídale al Congreso que ponga fin al 287(g)"
    assert metas["og:description"] == metas["description"]
    assert metas["description"].startswith("La policía local no debe")
    assert metas["og:locale"] == "es_US"
    assert metas["og:image:alt"] == metas["og:title"]
    site = metas["og:url"].partition(f"/{SLUG}")[0]
    assert small.get(metas["og:image"].removeprefix(site)).body == SHARED
    assert f'<link rel="canonical" href="{site}/{SLUG}?lang=es">' in page
    assert f'<link rel="alternate" hreflang="en" href="{site}/{SLUG}">' in page
    behind_a_link = small.get(small.link(Purpose.ACTION)).text
    assert "og:" not in behind_a_link
    assert "canonical" not in behind_a_link


def test_search_engines_may_list_only_the_open_page_and_only_if_the_organizer_says_so(small: Web) -> None:
    assert small.get(f"/{SLUG}").headers["x-robots-tag"] == "noindex, nofollow"
    assert small.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
    publish(small, edited())
    assert small.get(f"/{SLUG}").headers["x-robots-tag"] == "all"
    assert small.get("/robots.txt").text.splitlines() == [
        "User-agent: *",
        f"Allow: /{SLUG}$",
        f"Allow: /{SLUG}?lang=es$",
        f"Allow: /brand/{SLUG}/",
        "Disallow: /",
    ]
    for path in (f"/{SLUG}?v=x", "/", small.link(Purpose.ACTION), small.link(Purpose.UNSUBSCRIBE), small.report):
        assert small.get(path).headers["x-robots-tag"] == "noindex, nofollow", path
    publish(small, edited(), ended=True)
    assert small.get(f"/{SLUG}").headers["x-robots-tag"] == "noindex, nofollow"
    assert "Allow" not in small.get("/robots.txt").text


def test_the_first_page_of_the_site_lists_what_is_open(small: Web) -> None:
    before = small.rows()
    for lang, title in (("en", "Ask Congress to end 287(g)"), ("es", "Pídale al Congreso que ponga fin al 287(g)")):
        page = small.get(f"/?lang={lang}").text
        assert re.search(rf'href="/{SLUG}\?lang={lang}"><span class="name">{re.escape(title)}</span>', page)
    assert small.rows() == before
    publish(small, SHIPPED, ended=True)
    assert f'href="/{SLUG}' not in small.get("/").text


@pytest.mark.parametrize("dark", [False, True])
def test_each_accent_can_be_read_on_every_surface(dark: bool) -> None:
    for color in ("#7a1f5c", "#e07a00", "#ffff00", "#000000", "#ffffff", colors.PETROL):
        shade = colors.readable(color, dark=dark)
        assert colors.lowest(shade, colors.behind()[dark])[0] >= colors.LEAST
    assert colors.readable("#86cbe2" if dark else colors.PETROL, dark=dark) == ("#86cbe2" if dark else colors.PETROL)
