"""Supporters, sign-ups, the suppression list, pulls, and the root key's fingerprint."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)

from campaign.store.schema.base import Id, metadata

supporter = Table(
    "supporter",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email_hash", LargeBinary, nullable=False, unique=True),  # keyed; kept after erasure
    Column("email", String),  # null: erased
    Column("first_name", String, nullable=False, server_default=""),
    Column("last_name", String, nullable=False, server_default=""),
    Column("locale", String, nullable=False, server_default=""),  # "": unknown
    Column("zip", String, nullable=False, server_default=""),
    Column("street", LargeBinary),  # sealed
    Column("place", LargeBinary),  # hash of the address, once looked up: a key of `located`
    Column("consent", String, nullable=False),  # how and when, from the list
    Column("list", String, nullable=False),
    Column("nonce", LargeBinary, nullable=False),  # in every link; new after erasure
    Column("discreet", Boolean, nullable=False, server_default=text("false")),  # no topic in subjects, as they asked
    Column("digest", LargeBinary, nullable=False),  # of the row as pulled, to find unchanged ones
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    CheckConstraint("locale IN ('', 'en', 'es')", name="locale"),
    CheckConstraint("consent <> ''", name="consent"),
)

suppression = Table(
    "suppression",
    metadata,
    Column("email_hash", LargeBinary, primary_key=True),
    Column("reason", String, nullable=False),
    Column("source", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("final", Boolean, nullable=False, server_default=text("false")),  # also bounced, complained or listed
    CheckConstraint("reason IN ('unsubscribed', 'complained', 'bounced', 'listed', 'erased')", name="reason"),
)

# Strangers who typed an address on the open page, until they confirm it by email: no supporters yet.
sign_up = Table(
    "sign_up",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign_id", Id, nullable=False),
    Column("email_hash", LargeBinary, nullable=False),  # keyed; alone it stays when the rest is blanked
    Column("email", String),  # null: confirmed, or erased
    Column("first_name", String, nullable=False, server_default=""),
    Column("last_name", String, nullable=False, server_default=""),
    Column("locale", String, nullable=False, server_default=""),
    Column("zip", String, nullable=False, server_default=""),
    Column("source", String, nullable=False, server_default=""),  # of the shared link, never a person's
    Column("agreed", String, nullable=False, server_default=""),  # the sentence on the form
    Column("words", LargeBinary),  # sealed: the form of their letters; null: they only join
    Column("nonce", String, nullable=False, unique=True),  # in the link; the wave of its email
    Column("made_at", BigInteger, nullable=False),  # when its email was queued
    Column("expires_at", BigInteger, nullable=False),  # then the row is deleted
    Column("confirmed_at", BigInteger),
    CheckConstraint("locale IN ('', 'en', 'es')", name="locale"),
    CheckConstraint("email IS NOT NULL OR (first_name = '' AND zip = '' AND words IS NULL)", name="blank"),
    CheckConstraint("confirmed_at IS NULL OR email IS NULL", name="confirmed"),
    UniqueConstraint("email_hash", "campaign_id", name="uq_sign_up_once"),
)

# Where a supporter says they moved to, until they enter the emailed code.
new_zip = Table(
    "new_zip",
    metadata,
    Column("supporter_id", Id, primary_key=True),
    Column("campaign_id", Id, primary_key=True),
    Column("zip", String, nullable=False),
    Column("nonce", LargeBinary, nullable=False),  # the code is made from it
    Column("expires_at", BigInteger, nullable=False),  # then the row is deleted
    Column("tries", SmallInteger, nullable=False, server_default="0"),  # wrong codes
    Column("used_at", BigInteger),
)

# Wrong ZIP codes entered in the last hour, one row each.
zip_guess = Table(
    "zip_guess",
    metadata,
    Column("supporter_id", Id, primary_key=True),
    Column("campaign_id", Id, primary_key=True),
    Column("mark", LargeBinary, primary_key=True),  # keyed hash of the ZIP code
    Column("at", BigInteger, nullable=False),
)

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
    Column("suppressed", Integer, nullable=False, server_default="0"),  # stored, but on the suppression list
    Column("rejected_path", String, nullable=False, server_default=""),
    Column("problem", String, nullable=False, server_default=""),  # why it ended early
)

# The root key this database was written with. The key itself is never stored.
root_key = Table(
    "root_key",
    metadata,
    Column("number", SmallInteger, primary_key=True, autoincrement=False),  # the first byte of each sealed value
    Column("fingerprint", LargeBinary, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
)
