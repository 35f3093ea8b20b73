"""A scanner that is a real browser with scripts on: it presses all that it finds.

Two pages have one button that needs nothing typed, because people must get out without proof: "I did not send this",
and unsubscribe, which mail programs press by themselves (RFC 8058). They come last here, and all that they may do is
withdraw letters and keep addresses out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select

from campaign.letters.letters import UNTOLD
from campaign.store.schema import campaign, delivery, letter, reported, request, suppression
from tests.browser import browser
from tests.contract.web import SLUG
from tests.journey.town import (
    CODES,
    PEOPLE,
    STORIES,
    TYPED,
    ZIPS,
    Town,
    all_links,
    client_of,
)

pytestmark = pytest.mark.deep


@contextmanager
def eager() -> Iterator[BrowserContext]:
    """A real browser with scripts on."""
    with browser() as chromium:
        context = chromium.new_context()
        context.set_default_timeout(60_000)
        yield context
        context.close()


def opened(context: BrowserContext, link: str) -> Page:
    page = context.new_page()
    page.goto(link)
    return page


EVERYTHING = """() => {
    for (const one of document.querySelectorAll("details")) one.open = true;
    const ways = "form, a[href^='?'], a[href^='/'], a[href^='http']";
    for (const one of document.querySelectorAll(ways)) one.target = "_blank";
    return [...document.querySelectorAll("a, button, form")].map(
        e => [e.tagName, (e.getAttribute("href") || "").startsWith("#") ? e.hash : e.href || "", e.outerHTML]);
}"""


def work(page: Page, zip_code: str, deep: int, seen: set[str], *, start: bool = True) -> list[str]:
    """Move, hover, press every link and button and submit every form, each into a page of its own, and go on there.

    What looked the same on another page before is not pressed again, but at the start; nor is unsubscribe, below a
    question of ours, for which a link alone is proof enough. Returns the titles it came to.
    """
    everything = page.evaluate(EVERYTHING)
    page.mouse.move(200, 300)
    page.mouse.wheel(0, 600)
    for one in page.locator("input:not([type=hidden]), textarea:not([readonly])").all():
        if one.get_attribute("type") in ("radio", "checkbox"):
            one.check()
            continue
        name = one.get_attribute("name") or ""
        one.fill({"zip": zip_code, "code": CODES[0], "story": STORIES[0], **TYPED}.get(name, "1"))
    titles: list[str] = []
    elements = page.locator("a, button, form")
    for number, (tag, href, html) in enumerate(everything):
        here = urlsplit(page.url)
        site = f"{here.scheme}://{here.netloc}"
        ours = ("#", f"{site}{here.path}", f"{site}/{SLUG}", "mailto:", "tel:")
        assert tag != "A" or href.startswith(ours), "a way out of our pages"
        if (html in seen and not start) or 'value="unsubscribe"' in html.partition(">")[0]:
            continue
        seen.add(html)
        one = elements.nth(number)
        if tag == "A" and not href.startswith("http"):
            one.evaluate("e => e.click()")
            continue
        with page.context.expect_page() as popup:
            if tag == "FORM":
                one.evaluate("e => e.submit()")
            elif "hidden" in html.partition(">")[0]:
                one.evaluate("e => e.click()")
            else:
                one.hover()
                one.click()
        after = popup.value
        after.wait_for_load_state()
        titles.append(after.title())
        if deep:
            titles += work(after, zip_code, deep - 1, seen, start=False)
        after.close()
    return titles


def changed(town: Town, before: dict[str, list[tuple[object, ...]]]) -> set[str]:
    """The tables that are not as they were."""
    return {name for name, rows in town.rows().items() if rows != before[name]}


def test_a_browser_with_scripts_that_presses_everything_makes_no_letter(town: Town) -> None:
    before, numbers = town.rows(), town.numbers()
    titles, seen = list[str](), set[str]()
    with eager() as context:
        for kind in "un":  # only looked at, for now
            opened(context, all_links(town, kind)[0]).get_by_role("button").first.hover()
        plan = (("60601", 2), ("10001", 1))
        for (zip_code, deep), link in zip(plan, all_links(town, "a"), strict=False):
            titles += work(opened(context, link), zip_code, deep, seen)
        titles += work(opened(context, all_links(town, "c")[0]), "", 1, seen)
    for title in (
        "This link was made for a different ZIP code",
        "Who’s your representative?",
        "Error: Enter the code from our email",
    ):
        assert any(title in one for one in titles), "the browser did not come this far"
    assert town.numbers() == numbers
    assert changed(town, before) <= {"tally"}  # visitors of the open page, who are not known


def test_i_did_not_send_this_and_unsubscribe_withdraw_and_suppress_and_no_more(town: Town) -> None:
    """The last of all: what needs nothing typed is pressed by a browser with scripts, and posted by a mail program."""
    before, numbers = town.rows(), town.numbers()
    with eager() as context:
        for kind in "nu":
            work(opened(context, all_links(town, kind)[0]), ZIPS[0], 1, set())
    with client_of(town) as client:
        for link in all_links(town, "nu"):
            assert client.ask("POST", link, {"List-Unsubscribe": "One-Click"})[0] == 200
    assert changed(town, before) == {"letter", "suppression", "delivery", "request", "reported", "tally"}
    with town.site.database.read() as conn:
        assert set(conn.scalars(select(letter.c.reason))) == {"not sent by this person", UNTOLD}
        assert conn.execute(select(reported)).all() == []
        assert set(conn.scalars(select(suppression.c.reason))) == {"unsubscribed"}
        assert len(conn.execute(select(suppression)).all()) == len(PEOPLE)
        waiting = conn.execute(
            select(delivery.c.kind, delivery.c.outcome)
            .join(request, request.c.id == delivery.c.request_id)
            .where(request.c.state != "accepted")
        ).all()
        assert conn.scalars(select(campaign.c.paused)).all() == [False]
    assert {(row.kind, row.outcome) for row in waiting} == {("letter", "cancelled"), ("receipt", None)}
    now = town.numbers()
    assert now == numbers
    old = town.mails()
    town.send()
    assert [one.to for one in town.mails()[len(old) :]] == [], "a mail left after everybody was withdrawn and kept out"
