"""The product as it ships: launch, one nudge, and what a real worker and its tick then do."""

from __future__ import annotations

import time

from sqlalchemy import text

from benchmarks.stage import SLUG, Run, Stage
from campaign.outreach.launch import launch
from campaign.tasks import make_app, nudge

_ACCEPTED = text("SELECT sum(size) FROM request WHERE state = 'accepted'")
_LAUNCHED = text("SELECT sum(launched) FROM wave")


def run(stage: Stage) -> Run:
    """One worker with one sending process, which is the default."""
    app = make_app(stage.settings)
    stage.start_worker("worker", app, "apply_events")

    def launch_all() -> None:
        launch.launch(stage.database, stage.settings, SLUG)
        nudge(app, "send", SLUG)

    def accepted() -> bool:
        with stage.database.read() as conn:
            return conn.execute(_ACCEPTED).scalar() == conn.execute(_LAUNCHED).scalar() == stage.people

    return stage.race(launch_all, accepted)


def launch_only(stage: Stage) -> float:
    """Launch to everybody; the seconds it took."""
    started = time.monotonic()
    launch.launch(stage.database, stage.settings, SLUG)
    return time.monotonic() - started
