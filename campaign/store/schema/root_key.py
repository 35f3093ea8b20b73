"""The fingerprint of the root key."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, SmallInteger, Table

from campaign.store.schema.base import metadata

# owner: store/root_key. Which root key this database was written with. The key itself is never stored.
root_key = Table(
    "root_key",
    metadata,
    Column("number", SmallInteger, primary_key=True, autoincrement=False),  # the first byte of each sealed value
    Column("fingerprint", LargeBinary, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
)
