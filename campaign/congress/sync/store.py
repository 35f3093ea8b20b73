"""Snapshots that were synced: the only writer of `snapshot`. The newest row is in force, on every process at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from campaign.congress import snapshot as books
from campaign.congress.snapshot import Snapshot
from campaign.errors import CampaignError
from campaign.store.schema import snapshot

KEPT = 30  # the last ones; each is a few hundred kilobytes
How = Literal["sync", "restore"]


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """One snapshot on file. Number 0 is the package's own."""

    number: int
    at: int
    how: str
    hash: str


def save(conn: Connection, book: Snapshot, now: int, how: How = "sync") -> int:
    """Put a snapshot in force; its number."""
    body = books.pack(book)
    digest = hashlib.sha256(body).hexdigest()
    query = insert(snapshot).values(at=now, how=how, hash=digest, body=body).returning(snapshot.c.id)
    number = int(conn.execute(query).scalar_one())
    conn.execute(delete(snapshot).where(snapshot.c.id <= number - KEPT))
    return number


def list_snapshots(conn: Connection) -> list[StoredSnapshot]:
    """What was put in force, in order: the last one is."""
    query = select(snapshot.c.id, snapshot.c.at, snapshot.c.how, snapshot.c.hash).order_by(snapshot.c.id)
    return [StoredSnapshot(row.id, row.at, row.how, row.hash) for row in conn.execute(query)]


def numbered(conn: Connection, number: int) -> Snapshot:
    """A snapshot on file. Raises CampaignError when there is none of that number."""
    if number == 0:
        return books.start()
    body = conn.execute(select(snapshot.c.body).where(snapshot.c.id == number)).scalar()
    if body is None:
        raise CampaignError(f"there is no snapshot {number}", do="See: campaign congress snapshots")
    return books.unpack(body)
