"""Campaigns, the outbox, and what providers reported."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)

from campaign.states import FATES, Outcome, State
from campaign.store.schema.base import Id, metadata, one_of

_OWN = text("outcome IS NOT NULL")
_LETTER = text("letter_id IS NOT NULL")
_AWAY = text("letter_id IS NOT NULL AND fate >= 4")  # blocked, dropped, bounced, complained

campaign = Table(
    "campaign",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", String, nullable=False, unique=True),
    Column("release", String, ForeignKey("release.hash"), nullable=False),
    Column("opens_at", BigInteger, nullable=False),
    Column("closes_at", BigInteger, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("reason", String, nullable=False, server_default=""),  # why it is paused
    Column("changed_at", BigInteger, nullable=False),
)

wave = Table(
    "wave",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaign.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("launched", Integer, nullable=False),  # always the sum over states
    Column("launched_at", BigInteger, nullable=False),
    Column("by", String, nullable=False, server_default=""),  # who launched it, in their own words, or ""
)

request = Table(
    "request",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token", String, nullable=False, unique=True),  # random; sent to the provider with the attempt
    Column("campaign_id", Id, ForeignKey("campaign.id"), nullable=False),
    Column("wave", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("locale", String, nullable=False),
    Column("variant", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("parent_id", Id, nullable=False, server_default="0"),  # the request it was split from, else 0
    Column("part", Integer, nullable=False, server_default="0"),
    Column("state", String, nullable=False, server_default=State.QUEUED.value),
    Column("reason", String, nullable=False, server_default=""),
    Column("priority", SmallInteger, nullable=False, server_default="9"),  # lower is claimed first
    Column("due_at", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Column("abandoned", Integer, nullable=False, server_default="0"),  # claims whose worker died
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("lease_until", BigInteger),
    Column("size", Integer, nullable=False),  # deliveries without an outcome of their own
    Column("release", String),  # the release it was rendered from
    Column("marked_at", BigInteger),
    Column("answered_at", BigInteger),
    Column("provider_id", String),
    *(Column(fate.name.lower(), Integer, nullable=False, server_default="0") for fate in FATES),
    UniqueConstraint(
        "campaign_id", "wave", "kind", "locale", "variant", "seq", "parent_id", "part", name="uq_request_place"
    ),
    CheckConstraint(one_of("state", State), name="state"),
    CheckConstraint("size >= 0", name="size"),
    CheckConstraint("(lease_until IS NOT NULL) = (state IN ('claimed', 'sending'))", name="lease"),
    CheckConstraint("state <> 'accepted' OR answered_at IS NOT NULL", name="answered"),
    Index(None, "campaign_id", "state", "priority", "due_at"),
    Index(None, "campaign_id", "answered_at"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Id, primary_key=True),
    Column("request_id", Id, ForeignKey("request.id"), index=True),  # null: handed to the supporter, no API call
    Column("campaign_id", Id, nullable=False),  # its request's: a key of its own would be checked a million times
    Column("wave", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("supporter_id", Id, nullable=False),  # likewise: rows of `supporter` are blanked, never deleted
    Column("outcome", String),
    Column("reason", String),
    Column("cancel_reason", String),  # why it was canceled while possibly sent; never sent again
    Column("fate", SmallInteger, nullable=False, server_default="0"),
    Column("fate_at", BigInteger),
    Column("letter_id", Id),  # of a letter's delivery
    Column("channel", String),  # likewise
    Column("at", BigInteger),  # when it was handed to the supporter, or the supporter answered
    UniqueConstraint("supporter_id", "campaign_id", "wave", "kind", name="uq_delivery_once"),
    CheckConstraint("outcome IS NULL OR " + one_of("outcome", Outcome), name="outcome"),
    CheckConstraint(f"fate BETWEEN 0 AND {len(FATES)}", name="fate"),
    CheckConstraint("request_id IS NOT NULL OR outcome IS NOT NULL", name="request"),
    CheckConstraint("(letter_id IS NOT NULL) = (kind = 'letter')", name="letter"),
    CheckConstraint("(channel IS NOT NULL) = (kind = 'letter')", name="channel"),
    Index("ix_delivery_turned_away", "letter_id", sqlite_where=_AWAY, postgresql_where=_AWAY),
    Index("uq_delivery_channel", "letter_id", "channel", unique=True, sqlite_where=_LETTER, postgresql_where=_LETTER),
    Index(None, "campaign_id", "outcome", sqlite_where=_OWN, postgresql_where=_OWN),
)

# Everything except a plain acceptance. With the request's row, its whole history.
attempt = Table(
    "attempt",
    metadata,
    Column("id", Id, primary_key=True),
    Column("request_id", Id, ForeignKey("request.id"), nullable=False, index=True),
    Column("attempt", Integer, nullable=False),
    Column("what", String, nullable=False),  # a word of states.Event, or "alarm"
    Column("detail", String, nullable=False, server_default=""),
    Column("at", BigInteger, nullable=False),
)

webhook = Table(
    "webhook",
    metadata,
    Column("id", Id, primary_key=True),
    Column("received_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),  # zlib of the signed bytes; dropped after seven days
    Column("applied_at", BigInteger, index=True),
)

# Events that could not be read or applied, until an operator tries again.
set_aside = Table(
    "set_aside",
    metadata,
    Column("id", Id, primary_key=True),
    Column("webhook_id", Id, nullable=False),  # its batch, which is dropped earlier
    Column("position", Integer, nullable=False),  # in the batch, from 0
    Column("received_at", BigInteger, nullable=False),  # the batch; dropped 30 days after
    Column("at", BigInteger, nullable=False),  # when it was set aside
    Column("reason", String, nullable=False),  # for people, without an address
    Column("body", LargeBinary, nullable=False),  # zlib of its own bytes, as in `webhook`: it may hold addresses
)

# Scheduler steps whose last run failed.
failing_step = Table(
    "failing_step",
    metadata,
    Column("name", String, primary_key=True),
    Column("reason", String, nullable=False),  # the type and text of the error, without an address
    Column("since", BigInteger, nullable=False),  # the first failure in a row
    Column("at", BigInteger, nullable=False),  # the last one
)

# Events that people ask about: bounce, block, drop, complaint, unknown kinds.
event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("delivery_id", Id, index=True),
    Column("kind", String, nullable=False),  # the provider's own word
    Column("detail", String, nullable=False, server_default=""),
    Column("at", BigInteger, nullable=False),
    UniqueConstraint("delivery_id", "kind", "at"),
)

# The gateways this installation may use; no row: none.
gateway = Table(
    "gateway",
    metadata,
    Column("chamber", String, primary_key=True),
    Column("environment", String, nullable=False),
    Column("offices", String, nullable=False),  # codes of offices that take messages, from the gateway
    Column("fetched_at", BigInteger, nullable=False),
    Column("off", String, nullable=False, server_default=""),  # why it is not used; "": it is
    CheckConstraint("chamber IN ('house', 'senate')", name="chamber"),
    CheckConstraint("environment IN ('uat', 'production')", name="environment"),
)
