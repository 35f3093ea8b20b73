"""What every run starts from: a fresh folder, database with people, broker, sink, and a worker that is ready."""

from __future__ import annotations

import csv
import json
import os
import re
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg
from celery import Celery
from sqlalchemy import text

from benchmarks import cpu
from campaign import processes
from campaign.config import ROOT, Settings, load_settings
from campaign.errors import CampaignError
from campaign.processes import ProcessGroup, StartedProcess
from campaign.store import engine, migrate, root_key
from campaign.store.engine import Database
from tests import postgresql

SLUG = "end-287g"
PATIENCE = 300  # seconds without anything new, after which a run has failed
QUIET = 0.4  # seconds of next to no CPU, after which all that was started is up
LOOK = 0.005  # seconds between two looks at the sink, and then at the rows

_PEOPLE = """
INSERT INTO supporter (email_hash, email, first_name, last_name, locale, zip, consent, list, nonce, digest,
                       created_at, updated_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :people)
SELECT {hash}, 'p' || n.i || '@example.org', name.first, name.last, name.locale, '28205',
       'petition page, 2026-09-12', 'petition', {nonce}, {hash}, 0, 0
FROM n JOIN name ON name.i = n.i % :names
"""
_RANDOM = {  # 16 and 8 random bytes, one a row
    "sqlite": ("randomblob(16)", "randomblob(8)"),
    "postgresql": ("uuid_send(gen_random_uuid())", "substring(uuid_send(gen_random_uuid()) FROM 1 FOR 8)"),
}


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds from before the launch to the last outcome recorded, and CPU seconds without the sink."""

    people: int
    seconds: float
    launch_seconds: float  # of these, until the launch came back
    cpu: float

    @property
    def per_second(self) -> float:
        return self.people / self.seconds

    @property
    def cpu_per_1000(self) -> float:
        return self.cpu / self.people * 1000


@dataclass(frozen=True, slots=True)
class Stage:
    settings: Settings
    database: Database
    people: int
    parts: ProcessGroup
    sink: StartedProcess

    def start_worker(self, module: str, ready: Celery, task: str, *options: str) -> None:
        """Start `celery -A MODULE worker` as anybody would; wait until it has taken one `task`, and is idle."""
        quiet = ("--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")
        self.parts.start("worker", [sys.executable, "-m", "celery", "-A", module, "worker", *quiet, *options])
        ready.tasks[task].apply_async(ignore_result=True)
        with ready.connection_for_read() as conn:
            redis = conn.default_channel.client

            def taken() -> bool:
                return not redis.llen(ready.conf.task_default_queue) and not redis.hlen("unacked")

            processes.wait(self.parts, taken, "worker")
        processes.wait(self.parts, self._quiet, "worker")

    def _quiet(self) -> bool:
        """Whether nothing works any more: what starts a little later has started too."""
        before = cpu.of_descendants(os.getpid())
        time.sleep(QUIET)
        return cpu.of_descendants(os.getpid()) - before < QUIET / 20

    def race(self, launch: Callable[[], Any], done: Callable[[], bool]) -> Run:
        """Launch, and wait until all have arrived and `done()` finds every outcome in the rows."""
        sink = HTTPConnection(self.settings.sendgrid.url.removeprefix("http://"), timeout=30)
        without = (self.sink.process.pid,)
        others, own, started = cpu.of_descendants(os.getpid(), without=without), time.process_time(), time.monotonic()
        launch()
        own, launched = time.process_time() - own, time.monotonic() - started  # from here on we only look
        self._wait(sink, lambda: _ask(sink, "count")["recipients"] >= self.people)
        self._wait(sink, done)
        seconds = time.monotonic() - started
        others = cpu.of_descendants(os.getpid(), without=without) - others
        seen = _ask(sink, "unique")
        sink.close()
        if not seen["recipients"] == seen["unique"] == self.people:
            raise CampaignError(f"this run does not count: {self.people} people, and the sink saw {seen}")
        return Run(self.people, seconds, launched, others + own)

    def _wait(self, sink: HTTPConnection, ready: Callable[[], bool]) -> None:
        before, since = -1, time.monotonic()
        while not ready():
            time.sleep(LOOK)
            self.parts.check()
            if time.monotonic() - since > PATIENCE:
                count = _ask(sink, "count")["recipients"]
                if count == before:
                    raise CampaignError(f"nothing new for {PATIENCE} s: {count} of {self.people} people have arrived")
                before, since = count, time.monotonic()


def _ask(sink: HTTPConnection, what: str) -> dict[str, int]:
    sink.request("GET", f"/{what}")
    found: dict[str, int] = json.load(sink.getresponse())
    return found


@contextmanager
def server(kind: str) -> Iterator[str]:
    """What the databases of this kind live on: nothing for SQLite, a PostgreSQL of our own."""
    if kind == "sqlite":
        yield ""
        return
    try:
        with postgresql.server() as url:
            yield url
    except postgresql.Unavailable as error:
        raise CampaignError(f"no PostgreSQL: {error}", do="Leave it out with: --database sqlite") from None


@contextmanager
def stage(server_url: str, people: int, *, latency_ms: int = 0) -> Iterator[Stage]:
    """Everything but the worker, fresh; at the end it is stopped and thrown away."""
    home = Path(tempfile.mkdtemp(prefix="bench-"))
    sock = processes.listen("127.0.0.1", 0)
    environ = {name: value for name, value in os.environ.items() if name != "CAMPAIGN_SECRET"} | {
        "CAMPAIGN_HOME": str(home),
        "CAMPAIGN_CAMPAIGN_TEMPLATES": str(home / "templates"),
        "CAMPAIGN_DATABASE_URL": _database(server_url),
        "CAMPAIGN_REDIS_URL": "",
        "CAMPAIGN_SENDGRID_URL": processes.address(sock),
        "SENDGRID_API_KEY": "SG.bench",
    }
    settings = load_settings(home=home, environ=environ)
    _templates(settings.templates)
    database = engine.connect(settings.database_url)
    parts = ProcessGroup(home / "logs", environ)
    try:
        migrate.upgrade(database)
        root_key.open_keys(database, home, environ=environ)
        _fill(database, people)
        processes.start_broker(parts, settings)
        listening = ("--fd", str(sock.fileno()), "--latency", str(latency_ms))
        sink = parts.start("sink", [sys.executable, "-m", "benchmarks.sink", *listening], sock=sock)
        sock.close()
        yield Stage(settings, database, people, parts, sink)
    finally:
        parts.stop()
        database.close()
        shutil.rmtree(settings.broker_socket.parent, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def _database(server_url: str) -> str:
    """The URL of a fresh database on this server; "" is SQLite in the state folder."""
    if not server_url:
        return ""
    name = f"bench_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}".encode())
    return server_url.replace("/postgres?", f"/{name}?")


def _templates(folder: Path) -> None:
    """The shipped campaign, open today whenever today is."""
    shutil.copytree(ROOT / "templates" / SLUG, folder / SLUG)
    path = folder / SLUG / "campaign.toml"
    found = path.read_text(encoding="utf-8")
    for key, days in (("opens", -2), ("closes", 30)):
        day = date.today() + timedelta(days)
        found = re.sub(rf"^{key} = .*$", f"{key} = {day.isoformat()}", found, flags=re.MULTILINE)
    path.write_text(found, encoding="utf-8")


def _fill(database: Database, people: int) -> None:
    """Set-based: these many people with the names and languages of the example list."""
    with (ROOT / "examples" / "supporters.csv").open(encoding="utf-8", newline="") as file:
        known = [row for row in csv.DictReader(file) if row["locale"] in ("en", "es", "")]
    names = [{"i": i, "f": row["first_name"], "l": row["last_name"], "o": row["locale"]} for i, row in enumerate(known)]
    with database.begin() as conn:
        hash, nonce = _RANDOM[conn.dialect.name]
        conn.execute(text("CREATE TEMPORARY TABLE name (i integer PRIMARY KEY, first text, last text, locale text)"))
        conn.execute(text("INSERT INTO name VALUES (:i, :f, :l, :o)"), names)
        conn.execute(text(_PEOPLE.format(hash=hash, nonce=nonce)), {"people": people, "names": len(names)})
        conn.execute(text("ANALYZE"))
