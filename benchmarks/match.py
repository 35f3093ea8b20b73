"""`python -m benchmarks match`: who represents a million people, in one statement, against one look-up a person.

All must count the same. ZIPs are those of the snapshot, each as often as the others, with one in a hundred unknown;
nobody has a street.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from rich.console import Console
from sqlalchemy import Connection, func, select, text

from benchmarks.stage import server
from campaign.cli.output import show_table
from campaign.congress import roster, zip_match
from campaign.errors import CampaignError
from campaign.outreach.lists import coverage
from campaign.store import engine, migrate
from campaign.store.engine import Database
from campaign.store.schema import supporter
from campaign.supporters import segments

NAIVE_PART = 20  # naive is measured on this part of the people, and its time is multiplied: each costs the same

_PEOPLE = """
INSERT INTO supporter (email_hash, email, first_name, last_name, locale, zip, consent, list, nonce, digest,
                       created_at, updated_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :people)
SELECT {hash}, 'p' || n.i || '@example.org', 'Ana', 'Ruiz', 'en',
       CASE WHEN n.i % 100 = 0 THEN '00001' ELSE place.zip END, 'petition', 'petition', {nonce}, {hash}, 0, 0
FROM n JOIN place ON place.i = n.i % :zips
"""
_RANDOM = {
    "sqlite": ("randomblob(16)", "randomblob(8)"),
    "postgresql": ("uuid_send(gen_random_uuid())", "substring(uuid_send(gen_random_uuid()) FROM 1 FOR 8)"),
}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks match", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    found = {kind: _measured(kind, options) for kind in options.database or ("sqlite", "postgresql")}
    if options.json:
        print(json.dumps({"people": options.people, "rounds": options.rounds, "databases": found}))
        return
    title = f"Matching {options.people:,} people by ZIP, {options.rounds} round(s), medians"
    rows: list[tuple[str, ...]] = []
    for kind, one in found.items():
        rows += [
            (f"one statement, {kind}", f"{one['seconds']:.2f}", f"{one['ratio']:.0f}"),
            (f"all rows, a match each in Python, {kind}", f"{one['rows_seconds']:.1f}", f"{one['rows_ratio']:.0f}"),
            (f"a query and a match each, {kind}", f"{one['naive_seconds']:.0f}", "1"),
        ]
    show_table(title, ("", "seconds", "x"), rows, to=Console(highlight=False, width=100))


def _measured(kind: str, options: argparse.Namespace) -> dict[str, Any]:
    ours, rows, naive = [], [], []
    few = options.people // NAIVE_PART
    with server(kind) as url, _database(url, options.people) as database, database.begin() as conn:
        for _ in range(options.rounds):
            seconds, counted = _timed(lambda: _ours(conn))
            ours.append(seconds)
            seconds, same = _timed(lambda: _rows(conn))
            rows.append(seconds)
            seconds, part = _timed(lambda: _naive(conn, few))
            naive.append(seconds * NAIVE_PART)
            if counted != same or part != _part(conn, few):
                raise CampaignError("they do not agree: this run does not count")
    return {
        "seconds": round(median(ours), 3),
        "rows_seconds": round(median(rows), 2),
        "naive_seconds": round(median(naive), 1),
        "ratio": round(median(theirs / mine for mine, theirs in zip(ours, naive, strict=True)), 1),
        "rows_ratio": round(median(theirs / mine for mine, theirs in zip(rows, naive, strict=True)), 1),
    }


def _timed(work: Callable[[], Counter[str]]) -> tuple[float, Counter[str]]:
    started = time.monotonic()
    found = work()
    return time.monotonic() - started, found


def _ours(conn: Connection) -> Counter[str]:
    found = coverage.measure(conn, engine.now(conn))
    assert found.people == found.by_zip + found.by_street + found.several + found.unmapped + found.unknown
    return Counter(found.seats)


def _part(conn: Connection, few: int) -> Counter[str]:
    """What our statement says of the first `few` people."""
    now = engine.now(conn)
    known = roster.at(conn, now)
    with segments.variants(conn, coverage.places(known, now)):
        who = segments.represented(known.congress, now).subquery()
        query = select(who.c.seat, func.count()).where(who.c.supporter_id <= few, who.c.seat.like("H:%"))
        return Counter({seat: int(number) for seat, number in conn.execute(query.group_by(who.c.seat))})


def _rows(conn: Connection) -> Counter[str]:
    """All rows in one query, and a match of each in Python."""
    now = engine.now(conn)
    known = roster.at(conn, now)
    matches = (zip_match.by_zip(known, zip_code, now) for zip_code in conn.scalars(select(supporter.c.zip)))
    return Counter(found.representative.code for found in matches if found.representative)


def _naive(conn: Connection, few: int) -> Counter[str]:
    """What is written first: for each person a query for the ZIP, and a match."""
    now = engine.now(conn)
    known = roster.at(conn, now)
    found = Counter[str]()
    for who in range(1, few + 1):
        zip_code = conn.execute(select(supporter.c.zip).where(supporter.c.id == who)).scalar_one()
        seat = zip_match.by_zip(known, zip_code, now).representative
        if seat is not None:
            found[seat.code] += 1
    return found


@contextmanager
def _database(server_url: str, people: int) -> Iterator[Database]:
    """A fresh one with so many people."""
    home = Path(tempfile.mkdtemp(prefix="bench-"))
    url = f"sqlite:///{home}/match.db"
    if server_url:
        name = f"bench_{secrets.token_hex(6)}"
        with psycopg.connect(server_url, autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {name}".encode())
        url = server_url.replace("/postgres?", f"/{name}?")
    database = engine.connect(url)
    try:
        migrate.upgrade(database)
        with database.begin() as made:
            zips = [{"i": i, "zip": zip_} for i, zip_ in enumerate(sorted(roster.load().zips))]
            made.execute(text("CREATE TEMPORARY TABLE place (i integer PRIMARY KEY, zip text)"))
            made.execute(text("INSERT INTO place VALUES (:i, :zip)"), zips)
            hash, nonce = _RANDOM[made.dialect.name]
            made.execute(text(_PEOPLE.format(hash=hash, nonce=nonce)), {"people": people, "zips": len(zips)})
            made.execute(text("ANALYZE"))
        yield database
    finally:
        database.close()
        shutil.rmtree(home, ignore_errors=True)
