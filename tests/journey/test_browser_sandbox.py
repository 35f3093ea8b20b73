"""Accessibility of the sandbox's pages, where people look at what arrived; the web door's pages have it in journeys."""

from __future__ import annotations

from http.client import HTTPConnection
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from campaign import processes
from tests.browser import browser
from tests.contract.sandbox import KEY, mail, person
from tests.journey import parts

OFFICE = "adams@office.example.org"
LETTER = mail(
    personalizations=[person(OFFICE)],
    **{"from": {"email": "action@example.org", "name": "Begona Nunez via Example Coalition"}},
    reply_to={"email": "ana@example.org", "name": "Begoña Núñez"},
    subject="Please cosponsor H.R. 6890",
    content=[{"type": "text/plain", "value": "As your constituent, I ask you.\n\n" + "A long line of words. " * 20}],
)


@pytest.mark.deep
@pytest.mark.parametrize("scheme", ["dark", pytest.param("light", marks=pytest.mark.long)])
def test_the_inbox_and_its_messages_break_no_rule_of_accessibility(
    tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    def check(page: Page, path: str) -> None:
        page.goto(url + path)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390

    with parts.site(tmp_path) as site, browser() as chromium:
        parts.start_sandbox(site)
        url = processes.address(site.port)
        for body in (LETTER, mail("ana@example.org", "bounce+1@example.org")):
            connection = HTTPConnection(url.removeprefix("http://"), timeout=parts.PATIENCE)
            connection.request("POST", "/v3/mail/send", msgspec.json.encode(body), {"Authorization": f"Bearer {KEY}"})
            assert connection.getresponse().status == 202
            connection.close()
        page = chromium.new_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
        check(page, "/")
        check(page, f"/?to={OFFICE}")
        links = page.locator("a[href^='/m/']").evaluate_all("all => all.map(e => e.getAttribute('href'))")
        assert links
        check(page, links[0])
        for part in ("html", "text", "headers"):
            check(page, f"{links[0]}?part={part}")
        for path in ("/m/nothing/0", "/sites/H:PA:15", "/forms/H:PA:15", "/forms/S:PA:1", "/forms/S:PA:1/thank-you"):
            check(page, path)
