"""The scheduler: look at the database, nudge workers, and send by itself while the broker is away. Any number may run.

Its work is a list of named steps. Each fails on its own: the failure is logged and shown in `campaign status`, and the
other steps run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    later_emails,
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
REVIEW_EVERY = 5  # seconds between reviews of pending letters; a worker also checks each one before it sends
RETRY_AFTER = 60  # seconds until a failed step runs again, unless it runs more often
REMIND_AFTER = 60  # seconds until the same failure is logged again
DRAIN_SECONDS = 5  # that it sends by itself before the next pass


@dataclass(frozen=True, slots=True)
class Step:
    """A task that runs every so many seconds (0: in each pass). `run` may return more steps, one per campaign: they run
    next, and fail on their own.
    """

    name: str
    run: Callable[[], Iterable[Step] | None]
    every: float = 0


@dataclass(slots=True)
class Failure:
    reason: str
    in_a_row: int = 0
    logged: float = float("-inf")


@dataclass(slots=True)
class Schedule:
    """When each step runs next, and which steps fail. Times in seconds of a monotonic clock."""

    database: Database
    due: dict[str, float] = field(default_factory=dict)
    failing: dict[str, Failure] = field(default_factory=dict)
    noted: bool = False  # whether the database has the same failures

    def run_due(self, planned: Iterable[Step], now: float) -> None:
        """Run each step that is due. Never raises an exception of a step."""
        self._run(planned, now)
        if not self.noted:
            try:
                with self.database.begin() as conn:
                    failing_steps.note(
                        conn, {name: failure.reason for name, failure in self.failing.items()}, engine.now(conn)
                    )
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
                self.due[step.name] = now + min(step.every, RETRY_AFTER)
                self._failed(step.name, error, now)
            else:
                self.due[step.name] = now + step.every
                self._worked(step.name)
                self._run(more, now)

    def _failed(self, name: str, error: Exception, now: float) -> None:
        why = f"{type(error).__name__}: {reason(error)}"
        failure = self.failing.setdefault(name, Failure(why))
        failure.in_a_row += 1
        if failure.reason != why or now - failure.logged >= REMIND_AFTER:
            failure.reason, failure.logged = why, now
            logger.error("step_failed", step=name, reason=why, in_a_row=failure.in_a_row, exc_info=error)
            self.noted = False

    def _worked(self, name: str) -> None:
        if (failure := self.failing.pop(name, None)) is not None:
            logger.warning("step_works_again", step=name, failures=failure.in_a_row)
            self.noted = False


def plan(sender: Sender, app: Celery) -> tuple[Step, ...]:
    """Everything that the scheduler does, in order."""
    database, settings = sender.database, sender.settings
    return (
        Step("leases", partial(_do, circuit_breakers.sweep, database)),
        Step("campaigns", partial(_campaigns, database)),
        Step("follow-up", partial(_do, bounced_letters.follow_up, database, send_schedule.hours(settings))),
        Step("events", partial(_events, sender, app)),
        Step("campaigns to send", partial(_send, sender, app)),
        Step("letters of opted-out supporters", partial(_do, unannounced_letters.stop_all, database), HOUR),
        Step("old events", partial(_do, webhook_events.forget, database), HOUR),
        Step("retention", lambda: _do(retention.retain, database, matching=bool(settings.matching.geocoder)), HOUR),
        *(
            Step(f"channel {channel.name}", partial(_do, channel.refresh, sender), HOUR)
            for channel in registry.channels()
        ),
    )


def run(
    settings: Settings,
    app: Celery,
    *,
    alive: Callable[[], bool],
    planned: Callable[[Sender, Celery], Sequence[Step]] = plan,
) -> None:
    """Run a pass every `[campaign] scheduler_seconds`, as long as `alive()` says so."""
    sender = open_sender(settings)
    schedule, steps = Schedule(sender.database), planned(sender, app)
    while alive():
        started = time.monotonic()
        schedule.run_due(steps, started)
        time.sleep(max(0.0, settings.campaign.scheduler_seconds - (time.monotonic() - started)))
    sender.close()


def _do(function: Callable[..., object], *arguments: object, **named: object) -> None:
    """Call a function and drop its result."""
    function(*arguments, **named)


def _campaigns(database: Database) -> Iterator[Step]:
    """The steps of each campaign."""
    with database.read() as conn:
        slugs = [campaign.slug for campaign in campaigns.every(conn)]
    for slug in slugs:
        yield Step(f"transitions of {slug}", partial(_do, pending_letters.review_pending, database, slug), REVIEW_EVERY)
        yield Step(f"breakers of {slug}", partial(_do, circuit_breakers.check, database, slug))
        yield Step(f"later emails of {slug}", partial(_do, later_emails.queue, database, slug), HOUR)


def _events(sender: Sender, app: Celery) -> None:
    with sender.database.read() as conn:
        waiting = webhook.waiting(conn)
    if waiting and not nudge(app, "apply_events"):
        webhook_events.apply(sender.database, sender.keys)


def _send(sender: Sender, app: Celery) -> list[Step]:
    """A step for each campaign; with nothing due it does nothing, so that an earlier failure ends."""
    repeatable = [channel.name for channel in registry.repeatable()]
    with sender.database.read() as conn:
        due = set(campaigns.due(conn, engine.now(conn), repeatable=repeatable))
        slugs = [campaign.slug for campaign in campaigns.every(conn)]
    return [Step(f"send {slug}", partial(_send_one, sender, app, slug) if slug in due else _nothing) for slug in slugs]


def _nothing() -> None:
    pass


def _send_one(sender: Sender, app: Celery, slug: str) -> None:
    """Nudge a worker; without a broker, send from here."""
    if nudge(app, "send", slug):
        return
    try:
        lost_answers.settle_unknown(sender, slug)
    finally:  # it fails on its own: sending goes on
        drain.drain(sender, slug, seconds=DRAIN_SECONDS)
