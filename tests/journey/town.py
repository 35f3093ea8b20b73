"""A launched campaign, four people who wrote letters, and a sandbox with all their mail, for a scanner to work over."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from html import unescape
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection, select

from campaign import keys as key_files
from campaign import processes
from campaign.congress import contacts
from campaign.congress.contacts import Contact
from campaign.delivery.sender import Sender, open_sender
from campaign.demo import forms
from campaign.demo.web_client import Client
from campaign.outreach.launch import launch
from campaign.outreach.lists import pull
from campaign.outreach.sending import drain
from campaign.sandbox import ledger, mail
from campaign.sandbox.mail import RenderedMessage
from campaign.store import engine
from campaign.store.schema import delivery, evidence, letter, metadata, new_zip, visit
from campaign.web.app import create_app, server
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
URL = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True)
class Town:
    """A launched campaign, its web door, and a sandbox that holds every mail."""

    site: Site
    url: str
    sender: Sender

    def send(self) -> None:
        """Send all that is queued, an hour from now: what could be taken back has left."""
        drain.drain(self.sender, SLUG, now=later)

    def mails(self) -> list[RenderedMessage]:
        return [
            mail.render(request, number, 1)
            for request in ledger.read(self.site.ledger)
            for number in range(len(request.body.personalizations))
        ]

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table, without how often a wrong code or ZIP was typed: scanners use those up."""
        with self.site.database.read() as conn:
            return {
                name: [
                    tuple(row)
                    for row in conn.execute(
                        select(*(one for one in table.columns if one is not new_zip.c.tries)).order_by(
                            *table.primary_key.columns
                        )
                    )
                ]
                for name, table in metadata.tables.items()
                if name != "zip_guess"
            }

    def numbers(self) -> dict[str, int]:
        """What a scanner must leave as it is, in numbers."""
        with self.site.database.read() as conn:
            kinds = list(conn.scalars(select(delivery.c.kind)))
            found = {table.name: len(conn.execute(select(table)).all()) for table in (letter, evidence, visit, new_zip)}
        return {**found, **{kind: kinds.count(kind) for kind in ("letter", "receipt", "confirm", "ask")}}


def later(conn: Connection) -> int:
    return engine.now(conn) + HOUR


@contextmanager
def client_of(town: Town, *, cookies: bool = True) -> Iterator[Client]:
    made = Client(town.url, cookies=cookies)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def web_door(site: Site, sock: socket.socket) -> Iterator[None]:
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
        pull.pull(site.database, keys, site.settings.list_named(LIST), home=site.settings.home, by="the tests")
        given = [Contact(seat, email, "each", "the tests", "2026-11-10") for seat, email in OFFICES.items()]
        with site.database.begin() as conn:
            contacts.load(conn, given, 1)
        launch.launch(site.database, site.settings, SLUG)
        with closing(open_sender(site.database, keys, site.settings)) as sender, web_door(site, sock):
            found = Town(site, url, sender)
            found.send()
            live(found)
            yield found


def live(town: Town) -> None:
    """Ana writes to all three of hers, Ben to one; Cora has moved. Then Ben writes once more, and that one waits."""
    asks = {message.to: ask for message in town.mails() if (ask := found_links(message, "a"))}
    ana, ben, cora = (asks[f"{name}@example.org"][0] for name in ("ana", "ben", "cora"))
    with client_of(town) as client:
        page = confirm(client, ana, "28205", *OFFICES, story="Mi barrio tiene miedo.\nMucho.")
        assert "Gracias" in page
        save(client, ana, "28205", "S:NC:3")
        confirm(client, ben, "28205", "H:NC:12", story="I teach here.")
        assert "Enter the code from our email" in move(client, cora, "28205")
        town.send()
        confirm(client, ben, "28205", "S:NC:2")


def confirm(client: Client, link: str, zip_code: str, *seats: str, **values: str) -> str:
    """Press the one button of the letter page with these offices ticked; the page after it."""
    _, page = client.ask("POST", link, {"zip": zip_code, "go": "letter"})
    typed = {"first_name": "Begoña", "last_name": "Núñez", "city": "Charlotte", "seat": " ".join(seats)}
    return press(client, link, page, "confirm", **typed, **values)


def save(client: Client, link: str, zip_code: str, seat: str) -> str:
    """Save the letter to an office that takes only its own form, for later."""
    _, page = client.ask("POST", link, {"zip": zip_code, "go": f"form {seat}"})
    return press(client, link, page, "save", first_name="Begoña", last_name="Núñez", city="Charlotte")


def move(client: Client, link: str, zip_code: str) -> str:
    """Say that the link is one's own, in another place, and ask for the code."""
    _, page = client.ask("POST", link, {"step": "zip", "zip": zip_code})
    return press(client, link, page, "code")


def press(client: Client, link: str, page: str, step: str, **typed: str) -> str:
    """Send the first form of this step; the page after it."""
    sheet = forms.step(page, step)
    assert sheet is not None
    status, answer = client.ask("POST", link, {**sheet.fields, "step": step, **typed})
    assert status == 200
    return answer


def found_links(message: RenderedMessage, kinds: str = "") -> list[str]:
    """The links of a mail's text, HTML and headers, each once; only those of pages of these kinds, when any."""
    everything = " ".join((message.text, unescape(message.html), *message.headers.values()))
    links = dict.fromkeys(found.rstrip(".,;)") for found in URL.findall(everything))
    return [one for one in links if not kinds or urlsplit(one).path[1:2] in kinds]


def all_links(town: Town, kinds: str) -> list[str]:
    return list(dict.fromkeys(link for message in town.mails() for link in found_links(message, kinds)))
