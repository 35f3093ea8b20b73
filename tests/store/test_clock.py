"""A clock that a rehearsal moves: for all of its processes, on both databases, and never with the real SendGrid."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign import clock
from campaign.config import ROOT, load_settings
from campaign.errors import Problems
from campaign.store import engine
from campaign.store.engine import Database

pytestmark = pytest.mark.both_databases

HOUR = 3_600_000


def test_a_moved_clock_is_read_anew_each_time(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clock"
    with database.read() as conn:
        before = engine.now(conn)
        monkeypatch.setenv(clock.VARIABLE, str(file))
        for hours in (0, 5, 900):
            clock.move(file, before + hours * HOUR)
            assert hours * HOUR - HOUR < engine.now(conn) - before < hours * HOUR + HOUR
        monkeypatch.delenv(clock.VARIABLE)
        assert engine.now(conn) - before < HOUR


def test_it_is_refused_with_the_real_sendgrid(tmp_path: Path) -> None:
    moved = {clock.VARIABLE: str(tmp_path / "clock")}
    with pytest.raises(Problems, match="problem") as found:
        load_settings(home=tmp_path, path=ROOT / "config.toml", environ=moved)
    assert "is the real SendGrid, but the clock is not" in str(found.value)
    there = {**moved, "CAMPAIGN_SENDGRID_URL": "http://127.0.0.1:9"}
    assert not load_settings(home=tmp_path, path=ROOT / "config.toml", environ=there).live
