"""The demo's simulated people: a link scanner that opens every link, and supporters who open theirs.

They work over HTTP and know only what real ones know: the list, the email they get, and the pages.
"""

from __future__ import annotations

import csv
import json
import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from campaign.demo import forms
from campaign.demo.forms import Form
from campaign.demo.web_client import Client

CLIENTS = 4  # concurrent connections
PLAYED = 10  # one supporter in ten opens the link
PART = 20  # links that one connection opens
HEADS = 10  # one link in ten is requested with HEAD as well
# An office that bounces, a place without senators, two split ZIP codes (one with a vacant seat).
TELLING = ("77011", "20002", "60632", "30093")
MOVES, GUARDED, REGRETS = 8, 10, 12  # who has moved, whose note reveals someone's status, who takes a letter back
ANA = "ana.ruiz@example.org"
OTHER_ZIP = "20002"
SENTENCES = {
    "en": (
        "My neighbors stopped calling the police after our county signed.",
        "I teach here, and I see what these agreements do to families at the school gate.",
        "Our sheriff has enough to do. I want him to answer when someone calls for help.",
    ),
    "es": (
        "En mi barrio la gente ya no llama a la policía cuando la necesita.",
        "Mis vecinos tienen miedo de ir al hospital y de llevar a sus hijos a la escuela.",
    ),
}
STATUS_SENTENCE = {
    "en": "My cousin is undocumented and is afraid to drive to work.",
    "es": "Mi prima es indocumentada y tiene miedo de manejar al trabajo.",
}
_LINK = re.compile(r"https?://[^\s<>\"]+/([auncs])/[^\s<>\"]+")
_CODE = re.compile(r"\b([0-9]{6})\b")


@dataclass(frozen=True, slots=True)
class SimulatedSupporter:
    """A row of the list."""

    email: str
    zip: str
    locale: str


@dataclass(slots=True)
class SimulationCounts:
    """What the simulated people did, as they count it themselves."""

    scanned: int = 0
    opened: int = 0
    typed: int = 0
    confirmed: int = 0
    wrote: int = 0
    guarded: int = 0
    reported: int = 0
    withdrew: int = 0
    disowned: int = 0
    moved: int = 0
    trouble: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, name: str, number: int = 1) -> None:
        """Add to a counter. Safe to call from several threads."""
        with self._lock:
            setattr(self, name, getattr(self, name) + number)


def people(path: Path) -> dict[str, SimulatedSupporter]:
    """The supporters in a list by address; rows without an address or ZIP code are left out."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row.get("email") and row.get("zip")]
    return {
        row["email"].strip().lower(): SimulatedSupporter(row["email"], row["zip"][:5], row["locale"] or "")
        for row in rows
    }


def mails(sandbox: str, *, to: str = "", skip: int = 0) -> list[dict[str, str]]:
    """The emails in the simulator, newest first, without the `skip` oldest ones."""
    client = Client(sandbox)
    found: list[dict[str, str]] = []
    while True:
        _, text = client.ask("GET", f"{sandbox}/inbox.json?limit=1000&offset={len(found)}&to={quote(to)}")
        page = json.loads(text)
        found += page["messages"]
        if not page["messages"] or len(found) >= page["total"] - skip:
            return found[: page["total"] - skip]


def links(mail: dict[str, str], kind: str) -> list[str]:
    """The links of one kind in an email's text: a action, u unsubscribe, n "not me", c confirm."""
    return [found[0] for found in _LINK.finditer(mail["text"]) if found[1] == kind]


def scan(base: str, urls: Sequence[str], counts: SimulationCounts) -> None:
    """Open every link, as link scanners do: with GET, and some with HEAD, too."""

    def open_links(part: Sequence[str]) -> None:
        client = Client(base)
        for number, url in enumerate(part):
            for method in ("GET", "HEAD") if number % HEADS == 0 else ("GET",):
                status, _ = client.ask(method, url)
                if status != 200:
                    counts.trouble.append(f"{method} of a link answered {status}")
        client.close()
        counts.count("scanned", len(part))

    with ThreadPoolExecutor(CLIENTS) as pool:  # in short parts: Ctrl-C waits only for those that are under way
        list(pool.map(open_links, [urls[first : first + PART] for first in range(0, len(urls), PART)]))


def choose(
    asks: Sequence[dict[str, str]], known: Mapping[str, SimulatedSupporter], *, every: int = PLAYED
) -> list[tuple[SimulatedSupporter, str]]:
    """Who opens the link in their ask: Ana first, some with telling ZIP codes, and one in `every` of the others."""
    found = [(known[mail["to"]], links(mail, "a")[0]) for mail in asks if mail["to"] in known and links(mail, "a")]
    found.sort(key=lambda pair: (pair[0].email != ANA, pair[0].email))
    others = found[1:]
    telling = [next((pair for pair in others if pair[0].zip == zip_code), None) for zip_code in TELLING]
    rest = [pair for pair in others[::every] if pair not in telling]
    return [*found[:1], *(pair for pair in telling if pair), *rest]


@dataclass(frozen=True, slots=True)
class SimulatedVisit:
    """A supporter at their action page. `number` decides what they do."""

    client: Client
    link: str
    person: SimulatedSupporter
    number: int

    def post(self, form: dict[str, str]) -> tuple[int, str]:
        return self.client.ask("POST", self.link, form)

    def press(self, form: Form) -> str:
        """Press a form's first button; the next page."""
        return self.post({**form.fields, **dict(form.buttons[:1])})[1]


def follow(base: str, chosen: Sequence[tuple[SimulatedSupporter, str]], counts: SimulationCounts) -> None:
    """Each opens the page; every other one enters a ZIP code and goes on."""

    def visit_pages(numbered: tuple[int, tuple[SimulatedSupporter, str]]) -> None:
        number, (person, link) = numbered
        client = Client(base)
        try:
            _visit(SimulatedVisit(client, link, person, number), counts)
        except (LookupError, AssertionError) as error:
            counts.trouble.append(f"supporter {number}: {error!r}")
        finally:
            client.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(visit_pages, enumerate(chosen)))


def _visit(visit: SimulatedVisit, counts: SimulationCounts) -> None:
    """Everything one supporter does. Ana, number 0, writes to all three offices."""
    number, moves = visit.number, visit.number == MOVES
    status, _page = visit.client.ask("GET", visit.link)
    assert status == 200, f"the link answered {status}"
    counts.count("opened")
    if number % 2 and number > len(TELLING):
        return
    counts.count("typed", not moves)
    leaves = number % 10 == 6  # after entering the ZIP code
    page = enter_zip(visit, OTHER_ZIP if moves else visit.person.zip, stop=leaves)
    if leaves:
        return
    wanted = 3 if number == 0 else 2 if number % 8 == 0 and not moves else 1
    page = write(visit, page, wanted, counts)
    if not moves:  # a letter of someone who has moved is confirmed by email first
        _report(visit, page, counts)


def enter_zip(visit: SimulatedVisit, zip_code: str, *, stop: bool = False) -> str:
    """Enter a ZIP code, and choose the first name if the page offers several; the next page."""
    _, page = visit.post({"step": "zip", "zip": zip_code})
    names = None if stop else forms.step(page, "write")
    return visit.press(names) if names is not None and forms.step(page, "confirm") is None else page


def write(visit: SimulatedVisit, page: str, wanted: int, counts: SimulationCounts) -> str:
    """Confirm up to `wanted` letters, one office after the other; the last page."""
    for turn in range(wanted):
        letter = forms.step(page, "confirm")
        if letter is None and (offices := forms.step(page, "write")) is not None:
            page = visit.press(offices)
            letter = forms.step(page, "confirm")
        if letter is None:
            break
        page = _confirm(visit, letter, counts, first=turn == 0)
        counts.count("confirmed", visit.number != MOVES)
    return page


def _confirm(visit: SimulatedVisit, letter: Form, counts: SimulationCounts, *, first: bool) -> str:
    """Fill in the form and send it. One supporter in three adds a note."""
    locale = visit.person.locale or "en"
    values = _filled(letter, visit.person)
    if visit.number == GUARDED and first:
        _, page = visit.post({**values, "story": STATUS_SENTENCE[locale]})
        warned = forms.step(page, "confirm")
        assert warned is not None, "the form did not come back"
        assert ("guard", "keep") in warned.buttons, "the page did not warn about the note"
        counts.count("guarded")
        values = {**warned.fields, "guard": "keep"}
    elif visit.number % 3 == 0:
        values["story"] = SENTENCES[locale][visit.number % len(SENTENCES[locale])]
        values |= letter.boxes  # lets the office see the note
    counts.count("wrote", bool(values.get("story")))
    status, page = visit.post(values)
    assert status == 200, f"confirming answered {status}"
    return page


def _filled(letter: Form, person: SimulatedSupporter) -> dict[str, str]:
    values = dict(letter.fields)
    values["first_name"] = values.get("first_name") or "Sam"
    values["last_name"] = values.get("last_name") or "Rivera"
    contact = {"city": "Springfield", "email": person.email, "phone": "202-555-0143"}
    return values | {name: value for name, value in contact.items() if name in values}


def _report(visit: SimulatedVisit, page: str, counts: SimulationCounts) -> None:
    """Some say that they sent the office's form; one takes a letter back."""
    if visit.number == REGRETS and (back := forms.step(page, "back")) is not None:
        visit.press(back)
        counts.count("withdrew")
    elif visit.number % 4 == 0 and (question := forms.step(page, "told")) is not None:
        status, _ = visit.post({**question.fields, "answer": "yes"})
        counts.count("reported", status == 200)


def answer_mails(base: str, mails: Sequence[dict[str, str]], counts: SimulationCounts) -> None:
    """One supporter confirms with the code from an email; another one reports a letter as not theirs."""
    client = Client(base)
    for mail in mails:
        for link in links(mail, "c")[:1]:
            code = _CODE.search(mail["text"])
            assert code is not None, "the email contains no code"
            status, _ = client.ask("POST", link, {"code": code[1]})
            counts.moved += status == 200
    others = (mail for mail in mails if links(mail, "n") and mail["to"] != ANA)
    for mail in islice(others, 1):
        status, _ = client.ask("POST", links(mail, "n")[0], {})
        counts.disowned += status == 200
