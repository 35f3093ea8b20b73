"""A real worker on a real broker, sending to a real sandbox: and the broker dies, forgets, or was never there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import redis
from sqlalchemy import select

from campaign import keys
from campaign.config import ROOT
from campaign.outreach.launch import launch
from campaign.outreach.lists import pull
from campaign.outreach.lists.pull import Pulled
from campaign.outreach.reports import ask_counts as reports
from campaign.store import engine, migrate
from campaign.store.engine import Database
from campaign.store.schema import supporter
from campaign.tasks import make_app, nudge
from tests.journey import parts
from tests.journey.parts import LIST, SLUG, Site

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only /proc shows a process's children")

PEOPLE = 1_000  # 200 requests, eight at a time, a tenth of a second each
LONG, LONG_LIST = 30_000, "long"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An installation whose sandbox runs, slow enough for things to happen meanwhile. No broker, no worker."""
    lists = {
        LIST: parts.write_list(tmp_path / "people.csv", PEOPLE),
        LONG_LIST: parts.write_list(tmp_path / "long.csv", LONG, first=PEOPLE + 1),
    }
    with parts.site(tmp_path, lists=lists, sendgrid={"lease": 30}) as made:
        parts.start_sandbox(made, latency_ms=100)
        yield made


def pull_here(site: Site, database: Database, name: str = LIST) -> None:
    settings = site.settings
    pull.pull(database, keys.load(settings.home), settings.list_named(name), home=settings.home, by="a test")


def ask_for_pull(site: Site, name: str) -> None:
    with make_app(site.settings) as app:
        assert nudge(app, "pull_list", name)


def worker_pulls(site: Site, name: str = LIST) -> Pulled:
    """Ask for a pull, and wait until a worker has done it: so a worker hears, and works."""
    before = pull.last_pull(site.database, name)
    ask_for_pull(site, name)

    def done() -> bool:
        now = pull.last_pull(site.database, name)
        return now is not None and now.finished and (before is None or now.id > before.id)

    site.wait(done, "worker's pull")
    found = pull.last_pull(site.database, name)
    assert found is not None
    assert found.by.startswith("worker process")
    return found


def launched(site: Site) -> int:
    """Pull without a worker, and launch; how many asks."""
    pull_here(site, site.database)
    return launch.launch(site.database, site.settings, SLUG)


def states(site: Site) -> dict[str, int]:
    with site.database.read() as conn:
        return reports.report(conn, SLUG).waves[0].states


def under_way(site: Site) -> bool:
    return states(site).get("accepted", 0) > PEOPLE // 10


def everything_is_sent_once(site: Site, number: int) -> None:
    site.wait(lambda: states(site) == {"accepted": number}, "last ask")
    found = parts.arrived(site)
    assert len(found) == number
    assert set(found.values()) == {1}


def test_a_worker_pulls_the_list_and_sends_the_wave(site: Site) -> None:
    parts.start_broker(site)
    parts.start_worker(site)
    found = worker_pulls(site)
    assert (found.read, found.imported, found.problem) == (PEOPLE, PEOPLE, "")
    number = launch.launch(site.database, site.settings, SLUG)
    assert number == PEOPLE
    everything_is_sent_once(site, number)


@pytest.mark.deep
def test_the_broker_is_killed_and_started_again_and_work_goes_on_by_itself(site: Site) -> None:
    broker = parts.start_broker(site)
    worker = parts.start_worker(site)
    number = launched(site)
    site.wait(lambda: under_way(site), "first asks")
    parts.kill(site, broker)
    before = states(site)["accepted"]
    site.wait(lambda: states(site)["accepted"] >= min(before + 1, number), "asks without a broker")
    broker = parts.start_broker(site)
    everything_is_sent_once(site, number)
    assert worker_pulls(site).unchanged == PEOPLE
    parts.kill(site, broker)  # and now while the worker is idle
    parts.start_broker(site)
    assert worker_pulls(site).unchanged == PEOPLE
    assert worker.process.poll() is None


@pytest.mark.long
def test_a_broker_that_forgets_everything_loses_nothing(site: Site) -> None:
    parts.start_broker(site)
    parts.start_worker(site)
    number = launched(site)
    rng = Random(1)
    with redis.Redis(unix_socket_path=str(site.settings.broker_socket)) as client:
        for share in sorted(rng.random() for _ in range(5)):
            site.wait(lambda wanted=share * number: states(site).get("accepted", 0) >= wanted, "next asks")  # type: ignore[misc]
            client.flushall()
    everything_is_sent_once(site, number)
    assert worker_pulls(site).unchanged == PEOPLE


@pytest.mark.deep
def test_without_a_broker_the_scheduler_sends_and_the_worker_says_what_to_do(site: Site) -> None:
    number = launched(site)
    worker = parts.start_worker(site)
    everything_is_sent_once(site, number)
    assert worker.process.poll() is None
    (line,) = (line for line in json_lines(worker.log.read_text(encoding="utf-8")) if line["event"] == "no_broker")
    assert "campaign worker" in line["do"]


@pytest.mark.long
@needs_proc
def test_a_killed_tick_is_started_again_by_its_worker(site: Site) -> None:
    parts.start_broker(site)
    worker = parts.start_worker(site)
    site.wait(lambda: bool(parts.scheduler(worker)), "scheduler")
    os.kill(parts.scheduler(worker)[0], signal.SIGKILL)
    everything_is_sent_once(site, launched(site))


@pytest.mark.deep
def test_without_any_broker_and_worker_the_command_sends(site: Site) -> None:
    number = launched(site)
    command = [sys.executable, "-m", "campaign", "send", SLUG]
    done = subprocess.run(command, cwd=ROOT, env=dict(site.parts.environ), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    everything_is_sent_once(site, number)


@needs_proc
@pytest.mark.deep
def test_a_killed_pull_runs_again_and_ends_with_the_same_rows(site: Site, tmp_path: Path) -> None:
    parts.start_broker(site)
    worker = parts.start_worker(site)
    ask_for_pull(site, LONG_LIST)

    def has_begun() -> bool:
        found = pull.last_pull(site.database, LONG_LIST)
        return found is not None and found.read > 0

    site.wait(has_begun, "first batch")
    os.kill(parts.pool(worker)[0], signal.SIGKILL)
    killed = pull.last_pull(site.database, LONG_LIST)
    assert killed is not None
    assert not killed.finished
    assert killed.read < LONG
    again = worker_pulls(site, LONG_LIST)
    assert (again.read, again.rejected) == (LONG, 0)
    assert again.unchanged >= killed.read
    assert again.imported + again.unchanged == LONG
    whole = engine.connect(f"sqlite:///{tmp_path}/whole.db")
    migrate.upgrade(whole)
    pull_here(site, whole, LONG_LIST)
    assert people(site.database) == people(whole)
    whole.close()


def people(database: Database) -> list[Any]:
    """Everything on file that comes from the list, in order of address."""
    s = supporter.c
    columns = (s.email, s.email_hash, s.first_name, s.last_name, s.locale, s.zip, s.consent, s.list, s.digest)
    with database.read() as conn:
        return list(conn.execute(select(*columns).order_by(s.email)).all())


@needs_proc
def test_nothing_is_opened_before_the_fork(site: Site) -> None:
    parts.start_broker(site)
    worker = parts.start_worker(site)
    assert worker_pulls(site).imported == PEOPLE
    (child,) = parts.pool(worker)

    def opened(pid: int) -> set[str]:
        return {path for path in parts.open_files(pid) if path.startswith(str(site.settings.home / "campaign.db"))}

    assert opened(child), "the worker's own process has the database open"
    assert not opened(worker.process.pid)


@pytest.mark.parametrize("logfile", [True, pytest.param(False, marks=pytest.mark.deep)])
def test_a_workers_log_says_which_task_failed_and_why(site: Site, tmp_path: Path, logfile: bool) -> None:
    """Lines of the worker, of its pool and of its tick, on stderr or in a file of Celery's `--logfile`."""
    broker = parts.start_broker(site)
    path = tmp_path / "worker.log"
    options = ("-n", "worker@tests", f"--logfile={tmp_path}/%n.log") if logfile else ()
    worker = parts.start_celery(site, "--loglevel=INFO", *options)

    def log() -> str:
        found = path if logfile else worker.log
        return found.read_text(encoding="utf-8") if found.exists() else ""

    site.wait(lambda: " ready." in log(), "worker")
    for name in ("nothere", "ana.ruiz@example.org"):
        ask_for_pull(site, name)
    site.wait(lambda: log().count("raised unexpected") == 2, "failed tasks' lines")
    assert "Task pull_list[" in log()
    assert "CampaignError" in log()
    assert "no list is called 'nothere'" in log()
    assert "no list is called '<address>'" in log()
    assert "Traceback" in log()
    worker_pulls(site)
    site.wait(lambda: any(line.get("event") == "pulled" for line in json_lines(log())), "pull's line")
    (pulled,) = (line for line in json_lines(log()) if line.get("event") == "pulled")
    assert (pulled["list"], pulled["read"], pulled["level"]) == (LIST, PEOPLE, "info")
    launch.launch(site.database, site.settings, SLUG)
    parts.kill(site, broker)
    site.wait(lambda: any(line.get("event") == "broker_away" for line in json_lines(log())), "tick's line")
    assert "example.org" not in log()
    if logfile:
        assert "raised unexpected" not in worker.log.read_text(encoding="utf-8")


def json_lines(log: str) -> list[dict[str, Any]]:
    """Our own lines of a log; libraries write text."""
    return [json.loads(line) for line in log.splitlines() if line.startswith("{") and line.endswith("}")]


@pytest.mark.deep
def test_the_worker_command_logs_failures_too(site: Site) -> None:
    """As `campaign worker` and `campaign up` start it."""
    parts.start_broker(site)
    worker = parts.start_worker(site)
    ask_for_pull(site, "nothere")
    site.wait(lambda: "no list is called 'nothere'" in worker.log.read_text(encoding="utf-8"), "failed task's line")
    assert "received" not in worker.log.read_text(encoding="utf-8"), "only what went wrong"
