"""What is killed: workers forked warm from a parent that has imported everything and opened nothing, and Celery's."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from random import Random

from sqlalchemy.exc import OperationalError

from campaign import log
from campaign.config import Settings
from campaign.outreach.sending import circuit_breakers
from campaign.outreach.sending import drain as send_loop
from campaign.processes import StartedProcess
from campaign.store import engine as store
from campaign.tasks import open_sender
from tests.journey import parts
from tests.journey.parts import SLUG, Site
from tests.kill import engines

IDLE = 0.02  # seconds before an idle worker, or the sweep, looks again
PATIENCE = 200  # seconds until a worker is at work
WELL = 0.3  # seconds of sending; Celery is slow to see the end of a process that had hardly begun
MAIN = 0.2  # share of Celery's kills that hit its main process

_forks = get_context("forkserver")
_forks.set_forkserver_preload([__name__, "psycopg", "pysqlite3", "babel.numbers"])  # what is missing is passed over


def drain(settings: Settings, engine: str, ready: Connection) -> None:
    """A worker's life: open everything, then send until somebody kills it."""
    begin(engine)
    me = open_sender(settings)
    ready.send(True)
    while wanted():
        deliveries = 0
        with patience():
            deliveries = send_loop.drain(me, SLUG, seconds=5).deliveries
        if not deliveries:
            time.sleep(IDLE)


def sweep(settings: Settings, engine: str, ready: Connection) -> None:
    """The tick's look, beside the workers."""
    begin(engine)
    database = store.connect(settings.database_url)
    ready.send(True)
    while wanted():
        with patience():
            circuit_breakers.sweep(database)
            circuit_breakers.check(database, SLUG)
        time.sleep(5 * IDLE)


@contextmanager
def patience() -> Iterator[None]:
    """A database that stays locked for long, on a busy machine: scheduler, tasks and browsers try again later."""
    try:
        yield
    except* OperationalError:
        pass


def begin(engine: str) -> None:
    """What every warm process does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log.configure(level=logging.CRITICAL)
    engines.become(engine)


def wanted() -> bool:
    """Whether the harness still lives."""
    parent = parent_process()
    return parent is not None and parent.is_alive()


@dataclass(slots=True)
class Warm:
    """Some processes of one kind; a killed one is followed by another at once."""

    life: Callable[[Settings, str, Connection], None]
    settings: Settings
    engine: str
    living: list[tuple[BaseProcess, Connection]] = field(default_factory=list)

    def start(self, number: int) -> None:
        for _ in range(number):
            mine, its = _forks.Pipe(duplex=False)
            made = _forks.Process(target=self.life, args=(self.settings, self.engine, its), daemon=True)
            made.start()
            its.close()
            self.living.append((made, mine))

    def wait(self) -> None:
        """Until all are at work."""
        for _, ready in self.living:
            ready.poll(PATIENCE)

    def kill(self, rng: Random, after: float) -> None:
        """SIGKILL to one of them, `after` seconds of work. Raises RuntimeError when it had ended by itself."""
        victim, ready = self.living.pop(rng.randrange(len(self.living)))
        at_work = ready.poll(PATIENCE)
        time.sleep(after)
        code = _end(victim, ready)
        if not at_work or code != -signal.SIGKILL:
            raise RuntimeError(f"a worker ended by itself, with exit code {code}")
        self.start(1)

    def stop(self) -> None:
        while self.living:
            _end(*self.living.pop())


def _end(victim: BaseProcess, ready: Connection) -> int | None:
    victim.kill()
    victim.join()
    ready.close()
    return victim.exitcode


@dataclass(slots=True)
class Celery:
    """`celery -A worker worker` on the embedded broker."""

    site: Site
    part: StartedProcess
    sending: dict[int, float] = field(default_factory=dict)  # since when, of the pool's process

    def kill(self, rng: Random) -> bool:
        """SIGKILL to its pool's process, or now and then to itself; False when nobody there is well at work."""
        now = time.monotonic()
        self.sending = {
            child: self.sending.get(child, now) for child in parts.pool(self.part) if parts.sends(self.site, child)
        }
        at_work = [child for child, since in self.sending.items() if now - since > WELL]
        if not at_work:
            return False
        if rng.random() < MAIN:
            parts.kill(self.site, self.part)  # the child goes on alone until its task ends
            self.part = parts.start_worker(self.site)
        else:
            os.kill(at_work[0], signal.SIGKILL)
        return True

    def stop(self) -> None:
        if self.part in self.site.parts.started:
            parts.kill_all(self.site, self.part)
