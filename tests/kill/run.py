"""One run: launch, kill, launch more, kill; then faults off, drain, settle by evidence, and judge."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy import Connection, func, select

from campaign.delivery import campaigns, outbox
from campaign.outreach.launch import launch
from campaign.states import State
from campaign.store import engine
from campaign.store.schema import letter, request
from tests import build, postgresql
from tests.conftest import fresh_postgresql
from tests.journey import parts
from tests.journey.parts import SLUG, Site
from tests.kill import engines, letters, oracle
from tests.kill.workers import PATIENCE, Celery, Warm, drain, sweep

WORKERS = 2
CELERY_EVERY = 10  # one kill in ten goes through Celery
WRITER_EVERY = 5  # one in five hits a supporter's confirmation, in the web's place
SOONEST = 0.01  # seconds of work before a kill, counted from when the worker is ready: machines differ
LATENCY_MS = 100  # of the sandbox, half of it before a request is taken
MOST_WAVES = 40
LOW = 100  # requests that wait, below which the next wave is launched
SOME = 8  # letters to judge
LOOK = 0.2  # seconds
GATHERED = 3  # letters in a summary, for which a morning comes
QUIET = 600  # seconds for the end


@dataclass(frozen=True, slots=True)
class Options:
    """`mails`: how many one wave holds; there are as many waves as the kills need.

    `faults`: the share of requests that meet a lost answer, a dropped connection, 429 or 503.
    `pause`: the longest time that a worker is at work before it is killed, in seconds.
    """

    kills: int
    seed: int
    database: str
    mails: int
    faults: float
    pause: float
    engine: str


def run(options: Options) -> oracle.Verdict:
    """Leaves nothing running and nothing on the disk."""
    with _site(options.database) as site, ExitStack() as stack:
        parts.start_sandbox(site, faults=options.faults, seed=options.seed, latency_ms=LATENCY_MS)
        _first_wave(site, options.mails)
        sweeper, workers, writers = (
            Warm(life, site.settings, options.engine) for life in (sweep, drain, letters.write)
        )
        for some, how_many in ((sweeper, 1), (workers, WORKERS), (writers, 1)):
            stack.callback(some.stop)
            some.start(how_many)
        celery = None
        # The bad engines live in the warm workers alone; and without /proc nobody finds the pool's process.
        if options.engine == engines.OURS and Path("/proc/self/fd").exists():
            parts.start_broker(site)
            celery = Celery(site, parts.start_worker(site))
            stack.callback(celery.stop)
        writers.wait()
        _kill(site, options, workers, writers, celery)
        _letters(site)
        writers.stop()
        _quiet(site)
        workers.stop()
        sweeper.stop()
        if celery:
            celery.stop()
        oracle.tell(site)
        return oracle.judge(site)


def _kill(site: Site, options: Options, workers: Warm, writers: Warm, celery: Celery | None) -> None:
    """Kill at random moments, as long as there is work: one in CELERY_EVERY in Celery's worker, when it is sending."""
    rng = Random(options.seed)
    hard = options.kills // CELERY_EVERY if celery else 0
    warm = options.kills - hard
    last = time.monotonic()
    while warm + hard:
        _look_after(site, options.mails)
        pause = rng.uniform(SOONEST, options.pause)
        if celery and hard and hard * CELERY_EVERY >= warm + hard and celery.kill(rng):
            hard -= 1
        elif warm:
            (writers if warm % WRITER_EVERY == 0 else workers).kill(rng, pause)
            warm -= 1
        elif time.monotonic() < last + 2 * PATIENCE:
            time.sleep(pause)
            continue
        else:
            raise RuntimeError(f"Celery's worker does not come to send, {hard} kills are left: {_tail(site)}")
        last = time.monotonic()
        if (left := warm + hard) % 20 == 0:
            print(f"{options.kills - left} of {options.kills} kills", file=sys.stderr)


def _letters(site: Site) -> None:
    """Until some letters are confirmed: on a slow machine all kills may come before."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with site.database.read() as conn:
            if conn.execute(select(func.count()).select_from(letter)).scalar_one() >= SOME:
                return
        time.sleep(LOOK)


def _tail(site: Site) -> str:
    log = site.parts.logs / "worker.log"
    return "\n".join(["", *log.read_text(errors="replace").splitlines()[-40:]])


@contextmanager
def _site(database: str) -> Iterator[Site]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kill-", ignore_cleanup_errors=True))
        url = ""
        if database == "postgresql":
            url = stack.enter_context(fresh_postgresql(stack.enter_context(postgresql.server())))
        yield stack.enter_context(parts.site(Path(folder), database_url=url))


def _first_wave(site: Site, mails: int) -> None:
    """People, and the shipped campaign's own first wave."""
    half = mails // 2
    _write_waves(site.settings.templates)
    with site.database.begin() as conn:
        build.add_people(conn, range(half), locale="en")
        build.add_people(conn, range(half, mails), locale="es")
        letters.prepare(conn)
    launch.launch(site.database, site.settings, SLUG)


def _write_waves(templates: Path) -> None:
    """The messages of every later wave: each wave has its own."""
    for language in ("en", "es"):
        ask = templates / SLUG / "ask"
        for number in range(2, MOST_WAVES + 1):
            shutil.copyfile(ask / f"first.{language}.md", ask / f"wave-{number}.{language}.md")


def _look_after(site: Site, mails: int) -> None:
    """What a person would do: end a pause, release what is held; and launch another wave before the work ends. And
    summaries do not wait for the morning.
    """
    held = select(request.c.id).where(request.c.state == State.HELD.value)
    later = select(request.c.id).where(
        request.c.kind == "daily", request.c.state == State.QUEUED.value, request.c.due_at > time.time() * 1000 + 2000
    )
    if mails:
        later = later.where(request.c.size >= GATHERED)
    with site.database.read() as conn:
        paused = campaigns.get(conn, SLUG).paused
        low = mails and _number(conn, State.QUEUED) < LOW
        if not (paused or low or conn.scalars(held).first() or conn.scalars(later).first()):
            return  # most often: a look must not wait for the workers' locks
    with site.database.begin() as conn:
        campaign, now = campaigns.get(conn, SLUG), engine.now(conn)
        campaigns.resume(conn, campaign.id, now)
        outbox.release(conn, conn.scalars(held).all(), now)
        if conn.scalars(later).first():
            outbox.send_digests_now(conn, campaign.id, now + site.settings.campaign.take_back * 1000)  # a morning comes
        if low:
            number = len(campaigns.waves(conn, campaign.id)) + 1
            build.launch(conn, campaign, wave=f"wave-{number}", per_request=5, now=now)


def _number(conn: Connection, *states: State) -> int:
    """How many requests are in one of these states."""
    query = select(func.count()).where(request.c.state.in_([state.value for state in states]))
    return conn.execute(query).scalar_one()


def _quiet(site: Site) -> None:
    """Faults off: the sandbox goes on with the same ledger, and everything that can still go goes."""
    parts.stop(site, site.parts.started[0])
    parts.start_sandbox(site)
    ends = time.monotonic() + QUIET
    while time.monotonic() < ends:
        _look_after(site, 0)
        with site.database.read() as conn:
            left = _number(conn, State.QUEUED, State.HELD, State.CLAIMED, State.SENDING)
        if not left:
            return
        time.sleep(0.05)
    print(f"WRONG: {left} requests still wait {QUIET} s after the last fault", file=sys.stderr)
