"""What every page must have, whatever it shows."""

from __future__ import annotations

import re
from html import unescape

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_OURS = re.compile(
    r"\?lang=(?:en|es)|/[\w-]*\?lang=(?:en|es)|\?v=[\w-]+&amp;lang=(?:en|es)|#[\w-]+|(?:mailto|tel|sms|data):.*"
)
_OTHERS = ("https://office.example/", "https://www.house.gov/", "https://tools.usps.com/", "https://wa.me/")
_TARGETS = (
    "button:not(.vh), a.button, .tongue, .brand, summary, .standalone, .dial, .tels a, textarea, select, "
    "input:not([type=hidden], .pot input)"
)
_SMALL = f"""
    [...document.querySelectorAll("{_TARGETS}")]
    .map(e => e.matches("[type=checkbox], [type=radio]") ? e.closest("label") : e)
    .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)
"""


def words(page: str) -> str:
    """What a person reads on a page."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main))).strip()


def check_structure(page: str, lang: str) -> None:
    """One heading; a label for every field; every reference leads somewhere; at most one element in focus."""
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<h1>") == 1
    assert re.search(r"<title>[^<]+</title>", page)
    assert f'<html lang="{lang}">' in page
    referred = " ".join(re.findall(r' (?:for|form|aria-describedby|aria-labelledby)="([^"]+)"', page)).split()
    referred += re.findall(r'href="#([^"]+)"', page)
    assert set(referred) <= set(ids)
    fields = re.findall(r'<(?:textarea|select|input(?! type="hidden"))[^>]* id="([^"]+)"', page)
    assert set(fields) <= set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    assert page.count(" autofocus") <= 1
    assert ('role="alert"' in page) == ("<title>Error:" in page)
    for never in (" style=", "onclick", "{{", "None"):
        assert never not in page.partition("</head>")[2]


def check_ways(page: str, lang: str) -> None:
    """Every form posts to this page in its language; no link to elsewhere gives anything away."""
    other = "en" if lang == "es" else "es"
    for form in re.findall(r"<form[^>]*>", page):
        assert f'action="?lang={lang}"' in form
        assert 'method="post"' in form
    for link in re.findall(r"<a [^>]*>", page):
        address = re.findall(r'href="([^"]*)"', link)[0]
        if address.startswith("http"):
            assert 'target="_blank" rel="noopener noreferrer"' in link
            assert address.startswith(_OTHERS)
        else:
            assert _OURS.fullmatch(address), address
    switch = re.search(r'class="[^"]*\btongue\b[^>]*', page)
    assert switch is not None
    assert f'lang="{other}"' in switch[0]


def check_look(page: Page, html: str, width: int) -> None:
    """Fits this width, with everything opened, and every target is large enough for a thumb."""
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(html)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(_SMALL) == []


def check_access(page: Page) -> None:
    """axe finds nothing on the page that is shown."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
