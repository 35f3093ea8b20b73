"""Supporters and the suppression list: the only writer of `supporter` and `suppression`."""

from __future__ import annotations

import hmac
import secrets
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    text,
    update,
)

from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.model import Recipient
from campaign.store.dialect import insert
from campaign.store.schema import delivery, supporter, suppression
from campaign.supporters.rows import BadRow, address

NONCE_BYTES = 8
_PULLED = ("email", "first_name", "last_name", "locale", "zip", "street", "consent", "list", "digest")

Reason = Literal["unsubscribed", "complained", "bounced", "listed", "erased"]
FINAL: tuple[Reason, ...] = ("complained", "bounced", "listed")  # whoever joins again still gets no email
OPEN_PAGE = "open page"  # the list of those who joined there


@dataclass(frozen=True, slots=True)
class Upserted:
    """Counts for stored rows; together, all of them."""

    imported: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class SupporterRow:
    """The supporter of an action link. Pages show none of this before the ZIP code was entered."""

    id: int
    email_hash: bytes
    zip: str
    locale: str
    first_name: str
    last_name: str
    email: str
    place: bytes | None = None  # hash of the supporter's address, once looked up
    discreet: bool = False  # they asked for subjects that name no topic
    suppressed: str = ""  # a Reason not to email them, or ""


@dataclass(frozen=True, slots=True)
class NewSupporter:
    """Someone who joined on the open page and confirmed it by email. `consent`: what they agreed to, and when."""

    email_hash: bytes
    email: str
    first_name: str
    last_name: str
    locale: str
    zip: str
    consent: str


@dataclass(frozen=True, slots=True)
class SupporterStreet:
    """A supporter with a street address from a list."""

    id: int
    zip: str
    street: str


def upsert(conn: Connection, rows: Sequence[Mapping[str, Any]], now: int) -> Upserted:
    """Store supporters by email hash (each once in `rows`), unless their digest is unchanged."""
    key = supporter.c.email_hash
    hashes = [row["email_hash"] for row in rows]
    known = dict(conn.execute(select(key, supporter.c.digest).where(key.in_(hashes))).all())
    writes = [row for row in rows if known.get(row["email_hash"]) != row["digest"]]
    if writes:
        statement = insert(conn, supporter)
        changes = {name: statement.excluded[name] for name in (*_PULLED, "updated_at")} | {"place": null()}
        times = {"created_at": now, "updated_at": now}
        new = [{**row, **times, "nonce": secrets.token_bytes(NONCE_BYTES)} for row in writes]
        conn.execute(statement.on_conflict_do_update(index_elements=[key], set_=changes), new)
    updated = sum(row["email_hash"] in known for row in writes)
    return Upserted(len(writes) - updated, updated, len(rows) - len(writes))


def suppressed(conn: Connection, email_hashes: Sequence[bytes]) -> dict[bytes, str]:
    """Which of these are on the suppression list, with the reason."""
    query = select(suppression.c.email_hash, suppression.c.reason).where(suppression.c.email_hash.in_(email_hashes))
    return dict(conn.execute(query).all())


def on_list(conn: Connection, email_hashes: Sequence[bytes], list_name: str) -> list[bytes]:
    """Which of these are on file from this list."""
    key = supporter.c.email_hash
    query = select(key).where(key.in_(email_hashes), supporter.c.list == list_name)
    return list(conn.scalars(query))


def lock_suppressions(conn: Connection) -> None:
    """Block other suppressions and erasures until the transaction ends: an erased supporter must not be stored again.
    On SQLite every writing transaction does that.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("LOCK TABLE suppression IN SHARE ROW EXCLUSIVE MODE"))


def suppress(conn: Connection, email_hashes: Sequence[bytes], reason: Reason, source: str, now: int) -> int:
    """Put addresses, on file or not, on the suppression list. The first reason stays, except that `erased` replaces it;
    a reason in FINAL makes it final. How many are new."""
    if not email_hashes:
        return 0
    hashes = sorted(set(email_hashes))  # concurrent calls lock their rows in the same order
    final = reason in FINAL
    values = {"reason": reason, "source": source, "at": now, **({"final": True} if final else {})}
    rows = [{"email_hash": email_hash, **values} for email_hash in hashes]
    added = insert(conn, suppression).on_conflict_do_nothing().returning(suppression.c.email_hash)
    new = len(conn.execute(added, rows).all())
    if reason == "erased" and new < len(rows):
        others = (suppression.c.email_hash.in_(hashes), suppression.c.reason != "erased")
        conn.execute(update(suppression).where(*others).values(values))
    elif final and new < len(rows):
        conn.execute(
            update(suppression)
            .where(suppression.c.email_hash.in_(hashes), suppression.c.final.is_(False))
            .values(final=True)
        )
    return new


def may_join(conn: Connection, email_hash: bytes) -> bool:
    """Whether this address may get the email that confirms a sign-up: it never bounced, complained or was listed."""
    final = (suppression.c.email_hash == email_hash, suppression.c.final.is_(True))
    return conn.execute(select(suppression.c.reason).where(*final)).first() is None


def join(conn: Connection, new: NewSupporter, now: int) -> None:
    """Store someone who joined, and lift their unsubscribe or erasure. Names on file stay; the ZIP code is the new one.

    Whoever was not opted out keeps their list and consent.
    """
    s, opt_out = supporter.c, suppression.c
    lifted = delete(suppression).where(opt_out.email_hash == new.email_hash, opt_out.final.is_(False))
    returned = conn.execute(lifted.returning(opt_out.email_hash)).first() is not None
    values = {name: getattr(new, name) for name in ("email", "first_name", "last_name", "locale", "zip", "consent")}
    key = {"email_hash": new.email_hash, "nonce": secrets.token_bytes(NONCE_BYTES)}
    times = {"created_at": now, "updated_at": now}
    statement = insert(conn, supporter).values(**values, **key, **times, list=OPEN_PAGE, digest=b"")
    joined = statement.excluded
    changes: dict[str, Any] = {"email": joined.email, "zip": joined.zip, "updated_at": now}
    changes |= {
        name: case((s[name] == "", joined[name]), else_=s[name]) for name in ("first_name", "last_name", "locale")
    }
    changes |= {name: case((s.zip == joined.zip, s[name]), else_=null()) for name in ("street", "place")}
    fresh = or_(s.email.is_(None), literal(returned))
    changes |= {name: case((fresh, joined[name]), else_=s[name]) for name in ("list", "consent")}
    conn.execute(statement.on_conflict_do_update(index_elements=[s.email_hash], set_=changes))


def email_hash(keys: Keys, email: str) -> bytes:
    """The keyed hash of an address typed by an operator. Raises CampaignError if it is not an address."""
    try:
        return keys.email_hash(address(email))
    except BadRow as error:
        raise CampaignError(str(error), do="Use the address as it is in the list.") from None


def find(conn: Connection, email_hash: bytes) -> int | None:
    """The supporter's ID, if this address is on file."""
    return conn.scalars(select(supporter.c.id).where(supporter.c.email_hash == email_hash)).one_or_none()


def erase(conn: Connection, email_hash: bytes, now: int) -> None:
    """Erase a supporter, on file or not. Only the keyed hash stays, so that lists can't store them again. Links end."""
    suppress(conn, [email_hash], "erased", "erasure", now)
    blank: dict[str, Any] = {
        "email": None,
        "first_name": "",
        "last_name": "",
        "locale": "",
        "zip": "",
        "street": None,
        "place": None,
        "discreet": False,
    }
    blank |= {"consent": "erased", "list": "", "nonce": secrets.token_bytes(NONCE_BYTES), "digest": b""}
    conn.execute(update(supporter).where(supporter.c.email_hash == email_hash).values(**blank, updated_at=now))


def set_zip(conn: Connection, supporter_id: int, zip_code: str, now: int) -> None:
    """Store the ZIP code that the supporter confirmed by email."""
    values = {"zip": zip_code, "street": None, "place": None, "updated_at": now}
    conn.execute(update(supporter).where(supporter.c.id == supporter_id).values(values))


def set_discreet(conn: Connection, supporter_id: int, discreet: bool, now: int) -> None:
    """Store whether the subjects of this supporter's emails may name a topic."""
    values = {"discreet": discreet, "updated_at": now}
    conn.execute(update(supporter).where(supporter.c.id == supporter_id).values(values))


def address_hash(conn: Connection, supporter_id: int) -> bytes | None:
    """The hash of the supporter's address, once looked up."""
    return conn.execute(select(supporter.c.place).where(supporter.c.id == supporter_id)).scalar_one_or_none()


def drop_streets(conn: Connection, *, placed: bool = False) -> int:
    """Delete street addresses; with `placed`, only those that were looked up. How many."""
    which = [supporter.c.street.is_not(None), *([supporter.c.place.is_not(None)] if placed else [])]
    return conn.execute(update(supporter).where(*which).values(street=None)).rowcount


def with_streets(conn: Connection, keys: Keys, after: int, most: int) -> list[SupporterStreet]:
    """The next supporters by ID with a street on file, up to `most`, without the suppressed."""
    s = supporter.c
    query = (
        select(s.id, s.zip, s.street, s.email_hash)
        .where(s.street.is_not(None), s.id > after, s.email.is_not(None))
        .where(~exists().where(suppression.c.email_hash == s.email_hash))
        .order_by(s.id)
        .limit(most)
    )
    return [
        SupporterStreet(row.id, row.zip, keys.unseal(bytes(row.street), b"supporter.street\0" + bytes(row.email_hash)))
        for row in conn.execute(query)
    ]


def set_address_hash(conn: Connection, places: Mapping[int, bytes | None]) -> None:
    """Store the hash under which each supporter's (ID) address was looked up. None deletes it."""
    if places:
        rows = [{"key": supporter_id, "hash": key} for supporter_id, key in sorted(places.items())]
        conn.execute(update(supporter).where(supporter.c.id == bindparam("key")).values(place=bindparam("hash")), rows)


_RECIPIENTS = (
    select(
        delivery.c.id,
        delivery.c.request_id,
        *(supporter.c[name] for name in ("id", "email", "first_name", "last_name", "zip", "nonce", "list", "consent")),
        supporter.c.discreet,
    )
    .join(supporter, supporter.c.id == delivery.c.supporter_id)
    .where(delivery.c.outcome.is_(None), supporter.c.email.is_not(None))
    .order_by(delivery.c.request_id, delivery.c.id)
)


def recipients(conn: Connection, request_ids: Sequence[int]) -> dict[int, list[Recipient]]:
    """The recipients of each request in the order of its deliveries, without erased ones and those with an outcome."""
    by_request: dict[int, list[Recipient]] = {request_id: [] for request_id in request_ids}
    rows: Sequence[Any] = conn.execute(_RECIPIENTS.where(delivery.c.request_id.in_(request_ids))).all()
    for row in rows:
        by_request[row[1]].append(Recipient(*row))
    return by_request


def link_nonce(conn: Connection, email_hash: bytes) -> tuple[int, bytes]:
    """(ID, nonce) of the supporter with this address, who is on file, for their links."""
    s = supporter.c
    row = conn.execute(select(s.id, s.nonce).where(s.email_hash == email_hash)).one()
    return row.id, bytes(row.nonce)


_SUPPRESSED = select(suppression.c.reason).where(suppression.c.email_hash == supporter.c.email_hash).scalar_subquery()
_BY_LINK: Select[Any] = select(
    *(supporter.c[name] for name in ("nonce", "id", "email_hash", "zip", "locale", "first_name", "last_name", "email")),
    *(supporter.c.place, supporter.c.discreet),
    func.coalesce(_SUPPRESSED, ""),
).where(supporter.c.id == bindparam("id"), supporter.c.email.is_not(None))


def by_link(conn: Connection, supporter_id: int, nonce: bytes) -> SupporterRow | None:
    """The supporter of an action link; None if the link is no longer theirs, or they were erased."""
    row = conn.execute(_BY_LINK, {"id": supporter_id}).one_or_none()
    return SupporterRow(*row[1:]) if row and hmac.compare_digest(row[0], nonce) else None


def lock_supporters(conn: Connection, *supporter_ids: int) -> None:
    """Block other writes for these supporters until the transaction ends.

    Lock them all at once and before anything else, such as a digest with the letters of several supporters, to prevent
    deadlocks. On SQLite every writing transaction has the lock.
    """
    if conn.dialect.name == "postgresql":
        for supporter_id in sorted(set(supporter_ids)):
            conn.execute(select(func.pg_advisory_xact_lock(supporter_id)))


def lock_address(conn: Connection, email_hash: bytes) -> None:
    """Block other sign-ups, confirmations and erasures of this address until the transaction ends.

    After `lock_supporters`, where both are needed. On SQLite every writing transaction has the lock.
    """
    if conn.dialect.name == "postgresql":
        two = struct.unpack(">ii", email_hash[:8])  # a key space apart from that of the supporters
        conn.execute(select(func.pg_advisory_xact_lock(*two)))


def email_hashes(conn: Connection, delivery_ids: Sequence[int]) -> list[bytes]:
    """The address hashes of the supporters who got these emails. Letters are left out: they go to offices."""
    query = select(supporter.c.email_hash).join(delivery, delivery.c.supporter_id == supporter.c.id)
    return list(conn.scalars(query.where(delivery.c.id.in_(delivery_ids), delivery.c.kind != "letter")))
