"""Stored snapshots: the only writer of `snapshot`. The newest row is in force, for all processes at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from campaign.congress import snapshot as snapshots
from campaign.congress.snapshot import Snapshot
from campaign.errors import CampaignError
from campaign.store.schema import snapshot as snapshot_table

KEPT = 30  # newest snapshots; each is a few hundred kilobytes
How = Literal["sync", "restore"]


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """One stored snapshot. Number 0 is the package's own."""

    number: int
    at: int
    how: str
    hash: str


def save(conn: Connection, new: Snapshot, now: int, how: How = "sync") -> int:
    """Put a snapshot in force; its number."""
    body = snapshots.pack(new)
    digest = hashlib.sha256(body).hexdigest()
    query = insert(snapshot_table).values(at=now, how=how, hash=digest, body=body).returning(snapshot_table.c.id)
    number = int(conn.execute(query).scalar_one())
    conn.execute(delete(snapshot_table).where(snapshot_table.c.id <= number - KEPT))
    return number


def list_snapshots(conn: Connection) -> list[StoredSnapshot]:
    """The stored snapshots, oldest first; the last one is in force."""
    query = select(snapshot_table.c.id, snapshot_table.c.at, snapshot_table.c.how, snapshot_table.c.hash).order_by(
        snapshot_table.c.id
    )
    return [StoredSnapshot(*row) for row in conn.execute(query)]


def numbered(conn: Connection, number: int) -> Snapshot:
    """A stored snapshot by number. Raises CampaignError if there is none."""
    if number == 0:
        return snapshots.packaged()
    body = conn.execute(select(snapshot_table.c.body).where(snapshot_table.c.id == number)).scalar()
    if body is None:
        raise CampaignError(f"there is no snapshot {number}", do="See: campaign congress snapshots")
    return snapshots.unpack(body)
