"""The demo's people: a mail scanner that opens every link, and supporters who follow theirs. Over HTTP, and no more.

They know what anybody outside knows: the list, the mails in the sandbox's inbox, and the pages that they get.
"""

from __future__ import annotations

import csv
import json
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from campaign.demo import forms
from campaign.demo.forms import Form

CLIENTS = 4  # at once
PLAYED = 10  # one supporter in ten follows the link
HEADS = 10  # one link in ten is asked for with HEAD as well
TELLING = (
    "77011",
    "20002",
    "60632",
    "30093",
)  # an office that bounces, no senators, two split ZIP codes, one a vacancy
MOVES, GUARDED, REGRETS = 8, 10, 12  # who lives elsewhere by now, who tells somebody's status, who takes it back
ANA = "ana.ruiz@example.org"
OTHER_ZIP = "20002"
SENTENCES = {
    "en": (
        "My neighbors stopped calling the police after our county signed.",
        "I teach here, and I see what these agreements do to families at the school gate.",
        "Our sheriff has enough to do. I want him to answer when somebody calls for help.",
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
    """A row of the list, as its owner knows it."""

    email: str
    zip: str
    locale: str


@dataclass(slots=True)
class SimulationCounts:
    """What the people did, by their own account. The database is asked elsewhere."""

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
        """One more; several clients count at once."""
        with self._lock:
            setattr(self, name, getattr(self, name) + number)


class Client:
    """One connection, kept open until it is closed; no cookies, no redirects, no scripts."""

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=30)

    def ask(self, method: str, url: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        where = urlsplit(url)
        path = where.path + (f"?{where.query}" if where.query else "")
        body = urlencode(form) if form is not None else None
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()

    def close(self) -> None:
        self._connection.close()


def people(path: Path) -> dict[str, SimulatedSupporter]:
    """The list's people by address, as far as its rows are in order."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row.get("email") and row.get("zip")]
    return {
        row["email"].strip().lower(): SimulatedSupporter(row["email"], row["zip"][:5], row["locale"] or "")
        for row in rows
    }


def mails(sandbox: str, *, to: str = "", skip: int = 0) -> list[dict[str, str]]:
    """What the sandbox's inbox holds, newest first, without the last `skip`."""
    client = Client(sandbox)
    found: list[dict[str, str]] = []
    while True:
        _, text = client.ask("GET", f"{sandbox}/inbox.json?limit=1000&offset={len(found)}&to={quote(to)}")
        page = json.loads(text)
        found += page["messages"]
        if not page["messages"] or len(found) >= page["total"] - skip:
            return found[: page["total"] - skip]


def links(mail: dict[str, str], kind: str) -> list[str]:
    """The links of one kind in a mail's text: a action, u unsubscribe, n not me, c confirm."""
    return [found[0] for found in _LINK.finditer(mail["text"]) if found[1] == kind]


def scan(base: str, links_found: Sequence[str], played: SimulationCounts) -> None:
    """Open every link, as mail scanners do: with GET, and some with HEAD too."""

    def some(part: Sequence[str]) -> None:
        client = Client(base)
        for number, link in enumerate(part):
            for method in ("GET", "HEAD") if number % HEADS == 0 else ("GET",):
                status, _ = client.ask(method, link)
                if status != 200:
                    played.trouble.append(f"{method} of a link answered {status}")
        played.count("scanned", len(part))

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(some, [links_found[number::CLIENTS] for number in range(CLIENTS)]))


def choose(
    asks: Sequence[dict[str, str]], known: dict[str, SimulatedSupporter], *, every: int = PLAYED
) -> list[tuple[SimulatedSupporter, str]]:
    """Who follows the link: Ana, and one in `every`; each with the link out of the mail."""
    found = [(known[mail["to"]], links(mail, "a")[0]) for mail in asks if mail["to"] in known and links(mail, "a")]
    found.sort(key=lambda one: (one[0].email != ANA, one[0].email))
    others = found[1:]
    telling = [next((one for one in others if one[0].zip == zip_code), None) for zip_code in TELLING]
    rest = [one for one in others[::every] if one not in telling]
    return [*found[:1], *(one for one in telling if one), *rest]


def follow(base: str, chosen: Sequence[tuple[SimulatedSupporter, str]], played: SimulationCounts) -> None:
    """Each opens the page; every other one types the ZIP code and goes on."""
    numbered = list(enumerate(chosen))

    def some(part: Sequence[tuple[int, tuple[SimulatedSupporter, str]]]) -> None:
        client = Client(base)
        for number, (person, link) in part:
            try:
                _one(client, number, person, link, played)
            except (LookupError, AssertionError) as error:
                played.trouble.append(f"person {number}: {error!r}")

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(some, [numbered[number::CLIENTS] for number in range(CLIENTS)]))


def _one(client: Client, number: int, person: SimulatedSupporter, link: str, played: SimulationCounts) -> None:
    """What one person does. Ana, the first, writes to all three offices."""
    status, _page = client.ask("GET", link)
    assert status == 200, f"the link answered {status}"
    played.count("opened")
    if number % 2 and number > len(TELLING):
        return
    moves = number == MOVES
    _, page = client.ask("POST", link, {"step": "zip", "zip": OTHER_ZIP if moves else person.zip})
    played.count("typed", not moves)
    if number % 10 == 6:
        return  # reads, and leaves it
    if (names := forms.step(page, "write")) is not None and forms.step(page, "confirm") is None:
        page = press(client, link, names)
    wanted = 3 if number == 0 else 2 if number % 8 == 0 else 1
    page = write(client, link, page, person, number, 1 if moves else wanted, played)
    if moves:
        return  # nothing is confirmed before the mail is answered
    _tell(client, link, page, number, played)


def write(
    client: Client, link: str, page: str, person: SimulatedSupporter, number: int, wanted: int, played: SimulationCounts
) -> str:
    """Confirm up to so many letters, one office after the other; the page after the last one."""
    for turn in range(wanted):
        sheet = forms.step(page, "confirm")
        if sheet is None:
            nxt = forms.step(page, "write")
            if nxt is None:
                break
            page = press(client, link, nxt)
            sheet = forms.step(page, "confirm")
        if sheet is None:
            break
        page = _confirm(client, link, sheet, person, number, turn, played)
        played.count("confirmed", number != MOVES)
    return page


def _confirm(
    client: Client, link: str, sheet: Form, person: SimulatedSupporter, number: int, turn: int, played: SimulationCounts
) -> str:
    """Fill the form and send it; with a sentence by one in three."""
    tongue = person.locale or "en"
    values = dict(sheet.fields)
    values["first_name"] = values.get("first_name") or "Sam"
    values["last_name"] = values.get("last_name") or "Rivera"
    for name, value in (("city", "Springfield"), ("email", person.email), ("phone", "202-555-0143")):
        if name in values:
            values[name] = value
    if number == GUARDED and turn == 0:
        values["story"] = STATUS_SENTENCE[tongue]
        _, page = client.ask("POST", link, values)
        kept = forms.step(page, "confirm")
        assert kept is not None, "the form did not come back"
        assert ("guard", "keep") in kept.buttons, "the guard did not ask"
        played.count("guarded")
        values = {**kept.fields, "guard": "keep"}
    elif number % 3 == 0:
        values["story"] = SENTENCES[tongue][number % len(SENTENCES[tongue])]
        values |= sheet.boxes  # lets the office be shown these words
    played.count("wrote", bool(values.get("story")))
    status, page = client.ask("POST", link, values)
    assert status == 200, f"confirming answered {status}"
    return page


def _tell(client: Client, link: str, page: str, number: int, played: SimulationCounts) -> None:
    """Every other person sends the office's form and says so; one takes a letter back."""
    if number == REGRETS and (back := forms.step(page, "back")) is not None:
        press(client, link, back)
        played.count("withdrew")
    elif number % 4 == 0 and (told := forms.step(page, "told")) is not None:
        status, _ = client.ask("POST", link, {**told.fields, "answer": "yes"})
        played.count("reported", status == 200)


def press(client: Client, link: str, form: Form, button: int = 0) -> str:
    """Press one of a form's buttons."""
    pressed = dict(form.buttons[button : button + 1])
    return client.ask("POST", link, {**form.fields, **pressed})[1]


def answer_mails(base: str, found: Sequence[dict[str, str]], played: SimulationCounts) -> None:
    """One person confirms the letter that was held; one did not send what a receipt tells of."""
    client = Client(base)
    for mail in found:
        for link in links(mail, "c")[:1]:
            code = _CODE.search(mail["text"])
            assert code is not None, "no code in the mail"
            status, _ = client.ask("POST", link, {"code": code[1]})
            played.moved += status == 200
    strangers = (mail for mail in found if links(mail, "n") and mail["to"] != ANA)
    for mail in islice(strangers, 1):
        status, _ = client.ask("POST", links(mail, "n")[0], {})
        played.disowned += status == 200
