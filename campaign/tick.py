"""The tick: look at the database, nudge workers, send by itself while the broker is away. Harmless in any number."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import structlog
from celery import Celery

from campaign.config import Settings
from campaign.delivery import campaigns, events
from campaign.outreach import again, follow_up, intake, listen, pace, reconcile, send, switch
from campaign.outreach.send import Sender
from campaign.store import engine
from campaign.tasks import nudge, open_sender

logger = structlog.get_logger()

FORGET_EVERY = 3600  # seconds
SWITCH_EVERY = 5  # seconds between two looks at who sits in Congress; a worker looks once more itself
DRAIN_SECONDS = 5  # by itself, before it looks again


def run(settings: Settings, app: Celery, *, alive: Callable[[], bool]) -> None:
    """Look every `[campaign] tick` seconds, as long as `alive()` says so. A look that fails is told, not the last."""
    me = open_sender(settings)
    forgotten = switched = 0.0
    while alive():
        started = time.monotonic()
        try:
            if started - switched > SWITCH_EVERY or not switched:
                switch.look(me.database)
                switched = started
            look(me, app)
            if started - forgotten > FORGET_EVERY or not forgotten:
                listen.forget(me.database)
                follow_up.retain(me.database, matching=bool(me.settings.matching.geocoder))
                intake.refresh(me.database, me.settings, me.runner, me.session)
                forgotten = started
        except Exception as error:  # a database that is locked or starts anew: without a tick nothing would be sent
            logger.error("look_failed", error=type(error).__name__, reason=str(error).partition("\n")[0])
        time.sleep(max(0.0, settings.campaign.tick - (time.monotonic() - started)))
    me.close()


def look(me: Sender, app: Celery) -> None:
    """One look: sweep and breakers, then a nudge for what waits; without a broker, do it here."""
    reconcile.look(me.database)
    follow_up.follow(me.database, pace.hours(me.settings))
    with me.database.read() as conn:
        unheard = events.waiting(conn)
        slugs = campaigns.due(conn, engine.now(conn))
    if unheard and not nudge(app, "apply_events"):
        listen.apply(me.database, me.keys)
    for slug in slugs:
        if not nudge(app, "send", slug):
            again.ask(me, slug)
            send.drain(me, slug, seconds=DRAIN_SECONDS)


def parent_lives(pid: int) -> bool:
    """Whether the worker that started this tick is still our parent."""
    return os.getppid() == pid
