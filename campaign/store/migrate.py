"""Migrate a database to this version's tables, and check its version.

Every command checks the version, by the names of the migrations: only one that migrates loads Alembic.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from campaign.errors import CampaignError
from campaign.store.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def _config(conn: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = conn
    return config


@cache
def revisions() -> tuple[str, ...]:
    """The migrations of this version, oldest first: the numbers that their files begin with."""
    return tuple(sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")))


def head() -> str:
    """This version's newest migration."""
    return revisions()[-1]


def current(database: Database) -> str | None:
    with database.read() as conn:
        if not inspect(conn).has_table("alembic_version"):
            return None
        return conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _known(revision: str | None) -> bool:
    return revision is None or revision in revisions()


def upgrade(database: Database, to: str = "head", *, then: Callable[[Connection], object] | None = None) -> str:
    """Migrate up. Returns the revision. Raises CampaignError if the database is newer than this version.

    `then` runs in the same transaction: if it raises, the database stays as it was.
    """
    if not _known(revision := current(database)):
        raise _newer(revision)
    from alembic import command

    with database.begin() as conn:
        command.upgrade(_config(conn), to)
        if then is not None:
            then(conn)
    return current(database) or ""


def downgrade(database: Database, to: str) -> None:
    from alembic import command

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
