"""CWC and packets can be taken out: delete a channel's folder, and the rest routes, sends and plans as before."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from campaign.config import ROOT
from campaign.outreach.routing import registry
from campaign.store.schema import delivery
from tests.store.site import ADAMS, HERE, MINUTE, Site
from tests.store.site import site as site

COMMANDS = {"cwc": "cwc", "packet": "packets"}
SPECIFIC = {"cwc": ["delivery/cwc"], "packet": []}  # what only the channel itself uses

# The action page, the send loop and the plan, run in a copy of the project without the channel.
USE = """
from contextlib import closing
from campaign.delivery import campaigns
from campaign.outreach import channels
from campaign.outreach.launch import plan
from campaign.outreach.routing import registry
from campaign.delivery.sender import open_sender
from campaign.scheduler import plan as steps
from campaign.tasks import make_app
from campaign.web.app import create_app
from tests.store.site import ADAMS, BUDD, HERE, KEYS, MINUTE, SLUG

def test_letters_take_the_other_channels(site):
    channels.register_all()
    assert GONE not in [channel.name for channel in registry.channels()]
    site.contact()
    page = site.write(HERE, ADAMS)
    assert [letter.channel for letter in page.letters] == ["email"]
    site.write(HERE, BUDD)
    site.at += 16 * MINUTE
    assert sorted(site.drain()) == ["letter", "receipt"]
    assert site.states() == ["sent", "ready"]
    with site.database.read() as conn:
        found = plan.plan(conn, site.settings.templates, SLUG, site.at)
        assert campaigns.due(conn, site.at, repeatable=[one.name for one in registry.repeatable()]) == []
    assert (found.reached("email"), found.reached("cwc")) == (1, 0)

def test_the_processes_start(site):
    with closing(open_sender(site.database, KEYS, site.settings)) as sender:
        assert f"channel {GONE}" not in [step.name for step in steps(sender, make_app(site.settings))]
        create_app(site.database, KEYS, site.settings)
"""


def without(channel: str, folder: Path) -> None:
    """Copy the project into this folder, without this channel."""
    ignore = shutil.ignore_patterns("test_*")
    for name in ("campaign", "tests", "templates", "examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    for name in ("config.toml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for name in (f"outreach/channels/{channel}", *SPECIFIC[channel]):
        shutil.rmtree(folder / "campaign" / name)
    (folder / "campaign" / "cli" / f"{COMMANDS[channel]}.py").unlink()


def run(project: Path, *command: str) -> str:
    """What a command of that project prints; it must succeed."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("CAMPAIGN_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=project, env=environ, text=True, capture_output=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.long
@pytest.mark.parametrize("channel", COMMANDS)
def test_the_product_runs_without_a_channel_that_plugs_in(channel: str, tmp_path: Path) -> None:
    without(channel, tmp_path)
    test = tmp_path / "tests" / "store" / "test_use.py"
    test.write_text(f"GONE = {channel!r}\nfrom tests.store.site import site\n{USE}", encoding="utf-8")
    assert run(tmp_path, "pytest", str(test), "-n0", "-q", "-x", "-k", "sqlite").startswith("..")
    home = ("campaign", "--home", str(tmp_path / "state"))
    commands = run(tmp_path, *home, "--help")
    assert f" {channel} " not in commands, "its command is gone too"
    assert " offices " in commands
    assert "through the office's web form" in run(tmp_path, *home, "plan", "end-287g")


def test_a_letter_that_waits_for_a_channel_that_is_gone_takes_the_next_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.contact()
    site.write(HERE, ADAMS)
    monkeypatch.delitem(registry._channels, "email")
    assert (site.states(), site.enter().letters[0].channel) == (["going"], "email")
    site.at += 20 * MINUTE
    assert site.drain() == ["receipt"]
    assert site.follow().fallen == 1
    assert (site.states(), site.enter().letters[0].channel) == (["ready"], "form")
    assert site.rows(select(delivery.c.channel, delivery.c.reason).where(delivery.c.kind == "letter")) == [
        ("email", "the channel email is not installed here"),
        ("form", ""),
    ]
