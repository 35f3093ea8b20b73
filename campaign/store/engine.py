"""Connect to SQLite or PostgreSQL by URL. Writes are short transactions; nothing is opened before a fork."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import structlog
from sqlalchemy import BigInteger, Connection, Engine, cast, create_engine, event, extract, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from campaign import clock
from campaign.clock import Millis
from campaign.errors import CampaignError

log = structlog.get_logger()

SOUND_SQLITE = (3, 51, 3)  # or 3.44.6+, 3.50.7+: others can lose a commit when the WAL is reset
BUSY_MS = 10_000


@dataclass(frozen=True, slots=True)
class Database:
    """One process's engine. Only entry points and outreach call `begin`; lower layers take a connection.

    `reads_wait`: whether reading may wait for others: for a server, or for a writer where SQLite has no WAL.
    """

    engine: Engine
    pid: int
    reads_wait: bool = True
    _writing: Lock = field(default_factory=Lock, repr=False)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction, committed at the end. On SQLite it takes the write lock at once."""
        self._check_process()
        with self._turn(), self.engine.connect() as conn:
            conn = conn.execution_options(campaign_write=True)
            with conn.begin():
                yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: one snapshot, no lock."""
        self._check_process()
        with self.engine.connect() as conn:
            if conn.dialect.name == "postgresql":
                conn = conn.execution_options(isolation_level="REPEATABLE READ")
            with conn.begin():
                yield conn

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite lets one transaction write, and others look again after ever longer pauses. Those of one process
        queue here first, and go on at once.
        """
        alone = self.engine.dialect.name == "sqlite" and self._writing.acquire(timeout=BUSY_MS / 1000)
        try:
            yield
        finally:
            if alone:
                self._writing.release()

    def close(self) -> None:
        self.engine.dispose()

    def _check_process(self) -> None:
        assert os.getpid() == self.pid, "a database handle crossed a fork: open it after the fork"


def now(conn: Connection) -> Millis:
    """The time: PostgreSQL's clock, or with SQLite this machine's."""
    if conn.dialect.name == "postgresql":
        server = select(cast(extract("epoch", func.clock_timestamp()) * 1000, BigInteger))
        return Millis(conn.execute(server).scalar_one() + clock.ahead())
    return clock.now()


def connect(url: str) -> Database:
    """Open `sqlite:////path/file.db` or `postgresql://...`. Raises CampaignError if it cannot be reached."""
    wal = False
    if url.startswith("sqlite:///"):
        engine, wal = _sqlite(url)
    elif url.startswith(("postgresql://", "postgresql+psycopg://")):
        engine = create_engine(
            "postgresql+psycopg://" + url.split("://", 1)[1], pool_size=4, max_overflow=8, hide_parameters=True
        )
    else:
        raise CampaignError(
            f"database url {url.split('://', 1)[0]!r} is not one of sqlite, postgresql",
            where="config.toml [database] url",
            do="Leave it empty for the embedded SQLite, or give postgresql://user@host/name.",
        )
    database = Database(engine, os.getpid(), reads_wait=not wal)
    try:
        with database.read():
            pass
    except OperationalError as error:
        raise CampaignError(
            f"the database cannot be opened: {str(error.orig).strip()}",
            where="config.toml [database] url",
            do="Check that it is running and that this user may write there.",
        ) from error
    return database


def _module() -> Any:
    """pysqlite3 if it is installed, else Python's own SQLite."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    return dbapi2


def _sound(version: tuple[int, ...]) -> bool:
    return version >= SOUND_SQLITE or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def _sqlite(url: str) -> tuple[Engine, bool]:
    """The engine, and whether it has a write-ahead log."""
    module = _module()
    wal = _sound(module.sqlite_version_info)
    if not wal:
        log.warning(
            "sqlite_without_wal", version=module.sqlite_version, do="install pysqlite3, or a SQLite from 3.51.3"
        )
    Path(url.removeprefix("sqlite:///")).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(
        url,
        module=module,
        connect_args={"timeout": BUSY_MS / 1000},
        pool_size=4,
        max_overflow=40,
        hide_parameters=True,  # keeps addresses in parameters out of the log
    )

    @event.listens_for(engine, "connect")
    def _pragmas(dbapi: Any, _record: ConnectionPoolEntry) -> None:
        dbapi.isolation_level = None  # we begin transactions ourselves
        for pragma in (
            f"busy_timeout={BUSY_MS}",
            f"journal_mode={'WAL' if wal else 'DELETE'}",
            "synchronous=FULL",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "secure_delete=ON",
            "journal_size_limit=67108864",
            "temp_store=MEMORY",
            "cache_size=-32768",
        ):
            dbapi.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        if conn.get_execution_options().get("campaign_write", False):
            conn.exec_driver_sql("BEGIN IMMEDIATE")
            return
        dbapi: Any = conn.connection.dbapi_connection
        dbapi.execute("BEGIN").close()  # waits for nothing and cannot fail, so it needs no part of SQLAlchemy

    return engine, wal
