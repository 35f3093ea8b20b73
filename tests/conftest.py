"""Real parts for the tests: a SQLite file in WAL mode, a PostgreSQL server. Time is always an argument."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from campaign.store import engine, migrate
from campaign.store.engine import Database
from tests import postgresql

settings.register_profile("campaign", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("campaign")


def missing(part: str, why: str) -> None:
    """Skip for want of a part, unless CAMPAIGN_REQUIRE says that it must be here."""
    if part in os.environ.get("CAMPAIGN_REQUIRE", "").split(","):
        pytest.fail(f"{part} is required here: {why}", pytrace=False)
    pytest.skip(f"{part}: {why}")


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    try:
        with postgresql.server() as url:
            yield url
    except postgresql.Unavailable as error:
        missing("postgresql", str(error))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database's URL, once for each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/test.db"
        return
    with fresh_postgresql(request.getfixturevalue("postgresql_url")) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database, once for each kind."""
    made = engine.connect(database_url)
    migrate.upgrade(made)
    yield made
    made.close()


class fresh_postgresql:
    """A database of its own on the tests' server, dropped at the end."""

    def __init__(self, server_url: str) -> None:
        self.server_url, self.name = server_url, f"t_{secrets.token_hex(6)}"

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.server_url, autocommit=True) as conn:
            conn.execute(statement.encode())

    def __enter__(self) -> str:
        self._run(f"CREATE DATABASE {self.name}")
        return self.server_url.replace("/postgres?", f"/{self.name}?")

    def __exit__(self, *_: object) -> None:
        self._run(f"DROP DATABASE {self.name} WITH (FORCE)")
