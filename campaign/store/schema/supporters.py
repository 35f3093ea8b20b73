"""Who is on file, and who must not be written to."""

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

# owner: supporters/people
supporter = Table(
    "supporter",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email_hash", LargeBinary, nullable=False, unique=True),  # keyed; stays when the address is erased
    Column("email", String),  # null: erased
    Column("first_name", String, nullable=False, server_default=""),
    Column("last_name", String, nullable=False, server_default=""),
    Column("locale", String, nullable=False, server_default=""),  # "": unknown
    Column("zip", String, nullable=False, server_default=""),
    Column("street", LargeBinary),  # sealed
    Column("place", LargeBinary),  # keyed hash of street and ZIP, once they were looked up: a key of `located`
    Column("consent", String, nullable=False),  # how and when, as the list says
    Column("list", String, nullable=False),
    Column("nonce", LargeBinary, nullable=False),  # 8 random bytes in every link; new at erasure
    Column("digest", LargeBinary, nullable=False),  # of the row as pulled: an equal one is "unchanged"
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    CheckConstraint("locale IN ('', 'en', 'es')", name="locale"),
    CheckConstraint("consent <> ''", name="consent"),
)

# owner: supporters/people
suppression = Table(
    "suppression",
    metadata,
    Column("email_hash", LargeBinary, primary_key=True),
    Column("reason", String, nullable=False),
    Column("source", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    CheckConstraint("reason IN ('unsubscribed', 'complained', 'bounced', 'listed', 'erased')", name="reason"),
)

# owner: supporters/guesses. Wrong ZIP codes typed behind an action link in the last hour: one row for each ZIP code.
zip_guess = Table(
    "zip_guess",
    metadata,
    Column("supporter_id", Id, primary_key=True),
    Column("campaign_id", Id, primary_key=True),
    Column("mark", LargeBinary, primary_key=True),  # keyed hash: repeats are recognized, the ZIP code is not stored
    Column("at", BigInteger, nullable=False),
)

# owner: supporters/importer
pull = Table(
    "pull",
    metadata,
    Column("id", Id, primary_key=True),
    Column("list", String, nullable=False),
    Column("by", String, nullable=False),  # the process that pulled, never a person
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),  # null: still running, or killed
    Column("read", Integer, nullable=False, server_default="0"),
    Column("imported", Integer, nullable=False, server_default="0"),
    Column("updated", Integer, nullable=False, server_default="0"),
    Column("unchanged", Integer, nullable=False, server_default="0"),
    Column("rejected", Integer, nullable=False, server_default="0"),
    Column("mended", Integer, nullable=False, server_default="0"),
    Column("suppressed", Integer, nullable=False, server_default="0"),  # of the stored: on the suppression list
    Column("rejected_path", String, nullable=False, server_default=""),
    Column("problem", String, nullable=False, server_default=""),  # why it ended early
)
