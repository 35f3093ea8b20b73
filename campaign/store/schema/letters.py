"""Letters and their evidence, drafts, calls, paper, and who read letters."""

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

from campaign.store.schema.base import Id, metadata

_LIVE = text("withdrawn_at IS NULL")

# owner: letters/record. The first time that somebody typed a ZIP code behind a link.
visit = Table(
    "visit",
    metadata,
    Column("campaign_id", Id, primary_key=True),
    Column("supporter_id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
)

# owner: letters/record. What shows that a person confirmed a text; no data of the network.
evidence = Table(
    "evidence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("text_hash", LargeBinary, nullable=False),  # keyed, over the text as seen
    Column("release", String, ForeignKey("release.hash"), nullable=False),
    Column("link", LargeBinary, nullable=False),  # keyed hash of the link that it came by
    Column("consent", String, nullable=False),  # version of the consent text on the page
    Column("by", String, nullable=False),  # "page", or "mail" for one that was held
    Column("quote", Boolean, nullable=False, server_default=text("false")),  # ticked: an office may be shown the words
    CheckConstraint("by IN ('page', 'mail')", name="by"),
)

# owner: letters/record
letter = Table(
    "letter",
    metadata,
    Column("id", Id, primary_key=True),
    Column("evidence_id", Id, ForeignKey("evidence.id"), nullable=False, unique=True),
    Column("campaign_id", Id, nullable=False),
    Column("supporter_id", Id, nullable=False),
    Column("seat", String, nullable=False),
    Column("holder", String, nullable=False),  # bioguide id of whom it was written to
    Column("matched", String, nullable=False),  # "zip" or "address": proved by it; "chosen": by name, among candidates
    Column("variant", String, nullable=False),  # house, senate, thanks-house, thanks-senate, after
    Column("locale", String, nullable=False),
    Column("nonce", LargeBinary, nullable=False),  # binds the sealed words to this row
    Column("words", LargeBinary),  # sealed; null: dropped when it was no longer needed
    Column("characters", Integer, nullable=False),  # of the supporter's own words
    Column("confirmed_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),  # it can be taken back until then
    Column("valid_until", BigInteger),  # from then on the text would be untrue
    Column("withdrawn_at", BigInteger),
    Column("reason", String, nullable=False, server_default=""),  # why it was withdrawn
    Column("receipt_id", Id),  # the delivery of the email that tells its supporter about it; null: none was queued
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

# owner: letters/drafts. A letter for another ZIP than the one on file waits for a word by mail; it is no letter yet.
draft = Table(
    "draft",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign_id", Id, nullable=False),
    Column("supporter_id", Id, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("words", LargeBinary, nullable=False),  # sealed: all that the confirmation needs
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default="0"),  # wrong codes
    UniqueConstraint("supporter_id", "campaign_id", name="uq_draft_person"),
)

# owner: letters/calls. What a supporter says of a call to an office: one row for each holder, and the last word counts.
call = Table(
    "call",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign_id", Id, nullable=False),
    Column("supporter_id", Id, nullable=False),
    Column("seat", String, nullable=False),
    Column("holder", String, nullable=False),  # bioguide id of whose office it was
    Column("outcome", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    CheckConstraint("outcome IN ('answered', 'voicemail', 'busy', 'later')", name="outcome"),
    UniqueConstraint("supporter_id", "campaign_id", "seat", "holder", name="uq_call_once"),
    Index(None, "campaign_id", "outcome"),
)

# owner: letters/packets. Letters on paper for one office; what was handed in stays as it was.
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
    Column("handed_by", String, nullable=False, server_default=""),  # who says so
    UniqueConstraint("campaign_id", "seat", "number", name="uq_packet_number"),
    CheckConstraint("(handed_on = '') = (handed_by = '')", name="handed"),
)

# owner: letters/packets
packed = Table(
    "packed",
    metadata,
    Column("letter_id", Id, ForeignKey("letter.id"), primary_key=True),  # a letter is in one packet, for ever
    Column("packet_id", Id, ForeignKey("packet.id"), nullable=False, index=True),
    Column("place", Integer, nullable=False),  # 1, 2 ... in the order of confirmation
    UniqueConstraint("packet_id", "place", name="uq_packed_place"),
)

# owner: letters/access. Who read letters' text; triggers keep rows as they are. No personal data of supporters.
letter_access = Table(
    "letter_access",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("what", String, nullable=False),  # "packet": printed; "export": for an office, in a file; "cwc": its XML
    Column("campaign_id", Id, ForeignKey("campaign.id"), nullable=False, index=True),
    Column("seat", String, nullable=False),
    Column("letters", Integer, nullable=False),  # how many were read
    Column("account", String, nullable=False),  # the operating system's name for whoever ran the command
    Column("by", String, nullable=False, server_default=""),  # the name given with --by
    CheckConstraint("what IN ('packet', 'export', 'cwc')", name="what"),
)
