"""A mail scanner at its worst: it follows every link of every mail, and fills in every form with plausible values.

Nothing that it does makes a letter, a confirmation, or a mail to an office.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import pytest
from sqlalchemy import select

from campaign import keys as key_files
from campaign.delivery import campaigns
from campaign.demo import forms
from campaign.demo.forms import Form
from campaign.demo.web_client import Client
from campaign.store import engine
from campaign.store.schema import letter, new_zip
from campaign.supporters import new_zips
from campaign.web import action_page
from tests.contract.web import SLUG
from tests.journey.town import (
    CODES,
    STORIES,
    TYPED,
    ZIPS,
    Town,
    all_links,
    client_of,
    found_links,
)


def test_looking_changes_nothing(town: Town) -> None:
    """GET, HEAD, OPTIONS on every link of every mail, in the mails' words, their HTML and their headers."""
    before = town.rows()
    links = [link for message in town.mails() for link in found_links(message)]
    assert len(links) > 15
    with client_of(town) as client:
        for link in links:
            assert [client.ask(method, link)[0] for method in ("GET", "HEAD", "OPTIONS")] == [200, 200, 204], link
    assert town.rows() == before


# Each step of a page, but for the one that a link alone is proof enough for: to unsubscribe. The crawler presses none.
STEPS = sorted({name for name in action_page._STEPS if name != "unsubscribe"})


@dataclass
class Crawler:
    """Posts every form of every page that it reaches. `seen` holds what was posted already."""

    client: Client
    seen: set[tuple[object, ...]] = field(default_factory=set)
    answers: list[tuple[int, str]] = field(default_factory=list)

    def page(self, where: str, html: str, deep: int) -> None:
        for form in forms.read(html):
            assert form.method == "post"
            for values in filled(form):
                self.post(urljoin(where, form.action), values, deep)

    def post(self, where: str, values: Mapping[str, str], deep: int) -> None:
        known = (urlsplit(where).path, *sorted(values.items()))
        if known in self.seen:
            return
        self.seen.add(known)
        status, html = self.client.ask("POST", where, dict(values))
        self.answers.append((status, html))
        if deep:
            self.page(where, html, deep - 1)


def filled(form: Form) -> Iterator[dict[str, str]]:
    """A form with plausible values, once for each of its buttons and of what there is to choose from."""
    typed = {name: TYPED.get(name, value) for name, value in form.fields.items()}
    choices: list[dict[str, str]] = [{}]
    if form.fields.get("step") == "zip" and not form.fields.get("zip"):
        choices = [{"zip": one} for one in ZIPS]
    elif "code" in form.fields or not form.fields:
        choices = [{"code": one} for one in CODES]
    elif "story" in form.fields and form.fields.get("step") == "confirm":
        choices = [{"story": one} for one in STORIES]
    buttons = [button for button in form.buttons if button != ("step", "unsubscribe")]
    for button in [("", ""), *buttons]:
        for choice in choices:
            yield {**typed, **choice, **({button[0]: button[1]} if button[0] else {})}


@pytest.mark.deep
def test_every_form_with_plausible_values_makes_no_letter(town: Town) -> None:
    before, numbers = town.rows(), town.numbers()
    answers = list[tuple[int, str]]()
    for cookies in (True, False):
        with client_of(town, cookies=cookies) as client:
            crawler = Crawler(client)
            for link in all_links(town, "ac"):
                crawler.page(link, client.ask("GET", link)[1], 3)
        assert len(crawler.answers) > 200
        answers += crawler.answers
    reached = " ".join(html for _, html in answers)
    assert {status for status, _ in answers} == {200, 422}
    for words in (
        "Enter the code from our email",
        "Ask Congress to end 287(g)",
        "Your representative is already on the bill",
        "That code doesn’t work",
        "Who’s your representative",
    ):
        assert words in reached, "the scanner did not come this far"
    assert town.numbers() == numbers
    after = town.rows()
    assert {row[3] for row in after.pop("tally")} == {"zip"}  # visitors of the open page, who are not known
    assert after == {name: rows for name, rows in before.items() if name != "tally"}


def test_steps_that_no_form_offered_make_no_letter(town: Town) -> None:
    """Who knows our forms posts them without having seen them: each step, for each letter, without the ZIP on file."""
    before = town.rows()
    with town.site.database.read() as conn:
        known = list(conn.scalars(select(letter.c.id)))
    with client_of(town) as client:
        for link in all_links(town, "a")[:2]:
            for zip_code in ("", *ZIPS):
                for step in STEPS:
                    for number in known if step == "back" else known[:1]:
                        asked = {"step": step, "zip": zip_code, "letter": str(number), "answer": "yes"}
                        asked |= {"outcome": "answered", "told": "sent"}
                        status, _ = client.ask("POST", link, {**TYPED, **asked, "seat": "H:NC:12"})
                        assert status in (200, 422)
    assert town.rows() == before


def test_who_got_the_code_may_still_use_it_after_some_scanners(town: Town) -> None:
    """Two filters, a preview and a browser with scripts on the way to one reader, each with the same few guesses."""
    (link,) = all_links(town, "c")
    with client_of(town) as client:
        for _ in range(4):
            for code in CODES:
                assert client.ask("POST", link, {"code": code})[0] == 422
    with town.site.database.read() as conn:
        held = new_zips.find(
            conn,
            key_files.load(town.site.settings.home),
            campaigns.get(conn, SLUG).id,
            conn.scalars(select(new_zip.c.supporter_id)).one(),
            engine.now(conn),
        )
    assert held is not None, "scanners used up the tries of the code"
    assert held.code in next(one.text for one in town.mails() if link in one.text)
