"""The scheduler's steps: each fails on its own, is shown while it fails, and runs again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from celery import Celery
from sqlalchemy import text, update
from structlog.testing import capture_logs

from campaign import keys, scheduler
from campaign.cli.status import show_health
from campaign.compose.campaign_folder import disk
from campaign.compose.rendering import release
from campaign.config import ROOT, Settings, load_settings
from campaign.delivery import campaigns, failing_steps
from campaign.delivery.sender import Sender
from campaign.outreach.reports import health
from campaign.outreach.sending import webhook_events
from campaign.scheduler import Schedule, Step
from campaign.store import engine
from campaign.store.engine import Database
from campaign.store.schema import request
from campaign.tasks import make_app, open_sender
from tests import build

GOOD = "end-287g"
KEYS = keys.derive(b"e" * 32)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    environ = {
        "CAMPAIGN_DATABASE_URL": database_url,
        "CAMPAIGN_CAMPAIGN_SCHEDULER_SECONDS": "0.05",
        "SENDGRID_API_KEY": "SG.x",
    }
    return load_settings(home=tmp_path / "state", path=ROOT / "config.toml", environ=environ)


@pytest.fixture
def app(settings: Settings) -> Iterator[Celery]:
    """No broker: the scheduler does everything itself."""
    with make_app(settings) as made:
        yield made


@pytest.fixture
def me(settings: Settings) -> Iterator[Sender]:
    made = open_sender(settings)
    yield made
    made.close()
    made.database.close()


def fail() -> None:
    raise ValueError("ana@example.org is no answer\nsecond line")


def failing(database: Database) -> dict[str, str]:
    with database.read() as conn:
        return {one.name: one.reason for one in failing_steps.failing(conn)}


def test_each_step_may_fail_and_all_others_run(me: Sender, app: Celery) -> None:
    planned = scheduler.plan(me, app)
    for broken in planned:
        ran: list[str] = []

        def watched(step: Step, ran: list[str] = ran) -> Step:
            def run() -> object:
                ran.append(step.name)
                return step.run()

            return replace(step, run=run)  # type: ignore[arg-type]

        schedule = Schedule(me.database)
        with capture_logs() as logs:
            schedule.run_due([replace(one, run=fail) if one is broken else watched(one) for one in planned], now=100)
        assert ran == [one.name for one in planned if one is not broken]
        assert failing(me.database) == {broken.name: "ValueError: <address> is no answer"}
        (line,) = (entry for entry in logs if entry["event"] == "step_failed")
        assert (line["step"], line["log_level"]) == (broken.name, "error")
        schedule.run_due(planned, now=100 + scheduler.RETRY_AFTER)
        assert failing(me.database) == {}, "it works again"


def test_one_campaigns_failure_stops_no_other_campaign(me: Sender, app: Celery) -> None:
    with me.database.begin() as conn:
        build.add_people(conn, range(1, 3))
        build.launch(conn, build.add_campaign(conn, "broken"))  # its release is empty: nothing can be made of it
        frozen = release.freeze(conn, disk.load(ROOT / "templates", GOOD), 0)
        good = campaigns.save(conn, GOOD, release=frozen, opens_at=0, closes_at=build.CLOSES, now=build.START)
        build.launch(conn, good, per_request=1)
        bounced = {"delivered": 190, "bounced": 11, "answered_at": build.START}
        conn.execute(update(request).where(request.c.campaign_id == good.id).values(bounced))
    schedule = Schedule(me.database)
    with capture_logs() as logs:
        schedule.run_due(scheduler.plan(me, app), now=100)
    assert set(failing(me.database)) == {"transitions of broken", "send broken"}
    assert {f"transitions of {GOOD}", f"breakers of {GOOD}", f"send {GOOD}", "retention"} <= schedule.due.keys()
    with me.database.read() as conn:
        assert campaigns.get(conn, GOOD).paused, "its breaker still works"
    assert "example.org" not in str(logs)


def test_a_step_that_fails_keeps_its_schedule(database: Database) -> None:
    ran: list[float] = []
    broken = True

    def run() -> None:
        ran.append(now)
        if broken:
            fail()

    schedule, planned = Schedule(database), [Step("hourly", run, scheduler.HOUR), Step("each look", lambda: None)]
    with capture_logs() as logs:
        for now in range(200):
            schedule.run_due(planned, now)
    assert ran == [0, 60, 120, 180], "neither at each look, nor an hour later"
    assert sum(entry["event"] == "step_failed" for entry in logs) == 4
    broken = False
    for now in range(200, 8000, 20):
        schedule.run_due(planned, now)
    assert ran[4:] == [240, 3840, 7440]
    assert failing(database) == {}


def test_a_step_that_fails_at_each_look_is_logged_once_a_minute_and_when_it_changes(database: Database) -> None:
    whys = ["first"] * 100 + ["second"] * 10

    def run() -> None:
        raise OSError(whys[now])

    schedule = Schedule(database)
    with capture_logs() as logs:
        for now in range(len(whys)):
            schedule.run_due([Step("leases", run)], now)
    told = [(entry["reason"], entry["in_a_row"]) for entry in logs if entry["event"] == "step_failed"]
    assert told == [("OSError: first", 1), ("OSError: first", 61), ("OSError: second", 101)]
    with database.read() as conn:
        (one,) = failing_steps.failing(conn)
    assert one.reason == "OSError: second"
    assert one.since <= one.at


def test_while_the_database_is_away_the_scheduler_goes_on_and_notes_it_afterwards(database: Database) -> None:
    schedule, planned = Schedule(database), [Step("leases", fail), Step("events", lambda: None)]
    with database.begin() as conn:
        conn.execute(text("ALTER TABLE failing_step RENAME TO away"))
    with capture_logs() as logs:
        schedule.run_due(planned, now=1)
    assert [entry["event"] for entry in logs] == ["step_failed", "steps_not_noted"]
    with database.begin() as conn:
        conn.execute(text("ALTER TABLE away RENAME TO failing_step"))
    schedule.run_due(planned, now=2)
    assert set(failing(database)) == {"leases"}


def test_the_loop_runs_until_it_is_told_and_forgets_what_an_earlier_one_noted(
    settings: Settings, app: Celery, database: Database
) -> None:
    with database.begin() as conn:
        failing_steps.note(conn, {"a step of an older version": "ValueError: it", "leases": "OSError: it"}, 5)
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        fail()

    scheduler.run(settings, app, alive=lambda: len(looks) < 3, planned=lambda *_: (Step("leases", look),))
    assert len(looks) == 3
    with database.read() as conn:
        (one,) = failing_steps.failing(conn)
    assert (one.name, one.since) == ("leases", 5)
    assert one.at > 5


def test_status_says_what_an_operator_must_look_at(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    def shown() -> str:
        with database.read() as conn:
            found = health.health(conn, engine.now(conn) + health.LATE_MS + 1)
        show_health(found)
        return " ".join(capsys.readouterr().out.split())

    assert shown() == ""
    with database.begin() as conn:
        failing_steps.note(conn, {"leases": "OSError: [Errno 28] No space left"}, engine.now(conn))
    webhook_events.receive(database, b'[{"event":"bounce","email":"ana@example.org","reason":"usu\xe1rio"}]')
    webhook_events.apply(database, KEYS)
    assert "Events from SendGrid with bytes that are not UTF-8: 1." in shown()
    assert "could not be applied" not in shown()
    webhook_events.receive(database, b"[]")
    assert "waiting since" in shown()
    assert "1 batches" not in shown()
    assert "leases. OSError: [Errno 28] No space left" in shown()
