"""Migrate a database to this version's tables, and check its version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from campaign.errors import CampaignError
from campaign.store.engine import Database


def _config(conn: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = conn
    return config


def head() -> str:
    """This version's newest migration."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def current(database: Database) -> str | None:
    with database.read() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def _known(revision: str | None) -> bool:
    return revision is None or revision in {s.revision for s in ScriptDirectory.from_config(_config()).walk_revisions()}


def upgrade(database: Database, to: str = "head", *, then: Callable[[Connection], object] | None = None) -> str:
    """Migrate up. Returns the revision. Raises CampaignError if the database is newer than this version.

    `then` runs in the same transaction: if it raises, the database stays as it was.
    """
    if not _known(revision := current(database)):
        raise _newer(revision)
    with database.begin() as conn:
        command.upgrade(_config(conn), to)
        if then is not None:
            then(conn)
    return current(database) or ""


def downgrade(database: Database, to: str) -> None:
    with database.begin() as conn:
        command.downgrade(_config(conn), to)


def check(database: Database) -> None:
    """Raises CampaignError unless the tables are exactly this version's."""
    revision = current(database)
    if not _known(revision):
        raise _newer(revision)
    if revision != head():
        what = f"the database is at {revision or 'nothing'}, this version needs {head()}"
        raise CampaignError(what, do="Run: campaign db upgrade")


def _newer(revision: str | None) -> CampaignError:
    return CampaignError(
        f"the database was made by a newer version (revision {revision}, this one knows up to {head()})",
        do="Run the newer version, or point [database] url at another database.",
    )
