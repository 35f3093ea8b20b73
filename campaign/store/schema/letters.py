"""Letters and their evidence, calls, tallies, printed packets, and who read letters."""

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
    String,
    Table,
    UniqueConstraint,
    text,
)

from campaign.store.schema.base import Id, metadata

_LIVE = text("withdrawn_at IS NULL")

# The first time a ZIP code was entered with a supporter's link.
visit = Table(
    "visit",
    metadata,
    Column("campaign_id", Id, primary_key=True),
    Column("supporter_id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
)

# The record that a supporter confirmed a text. No network data.
evidence = Table(
    "evidence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("text_hash", LargeBinary, nullable=False),  # keyed, over the text as shown
    Column("release", String, ForeignKey("release.hash"), nullable=False),
    Column("link", LargeBinary, nullable=False),  # keyed hash of the action link
    Column("consent", String, nullable=False),  # version of the page's consent text
    Column("by", String, nullable=False),  # "mail": with the link in the email that confirms a sign-up
    Column("quote", Boolean, nullable=False, server_default=text("false")),  # the office may see the personal note
    # On the page: "whole", or "difference": folded, with only what differs from the first letter in sight.
    Column("shown", String, nullable=False, server_default="whole"),
    CheckConstraint("shown IN ('whole', 'difference')", name="shown"),
    CheckConstraint("by IN ('page', 'mail')", name="by"),
)

letter = Table(
    "letter",
    metadata,
    Column("id", Id, primary_key=True),
    Column("evidence_id", Id, ForeignKey("evidence.id"), nullable=False, unique=True),
    Column("campaign_id", Id, nullable=False),
    Column("supporter_id", Id, nullable=False),
    Column("seat", String, nullable=False),
    Column("holder", String, nullable=False),  # Bioguide ID of the addressee
    Column("matched", String, nullable=False),  # zip, address: proved; chosen: by name
    Column("variant", String, nullable=False),  # house, senate, thanks-house, thanks-senate, after
    Column("locale", String, nullable=False),
    Column("nonce", LargeBinary, nullable=False),  # binds the sealed words to this row
    Column("words", LargeBinary),  # sealed; null: deleted
    Column("characters", Integer, nullable=False),  # of the personal note
    Column("confirmed_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),  # can be taken back until then
    Column("valid_until", BigInteger),  # the text is no longer true then
    Column("withdrawn_at", BigInteger),
    Column("reason", String, nullable=False, server_default=""),  # why it was withdrawn
    Column("receipt_id", Id),  # delivery of the email that announced it; null: none
    CheckConstraint("matched IN ('zip', 'chosen', 'address')", name="matched"),
    CheckConstraint(
        "reason IN ('', 'taken back', 'not sent by this person', 'erased', "
        "'another holder', 'other lines', 'its text has ended', 'its supporter could not be told')",
        name="reason",
    ),
    CheckConstraint("(withdrawn_at IS NOT NULL) = (reason <> '')", name="withdrawn"),
    Index(
        "uq_letter_live",
        *("supporter_id", "campaign_id", "seat", "holder"),
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    ),
    Index(None, "campaign_id", "seat"),
    Index(None, "supporter_id", "campaign_id"),
)

# What supporters say they did themselves: one row per holder and way, the last report counts.
reported = Table(
    "reported",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign_id", Id, nullable=False),
    Column("supporter_id", Id, nullable=False),
    Column("seat", String, nullable=False),
    Column("holder", String, nullable=False),  # Bioguide ID
    Column("way", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    CheckConstraint(
        "(way = 'call' AND outcome IN ('answered', 'voicemail', 'busy')) "
        "OR (way = 'form' AND outcome IN ('chosen', 'sent', 'failed'))",
        name="outcome",
    ),
    UniqueConstraint("supporter_id", "campaign_id", "seat", "holder", "way", name="uq_reported_once"),
    Index(None, "campaign_id", "way", "outcome"),
)

# What a visitor typed, for half an hour. Sealed with the browser's cookie.
typed_form = Table(
    "typed_form",
    metadata,
    Column("mark", LargeBinary, primary_key=True),  # keyed hash of the cookie and the address
    Column("words", LargeBinary, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

# What people on the open page did: anonymous counts, and nothing else. A number of 0 reserves a partner's code.
tally = Table(
    "tally",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaign.id"), primary_key=True),
    Column("source", String, primary_key=True),  # where the link was found: a code, or "" for none
    Column("day", String, primary_key=True),  # ISO, in Washington
    Column("event", String, primary_key=True),
    Column("seat", String, primary_key=True),  # "": none
    Column("number", Integer, nullable=False),
    CheckConstraint(
        "event IN ('zip', 'call_answered', 'call_voicemail', 'call_busy', 'form_sent', 'form_failed', 'joined')",
        name="event",
    ),
    CheckConstraint("number >= 0", name="number"),
)

# What a supporter said about emails on their letters in a campaign: no more of them; whether an office answered.
follow_up = Table(
    "follow_up",
    metadata,
    Column("campaign_id", Id, primary_key=True),
    Column("supporter_id", Id, primary_key=True),
    Column("quiet_at", BigInteger),  # no more emails about what they confirmed or reported until then
    Column("answer", String, nullable=False, server_default=""),  # no office is named: it is held against none
    Column("answered_at", BigInteger),
    CheckConstraint("answer IN ('', 'yes', 'no', 'not_yet')", name="answer"),
    CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answered"),
)

# Printed letters for one office. Packets that were handed in never change.
packet = Table(
    "packet",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign_id", Id, ForeignKey("campaign.id"), nullable=False),
    Column("seat", String, nullable=False),
    Column("holder", String, nullable=False),  # bioguide id
    Column("number", Integer, nullable=False),  # 1, 2 ... of this seat in this campaign
    Column("printed_at", BigInteger, nullable=False),
    Column("handed_on", String, nullable=False, server_default=""),  # ISO day; "": not yet
    Column("handed_by", String, nullable=False, server_default=""),  # who said so
    UniqueConstraint("campaign_id", "seat", "number", name="uq_packet_number"),
    CheckConstraint("(handed_on = '') = (handed_by = '')", name="handed"),
)

packed = Table(
    "packed",
    metadata,
    Column("letter_id", Id, ForeignKey("letter.id"), primary_key=True),  # a letter stays in one packet
    Column("packet_id", Id, ForeignKey("packet.id"), nullable=False, index=True),
    Column("place", Integer, nullable=False),  # 1, 2 ... in the order of confirmation
    UniqueConstraint("packet_id", "place", name="uq_packed_place"),
)

# Who promised to hand in a campaign's packets at an office, and when. Rows are never deleted.
packet_promise = Table(
    "packet_promise",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", String, nullable=False),  # of the campaign, which may not be launched yet
    Column("seat", String, nullable=False),
    Column("holder", String, nullable=False),  # bioguide id
    Column("by", String, nullable=False),
    Column("day", String, nullable=False),  # ISO day of the visit, in Washington
    Column("city", String, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("cancelled_at", BigInteger),
    Index(
        "uq_packet_promise_live",
        *("slug", "seat", "day"),
        unique=True,
        sqlite_where=text("cancelled_at IS NULL"),
        postgresql_where=text("cancelled_at IS NULL"),
    ),
)

# Who read letters' text. Triggers protect the rows. No personal data of supporters.
letter_access = Table(
    "letter_access",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("what", String, nullable=False),  # "packet": printed; "export": for an office, in a file; "cwc": its XML
    Column("campaign_id", Id, ForeignKey("campaign.id"), nullable=False, index=True),
    Column("seat", String, nullable=False),
    Column("letters", Integer, nullable=False),  # how many were read
    Column("account", String, nullable=False),  # the system account that ran the command
    Column("by", String, nullable=False, server_default=""),  # the name given with --by
    CheckConstraint("what IN ('packet', 'export', 'cwc')", name="what"),
)
