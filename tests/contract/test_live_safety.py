"""The commands that lead to mail refuse a live provider until its links, webhook key and senders are right."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from campaign.config import ROOT
from campaign.errors import CampaignError, Problems
from tests.contract.key_home import SLUG, Home, home
from tests.contract.web import SIGNER

__all__ = ["home"]

OWN = "action@piedmont.us"
FREE = "piedmont.neighbors@gmail.com"
LIVE = {
    "CAMPAIGN_SENDGRID_URL": "https://api.sendgrid.com",
    "CAMPAIGN_SENDGRID_WEBHOOK_KEY": SIGNER.public,
    "CAMPAIGN_WEB_BASE_URL": "https://act.piedmont.us",
    "SENDGRID_API_KEY": "SG.x",
}
WRONG = [
    ({"CAMPAIGN_WEB_BASE_URL": "http://127.0.0.1:8000"}, OWN, "[web] base_url"),
    ({"CAMPAIGN_SENDGRID_WEBHOOK_KEY": ""}, OWN, "[sendgrid] webhook_key"),
    ({}, FREE, "[organization] sender_email"),
]


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """Settings and texts decide here, so one kind of database is enough."""
    shutil.copyfile(migrated_sqlite, tmp_path / "test.db")
    return f"sqlite:///{tmp_path}/test.db"


@pytest.fixture
def own(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The shipped campaign with an organization's own names, people on file, and the live provider."""
    shutil.copytree(ROOT / "templates" / SLUG, home.path / "templates" / SLUG)
    monkeypatch.setenv("CAMPAIGN_CAMPAIGN_TEMPLATES", str(home.path / "templates"))
    for name, value in LIVE.items():
        monkeypatch.setenv(name, value)
    file = home.path / "templates" / SLUG / "campaign.toml"
    text = re.sub(r'(sender|offices)_email = "[^"]*"', rf'\1_email = "{OWN}"', file.read_text(encoding="utf-8"))
    text = re.sub(r"\bexample\b|placeholder", "Piedmont", text, flags=re.IGNORECASE)
    file.write_text(text, encoding="utf-8")
    home.run("lists pull", "people", "--path", "{file}")
    return home


def sender(home: Home, address: str) -> None:
    file = home.path / "templates" / SLUG / "campaign.toml"
    text = re.sub(r'(sender|offices)_email = "[^"]*"', rf'\1_email = "{address}"', file.read_text(encoding="utf-8"))
    file.write_text(text, encoding="utf-8")


def asks(home: Home, capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    """The states of the first wave's asks; empty if nothing was launched."""
    capsys.readouterr()
    home.run("status", "--json")
    found: list[Any] = json.loads(capsys.readouterr().out)
    return dict(found[0]["waves"][0]["states"]) if found and found[0]["waves"] else {}


@pytest.mark.parametrize(("environ", "address", "named"), WRONG)
def test_nothing_is_launched_until_it_is_right(
    own: Home,
    environ: dict[str, str],
    address: str,
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    sender(own, address)
    for command in (("launch", SLUG), ("offices invite", SLUG, "--all")):
        with pytest.raises(Problems) as refused:
            own.run(*command)
        assert [named in str(one) for one in refused.value.problems] == [True], command
    capsys.readouterr()
    assert own.run("check", SLUG) == 1
    assert "1 error" in (told := capsys.readouterr().out)
    assert named in told
    assert asks(own, capsys) == {}


def test_with_everything_right_it_is_launched_and_later_changes_stop_what_sends(
    own: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert own.run("check", SLUG) == 0
    command: tuple[str, ...] = ("launch", SLUG)
    own.run(*command)
    assert asks(own, capsys) == {"queued": 3}
    monkeypatch.setenv("CAMPAIGN_WEB_BASE_URL", "http://127.0.0.1:8000")
    for command in (("send", SLUG), ("up",), ("offices invite", SLUG, "--all"), ("republish", SLUG)):
        with pytest.raises(Problems, match="problem") as refused:
            own.run(*command)
        assert ["[web] base_url" in str(one) for one in refused.value.problems] == [True], command
    monkeypatch.setenv("CAMPAIGN_WEB_BASE_URL", LIVE["CAMPAIGN_WEB_BASE_URL"])
    monkeypatch.setenv("CAMPAIGN_SENDGRID_URL", "http://127.0.0.1:9")
    sender(own, FREE)
    own.run("republish", SLUG)  # with a sandbox anything goes, and then the settings change
    monkeypatch.setenv("CAMPAIGN_SENDGRID_URL", LIVE["CAMPAIGN_SENDGRID_URL"])
    for command in (("send", SLUG), ("up",), ("test-send", SLUG, "--to", "me@piedmont.us")):
        with pytest.raises(Problems) as refused:
            own.run(*command)
        assert ["gmail.com" in str(one) for one in refused.value.problems] == [True], command
    monkeypatch.delenv("SENDGRID_API_KEY")
    for command in (("send", SLUG), ("up",), ("launch", SLUG), ("test-send", SLUG, "--to", "me@piedmont.us")):
        with pytest.raises(CampaignError, match="SENDGRID_API_KEY"):
            own.run(*command)
    assert asks(own, capsys) == {"queued": 3}


@pytest.mark.parametrize("environ", [wrong for wrong, _, _ in WRONG if wrong])
def test_a_new_installation_does_not_come_up(
    home: Home, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**LIVE, **environ}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Problems):
        home.run("up")
    assert not (home.home / "logs").exists(), "nothing was started"


@pytest.mark.parametrize("slug", ["end 287g", "End-287g", "end%20287g", "report"])
def test_a_name_that_no_link_can_carry_is_refused(home: Home, slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "templates" / SLUG, home.path / "templates" / slug)
    monkeypatch.setenv("CAMPAIGN_CAMPAIGN_TEMPLATES", str(home.path / "templates"))
    home.run("lists pull", "people", "--path", "{file}")
    for command in ("check", "launch", "preview", "plan", "congress outlook", "sponsors list", "facts list"):
        with pytest.raises(CampaignError, match="the campaign name"):
            home.run(command, slug)
