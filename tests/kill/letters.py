"""Supporters who confirm letters while everything is killed, and what must be true of these letters afterwards."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection as Pipe
from random import Random

from sqlalchemy import Connection, func, select

from campaign import keys as key_files
from campaign import links
from campaign.config import Settings
from campaign.congress import contacts
from campaign.congress.contacts import Contact
from campaign.keys import Keys
from campaign.letters import letters
from campaign.outreach.action_page import actions, confirm
from campaign.outreach.action_page import visit as visits
from campaign.outreach.action_page.visit import LinkRequest
from campaign.sandbox import ledger
from campaign.store import engine as store
from campaign.store.engine import Database
from campaign.store.schema import delivery, evidence, letter, request, supporter
from tests import build
from tests.journey.parts import SLUG, Site
from tests.kill import workers

ZIP = "28205"  # of everybody in the harness: one representative and two senators
FAR = 4_000_000_000
PAUSE = 0.05  # seconds between two letters of one writer
CONTACTS = {"H:NC:12": "each", "S:NC:2": "daily"}  # S:NC:3 has none: letters are saved for its form
SEATS = (*CONTACTS, "S:NC:3")
TELLS = re.compile(r"To the office of .+:\n\n(\d+) letters? from your constituents")


def prepare(conn: Connection) -> None:
    """Staff contacts for two of the three offices, quick enough for a run of seconds."""
    rows = [
        Contact(seat, f"staff{number}@example.org", wants, "the harness", "2026-11-10", "", (), 1_000_000, "")
        for number, (seat, wants) in enumerate(CONTACTS.items())
    ]
    contacts.load(conn, rows, build.START)


def write(settings: Settings, engine: str, ready: Pipe) -> None:
    """A supporter's browser, over and over: open the page, confirm what it offers, and press the button twice."""
    workers.begin(engine)
    database, keys = store.connect(settings.database_url), key_files.load(settings.home)
    rng = Random(os.getpid())
    with database.read() as conn:
        known = conn.execute(select(supporter.c.id, supporter.c.nonce)).all()
    token, _ = links.tokens(keys.links, SLUG, known[0].id, bytes(known[0].nonce), FAR)
    with visits.acting(database, keys, settings, LinkRequest(SLUG, token)) as (conn, visit):
        actions.enter(conn, visit, {"zip": ZIP})  # compiles the templates, which takes longer than some lives last
    ready.send(True)
    while workers.wanted():
        someone, nonce = rng.choice(known)
        token, _ = links.tokens(keys.links, SLUG, someone, bytes(nonce), FAR)
        where, seat = (database, keys, settings, LinkRequest(SLUG, token)), rng.choice(SEATS)
        with workers.patience():
            _confirm(where, seat, someone)
        time.sleep(PAUSE)


def _confirm(where: tuple[Database, Keys, Settings, LinkRequest], seat: str, someone: int) -> None:
    with visits.acting(*where) as (conn, visit):
        page = actions.enter(conn, visit, {"zip": ZIP, "seat": seat})
    for preview in page.previews:
        form = {"zip": ZIP, "seat": seat, "seen": preview.seen, "by": "" if seat in CONTACTS else "form"}
        form |= {"first_name": "Person", "last_name": str(someone), "city": "Charlotte"}
        form |= {"story": f"Words of {someone}.", "quote": "yes"}
        for _ in range(2):
            with visits.acting(*where) as (conn, visit):
                confirm.confirm(conn, visit, form)


def wrong(conn: Connection, site: Site) -> Counter[str]:
    """What the tables and the ledger say of letters that must not be; empty when all is well."""
    keys = key_files.load(site.settings.home)
    found: Counter[str] = Counter()
    rows = conn.execute(
        select(letter.c.id, letter.c.supporter_id, letter.c.seat, evidence.c.text_hash).outerjoin(
            evidence, evidence.c.id == letter.c.evidence_id
        )
    ).all()
    words = letters.read_contents(conn, keys, [row.id for row in rows])
    mailed = dict(_mailed(conn, site))
    for row in rows:
        text = words.get(row.id)
        if text is None or row.text_hash is None:
            found["letters without words or evidence"] += 1
        elif keys.proof(text.subject, text.core, text.envelope, text.postscript) != bytes(row.text_hash):
            found["letters whose evidence is of another text"] += 1
        elif row.id in mailed and mailed[row.id] != (text.subject, f"{text.signed(text.envelope)}\n"):
            found["letters that went out with another text"] += 1
    found["summaries that tell of other letters than stand in them"] = sum(
        not _tells(text, [dict(words[one].typed)["story"] for one in inside if one in words])
        for inside, text in _summaries(conn, site)
    )
    found["letters in the ledger that nobody confirmed"] = len(mailed.keys() - {row.id for row in rows})
    twice = Counter((row.supporter_id, row.seat) for row in rows)
    found["second letters of one person to one office"] = sum(number > 1 for number in twice.values())
    has = select(letter.c.id, func.count(delivery.c.id)).outerjoin(delivery, delivery.c.letter_id == letter.c.id)
    found["letters without exactly one delivery"] = sum(
        number != 1 for _, number in conn.execute(has.group_by(letter.c.id)).all()
    )
    receipts = select(delivery.c.supporter_id).where(delivery.c.kind == "receipt")
    found["writers without a receipt"] = len({row.supporter_id for row in rows} - set(conn.scalars(receipts)))
    return +found


def summary(conn: Connection, site: Site) -> str:
    """How many there were, for whoever runs the harness."""
    confirmed = conn.execute(select(func.count()).select_from(letter)).scalar_one()
    told = [len(inside) for inside, _ in _summaries(conn, site)]
    alone = len(dict(_mailed(conn, site)))
    return f"letters: {confirmed} confirmed, {alone} alone and {sum(told)} in {len(told)} summaries in the ledger"


def seen(conn: Connection, site: Site, found: Counter[int]) -> Counter[int]:
    """How often each delivery stands in the ledger, when those that a summary names once are counted too."""
    every = Counter(found)
    of: dict[int, list[int]] = {}
    for request_id, one in conn.execute(_INSIDE.with_only_columns(delivery.c.request_id, delivery.c.id)):
        of.setdefault(request_id, []).append(one)
    for members in of.values():
        named = [one for one in members if found[one]]
        every.update({one: sum(found[name] for name in named) for one in members if one not in named})
    return every


_INSIDE = (
    select(delivery.c.request_id, delivery.c.letter_id)
    .join(request, request.c.id == delivery.c.request_id)
    .where(request.c.kind == "daily", delivery.c.outcome.is_(None))
    .order_by(delivery.c.letter_id)
)


def _summaries(conn: Connection, site: Site) -> Iterator[tuple[list[int], str]]:
    """(the letters of a request, the text) of each summary in the ledger."""
    of: dict[str, list[int]] = {}
    for token, one in conn.execute(_INSIDE.with_only_columns(request.c.token, delivery.c.letter_id)):
        of.setdefault(token, []).append(one)
    for entry in ledger.read(site.ledger):
        token = entry.body.args(entry.body.personalizations[0])["ct_request"].partition(".")[0]
        if TELLS.match(entry.body.content[0].value):
            yield of.get(token, []), entry.body.content[0].value


def _tells(text: str, stories: list[str]) -> bool:
    """Whether a summary tells of these letters: how many, and the first ones' words."""
    number = TELLS.match(text)
    return number is not None and int(number[1]) == len(stories) and all(f'"{one}"' in text for one in stories[:3])


def _mailed(conn: Connection, site: Site) -> Iterator[tuple[int, tuple[str, str]]]:
    """(letter, (subject, text)) of each letter in the ledger."""
    of: dict[int, int] = dict(
        conn.execute(select(delivery.c.id, delivery.c.letter_id).where(delivery.c.kind == "letter")).all()
    )
    for entry in ledger.read(site.ledger):
        part = entry.body.personalizations[0]
        mine = of.get(int(entry.body.args(part)["ct_delivery"]))
        if mine is not None and not TELLS.match(entry.body.content[0].value):
            yield mine, (part.subject or entry.body.subject or "", entry.body.content[0].value)
