"""The demo's simulated people: a link scanner that opens every link, and supporters who open theirs.

They work over HTTP and know only what real ones know: the list, the email they get, and the pages.
"""

from __future__ import annotations

import csv
import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from campaign.demo import forms
from campaign.demo.simulated_visit import TYPED, GaveUp, SimulatedSupporter, SimulatedVisit
from campaign.demo.web_client import Client

_T = TypeVar("_T")

CLIENTS = 4  # concurrent connections
PLAYED = 10  # one supporter in ten opens the link
PART = 20  # links that one connection opens
LOOK = 0.2  # seconds
HEADS = 10  # one link in ten is requested with HEAD as well
# An office that bounces, a place without senators, two split ZIP codes (one with a vacant seat).
TELLING = ("77011", "20002", "60632", "30093")
# Who never gives up: Ana, the telling ZIP codes (one writes a note that reveals someone's status, one takes the letters
# back), someone who refuses cookies, someone who has moved.
GUARDED, REGRETS, WITHOUT_COOKIES, MOVES, SCRIPTED = 1, 2, 5, 6, 7
ANA = "ana.ruiz@example.org"
ANA_WAYS = ("form", "call", "call")
ZIP_KEYS = 5
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


@dataclass(slots=True)
class SimulationCounts:
    """What the simulated people did, as they count it themselves."""

    scanned: int = 0
    opened: int = 0
    typed: int = 0
    gave_up: int = 0
    confirmed: int = 0  # letters
    wrote: int = 0
    guarded: int = 0
    finished: int = 0  # forms of offices
    called: int = 0
    stranded: int = 0  # whose page offers no way to any office
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

    _side_by_side(open_links, [urls[first : first + PART] for first in range(0, len(urls), PART)])


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


def follow(base: str, chosen: Sequence[tuple[SimulatedSupporter, str]], counts: SimulationCounts) -> None:
    """Each opens the page, and goes on until they are done or give up."""

    def visit_pages(numbered: tuple[int, tuple[SimulatedSupporter, str]]) -> None:
        number, (person, link) = numbered
        client = Client(base, cookies=number != WITHOUT_COOKIES)
        visit = SimulatedVisit(client, link, person, patient=number < SCRIPTED)
        try:
            _visit(visit, number, counts)
        except GaveUp:
            counts.count("gave_up")
        except (LookupError, AssertionError) as error:
            counts.trouble.append(f"supporter {number}: {error!r}")
        finally:
            client.close()

    _side_by_side(visit_pages, enumerate(chosen))


def _side_by_side(work: Callable[[_T], None], items: Iterable[_T]) -> None:
    """Do the work for each item, CLIENTS at a time. Ctrl-C waits only for what is under way."""
    waiting = deque(items)

    def go_on() -> None:
        while waiting:
            try:
                item = waiting.popleft()
            except IndexError:  # another thread took the last one
                return
            work(item)

    with ThreadPoolExecutor(CLIENTS) as pool:
        try:
            threads = [pool.submit(go_on) for _ in range(CLIENTS)]
            while wait(threads, timeout=LOOK).not_done:  # a signal waits for the next look
                pass
            for thread in threads:
                thread.result()
        finally:
            waiting.clear()


def _visit(visit: SimulatedVisit, number: int, counts: SimulationCounts) -> None:
    """Everything one supporter does. Ana, number 0, reaches all three offices."""
    visit.open()
    counts.count("opened")
    visit.read('id="zip"', keys=ZIP_KEYS)
    visit.enter_zip(OTHER_ZIP if number == MOVES else visit.person.zip)
    if number == MOVES:
        assert visit.press("step", "code"), "the page does not offer to email a code"
        return
    counts.count("typed")
    if forms.step(visit.page, "confirm"):
        _write(visit, number, counts)
        return
    for way in ANA_WAYS if number == 0 else ("",):
        found = visit.go(way) and way if way else visit.reach()
        counts.count({"call": "called", "form": "finished"}.get(found or "", "stranded"))


def _write(visit: SimulatedVisit, number: int, counts: SimulationCounts) -> None:
    """Confirm the letters. One supporter in three adds a note."""
    locale = visit.person.locale or "en"
    note = visit.chance.choice(SENTENCES[locale]) if number % 3 == 0 else ""
    visit.read('class="full"', keys=len(note))
    if number == GUARDED:
        note = STATUS_SENTENCE[locale]
        visit.submit("confirm", _filled(visit, note))
        assert 'name="guard"' in visit.page, "the page did not warn about the note"
        counts.count("guarded")
    confirm(visit, counts, note, **({"guard": "keep"} if number == GUARDED else {}))
    if number == REGRETS:
        assert visit.submit("back"), "the letters cannot be taken back"
        counts.count("withdrew")


def confirm(visit: SimulatedVisit, counts: SimulationCounts, note: str = "", **more: str) -> None:
    """Fill in the form of the letters on the page, and send it."""
    values = _filled(visit, note)
    assert visit.submit("confirm", {**values, **more})
    counts.count("confirmed", len(values["seat"].split()))
    counts.count("wrote", bool(note))


def _filled(visit: SimulatedVisit, note: str) -> dict[str, str]:
    """The form of the letters. With a note, every box is ticked: an office may see it."""
    letter = forms.step(visit.page, "confirm")
    assert letter is not None, "the page has no letter"
    names = {name: letter.fields.get(name) or TYPED[name] for name in ("first_name", "last_name")}
    known = {**TYPED, "email": visit.person.email}
    asked = {name: value for name, value in known.items() if name in letter.fields}
    return {**letter.fields, **asked, **names, **({**letter.boxes, "story": note} if note else {})}


def answer_mails(base: str, mails: Sequence[dict[str, str]], counts: SimulationCounts) -> None:
    """One supporter confirms with the code from an email; another one reports a letter as not theirs."""
    client = Client(base)
    for mail in mails:
        for link in links(mail, "c")[:1]:
            code = _CODE.search(mail["text"])
            assert code is not None, "the email contains no code"
            status, _ = client.ask("POST", link, {"code": code[1]})
            counts.moved += status == 200
    others = sorted((mail for mail in mails if links(mail, "n") and mail["to"] != ANA), key=itemgetter("to"))
    for mail in others[:1]:
        status, _ = client.ask("POST", links(mail, "n")[0], {})
        counts.disowned += status == 200
