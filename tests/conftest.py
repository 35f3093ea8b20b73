"""Real parts for the tests: a SQLite file in WAL mode, a PostgreSQL server. Time is always an argument."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from campaign.outreach import channels
from campaign.store import engine, migrate
from campaign.store.engine import Database
from tests import postgresql
from tests.prepared import migrated

settings.register_profile(
    "campaign", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("campaign")


channels.register_all()

SERVER = "CAMPAIGN_TEST_PG_URL"
_stack = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """With several test processes, start one PostgreSQL for all of them; each test gets a database of its own."""
    several = getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput")
    if several and SERVER not in os.environ and not config.option.collectonly:
        with suppress(postgresql.Unavailable):  # then each test that needs one says why
            os.environ[SERVER] = _stack.enter_context(postgresql.server())
            _stack.callback(os.environ.pop, SERVER)


def pytest_unconfigure() -> None:
    _stack.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Repeats on PostgreSQL are deep, except in modules that own tables or locks: they say `both_databases`. Of
    another module the first test is repeated, the others are long.
    """
    repeated = set[str]()
    for item in items:
        spec = getattr(item, "callspec", None)  # only a parametrized test has one
        if spec and "postgresql" in spec.params.values() and not item.get_closest_marker("both_databases"):
            module = item.nodeid.partition("::")[0]
            item.add_marker("long" if module in repeated else "deep")
            repeated.add(module)
        if item.get_closest_marker("long"):
            item.add_marker("deep")  # in no quick suite


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


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to be copied: migrating anew for each test would cost more than most tests do."""
    path = tmp_path_factory.mktemp("migrated") / "test.db"
    migrated(path).close()
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_url: str) -> Iterator[str]:
    """Likewise: the name of a database that PostgreSQL can copy."""
    with fresh_postgresql(postgresql_url) as url:
        _migrate(url)
        yield url.partition("?")[0].rpartition("/")[2]


def _migrate(url: str) -> None:
    made = engine.connect(url)
    migrate.upgrade(made)
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables, once for each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/test.db"
        return
    with fresh_postgresql(request.getfixturevalue("postgresql_url")) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database of the test's own, once for each kind."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), tmp_path / "test.db")
        yield f"sqlite:///{tmp_path}/test.db"
        return
    server, template = (request.getfixturevalue(name) for name in ("postgresql_url", "migrated_postgresql"))
    with fresh_postgresql(server, template) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database, once for each kind."""
    made = engine.connect(database_url)
    yield made
    made.close()


class fresh_postgresql:
    """A database of its own on the tests' server, dropped at the end."""

    def __init__(self, server_url: str, template: str = "template1") -> None:
        self.server_url, self.template, self.name = server_url, template, f"t_{secrets.token_hex(6)}"

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.server_url, autocommit=True) as conn:
            conn.execute(statement.encode())

    def __enter__(self) -> str:
        self._run(
            f"CREATE DATABASE {self.name} TEMPLATE {self.template} STRATEGY FILE_COPY"
        )  # a third of WAL_LOG's CPU
        return self.server_url.replace("/postgres?", f"/{self.name}?")

    def __exit__(self, *_: object) -> None:
        self._run(f"DROP DATABASE {self.name} WITH (FORCE)")
