"""A running web door for the contract tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.store.engine import Database
from tests.contract.web import NEXT, SIGNER, Web, on_sqlite, web
from tests.offices import open_offices

__all__ = ["door", "open_offices", "small"]


@pytest.fixture
def door(database: Database, tmp_path: Path) -> Iterator[Web]:
    with web(database, tmp_path, webhook_key=f"{SIGNER.public}, {NEXT.public}") as running:
        yield running


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Web]:
    """A door before SQLite alone, for what no row matters to."""
    with on_sqlite(tmp_path) as running:
        yield running
