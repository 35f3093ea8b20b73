"""All tables, and beside each the one module that writes it (a test holds that). Reading across is allowed.

Times are integer milliseconds, UTC, on both databases. Triggers stand in the migrations: nothing leaves `accepted`, and
a wave's `launched` never changes. No index has a condition that every delivery passes through.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)

from campaign.states import FATES, Outcome, State

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")


_OWN = text("outcome IS NOT NULL")
_LETTER = text("letter_id IS NOT NULL")
_AWAY = text("letter_id IS NOT NULL AND fate >= 4")  # blocked, dropped, bounced, complained
_LIVE = text("withdrawn_at IS NULL")


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


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

# owner: delivery/campaigns
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

# owner: delivery/campaigns
wave = Table(
    "wave",
    metadata,
    Column("campaign_id", Id, ForeignKey("campaign.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("launched", Integer, nullable=False),  # equals the sum over states for ever
    Column("launched_at", BigInteger, nullable=False),
    Column("by", String, nullable=False, server_default=""),  # who launched it, as that person said; "": nobody did
)

# owner: compose/release
release = Table(
    "release",
    metadata,
    Column("hash", String, primary_key=True),
    Column("slug", String, nullable=False),
    Column("files", LargeBinary, nullable=False),  # zlib of JSON {path: text}
    Column("versions", String, nullable=False),
    Column("made_at", BigInteger, nullable=False),
)

# owner: delivery/outbox
request = Table(
    "request",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token", String, nullable=False, unique=True),  # random: what the provider is told, with the attempt
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
    Column("abandoned", Integer, nullable=False, server_default="0"),  # claims whose worker never came back
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
    CheckConstraint(_one_of("state", State), name="state"),
    CheckConstraint("size >= 0", name="size"),
    CheckConstraint("(lease_until IS NOT NULL) = (state IN ('claimed', 'sending'))", name="lease"),
    CheckConstraint("state <> 'accepted' OR answered_at IS NOT NULL", name="answered"),
    Index(None, "campaign_id", "state", "priority", "due_at"),
    Index(None, "campaign_id", "answered_at"),
)

# owner: delivery/outbox (and delivery/events, in the same package, for `fate`)
delivery = Table(
    "delivery",
    metadata,
    Column("id", Id, primary_key=True),
    Column("request_id", Id, ForeignKey("request.id"), index=True),  # null: handed to the supporter, no call is made
    Column("campaign_id", Id, nullable=False),  # its request's: a key of its own would be checked a million times
    Column("wave", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("supporter_id", Id, nullable=False),  # likewise: rows of `supporter` are blanked, never deleted
    Column("outcome", String),
    Column("reason", String),
    Column("fate", SmallInteger, nullable=False, server_default="0"),
    Column("fate_at", BigInteger),
    Column("letter_id", Id),  # of a letter's delivery
    Column("channel", String),  # likewise
    Column("at", BigInteger),  # when it was handed to the supporter, or the supporter answered
    UniqueConstraint("supporter_id", "campaign_id", "wave", "kind", name="uq_delivery_once"),
    CheckConstraint("outcome IS NULL OR " + _one_of("outcome", Outcome), name="outcome"),
    CheckConstraint(f"fate BETWEEN 0 AND {len(FATES)}", name="fate"),
    CheckConstraint("request_id IS NOT NULL OR outcome IS NOT NULL", name="request"),
    CheckConstraint("(letter_id IS NOT NULL) = (kind = 'letter')", name="letter"),
    CheckConstraint("(channel IS NOT NULL) = (kind = 'letter')", name="channel"),
    Index("ix_delivery_turned_away", "letter_id", sqlite_where=_AWAY, postgresql_where=_AWAY),
    Index("uq_delivery_channel", "letter_id", "channel", unique=True, sqlite_where=_LETTER, postgresql_where=_LETTER),
    Index(None, "campaign_id", "outcome", sqlite_where=_OWN, postgresql_where=_OWN),
)

# owner: delivery/outbox. Only what did not simply end accepted; with the request row it is the whole history.
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

# owner: delivery/events
webhook = Table(
    "webhook",
    metadata,
    Column("id", Id, primary_key=True),
    Column("received_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),  # zlib of the signed bytes; dropped after seven days
    Column("applied_at", BigInteger, index=True),
)

# owner: delivery/events. Only what a person will ask about: bounce, block, drop, complaint, unknown kinds.
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
    CheckConstraint("matched IN ('zip', 'chosen', 'address')", name="matched"),
    CheckConstraint(
        "reason IN ('', 'taken back', 'not sent by this person', 'erased', "
        "'another holder', 'other lines', 'its text has ended')",
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

# owner: delivery/cwc/gateways. A chamber's gateway as this installation may use it now; no row: it may not.
gateway = Table(
    "gateway",
    metadata,
    Column("chamber", String, primary_key=True),
    Column("environment", String, nullable=False),
    Column("offices", String, nullable=False),  # codes of those that take messages, as the gateway listed them
    Column("fetched_at", BigInteger, nullable=False),
    Column("off", String, nullable=False, server_default=""),  # why it is not used; "": it is
    CheckConstraint("chamber IN ('house', 'senate')", name="chamber"),
    CheckConstraint("environment IN ('uat', 'production')", name="environment"),
)
