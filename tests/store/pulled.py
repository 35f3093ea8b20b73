"""Lists to pull, and what a pull made of them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from campaign import keys as keyring
from campaign.config import ListSource
from campaign.outreach.lists.pull import Pulled, pull
from campaign.store.engine import Database
from campaign.store.schema import supporter
from campaign.supporters import importer

KEYS = keyring.derive(b"s" * 32)
HEAD = "email,first_name,last_name,zip,locale,street,consent"
ANA = "ana@example.org,Ana,Ruiz,28205,es,,petition page"
BO = "bo@example.org,Bo,Núñez,2139,en,12 Elm Ave,petition page"


def pull_lines(database: Database, folder: Path, *lines: str, name: str = "tests", consent: str = "") -> Pulled:
    (folder / f"{name}.csv").write_text("\n".join((HEAD, *lines)), encoding="utf-8")
    source = ListSource(name, str(folder / f"{name}.csv"), consent=consent)
    return pull(database, KEYS, source, home=folder / "home", by="worker 1")


def counts(pulled: Pulled) -> tuple[int, int, int, int, int]:
    return pulled.read, pulled.imported, pulled.updated, pulled.unchanged, pulled.rejected


def stored_people(conn: Connection) -> list[tuple[object, ...]]:
    """All that a pull stores of people, but for what is random: the nonce and the sealing."""
    columns = [c for c in supporter.c if c.name not in {"id", "nonce", "street", "created_at", "updated_at"}]
    return [tuple(row) for row in conn.execute(select(*columns).order_by(supporter.c.email_hash))]


def rejected(pulled: Pulled) -> list[dict[str, str]]:
    with Path(pulled.rejected_path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "BATCH", 2)
