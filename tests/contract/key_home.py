"""An installation whose root key can be lost or changed, on either database."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from sqlalchemy import func, select

from campaign.cli import app
from campaign.cli.app import CliContext
from campaign.config import ROOT, Settings, load_settings
from campaign.store import engine
from campaign.store.engine import Database
from campaign.store.schema import supporter, suppression

SLUG = "end-287g"
CONSENT = "petition page 2026-09-12"
FILE = f"""email,first name,zip,address,consent
ana@example.org,Ana,28205,1 Main Street,{CONSENT}
bo@example.org,Bo,28205,2 Main Street,{CONSENT}
cy@example.org,Cy,28205,,{CONSENT}
"""
SANDBOX = {"CAMPAIGN_SENDGRID_URL": "http://127.0.0.1:9", "SENDGRID_API_KEY": "SG.test"}
app.root.list_commands(click.Context(app.root))  # imports them all


class Home:
    """An installation with a database of its own, and `campaign` run in it within this process."""

    def __init__(self, path: Path, url: str) -> None:
        self.path, self.home, self.url = path, path / "home", url
        self.opened: list[Database] = []
        (path / "people.csv").write_text(FILE, encoding="utf-8")

    @property
    def key(self) -> Path:
        return self.home / "key"

    def settings(self) -> Settings:
        return load_settings(home=self.home)

    def run(self, name: str, *arguments: str) -> Any:
        group = click.Group("campaign", commands=app.root.commands)
        places = {"file": self.path / "people.csv", "home": self.home, "offices": ROOT / "examples" / "offices.csv"}
        given = [*name.split(), *(argument.format(**places) for argument in arguments)]
        context = CliContext(self.home)
        try:
            return group.main(given, standalone_mode=False, obj=context)
        finally:
            if (made := vars(context).get("database")) is not None:
                made.close()

    def database(self) -> Database:
        """A handle that the fixture closes."""
        self.opened.append(engine.connect(self.url))
        return self.opened[-1]

    def close(self) -> None:
        for database in self.opened:
            database.close()

    def counts(self) -> dict[str, int]:
        with self.database().read() as conn:
            return {
                table.name: conn.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (supporter, suppression)
            }

    def lose_key(self) -> None:
        self.key.rename(self.path / "lost")

    def another_key(self) -> None:
        self.lose_key()
        self.key.write_text(secrets.token_hex(32), encoding="ascii")


@pytest.fixture
def home(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    for name in list(os.environ):
        if name.startswith(("CAMPAIGN_", "SENDGRID_")) and name != "CAMPAIGN_TEST_PG_URL":
            monkeypatch.delenv(name)
    for name, value in {**SANDBOX, "CAMPAIGN_DATABASE_URL": database_url, "CAMPAIGN_CWC_ENVIRONMENT": ""}.items():
        monkeypatch.setenv(name, value)
    made = Home(tmp_path, database_url)
    yield made
    made.close()


@pytest.fixture
def lived(home: Home) -> Home:
    """Three people pulled, one of whom unsubscribed and one of whom was erased."""
    home.run("lists pull", "people", "--path", "{file}")
    (home.path / "left.csv").write_text("bo@example.org\n", encoding="utf-8")
    home.run("suppress", str(home.path / "left.csv"))
    home.run("erase", "cy@example.org")
    assert home.counts() == {"supporter": 3, "suppression": 2}
    return home
