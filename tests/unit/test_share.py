"""What people pass on after they acted: ways to send it, in their language, with a source and nothing about them."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from campaign.letters import tallies
from campaign.outreach.action_page.views import CampaignPage
from campaign.web import pages, share
from tests.contract.action_pages import PAGE

SITE = "https://action.example.org"
CAMPAIGN = replace(
    PAGE,
    message={"en": "I asked Congress & you can too:", "es": "Le pedí al Congreso; usted también puede:"},
    subject={"en": "Would you ask too?", "es": "¿Lo pediría usted también?"},
)


def shown(lang: str, campaign: CampaignPage = CAMPAIGN) -> str:
    source = '{% import "share.html" as sharing with context %}{{ sharing.pass_it_on() }}'
    words = {"lang": lang, "w": pages.WORDS[lang], "campaign": campaign, "site": SITE}
    return pages._pages.from_string(source).render(words)


def sent(href: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(href).query).items()}


def test_each_way_sends_the_message_with_a_link_that_names_the_way() -> None:
    found = share.share_links(SITE, CAMPAIGN, "en")
    message = "I asked Congress & you can too: https://action.example.org/end-287g?s="
    assert list(found.ways) == ["sms", "whatsapp", "mail"]
    assert found.ways["whatsapp"].startswith("https://wa.me/?")
    assert sent(found.ways["whatsapp"]) == {"text": f"{message}wa"}
    assert found.ways["sms"].startswith("sms:?&body=")
    assert sent(found.ways["sms"]) == {"body": f"{message}sms"}
    assert sent(found.ways["mail"]) == {"subject": "Would you ask too?", "body": f"{message}mail"}
    assert found.link == f"{SITE}/end-287g?s=link"
    assert found.shown == "action.example.org/end-287g"


def test_spanish_begins_with_whatsapp_and_its_links_open_the_page_in_spanish() -> None:
    found = share.share_links(SITE, CAMPAIGN, "es")
    assert list(found.ways) == ["whatsapp", "sms", "mail"]
    assert sent(found.ways["whatsapp"])["text"].endswith(
        "también puede: https://action.example.org/end-287g?lang=es&s=wa"
    )
    assert found.link == f"{SITE}/end-287g?lang=es&s=link"


def test_every_source_of_a_shared_link_is_one_that_always_counts() -> None:
    found = share.share_links(SITE, CAMPAIGN, "en")
    links = [found.link, *(next(reversed(sent(href).values())).rpartition(" ")[2] for href in found.ways.values())]
    sources = [sent(link)["s"] for link in links]
    assert {*sources, "qr"} == set(tallies.SHARED)
    assert share.inline_qr(f"{SITE}/end-287g?s=qr") == found.qr


def test_a_campaign_without_its_own_message_shares_its_title() -> None:
    assert share.share_links(SITE, PAGE, "en").message == "End 287(g):"
    only_english = replace(CAMPAIGN, title={"en": "End it"}, message={"en": "Do it:"}, subject={})
    found = share.share_links(SITE, only_english, "es")
    assert found.message == "Do it:"
    assert sent(found.ways["mail"])["body"] == f"Do it: {SITE}/end-287g?lang=es&s=mail"


@pytest.mark.parametrize("lang", pages.LANGUAGES)
def test_the_page_has_every_way_and_loads_nothing_from_anywhere(lang: str) -> None:
    page = shown(lang)
    found = share.share_links(SITE, CAMPAIGN, lang)
    assert [unescape(href) for href in re.findall(r'<a [^>]*href="([^"]+)"', page)] == list(found.ways.values())
    assert page.count('rel="noopener noreferrer"') == 3
    assert f'value="{found.link.replace("&", "&amp;")}" readonly' in page
    assert str(found.qr) in page
    assert 'fill="#fff"' in found.qr, "light also in dark mode"
    for never in ("<script", " style=", "<img", "src=", "url("):
        assert never not in page
    assert unescape(re.sub(r"<[^>]+>", "", page)).count(found.message) == 1
