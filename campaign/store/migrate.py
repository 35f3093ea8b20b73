"""Migrate a database to this version's tables, and check whether it is there."""

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
    """The newest migration that this version knows."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


def current(database: Database) -> str | None:
    with database.read() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def _known(revision: str | None) -> bool:
    return revision is None or revision in {s.revision for s in ScriptDirectory.from_config(_config()).walk_revisions()}


def upgrade(database: Database, to: str = "head", *, then: Callable[[Connection], object] | None = None) -> str:
    """Migrate up. Returns the revision. Raises CampaignError when the database is newer than this project.

    `then` runs in the same transaction: if it raises, the database stays as it was.
    """
    if not _known(found := current(database)):
        raise _newer(found)
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
    found = current(database)
    if not _known(found):
        raise _newer(found)
    if found != head():
        raise CampaignError(
            f"the database is at {found or 'nothing'}, this version needs {head()}", do="Run: campaign db upgrade"
        )


def _newer(found: str | None) -> CampaignError:
    return CampaignError(
        f"the database was made by a newer version (revision {found}, this one knows up to {head()})",
        do="Run the newer version, or point [database] url at another database.",
    )
