"""Staff contacts, snapshots of Congress, and results of address lookups."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, String, Table

from campaign.store.schema.base import Id, metadata

# Staff contacts for letters by email. Members publish no addresses.
contact = Table(
    "contact",
    metadata,
    Column("seat", String, primary_key=True),  # H:NC:12, S:OH:3
    Column("email", String, nullable=False),
    Column("wants", String, nullable=False),
    Column("given_by", String, nullable=False),  # who gave the address
    Column("answered_on", String, nullable=False, server_default=""),  # ISO day of the office's answer; "": none
    Column("answered_by", String, nullable=False, server_default=""),  # who at the office answered
    Column("reason", String, nullable=False, server_default=""),  # why it is used without an answer
    Column("needs", String, nullable=False, server_default=""),  # what the office asks for: street, phone, prefix
    Column("per_hour", Integer, nullable=False),
    Column("zone", String, nullable=False, server_default=""),  # IANA time zone; "": Washington's
    Column("off", String, nullable=False, server_default=""),  # why it is not used; "": in use
    Column("next_at", BigInteger, nullable=False, server_default="0"),  # the earliest time for its next letter
    Column("changed_at", BigInteger, nullable=False),
    CheckConstraint("wants IN ('each', 'daily')", name="wants"),
    CheckConstraint("answered_on <> '' OR reason <> '' OR off <> ''", name="answered"),
    CheckConstraint("per_hour > 0", name="pace"),
)

# Members and maps. The newest row is in force; without one, the package's own snapshot.
snapshot = Table(
    "snapshot",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("how", String, nullable=False),  # "sync", or "restore": an earlier one again
    Column("hash", String, nullable=False),  # SHA-256 of `body`
    Column("body", LargeBinary, nullable=False),  # from congress.snapshot.pack
    CheckConstraint("how IN ('sync', 'restore')", name="how"),
)

# Corrected addresses of contact forms. Rows are only added; the newest of a seat counts while its holder does.
form_correction = Table(
    "form_correction",
    metadata,
    Column("id", Id, primary_key=True),
    Column("mark", String, nullable=False),  # random: identifies the table's state after this row
    Column("seat", String, nullable=False),
    Column("holder", String, nullable=False),  # bioguide id
    Column("url", String),  # "": only the website is known; null: the correction was cleared
    Column("source", String, nullable=False),  # "hand": an organizer; "check": campaign congress forms --check
    Column("by", String, nullable=False, server_default=""),  # the organizer's name
    Column("why", String, nullable=False, server_default=""),  # what the check saw
    Column("needs", String, nullable=False, server_default=""),
    Column("at", BigInteger, nullable=False),
    CheckConstraint("source IN ('hand', 'check')", name="source"),
    CheckConstraint("(source = 'hand') = (by <> '')", name="by"),
)

# Results for street addresses. The addresses are not stored.
located = Table(
    "located",
    metadata,
    Column("key", LargeBinary, primary_key=True),  # keyed hash of the address
    Column("congress", Integer, primary_key=True),  # by whose lines
    Column("seat", String, nullable=False),  # proved; "": none
    Column("why", String, nullable=False),  # why none is proved: agreement.Why
    Column("named", String, nullable=False),  # the seat named by only one source
    Column("source", String, nullable=False),
    Column("vintage", String, nullable=False),
    Column("method", String, nullable=False),
    Column("matched_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),  # valid until; at the latest, when other lines begin
    CheckConstraint("(seat <> '') = (why = '')", name="why"),
    CheckConstraint("method IN ('address', 'batch')", name="method"),
)

# Sources of districts that are down.
outage = Table(
    "outage",
    metadata,
    Column("source", String, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),  # not asked again before
    Column("why", String, nullable=False),
)
