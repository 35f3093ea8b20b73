"""Supporters who confirm letters while everything is killed, and what must be true of these letters afterwards."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection as Pipe
from random import Random

from sqlalchemy import Connection, func, select

from campaign import keys as key_files
from campaign import links
from campaign.config import Settings
from campaign.congress import offices
from campaign.congress.offices import Contact
from campaign.letters import record
from campaign.outreach import act
from campaign.sandbox import ledger
from campaign.store import engine as store
from campaign.store.schema import delivery, evidence, letter, supporter
from tests import build
from tests.journey.parts import SLUG, Site
from tests.kill import workers

ZIP = "28205"  # of everybody in the harness: one representative and two senators
FAR = 4_000_000_000
PAUSE = 0.05  # seconds between two letters of one writer
CONTACTS = ("H:NC:12", "S:NC:2")  # S:NC:3 has none: its letters go by the office's form


def prepare(conn: Connection) -> None:
    """Staff contacts for two of the three offices, quick enough for a run of seconds."""
    rows = [
        Contact(seat, f"staff{number}@example.org", "each", "the harness", "2026-11-10", "", (), 1_000_000, "")
        for number, seat in enumerate(CONTACTS)
    ]
    offices.load(conn, rows, build.START)


def write(settings: Settings, engine: str, ready: Pipe) -> None:
    """A supporter's browser, over and over: open the page, confirm what it offers, and press the button twice."""
    workers.begin(engine)
    database, keys = store.connect(settings.database_url), key_files.load(settings.home)
    rng = Random(os.getpid())
    with database.read() as conn:
        known = conn.execute(select(supporter.c.id, supporter.c.nonce)).all()
    ready.send(True)
    while workers.wanted():
        someone, nonce = rng.choice(known)
        token, _ = links.tokens(keys.links, SLUG, someone, bytes(nonce), FAR)
        desk = act.enter(database, keys, settings, SLUG, token, ZIP)
        if desk.sheet is not None:
            form = {"zip": ZIP, "seat": desk.sheet.office.seat, "seen": desk.sheet.seen, "city": "Charlotte"}
            form |= {"first_name": "Person", "last_name": str(someone), "story": f"Words of {someone}."}
            for _ in range(2):
                act.confirm(database, keys, settings, SLUG, token, form)
        time.sleep(PAUSE)


def wrong(conn: Connection, site: Site) -> Counter[str]:
    """What the tables and the ledger say of letters that must not be; empty when all is well."""
    keys = key_files.load(site.settings.home)
    found: Counter[str] = Counter()
    rows = conn.execute(
        select(letter.c.id, letter.c.supporter_id, letter.c.seat, evidence.c.text_hash).outerjoin(
            evidence, evidence.c.id == letter.c.evidence_id
        )
    ).all()
    words = record.words(conn, keys, [row.id for row in rows])
    mailed = dict(_mailed(conn, site))
    for row in rows:
        text = words.get(row.id)
        if text is None or row.text_hash is None:
            found["letters without words or evidence"] += 1
        elif keys.proof(text.subject, text.core, text.envelope) != bytes(row.text_hash):
            found["letters whose evidence is of another text"] += 1
        elif row.id in mailed and mailed[row.id] != (text.subject, f"{text.core}\n\n{text.envelope}\n"):
            found["letters that went out with another text"] += 1
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
    return f"letters: {confirmed} confirmed, {len(dict(_mailed(conn, site)))} of them in the ledger"


def _mailed(conn: Connection, site: Site) -> Iterator[tuple[int, tuple[str, str]]]:
    """(letter, (subject, text)) of each letter in the ledger."""
    of: dict[int, int] = dict(
        conn.execute(select(delivery.c.id, delivery.c.letter_id).where(delivery.c.kind == "letter")).all()
    )
    for entry in ledger.read(site.ledger):
        part = entry.body.personalizations[0]
        mine = of.get(int(entry.body.args(part)["ct_delivery"]))
        if mine is not None:
            yield mine, (part.subject or entry.body.subject or "", entry.body.content[0].value)
