"""Who is on file and who must not be written to: the only writer of `supporter` and `suppression`."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, exists, func, null, select, text, update

from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.model import Recipient
from campaign.store.dialect import insert
from campaign.store.schema import delivery, supporter, suppression
from campaign.supporters.rows import BadRow, address

NONCE_BYTES = 8
_PULLED = ("email", "first_name", "last_name", "locale", "zip", "street", "consent", "list", "digest")

Reason = Literal["unsubscribed", "complained", "bounced", "listed", "erased"]


@dataclass(frozen=True, slots=True)
class Upserted:
    """What became of the rows: together they are as many as were given."""

    imported: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class SupporterRow:
    """What the project may know of the person behind a link. A page shows none of it before the ZIP was typed."""

    id: int
    email_hash: bytes
    zip: str
    locale: str
    first_name: str
    last_name: str
    email: str
    place: bytes | None = None  # the keyed hash of the address, once it was looked up
    suppressed: str = ""  # why this person must not be emailed (a Reason); "": they may be


@dataclass(frozen=True, slots=True)
class SupporterStreet:
    """Somebody whose street a list brought."""

    id: int
    zip: str
    street: str


def upsert(conn: Connection, rows: Sequence[Mapping[str, Any]], now: int) -> Upserted:
    """Store people by their email hash (each once in `rows`). One whose digest is the same is not written."""
    place = supporter.c.email_hash
    hashes = [row["email_hash"] for row in rows]
    known = dict(conn.execute(select(place, supporter.c.digest).where(place.in_(hashes))).all())
    writes = [row for row in rows if known.get(row["email_hash"]) != row["digest"]]
    if writes:
        random = secrets.token_bytes(NONCE_BYTES * len(writes))
        nonces = (random[at : at + NONCE_BYTES] for at in range(0, len(random), NONCE_BYTES))
        statement = insert(conn, supporter)
        changes = {name: statement.excluded[name] for name in (*_PULLED, "updated_at")} | {"place": null()}
        conn.execute(
            statement.on_conflict_do_update(index_elements=[place], set_=changes),
            [
                {**row, "nonce": nonce, "created_at": now, "updated_at": now}
                for row, nonce in zip(writes, nonces, strict=True)
            ],
        )
    updated = sum(row["email_hash"] in known for row in writes)
    return Upserted(len(writes) - updated, updated, len(rows) - len(writes))


def suppressed(conn: Connection, email_hashes: Sequence[bytes]) -> dict[bytes, str]:
    """Those of these who must not be written to, with the reason."""
    found = select(suppression.c.email_hash, suppression.c.reason).where(suppression.c.email_hash.in_(email_hashes))
    return dict(conn.execute(found).all())


def on_list(conn: Connection, email_hashes: Sequence[bytes], list_name: str) -> list[bytes]:
    """Those of these who are on file from this list."""
    place = supporter.c.email_hash
    found = select(place).where(place.in_(email_hashes), supporter.c.list == list_name)
    return list(conn.scalars(found)) if email_hashes else []


def lock_suppressions(conn: Connection) -> None:
    """Until the transaction ends nobody else suppresses or erases: who is erased meanwhile must not be stored again.

    On SQLite every writing transaction has that already.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("LOCK TABLE suppression IN SHARE ROW EXCLUSIVE MODE"))


def suppress(conn: Connection, email_hashes: Sequence[bytes], reason: Reason, source: str, now: int) -> int:
    """Write to these no more, known or not. The first reason stays, but `erased` takes its place. How many are new."""
    if not email_hashes:
        return 0
    # sorted: two of these at once take their rows in the same order
    rows = [
        {"email_hash": email_hash, "reason": reason, "source": source, "at": now}
        for email_hash in sorted(set(email_hashes))
    ]
    added = insert(conn, suppression).on_conflict_do_nothing().returning(suppression.c.email_hash)
    new = len(conn.execute(added, rows).all())
    if reason == "erased" and new < len(rows):
        place = suppression.c.email_hash
        conn.execute(
            update(suppression)
            .where(place.in_([row["email_hash"] for row in rows]), suppression.c.reason != "erased")
            .values(reason=reason, source=source, at=now)
        )
    return new


def email_hash(keys: Keys, email: str) -> bytes:
    """The keyed hash of an address as somebody typed it. Raises CampaignError for what is no address."""
    try:
        return keys.email_hash(address(email))
    except BadRow as error:
        raise CampaignError(str(error), do="Give the address as it stands on the list.") from None


def find(conn: Connection, email_hash: bytes) -> int | None:
    """The supporter's id, when this address is on file."""
    return conn.scalars(select(supporter.c.id).where(supporter.c.email_hash == email_hash)).one_or_none()


def erase(conn: Connection, email_hash: bytes, now: int) -> None:
    """Forget a person, on file or not: only the keyed hash stays, so that no list brings them back. Old links end."""
    suppress(conn, [email_hash], "erased", "erasure", now)
    blank = {"email": None, "first_name": "", "last_name": "", "locale": "", "zip": "", "street": None, "place": None}
    conn.execute(
        update(supporter)
        .where(supporter.c.email_hash == email_hash)
        .values(**blank, consent="erased", list="", nonce=secrets.token_bytes(NONCE_BYTES), digest=b"", updated_at=now)
    )


def set_zip(conn: Connection, supporter_id: int, zip_code: str, now: int) -> None:
    """The person said by mail that this is their ZIP code."""
    conn.execute(
        update(supporter)
        .where(supporter.c.id == supporter_id)
        .values(zip=zip_code, street=None, place=None, updated_at=now)
    )


def address_hash(conn: Connection, supporter_id: int) -> bytes | None:
    """The hash of this person's address, when it was looked up."""
    return conn.execute(select(supporter.c.place).where(supporter.c.id == supporter_id)).scalar_one_or_none()


def drop_streets(conn: Connection, *, placed: bool = False) -> int:
    """Forget the street addresses that lists brought; with `placed`, those that were looked up. How many."""
    which = [supporter.c.street.is_not(None), *([supporter.c.place.is_not(None)] if placed else [])]
    return conn.execute(update(supporter).where(*which).values(street=None)).rowcount


def with_streets(conn: Connection, keys: Keys, after: int, most: int) -> list[SupporterStreet]:
    """The next people by id whose street is on file, at most so many; the suppressed are left out."""
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
    """Their addresses were looked up: under which hash (by id) it is known what was found. None: it is forgotten."""
    if places:
        rows = [{"who": who, "hash": key} for who, key in sorted(places.items())]
        conn.execute(update(supporter).where(supporter.c.id == bindparam("who")).values(place=bindparam("hash")), rows)


_RECIPIENTS = (
    select(
        delivery.c.id,
        delivery.c.request_id,
        supporter.c.id,
        supporter.c.email,
        supporter.c.first_name,
        supporter.c.last_name,
        supporter.c.zip,
        supporter.c.nonce,
        supporter.c.list,
        supporter.c.consent,
    )
    .join(supporter, supporter.c.id == delivery.c.supporter_id)
    .where(delivery.c.outcome.is_(None), supporter.c.email.is_not(None))
    .order_by(delivery.c.request_id, delivery.c.id)
)


def recipients(conn: Connection, request_ids: Sequence[int]) -> dict[int, list[Recipient]]:
    """Whom each request is for, in the order of their deliveries: those without an outcome of their own, not erased."""
    found: dict[int, list[Recipient]] = {request_id: [] for request_id in request_ids}
    rows: Sequence[Any] = conn.execute(_RECIPIENTS.where(delivery.c.request_id.in_(request_ids))).all()
    for row in rows:
        found[row[1]].append(Recipient(*row))
    return found


def by_link(conn: Connection, supporter_id: int, nonce: bytes) -> SupporterRow | None:
    """The person that a link was made for; None when the id is another person's by now, or the person was erased."""
    s = supporter.c
    known = (s.id, s.email_hash, s.zip, s.locale, s.first_name, s.last_name, s.email, s.place)
    reason = select(suppression.c.reason).where(suppression.c.email_hash == s.email_hash).scalar_subquery()
    columns: list[Any] = [s.nonce, *known, func.coalesce(reason, "").label("suppressed")]
    row = conn.execute(select(*columns).where(s.id == supporter_id, s.email.is_not(None))).one_or_none()
    return SupporterRow(*row[1:]) if row and hmac.compare_digest(row[0], nonce) else None


def lock_supporters(conn: Connection, *supporter_ids: int) -> None:
    """Until the transaction ends nobody else writes, takes back or erases for these people.

    Take it for all of them at once and before anything else is locked: what one of them waits for, such as a summary
    with the letters of several, must not be held meanwhile. On SQLite every writing transaction has that already.
    """
    if conn.dialect.name == "postgresql":
        for one in sorted(set(supporter_ids)):
            conn.execute(select(func.pg_advisory_xact_lock(one)))


def email_hashes(conn: Connection, delivery_ids: Sequence[int]) -> list[bytes]:
    """The keyed hashes of the people whom these mails were sent to: a letter's reader is an office, and is none."""
    joined = select(supporter.c.email_hash).join(delivery, delivery.c.supporter_id == supporter.c.id)
    mails = joined.where(delivery.c.id.in_(delivery_ids), delivery.c.kind != "letter")
    return list(conn.scalars(mails)) if delivery_ids else []
