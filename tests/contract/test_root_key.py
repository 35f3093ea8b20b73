"""A lost or different root key stops every entry point, on both databases, and no key is created beside people."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import click
import pytest
from sqlalchemy import select

from campaign import scheduler
from campaign.cli import app
from campaign.config import ROOT
from campaign.errors import CampaignError
from campaign.keys import KeyRefused, Keys
from campaign.store import root_key
from campaign.store.schema import root_key as fingerprints
from campaign.store.schema import supporter
from campaign.tasks import make_app, open_sender
from campaign.web import app as web_app
from tests.contract.key_home import SLUG, Home
from tests.contract.key_home import home as home
from tests.contract.key_home import lived as lived

DAY = "2026-12-01"
WHO = ("--by", "Ana")

# Every command that opens the database, with arguments that get it that far.
OPENING = {
    "sponsors list": (SLUG,),
    "sponsors set": (SLUG, "H.R. 6890", "--from", "{file}", "--checked", DAY),
    "cancel": (SLUG, "--yes"),
    "check": (SLUG,),
    "congress forms": ("--check",),
    "congress forms clear": ("H:NC:12", *WHO),
    "congress forms list": (),
    "congress forms set": ("H:NC:12", "https://adams.house.gov/contact", *WHO),
    "congress outlook": (SLUG,),
    "congress restore": ("1",),
    "congress snapshots": (),
    "congress sync": ("--from", "{home}"),
    "congress who": ("--zip", "28205"),
    "cwc check": (),
    "cwc offices": (),
    "cwc render": ("--letter", "1"),
    "erase": ("ana@example.org",),
    "events": (),
    "events retry": (),
    "explain": ("1",),
    "launch": (SLUG,),
    "lists match": (),
    "lists pull": ("people", "--path", "{file}"),
    "republish": (SLUG,),
    "offices answer": ("H:NC:12", "--wants", "each", *WHO, "--on", DAY),
    "offices invite": (SLUG, "--all"),
    "offices letters": (SLUG, "H:NC:12", "--day", DAY, "--to", "{home}/letters", *WHO),
    "offices list": (),
    "offices load": ("{offices}",),
    "packet access": (SLUG,),
    "packet cancel-promise": ("H:NC:12",),
    "packet delivered": (SLUG, "H:NC:12", "--on", DAY, *WHO),
    "packet print": (SLUG,),
    "packet promise": ("H:NC:12", *WHO, "--on", DAY),
    "packet promises": (),
    "pause": (SLUG,),
    "plan": (SLUG,),
    "counsel-record": (SLUG,),
    "report": (SLUG,),
    "share": (SLUG,),
    "resume": (SLUG,),
    "send": (SLUG,),
    "settle": ("1", "--resend", *WHO, "--why", "a test"),
    "status": (),
    "suppress": ("{file}",),
    "scheduler": (),
    "up": (),
    "web": (),
    "worker": (),
}
# These open no installation's database, or are there to repair one.
OTHERS = {
    *("congress blocks", "congress build", "demo", "facts list", "facts reviewed", "preview", "sandbox", "test-send"),
    *("db adopt-key", "db check", "db upgrade"),
}


def leaves(group: click.Group, path: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, f"{path}{name} ")
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield path + name


def test_every_command_is_listed_here() -> None:
    assert OPENING.keys() | OTHERS == set(leaves(app.root))


@pytest.mark.parametrize("lose", [Home.lose_key, Home.another_key])
def test_each_command_refuses_and_nothing_changes(
    lived: Home, lose: Callable[[Home], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPAIGN_CWC_ENVIRONMENT", "uat")
    for name, value in {
        "AGENT": "Example Coalition",
        "ACK_EMAIL": "a@example.org",
        "CONTACT_NAME": "Ana Ruiz",
        "CONTACT_EMAIL": "a@example.org",
        "CONTACT_PHONE": "202-555-0134",
        "HOUSE_KEY": "k",
        "SENATE_KEY": "k",
    }.items():
        monkeypatch.setenv(f"CAMPAIGN_CWC_{name}", value)
    lose(lived)
    before = lived.counts()
    there = lived.key.read_text(encoding="ascii") if lived.key.exists() else None
    for name, arguments in OPENING.items():
        with pytest.raises(KeyRefused) as refused:
            lived.run(name, *arguments)
        assert str(lived.key) in str(refused.value), name
        assert "backup" in str(refused.value), name
    assert (lived.key.read_text(encoding="ascii") if lived.key.exists() else None) == there
    assert lived.counts() == before


@pytest.mark.parametrize("lose", [Home.lose_key, Home.another_key])
def test_each_process_refuses_at_its_start(lived: Home, lose: Callable[[Home], None]) -> None:
    lose(lived)
    settings = lived.settings()
    doors: dict[str, Callable[[], object]] = {
        "sender": lambda: open_sender(settings),
        "scheduler": lambda: scheduler.run(settings, make_app(settings), alive=lambda: False),
        "web": lambda: web_app.serve(settings),
        "pull task": lambda: make_app(settings).tasks["pull_list"].run("examples"),
        "send task": lambda: make_app(settings).tasks["send"].run(SLUG),
        "events task": lambda: make_app(settings).tasks["apply_events"].run(),
    }
    for name, door in doors.items():
        with pytest.raises(KeyRefused):
            door()
        assert lived.counts() == {"supporter": 3, "suppression": 2}, name


def test_a_celery_worker_refuses_before_it_forks(lived: Home) -> None:
    lived.another_key()
    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "worker", "worker", "--loglevel=WARNING"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "CAMPAIGN_HOME": str(lived.home), "CAMPAIGN_REDIS_URL": "redis://127.0.0.1:1/0"},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "the root key is not the one" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_right_key_back_opens_it_and_who_left_stays_out(lived: Home) -> None:
    lived.another_key()
    with pytest.raises(KeyRefused):
        lived.run("lists pull", "people", "--path", "{file}")
    (lived.path / "lost").rename(lived.key)
    lived.run("lists pull", "people", "--path", "{file}")
    assert lived.counts() == {"supporter": 3, "suppression": 2}
    with lived.database().read() as conn:
        assert set(conn.scalars(select(supporter.c.email))) == {"ana@example.org", "bo@example.org", None}


def test_the_environment_wins_and_the_fingerprint_decides(lived: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    right = lived.key.read_text(encoding="ascii")
    monkeypatch.setenv("CAMPAIGN_SECRET", secrets.token_hex(32))
    with pytest.raises(KeyRefused, match="CAMPAIGN_SECRET"):
        lived.run("status")
    lived.another_key()
    monkeypatch.setenv("CAMPAIGN_SECRET", right)
    lived.run("status")
    monkeypatch.delenv("CAMPAIGN_SECRET")
    with pytest.raises(KeyRefused):
        lived.run("status")


@pytest.mark.parametrize("content", [b"", b"\n", b"ab" * 31, b"zz" * 32, b"\xff" * 64, b"ab" * 33])
def test_a_damaged_key_file_is_named_and_kept(lived: Home, content: bytes) -> None:
    lived.key.write_bytes(content)
    with pytest.raises(KeyRefused, match="64 hexadecimal digits"):
        lived.run("status")
    assert lived.key.read_bytes() == content


def test_a_new_installation_gets_one_key_and_its_fingerprint(home: Home) -> None:
    home.run("status")
    assert not home.key.exists(), "a command that needs no key makes none"
    found = root_key.open_keys(home.database(), home.home)
    with home.database().read() as conn:
        assert [bytes(row) for row in conn.scalars(select(fingerprints.c.fingerprint))] == [found.fingerprint]
    assert root_key.open_keys(home.database(), home.home) == found


def together(*calls: Callable[[], Keys]) -> list[Keys | CampaignError]:
    barrier = threading.Barrier(len(calls))

    def one(call: Callable[[], Keys]) -> Keys | CampaignError:
        barrier.wait()
        try:
            return call()
        except CampaignError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def test_processes_that_start_together_share_one_key(home: Home) -> None:
    opened = [home.database() for _ in range(6)]
    found = together(*(lambda one=one: root_key.open_keys(one, home.home) for one in opened))
    assert all(isinstance(one, Keys) and one == found[0] for one in found), found
    assert sorted(path.name for path in home.home.iterdir()) == ["key"]


def test_of_two_hosts_that_start_together_one_is_refused_and_makes_no_key(home: Home) -> None:
    homes = [home.path / name for name in ("one", "two", "three")]
    opened = [home.database() for _ in homes]
    calls = [lambda one=one, at=at: root_key.open_keys(one, at) for one, at in zip(opened, homes, strict=True)]
    found = together(*calls)
    assert sum(isinstance(one, Keys) for one in found) == 1
    assert sum(isinstance(one, KeyRefused) for one in found) == 2
    assert [(at / "key").exists() for at in homes] == [isinstance(one, Keys) for one in found]
