"""The tick: look at the database, nudge workers, send by itself while the broker is away. Safe to run in any number.

Its work is a list of named steps. Each fails by itself: the failure is logged and shown in `campaign status`, and all
other steps run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog
from celery import Celery

from campaign.config import Settings
from campaign.delivery import campaigns, failing_steps
from campaign.delivery.sender import Sender
from campaign.delivery.sendgrid import webhook
from campaign.log import reason
from campaign.outreach.routing import registry
from campaign.outreach.routing import schedule as send_schedule
from campaign.outreach.sending import (
    bounced_letters,
    circuit_breakers,
    drain,
    lost_answers,
    retention,
    unannounced_letters,
    webhook_events,
)
from campaign.outreach.transition import pending_letters
from campaign.store import engine
from campaign.store.engine import Database
from campaign.tasks import nudge, open_sender

logger = structlog.get_logger()

HOUR = 3600.0  # seconds
SWITCH_EVERY = 5  # seconds between two looks at who sits in Congress; a worker looks once more itself
AGAIN_AFTER = 60  # seconds until a step that failed runs again, unless it runs more often anyway
REMIND_AFTER = 60  # seconds until the same failure is logged again
DRAIN_SECONDS = 5  # by itself, before it looks again


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the tick does every so many seconds (0: at each look). `run` may give more steps, which follow at
    once and each fail on their own: one for each campaign.
    """

    name: str
    run: Callable[[], Iterable[Step] | None]
    every: float = 0


@dataclass(slots=True)
class Failure:
    why: str
    in_a_row: int = 0
    logged: float = float("-inf")


@dataclass(slots=True)
class Schedule:
    """When each step runs next, and which ones fail. Times in seconds of a monotonic clock."""

    database: Database
    due: dict[str, float] = field(default_factory=dict)
    failing: dict[str, Failure] = field(default_factory=dict)
    noted: bool = False  # whether the database says the same

    def look(self, planned: Iterable[Step], now: float) -> None:
        """Run each step that is due. Never raises what a step raised."""
        self._run(planned, now)
        if not self.noted:
            try:
                with self.database.begin() as conn:
                    failing_steps.note(conn, {name: one.why for name, one in self.failing.items()}, engine.now(conn))
                self.noted = True
            except Exception as error:
                logger.warning("steps_not_noted", reason=reason(error))

    def _run(self, planned: Iterable[Step], now: float) -> None:
        for step in planned:
            if now < self.due.get(step.name, now):
                continue
            try:
                more = list(step.run() or ())
            except Exception as error:
                self.due[step.name] = now + min(step.every, AGAIN_AFTER)
                self._failed(step.name, error, now)
            else:
                self.due[step.name] = now + step.every
                self._worked(step.name)
                self._run(more, now)

    def _failed(self, name: str, error: Exception, now: float) -> None:
        why = f"{type(error).__name__}: {reason(error)}"
        found = self.failing.setdefault(name, Failure(why))
        found.in_a_row += 1
        if found.why != why or now - found.logged >= REMIND_AFTER:
            found.why, found.logged = why, now
            logger.error("step_failed", step=name, reason=why, in_a_row=found.in_a_row, exc_info=error)
            self.noted = False

    def _worked(self, name: str) -> None:
        if (found := self.failing.pop(name, None)) is not None:
            logger.warning("step_works_again", step=name, failures=found.in_a_row)
            self.noted = False


def plan(me: Sender, app: Celery) -> tuple[Step, ...]:
    """Everything that the tick does, in order."""
    database, settings = me.database, me.settings
    return (
        Step("transitions", partial(_each, database, "transitions", pending_letters.review_pending), SWITCH_EVERY),
        Step("leases", partial(_do, circuit_breakers.sweep, database)),
        Step("breakers", partial(_each, database, "breakers", circuit_breakers.check)),
        Step("follow-up", partial(_do, bounced_letters.follow_up, database, send_schedule.hours(settings))),
        Step("events", partial(_events, me, app)),
        Step("campaigns to send", partial(_send, me, app)),
        Step("letters of opted-out supporters", partial(_do, unannounced_letters.stop_all, database), HOUR),
        Step("old events", partial(_do, webhook_events.forget, database), HOUR),
        Step("retention", lambda: _do(retention.retain, database, matching=bool(settings.matching.geocoder)), HOUR),
        *(Step(f"channel {channel.name}", partial(_do, channel.refresh, me), HOUR) for channel in registry.channels()),
    )


def run(
    settings: Settings,
    app: Celery,
    *,
    alive: Callable[[], bool],
    planned: Callable[[Sender, Celery], Sequence[Step]] = plan,
) -> None:
    """Look every `[campaign] tick` seconds, as long as `alive()` says so."""
    me = open_sender(settings)
    schedule, all_steps = Schedule(me.database), planned(me, app)
    while alive():
        started = time.monotonic()
        schedule.look(all_steps, started)
        time.sleep(max(0.0, settings.campaign.tick - (time.monotonic() - started)))
    me.close()


def _do(function: Callable[..., object], *arguments: object, **named: object) -> None:
    """Call a function whose answer the tick does not need."""
    function(*arguments, **named)


def _each(database: Database, name: str, function: Callable[[Database, str], object]) -> list[Step]:
    """The same step for each campaign."""
    with database.read() as conn:
        slugs = [campaign.slug for campaign in campaigns.every(conn)]
    return [Step(f"{name} of {slug}", partial(_do, function, database, slug)) for slug in slugs]


def _events(me: Sender, app: Celery) -> None:
    with me.database.read() as conn:
        waiting = webhook.waiting(conn)
    if waiting and not nudge(app, "apply_events"):
        webhook_events.apply(me.database, me.keys)


def _send(me: Sender, app: Celery) -> list[Step]:
    """A step for each campaign; nothing fails any more where nothing is due."""
    repeatable = [channel.name for channel in registry.repeatable()]
    with me.database.read() as conn:
        due = set(campaigns.due(conn, engine.now(conn), repeatable=repeatable))
        slugs = [campaign.slug for campaign in campaigns.every(conn)]
    return [Step(f"send {slug}", partial(_send_one, me, app, slug) if slug in due else _nothing) for slug in slugs]


def _nothing() -> None:
    pass


def _send_one(me: Sender, app: Celery, slug: str) -> None:
    """Nudge a worker; without a broker, do here what it would do."""
    if nudge(app, "send", slug):
        return
    try:
        lost_answers.settle_unknown(me, slug)
    finally:  # a question that fails is no reason not to send
        drain.drain(me, slug, seconds=DRAIN_SECONDS)


def parent_lives(pid: int) -> bool:
    """Whether the worker that started this tick is still our parent."""
    return os.getppid() == pid
