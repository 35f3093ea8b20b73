"""Contacts of offices, who sits where, and what was found for addresses."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Integer,
    LargeBinary,
    String,
    Table,
)

from campaign.store.schema.base import Id, metadata

# owner: congress/offices. A staff contact that the coalition brought; members publish no address.
contact = Table(
    "contact",
    metadata,
    Column("seat", String, primary_key=True),  # H:NC:12, S:OH:3
    Column("email", String, nullable=False),
    Column("wants", String, nullable=False),
    Column("given_by", String, nullable=False),  # who gave the address
    Column("answered_on", String, nullable=False, server_default=""),  # the day on which the office said how; "": never
    Column("answered_by", String, nullable=False, server_default=""),  # who there said so
    Column("reason", String, nullable=False, server_default=""),  # why it is used without an answer
    Column("needs", String, nullable=False, server_default=""),  # what the office asks for: street, phone, prefix
    Column("per_hour", Integer, nullable=False),
    Column("zone", String, nullable=False, server_default=""),  # where it works, by IANA name; "": in Washington
    Column("off", String, nullable=False, server_default=""),  # why it is not used; "": it is
    Column("next_at", BigInteger, nullable=False, server_default="0"),  # the earliest time for its next letter
    Column("changed_at", BigInteger, nullable=False),
    CheckConstraint("wants IN ('each', 'daily')", name="wants"),
    CheckConstraint("answered_on <> '' OR reason <> '' OR off <> ''", name="answered"),
    CheckConstraint("per_hour > 0", name="pace"),
)

# owner: congress/synced. Who sits in Congress, and the maps: the newest row is in force; without one the package's own.
snapshot = Table(
    "snapshot",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("how", String, nullable=False),  # "sync", or "restore": an earlier one again
    Column("hash", String, nullable=False),  # SHA-256 of `body`
    Column("body", LargeBinary, nullable=False),  # packed by congress/book
    CheckConstraint("how IN ('sync', 'restore')", name="how"),
)

# owner: congress/geocoded. What was found for a street address, which itself is never stored.
located = Table(
    "located",
    metadata,
    Column("key", LargeBinary, primary_key=True),  # keyed hash of the address
    Column("congress", Integer, primary_key=True),  # by whose lines
    Column("seat", String, nullable=False),  # proved; "": nothing is
    Column("why", String, nullable=False),  # why nothing is, a word of congress/agree
    Column("named", String, nullable=False),  # the seat that one source alone names
    Column("source", String, nullable=False),
    Column("vintage", String, nullable=False),
    Column("method", String, nullable=False),
    Column("matched_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),  # other lines begin then, at the latest
    CheckConstraint("(seat <> '') = (why = '')", name="why"),
    CheckConstraint("method IN ('address', 'batch')", name="method"),
)

# owner: congress/geocoded. A source of addresses that did not answer when it was asked last.
outage = Table(
    "outage",
    metadata,
    Column("source", String, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),  # nobody asks it before
    Column("why", String, nullable=False),
)
