"""ZIP codes that supporters say they moved to, until they enter the emailed code: the only writer of `new_zip`.

A supporter has one in a campaign; another ZIP code replaces it. It is kept for three days, used or not.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from campaign.keys import Keys
from campaign.store.dialect import insert
from campaign.store.schema import new_zip

NONCE_BYTES = 8
KEPT_MS = 3 * 24 * 3600 * 1000
TRIES = 50  # wrong codes until it is void; scanners post a few too


@dataclass(frozen=True, slots=True)
class NewZip:
    """`code`: six digits, in the email; whoever has it may confirm. Times in ms."""

    zip: str
    code: str
    expires_at: int
    used: bool
    void: bool  # too many wrong codes


def keep(conn: Connection, campaign_id: int, supporter_id: int, zip_code: str, now: int) -> None:
    """Keep this ZIP code (5 digits) for three days. The same one that still waits keeps its code."""
    n = new_zip.c
    own = (n.supporter_id == supporter_id, n.campaign_id == campaign_id)
    waits = select(n.zip).where(*own, n.zip == zip_code, n.expires_at > now, n.used_at.is_(None), n.tries < TRIES)
    if conn.execute(waits).first() is not None:
        return
    values = {"zip": zip_code, "nonce": secrets.token_bytes(NONCE_BYTES), "expires_at": now + KEPT_MS}
    values |= {"tries": 0, "used_at": None}
    saved = insert(conn, new_zip).values(campaign_id=campaign_id, supporter_id=supporter_id, **values)
    conn.execute(saved.on_conflict_do_update(index_elements=["supporter_id", "campaign_id"], set_=values))


def find(conn: Connection, keys: Keys, campaign_id: int, supporter_id: int, now: int) -> NewZip | None:
    """This supporter's new ZIP code, for three days."""
    n = new_zip.c
    own = (n.supporter_id == supporter_id, n.campaign_id == campaign_id, n.expires_at > now)
    row = conn.execute(select(n.zip, n.nonce, n.expires_at, n.used_at, n.tries).where(*own)).one_or_none()
    if row is None:
        return None
    proof = keys.proof("new-zip", str(supporter_id), str(campaign_id), bytes(row.nonce).hex())
    code = f"{int.from_bytes(proof[:8], 'big') % 1_000_000:06d}"
    return NewZip(row.zip, code, row.expires_at, used=row.used_at is not None, void=row.tries >= TRIES)


def count_wrong_code(conn: Connection, campaign_id: int, supporter_id: int) -> None:
    own = (new_zip.c.supporter_id == supporter_id, new_zip.c.campaign_id == campaign_id)
    conn.execute(update(new_zip).where(*own).values(tries=new_zip.c.tries + 1))


def use(conn: Connection, campaign_id: int, supporter_id: int, now: int) -> None:
    """Note that its code was entered."""
    own = (new_zip.c.supporter_id == supporter_id, new_zip.c.campaign_id == campaign_id)
    conn.execute(update(new_zip).where(*own).values(used_at=now))


def drop(conn: Connection, supporter_id: int) -> None:
    """Delete a supporter's new ZIP codes."""
    conn.execute(delete(new_zip).where(new_zip.c.supporter_id == supporter_id))


def drop_old(conn: Connection, now: int) -> int:
    """Delete those whose three days are over. How many."""
    return conn.execute(delete(new_zip).where(new_zip.c.expires_at <= now)).rowcount
