"""Letters for another ZIP code than the one on file: kept sealed until the supporter confirms by email.

The only writer of `draft`. A supporter has one draft in a campaign; a newer one replaces it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, delete, select, update

from campaign.keys import Keys
from campaign.store.dialect import insert
from campaign.store.schema import draft

NONCE_BYTES = 8
KEPT_MS = 3 * 24 * 3600 * 1000
TRIES = 50  # wrong codes until the draft is void; scanners post a few too


@dataclass(frozen=True, slots=True)
class Draft:
    """`form`: what was posted. `code`: in the email; whoever has it may confirm. `expires_at` in ms."""

    id: int
    form: Mapping[str, str]
    code: str
    expires_at: int


def keep(
    conn: Connection, keys: Keys, campaign_id: int, supporter_id: int, form: Mapping[str, str], *, now: int
) -> int:
    """Keep what was posted for three days; the draft's id."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    values = {
        "nonce": nonce,
        "words": keys.seal(msgspec.json.encode(dict(form)).decode(), _where(nonce)),
        "made_at": now,
        "expires_at": now + KEPT_MS,
        "tries": 0,
    }
    made = insert(conn, draft).values(campaign_id=campaign_id, supporter_id=supporter_id, **values)
    place = ["supporter_id", "campaign_id"]
    saved = made.on_conflict_do_update(index_elements=place, set_=values).returning(draft.c.id)
    draft_id: int = conn.execute(saved).scalar_one()
    return draft_id


def find(conn: Connection, keys: Keys, campaign_id: int, supporter_id: int, now: int) -> Draft | None:
    """This supporter's draft while it may be confirmed."""
    row = conn.execute(
        select(draft.c.id, draft.c.nonce, draft.c.words, draft.c.expires_at).where(
            draft.c.campaign_id == campaign_id,
            draft.c.supporter_id == supporter_id,
            draft.c.expires_at > now,
            draft.c.tries < TRIES,
        )
    ).one_or_none()
    if row is None:
        return None
    nonce = bytes(row.nonce)
    form = msgspec.json.decode(keys.unseal(bytes(row.words), _where(nonce)), type=dict[str, str])
    number = int.from_bytes(keys.proof("draft", str(row.id), nonce.hex())[:8], "big")
    return Draft(row.id, form, f"{number % 1_000_000:06d}", row.expires_at)


def count_wrong_code(conn: Connection, draft_id: int) -> None:
    """Count a wrong code."""
    conn.execute(update(draft).where(draft.c.id == draft_id).values(tries=draft.c.tries + 1))


def drop(conn: Connection, supporter_id: int, campaign_id: int | None = None) -> None:
    """Delete a supporter's drafts, of one campaign or of all."""
    where = [draft.c.supporter_id == supporter_id]
    if campaign_id is not None:
        where.append(draft.c.campaign_id == campaign_id)
    conn.execute(delete(draft).where(*where))


def drop_old(conn: Connection, now: int) -> int:
    """Delete drafts that were not confirmed in time. How many."""
    return conn.execute(delete(draft).where(draft.c.expires_at <= now)).rowcount


def _where(nonce: bytes) -> bytes:
    return b"draft.words." + nonce
