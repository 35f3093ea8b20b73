"""Check that the root key is the one this database was written with. Every entry point does.

With another key, addresses have other hashes: suppressed and erased supporters would be imported again and emailed. So
a key that does not fit is refused, and no key is created for a database that holds supporters.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, delete, select, text

from campaign import keys
from campaign.keys import KeyRefused, Keys
from campaign.store import engine, migrate
from campaign.store.dialect import insert
from campaign.store.engine import Database
from campaign.store.schema import evidence, letter, root_key, sign_up, supporter, suppression

NUMBER = keys.NUMBER[0]
KEYED = (supporter, suppression, evidence, letter, sign_up)  # tables whose rows hold keyed hashes or sealed text
BATCH = 5_000  # rows read at a time


def open_database(url: str, home: Path, *, environ: Mapping[str, str] = os.environ) -> tuple[Database, Keys]:
    """The database at `url` with its keys. Raises CampaignError if its version or its root key does not fit."""
    database = engine.connect(url)
    try:
        migrate.check(database)
        return database, open_keys(database, home, environ=environ)
    except BaseException:
        database.close()
        raise


def check(database: Database, home: Path, *, environ: Mapping[str, str] = os.environ) -> Keys | None:
    """The keys of this database, or None for a new database, which stays without a key. Raises KeyRefused."""
    with database.read() as conn:
        recorded = _recorded(conn)
    if recorded is not None:
        return _fitting(recorded, home, environ)
    with database.begin() as conn:
        return settle(conn, home, environ=environ)


def open_keys(database: Database, home: Path, *, environ: Mapping[str, str] = os.environ) -> Keys:
    """The keys of this database. Creates one, with its fingerprint, for a new database. Raises KeyRefused."""
    if (existing := check(database, home, environ=environ)) is not None:
        return existing
    with database.begin() as conn:
        return settle(conn, home, environ=environ) or _record(conn, keys.load(home, environ))


def settle(
    conn: Connection, home: Path, *, adopt: bool = False, environ: Mapping[str, str] = os.environ
) -> Keys | None:
    """Record the fingerprint of the key, once the stored data proves it. None for a new database: nothing is recorded.

    `adopt`: a person accepts the key although the data does not prove it. Even then a key that is proved wrong is
    refused. Creates no key. Raises KeyRefused.
    """
    _lock(conn)
    recorded, used = _recorded(conn), in_use(conn)
    if recorded is not None and (used or not adopt):
        return _fitting(recorded, home, environ)
    if not used and not adopt:
        return None
    existing = keys.existing(home, environ)
    if used:
        _prove(conn, existing, keys.source(home, environ), adopt=adopt)
    return _record(conn, existing)


def in_use(conn: Connection) -> bool:
    """Whether the database holds anything made with a root key."""
    return any(conn.execute(select(1).select_from(table).limit(1)).first() is not None for table in KEYED)


def _prove(conn: Connection, found: Keys, source: str, *, adopt: bool) -> None:
    """Compare each supporter's stored hash with the one that this key gives. Erased supporters prove nothing."""
    query = select(supporter.c.email, supporter.c.email_hash).where(supporter.c.email.is_not(None))
    fit = differ = 0
    for email, stored in conn.execute(query, execution_options={"yield_per": BATCH}):
        if hmac.compare_digest(found.email_hash(email), bytes(stored)):
            fit += 1
        else:
            differ += 1
    if differ and not fit:
        raise _wrong(source)
    if adopt or (fit and not differ):
        return
    accept = "If you are sure that it is the right key, run: campaign db adopt-key"
    if differ:
        what = f"fits only {fit:,} of {fit + differ:,} supporters: another key was in use before"
        do = f"Restore a backup from before the key changed, with its key. {accept}"
    else:
        what = "cannot be checked: no supporter with an email address is left in this database"
        do = accept
    raise KeyRefused(f"the root key {what}", where=source, do=do)


def _recorded(conn: Connection) -> bytes | None:
    query = select(root_key.c.fingerprint).where(root_key.c.number == NUMBER)
    found = conn.execute(query).scalar_one_or_none()
    return None if found is None else bytes(found)


def _record(conn: Connection, found: Keys) -> Keys:
    conn.execute(delete(root_key))
    row = {"number": NUMBER, "fingerprint": found.fingerprint, "recorded_at": engine.now(conn)}
    conn.execute(insert(conn, root_key).values(row))
    return found


def _lock(conn: Connection) -> None:
    """Let no other process decide about the key until the transaction ends. On SQLite every writer has that lock."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("LOCK TABLE root_key IN EXCLUSIVE MODE"))


def _fitting(recorded: bytes, home: Path, environ: Mapping[str, str]) -> Keys:
    found = keys.existing(home, environ)
    if not hmac.compare_digest(recorded, found.fingerprint):
        raise _wrong(keys.source(home, environ))
    return found


def _wrong(source: str) -> KeyRefused:
    what = "the root key is not the one that this database was written with"
    return KeyRefused(what, where=source, do=keys.RESTORE)
