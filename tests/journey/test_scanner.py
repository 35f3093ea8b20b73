"""A mail scanner at its worst: it follows every link of every mail, runs scripts, presses buttons and fills in forms.

Two pages have one button that needs nothing typed, because people must get out without proof: "I did not send this",
and unsubscribe, which mail programs press by themselves (RFC 8058). A scanner that presses buttons presses these too:
they come last here, and all that they may do is withdraw letters and keep addresses out. Nothing that a scanner does
makes a letter, a confirmation, or a mail to an office.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.utils import parseaddr
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import Connection, select

from campaign import keys as key_files
from campaign.cli import forms, processes
from campaign.cli.forms import Form
from campaign.cli.play import Client
from campaign.compose import letters as texts
from campaign.compose import release as releases
from campaign.config import ROOT
from campaign.congress import offices, roster
from campaign.congress.offices import Contact
from campaign.delivery import campaigns
from campaign.letters import drafts
from campaign.outreach import launch, pull, send
from campaign.sandbox import ledger, mail
from campaign.sandbox.mail import Message
from campaign.store import engine
from campaign.store.schema import campaign, delivery, draft, evidence, letter, metadata, request, suppression, visit
from campaign.web.app import create_app, server
from tests.browser import browser
from tests.contract.web import SLUG
from tests.journey import parts
from tests.journey.parts import LIST, Site

HOUR = 3_600_000
ZIPS = ("12345", "90210", "10001", "60601", "33101")  # on file for nobody here
CODES = ("000000", "123456")
STORIES = ("I support this.", "My neighbor is undocumented.")
TYPED = {
    "first_name": "Test",
    "last_name": "User",
    "email": "test@example.com",
    "city": "Springfield",
    "street": "1 Main Street",
    "phone": "202-555-0143",
    "prefix": "Ms.",
    "word": "ERASE",
}
PEOPLE = {  # address: (first name, language, ZIP code)
    "ana@example.org": ("Begoña", "es", "28205"),
    "ben@example.org": ("Ben", "en", "28205"),
    "cora@example.org": ("Cora", "en", "60632"),
    "dee@example.org": ("Dee", "", "20002"),
}
OFFICES = {"H:NC:12": "adams@office.example.org", "S:NC:2": "tillis@office.example.org"}  # S:NC:3 has its form alone
_URL = re.compile(r"https?://[^\s<>\"']+")
_ENGLISH = re.compile(r"[ -~]+")


@dataclass(frozen=True)
class Town:
    """A launched campaign, its web door, and a sandbox that holds every mail."""

    site: Site
    url: str
    sender: send.Sender

    def send(self) -> None:
        """Send all that is queued, an hour from now: what could be taken back has left."""
        send.drain(self.sender, SLUG, now=later)

    def mails(self) -> list[Message]:
        return [
            mail.render(request, number, 1)
            for request in ledger.read(self.site.ledger)
            for number in range(len(request.body.personalizations))
        ]

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table, without how often a wrong code was typed: that is for a scanner to use up."""
        with self.site.database.read() as conn:
            return {
                name: [
                    tuple(row)
                    for row in conn.execute(
                        select(*(one for one in table.columns if one is not draft.c.tries)).order_by(
                            *table.primary_key.columns
                        )
                    )
                ]
                for name, table in metadata.tables.items()
            }

    def numbers(self) -> dict[str, int]:
        """What a scanner must leave as it is, in numbers."""
        with self.site.database.read() as conn:
            kinds = list(conn.scalars(select(delivery.c.kind)))
            found = {table.name: len(conn.execute(select(table)).all()) for table in (letter, evidence, visit, draft)}
        return {**found, **{kind: kinds.count(kind) for kind in ("letter", "receipt", "confirm", "ask")}}


def later(conn: Connection) -> int:
    return engine.now(conn) + HOUR


@contextmanager
def client_of(town: Town) -> Iterator[Client]:
    made = Client(town.url)
    try:
        yield made
    finally:
        made._connection.close()


@contextmanager
def door(site: Site, sock: socket.socket) -> Iterator[None]:
    """The web door, in a thread."""
    serving = server(create_app(site.database, key_files.load(site.settings.home), site.settings))
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [sock]})
    thread.start()
    try:
        yield
    finally:
        serving.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    home = tmp_path_factory.mktemp("town")
    people = home / "people.csv"
    rows = [f"{who},{name},{lang},{code},petition" for who, (name, lang, code) in PEOPLE.items()]
    people.write_text("\n".join(["email,first name,language,zip,consent", *rows]) + "\n", encoding="utf-8")
    with parts.site(home, lists={LIST: people}) as made, processes.listen("127.0.0.1", 0) as sock:
        url = processes.address(sock)
        site = replace(made, settings=replace(made.settings, web=replace(made.settings.web, base_url=url)))
        parts.start_sandbox(site)
        keys = key_files.load(site.settings.home)
        pull.pull(
            site.database, keys, site.settings.list_named(LIST), root=ROOT, home=site.settings.home, by="the tests"
        )
        given = [Contact(seat, email, "each", "the tests", "2026-11-10") for seat, email in OFFICES.items()]
        with site.database.begin() as conn:
            offices.load(conn, given, 1)
        launch.launch(site.database, site.settings, SLUG)
        sender = send.sender(site.database, keys, site.settings)
        with door(site, sock):
            found = Town(site, url, sender)
            found.send()
            live(found)
            yield found
        sender.close()


# ---------------------------------------------------------------------------------------------------- people


def live(town: Town) -> None:
    """Ana writes to all three of hers, Ben to one; Cora has moved. Then Ben writes once more, and that one waits."""
    asks = {message.to: ask for message in town.mails() if (ask := found_links(message, "a"))}
    ana, ben, cora = (asks[f"{name}@example.org"][0] for name in ("ana", "ben", "cora"))
    with client_of(town) as client:
        page = confirm(client, ana, "28205", "H:NC:12", story="Mi barrio tiene miedo.\nMucho.")
        assert "Su carta está confirmada" in page
        confirm(client, ana, "28205", "S:NC:2")
        confirm(client, ana, "28205", "S:NC:3")
        confirm(client, ben, "28205", "H:NC:12", story="I teach here.")
        assert "Look into your e-mail" in confirm(client, cora, "20002", email="cora@example.org")
        town.send()
        confirm(client, ben, "28205", "S:NC:2")


def confirm(client: Client, link: str, zip_code: str, seat: str = "", **values: str) -> str:
    status, page = client.ask("POST", link, {"step": "write", "zip": zip_code, "seat": seat})
    sheet = forms.step(page, "confirm", **({"seat": seat} if seat else {}))
    assert status == 200
    assert sheet is not None
    typed = {"first_name": "Begoña", "last_name": "Núñez", "city": "Charlotte"}
    status, page = client.ask("POST", link, {**sheet.fields, **typed, **values})
    assert status == 200
    return page


# ---------------------------------------------------------------------------------------------------- the mails


def found_links(message: Message, kinds: str = "") -> list[str]:
    """The links of a mail's text, HTML and headers, each once; only those of pages of these kinds, when any."""
    everything = " ".join((message.text, unescape(message.html), *message.headers.values()))
    links = dict.fromkeys(found.rstrip(".,;)") for found in _URL.findall(everything))
    return [one for one in links if not kinds or urlsplit(one).path[1:2] in kinds]


def all_links(town: Town, kinds: str) -> list[str]:
    return list(dict.fromkeys(link for message in town.mails() for link in found_links(message, kinds)))


def test_every_kind_of_mail_and_of_link_is_there_to_be_scanned(town: Town) -> None:
    with town.site.database.read() as conn:
        accepted = select(delivery.c.kind).join(request, request.c.id == delivery.c.request_id)
        kinds = list(conn.scalars(accepted.where(request.c.state == "accepted")))
        waiting = conn.scalars(select(delivery.c.kind).join(request).where(request.c.state == "queued")).all()
    assert sorted(kinds) == sorted(["ask"] * 4 + ["letter"] * 3 + ["receipt"] * 2 + ["confirm"])
    assert sorted(waiting) == ["letter", "receipt"]
    assert town.numbers()["letter"] == 5
    assert [len({urlsplit(link).path for link in all_links(town, kind)}) for kind in "aunc"] == [4, 4, 2, 1]
    assert {urlsplit(link).netloc for link in all_links(town, "")} == {urlsplit(town.url).netloc}


def test_a_letter_comes_from_its_writer_through_the_organization_and_holds_no_link(town: Town) -> None:
    with town.site.database.read() as conn:
        release = releases.load(conn, campaigns.get(conn, SLUG).release)
        now = engine.now(conn)
    organization = release.folder.campaign.organization
    letters = [message for message in town.mails() if message.to in OFFICES.values()]
    assert len(letters) == 3
    for message in letters:
        name, address = parseaddr(message.headers["From"])
        assert name == f"Begona Nunez via {organization.sender_name}"
        assert address == organization.sender_email
        assert parseaddr(message.headers["Reply-To"])[1] in ("ana@example.org", "ben@example.org")
        assert "Begoña Núñez" in message.headers["Reply-To"]
        assert message.headers.keys() == {"From", "To", "Reply-To", "Subject", "Message-ID"}
        assert message.html == ""
        for sign in ("://", "www.", "v1.", urlsplit(town.url).netloc, "example.com"):
            assert sign not in message.text
        seat = roster.load().seats[next(code for code, email in OFFICES.items() if email == message.to)]
        text = texts.draft(release, texts.variant(release.folder, seat, now), "en", seat, now)
        assert message.subject == text.subject
        assert _ENGLISH.fullmatch(message.subject)
        spanish = "Mi barrio" in message.text
        lines = message.text.splitlines()
        assert lines[0].startswith("[English summary: ") is spanish
        assert lines[2 * spanish] == text.ask
        if spanish:
            assert lines[4] == "Mi barrio tiene miedo."


# ---------------------------------------------------------------------------------------------------- the scanner


def test_looking_changes_nothing(town: Town) -> None:
    """GET, HEAD, OPTIONS on every link of every mail, in the mails' words, their HTML and their headers."""
    before = town.rows()
    links = [link for message in town.mails() for link in found_links(message)]
    assert len(links) > 15
    with client_of(town) as client:
        for link in links:
            assert [client.ask(method, link)[0] for method in ("GET", "HEAD", "OPTIONS")] == [200, 200, 204], link
    assert town.rows() == before


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
    for button in [("", ""), *form.buttons]:
        for choice in choices:
            yield {**typed, **choice, **({button[0]: button[1]} if button[0] else {})}


def test_every_form_with_plausible_values_makes_no_letter(town: Town) -> None:
    before, numbers = town.rows(), town.numbers()
    with client_of(town) as client:
        crawler = Crawler(client)
        for link in all_links(town, "ac"):
            crawler.page(link, client.ask("GET", link)[1], 3)
    reached = " ".join(html for _, html in crawler.answers)
    assert {status for status, _ in crawler.answers} == {200, 422}
    for words in (
        "Look into your e-mail",
        "may reveal somebody’s immigration status",
        "That is not the code",
        "Who is your representative",
    ):
        assert words in reached, "the scanner did not come this far"
    assert len(crawler.answers) > 200
    assert town.numbers() == numbers
    assert town.rows() == before


def test_steps_that_no_form_offered_make_no_letter(town: Town) -> None:
    """Who knows our forms posts them without having seen them: each step, for each letter, without the ZIP on file."""
    before = town.rows()
    with town.site.database.read() as conn:
        known = list(conn.scalars(select(letter.c.id)))
    with client_of(town) as client:
        for link in all_links(town, "a")[:2]:
            for zip_code in ("", *ZIPS):
                for step in ("zip", "write", "confirm", "back", "told", "forget"):
                    for number in known if step in ("back", "told") else known[:1]:
                        asked = {"step": step, "zip": zip_code, "letter": str(number), "answer": "yes"}
                        status, _ = client.ask("POST", link, {**TYPED, **asked, "seat": "H:NC:12"})
                        assert status in (200, 422)
    assert town.rows() == before


@contextmanager
def eager() -> Iterator[BrowserContext]:
    """A real browser with scripts on."""
    with browser() as chromium:
        context = chromium.new_context()
        context.set_default_timeout(5000)
        yield context
        context.close()


def opened(context: BrowserContext, link: str) -> Page:
    page = context.new_page()
    page.goto(link)
    return page


EVERYTHING = """() => {
    for (const one of document.querySelectorAll("details")) one.open = true;
    for (const one of document.querySelectorAll("form, a[href^='?'], a[href^='http']")) one.target = "_blank";
    return [...document.querySelectorAll("a, button, form")].map(e => [e.tagName, e.href || "", e.outerHTML]);
}"""


def work(page: Page, zip_code: str, deep: int, seen: set[str], *, start: bool = True) -> list[str]:
    """Move, hover, press every link and button and submit every form, each into a page of its own, and go on there.

    What looked the same on another page before is not pressed again, but at the start. Returns the titles it came to.
    """
    everything = page.evaluate(EVERYTHING)
    page.mouse.move(200, 300)
    page.mouse.wheel(0, 600)
    for one in page.locator("input:not([type=hidden]), textarea:not([readonly])").all():
        name = one.get_attribute("name") or ""
        one.fill({"zip": zip_code, "code": CODES[0], "story": STORIES[0], **TYPED}.get(name, "1"))
    titles: list[str] = []
    elements = page.locator("a, button, form")
    for number, (tag, href, html) in enumerate(everything):
        assert tag != "A" or href.startswith((page.url.split("?")[0], "mailto:", "tel:")), "a way out to somebody else"
        if html in seen and not start:
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


def test_a_browser_with_scripts_that_presses_everything_makes_no_letter(town: Town) -> None:
    before, numbers = town.rows(), town.numbers()
    titles, seen = list[str](), set[str]()
    with eager() as context:
        for kind in "un":  # only looked at, for now
            opened(context, all_links(town, kind)[0]).get_by_role("button").first.hover()
        plan = (("60601", 2), ("10001", 1), ("12345", 1))
        for (zip_code, deep), link in zip(plan, all_links(town, "a"), strict=False):
            titles += work(opened(context, link), zip_code, deep, seen)
        titles += work(opened(context, all_links(town, "c")[0]), "", 1, seen)
    for title in (
        "Who is your representative?",
        "Look into your e-mail",
        "Your letter to ",
        "Error: Is this letter yours?",
    ):
        assert any(title in one for one in titles), "the browser did not come this far"
    assert town.numbers() == numbers
    assert town.rows() == before


def test_who_got_the_code_may_still_use_it_after_some_scanners(town: Town) -> None:
    """Two filters, a preview and a browser with scripts on the way to one reader, each with the same few guesses."""
    (link,) = all_links(town, "c")
    with client_of(town) as client:
        for _ in range(4):
            for code in CODES:
                assert client.ask("POST", link, {"code": code})[0] == 422
    with town.site.database.read() as conn:
        held = drafts.find(
            conn,
            key_files.load(town.site.settings.home),
            campaigns.get(conn, SLUG).id,
            conn.scalars(select(draft.c.supporter_id)).one(),
            engine.now(conn),
        )
    assert held is not None, "scanners used up the tries of the code"
    assert held.code in next(one.text for one in town.mails() if link in one.text)


def test_i_did_not_send_this_and_unsubscribe_withdraw_and_suppress_and_no_more(town: Town) -> None:
    """The last of all: what needs nothing typed is pressed by a browser with scripts, and posted by a mail program."""
    before, numbers = town.rows(), town.numbers()
    with eager() as context:
        for kind in "nu":
            work(opened(context, all_links(town, kind)[0]), ZIPS[0], 1, set())
    with client_of(town) as client:
        for link in all_links(town, "nu"):
            assert client.ask("POST", link, {"List-Unsubscribe": "One-Click"})[0] == 200
    after = town.rows()
    for name in metadata.tables.keys() - {"letter", "suppression", "delivery", "request", "draft"}:
        assert after[name] == before[name], name
    with town.site.database.read() as conn:
        assert set(conn.scalars(select(letter.c.reason))) == {"not sent by this person"}
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
    assert now.items() - {("draft", now["draft"])} == numbers.items() - {("draft", numbers["draft"])}
    old = town.mails()
    town.send()
    assert [one.to for one in town.mails()[len(old) :]] == [], "a mail left after everybody was withdrawn and kept out"
