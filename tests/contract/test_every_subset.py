"""Every page and report works for every subset of data: the subsets are generated, and each page is rendered."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from litestar.testing import TestClient
from sqlalchemy import select

from campaign import keys as key_files
from campaign import links
from campaign.cli import app
from campaign.config import ROOT, Settings, load_settings
from campaign.links import Link, Purpose
from campaign.states import Fate
from campaign.store import engine
from campaign.store.engine import Database
from campaign.store.schema import delivery
from campaign.web.app import create_app
from tests.conftest import fresh_postgresql
from tests.subsets import PEOPLE, REASONS, Drive, World, Written, fill, worlds

SLUG = "end-287g"
SECOND = "second-drive"
KEYS = key_files.derive(b"\x07" * 32)
FAR = 4_000_000_000  # seconds
NOW = 1_795_540_000_000  # 2026-11-24 in Washington
ROOT_COMMAND = app.root
ROOT_COMMAND.list_commands(click.Context(ROOT_COMMAND))  # imports them all
LEAKED = re.compile(r"\b(None|nan|NaN|[Uu]ndefined|Traceback|Infinity)\b")


def one_letter(channel: str, state: str, reason: str = "", seat: str = "H:NC:12", writer: int = 1) -> Written:
    fell_back, spanish, own_words, words_kept = False, False, True, True
    return Written(writer, seat, channel, state, Fate.NONE, reason, fell_back, spanish, own_words, words_kept)


def one_drive(*letters: Written, asks: tuple[tuple[str, Fate], ...] | None = None, **changes: Any) -> World:
    made: dict[str, Any] = {"calls": (), "visits": 0, "receipts": (), "packets": 0, "paused": False, "closed": False}
    drive = Drive(asks, letters, **{**made, **changes})
    return World((drive,), PEOPLE, frozenset(), frozenset(), (), 0)


def shown(text: str) -> str:
    """What a reader sees of a page: without its style sheet and its markup."""
    return re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", " ", text, flags=re.DOTALL))


class Place:
    """The web application and the command line on one database of their own."""

    def __init__(self, database: Database, home: Path, world: World) -> None:
        self.database = database
        with database.begin() as conn:
            self.people = fill(conn, KEYS, world, (SLUG, SECOND), NOW)
        self.slugs = (SLUG, SECOND)[: len(world.drives)]
        self.settings: Settings = load_settings(home=home, path=ROOT / "config.toml", environ={})
        self.context = app.CliContext(home)
        self.context.__dict__.update(database=database, keys=KEYS, settings=self.settings)  # what it would open itself

    def run(self, *arguments: str) -> str:
        """A command's output. Its exit code must be 0."""
        command = ROOT_COMMAND.commands[arguments[0]]
        done = CliRunner().invoke(command, list(arguments[1:]), obj=self.context)
        assert done.exit_code == 0, (arguments, done.output, done.exception)
        assert not LEAKED.search(done.output), (arguments, done.output)
        return done.output

    def pages(self) -> Iterator[tuple[str, str, dict[str, str] | None]]:
        """Method, path and form of every page that shows data."""
        for lang in ("en", "es"):
            yield "GET", f"/?lang={lang}", None
            mine = list(enumerate(self.people, 1))
            for slug in self.slugs:
                report = f"/report/{slug}/{links.organizer_token(KEYS.organizer, slug)}"
                yield "GET", f"{report}?lang={lang}", None
                for number, person in mine if lang == "en" else mine[:2]:
                    whose = (KEYS.links, slug, person, number.to_bytes(8, "big"), FAR)
                    action, leave = links.tokens(*whose)
                    yield "POST", f"/a/{slug}/{action}?lang={lang}", {"zip": "28205"}
                    if number < 3:
                        yield "GET", f"/a/{slug}/{action}?lang={lang}", None
                        for purpose in (Purpose.DISOWN, Purpose.QUIET, Purpose.ANSWER):
                            own = links.own_token(KEYS.links, slug, purpose, Link(*whose[2:]))
                            yield "GET", f"/{purpose}/{slug}/{own}?lang={lang}", None
                        yield "GET", f"/u/{slug}/{leave}?lang={lang}", None
        for slug in self.slugs:
            report = f"/report/{slug}/{links.organizer_token(KEYS.organizer, slug)}"
            yield from (("GET", path, None) for path in (f"{report}?live=1", f"{report}.json", f"{report}.csv"))


def check(place: Place, *, gone: bool) -> None:
    """Render everything. `gone`: links of erased people may answer 404, and those of a closed campaign 410."""
    with TestClient(create_app(place.database, KEYS, place.settings)) as client:
        for method, path, form in place.pages():
            headers = {"origin": "http://testserver.local"} if form else {}
            answer = client.request(method, path, data=form, headers=headers)
            assert answer.status_code == 200 or (gone and answer.status_code in (404, 410, 422)), (path, answer.text)
            text = answer.text if path.endswith((".json", ".csv")) else shown(answer.text)
            assert not LEAKED.search(text), (path, LEAKED.findall(text), text)
            assert path.startswith("/report") is False or "doesn’t add up" not in text, path
    for slug in place.slugs:
        found = json.loads(place.run("report", slug, "--json"))
        sums(found)
        for arguments in (
            ("report", slug),
            ("report", slug, "--csv"),
            ("counsel-record", slug),
            ("counsel-record", slug, "--json"),
            ("status", slug),
            ("packet", "access", slug),
            ("packet", "access", slug, "--json"),
        ):
            place.run(*arguments)
    for command in (
        ("plan", SLUG, "--offices"),
        ("plan", SLUG, "--json"),
        ("status",),
        ("status", "--json"),
        ("congress", "outlook", SLUG),
        ("offices", "list"),
        ("cwc", "offices"),
    ):
        place.run(*command)
    with place.database.read() as conn:
        ids = conn.scalars(select(delivery.c.id).order_by(delivery.c.id)).all()
    for delivery_id in (*ids[:2], *ids[-2:]):
        place.run("explain", str(delivery_id))


def sums(found: dict[str, Any]) -> None:
    """The sums of a report hold."""
    assert all(wave["adds_up"] and sum(wave["states"].values()) == wave["launched"] for wave in found["waves"])
    letters = found["letters"]
    assert letters["adds_up"]
    assert sum(letters["states"].values()) == letters["confirmed"]
    assert sum(letters["channels"].values()) + sum(letters["withdrawn"].values()) == letters["confirmed"]
    assert found["funnel"]["proved"] <= found["funnel"]["confirmed"] <= letters["confirmed"]


@contextmanager
def sqlite(migrated: Path, home: Path) -> Iterator[Database]:
    file = home / "subset.db"
    for part in home.glob("subset.db*"):
        part.unlink()
    shutil.copyfile(migrated, file)
    made = engine.connect(f"sqlite:///{file}")
    yield made
    made.close()


@contextmanager
def postgresql(server: str, template: str) -> Iterator[Database]:
    with ExitStack() as stack:
        made = engine.connect(stack.enter_context(fresh_postgresql(server, template)))
        stack.callback(made.close)
        yield made


@pytest.fixture
def _at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "now", lambda _: NOW)


FEW = settings(max_examples=1, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.deep
@pytest.mark.usefixtures("_at")
@FEW
@example(world=one_drive())
@example(world=one_drive(asks=()))
@example(world=one_drive(one_letter("email", "accepted")))
@example(world=one_drive(one_letter("packet", "printed"), packets=1))
@example(world=one_drive(one_letter("email", "refused"), one_letter("cwc", "refused", writer=2)))
@example(world=one_drive(*(one_letter("form", "cancelled", reason, writer=n) for n, reason in enumerate(REASONS, 1))))
@given(world=worlds())
def test_every_page_and_report_shows_any_subset_on_sqlite(world: World, migrated_sqlite: Path, tmp_path: Path) -> None:
    check_on_sqlite(world, migrated_sqlite, tmp_path)


@pytest.mark.long
@pytest.mark.usefixtures("_at")
@settings(FEW, max_examples=30)
@given(world=worlds())
def test_every_page_and_report_shows_many_subsets(world: World, migrated_sqlite: Path, tmp_path: Path) -> None:
    check_on_sqlite(world, migrated_sqlite, tmp_path)


def check_on_sqlite(world: World, migrated: Path, tmp_path: Path) -> None:
    with sqlite(migrated, tmp_path) as database:
        check(Place(database, tmp_path, world), gone=bool(world.erased) or any(one.closed for one in world.drives))


@pytest.mark.long
@pytest.mark.usefixtures("_at")
@settings(FEW, max_examples=4)
@given(world=worlds())
def test_every_page_and_report_shows_any_subset_on_postgresql(
    world: World, postgresql_url: str, migrated_postgresql: str, tmp_path: Path
) -> None:
    with postgresql(postgresql_url, migrated_postgresql) as database:
        check(Place(database, tmp_path, world), gone=bool(world.erased) or any(one.closed for one in world.drives))
