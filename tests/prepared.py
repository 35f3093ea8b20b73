"""What many tests begin with, made once in each process: a migrated SQLite, and the shipped campaign."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from campaign.compose.campaign_folder import disk
from campaign.compose.campaign_folder.folder import Folder
from campaign.config import ROOT
from campaign.store import engine, migrate
from campaign.store.engine import Database

SLUG = "end-287g"


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "migrated.db"
        made = engine.connect(f"sqlite:///{file}")
        migrate.upgrade(made)
        made.close()
        return file.read_bytes()


def migrated(file: Path) -> Database:
    """A new SQLite in this file, with all tables: a copy, because to migrate costs more than most tests do."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_migrated())
    return engine.connect(f"sqlite:///{file}")


@cache
def shipped() -> Folder:
    """The campaign in templates/end-287g."""
    return disk.load(ROOT / "templates", SLUG)
