"""Releases: messages frozen at launch."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table

from campaign.store.schema.base import metadata

release = Table(
    "release",
    metadata,
    Column("hash", String, primary_key=True),
    Column("slug", String, nullable=False),
    Column("files", LargeBinary, nullable=False),  # zlib of JSON {path: text}
    Column("versions", String, nullable=False),
    Column("made_at", BigInteger, nullable=False),
)
