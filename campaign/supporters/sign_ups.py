"""Sign-ups on the open page, until they are confirmed by email: the only writer of `sign_up`.

A sign-up is no supporter: no audience and no report has it. It is deleted after 72 hours. Once it is confirmed, or its
person erased, only the keyed hash of the address is left of it until then.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, delete, select, update

from campaign.keys import Keys
from campaign.store.dialect import insert
from campaign.store.schema import sign_up

NONCE_BYTES = 8
KEPT_MS = 72 * 3600 * 1000
PAUSE_MS = 24 * 3600 * 1000  # an address gets one email a day
_PLAIN = ("email", "first_name", "last_name", "locale", "zip", "source", "agreed")
_BLANK = {**dict.fromkeys(_PLAIN, ""), "email": None, "words": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed. `agreed`: the sentence on the form; `letters`: the form of their letters, empty for none."""

    email: str
    first_name: str
    last_name: str
    locale: str
    zip: str
    source: str
    agreed: str
    letters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """A sign-up on file. `typed` is None once it is confirmed or erased. Times in ms."""

    id: int
    campaign_id: int
    email_hash: bytes
    nonce: str
    expires_at: int
    confirmed_at: int | None
    typed: Typed | None


def keep(conn: Connection, keys: Keys, campaign_id: int, email_hash: bytes, typed: Typed, *, now: int) -> str | None:
    """Keep a sign-up for 72 hours. Returns the nonce of the email to send, None when the address had one today.

    Then it changes only what the link of that email confirms, if it is of this campaign and still waits; letters stay
    when the newer form has none. Call `people.lock_address` first.
    """
    had_one = select(sign_up.c.id).where(sign_up.c.email_hash == email_hash, sign_up.c.made_at > now - PAUSE_MS)
    if conn.execute(had_one).first() is None:
        nonce = secrets.token_hex(NONCE_BYTES)
        times = {"made_at": now, "expires_at": now + KEPT_MS, "confirmed_at": None}
        values = {**_stored(keys, typed, nonce), **times, "nonce": nonce}
        statement = insert(conn, sign_up).values(campaign_id=campaign_id, email_hash=email_hash, **values)
        place = ["email_hash", "campaign_id"]
        conn.execute(statement.on_conflict_do_update(index_elements=place, set_=values))
        return nonce
    own = select(sign_up).where(sign_up.c.email_hash == email_hash, sign_up.c.campaign_id == campaign_id)
    row = conn.execute(own).mappings().one_or_none()
    if row is not None and (before := _read(keys, row).typed) is not None:
        merged = (
            typed if typed.letters or not before.letters else replace(typed, letters=before.letters, zip=before.zip)
        )
        stored = _stored(keys, merged, row["nonce"])
        conn.execute(update(sign_up).where(sign_up.c.id == row["id"]).values(stored))
    return None


def find(conn: Connection, keys: Keys, nonce: str) -> SignUp | None:
    """The sign-up whose email has this nonce, also when it is confirmed or has expired."""
    row = conn.execute(select(sign_up).where(sign_up.c.nonce == nonce)).mappings().one_or_none()
    return None if row is None else _read(keys, row)


def confirm(conn: Connection, sign_up_id: int, now: int) -> None:
    """Note that it was confirmed, and blank it: its person is a supporter from now on."""
    conn.execute(update(sign_up).where(sign_up.c.id == sign_up_id).values(**_BLANK, confirmed_at=now))


def erase(conn: Connection, email_hash: bytes) -> None:
    """Blank every sign-up of this address. Its hash stays until it expires, so that no second email goes out today."""
    conn.execute(update(sign_up).where(sign_up.c.email_hash == email_hash).values(_BLANK))


def drop_old(conn: Connection, now: int) -> int:
    """Delete sign-ups 72 hours after their email. How many."""
    return conn.execute(delete(sign_up).where(sign_up.c.expires_at <= now)).rowcount


def _stored(keys: Keys, typed: Typed, nonce: str) -> dict[str, Any]:
    letters = msgspec.json.encode(dict(typed.letters)).decode() if typed.letters else ""
    words = keys.seal(letters, _where(nonce)) if letters else None
    return {name: getattr(typed, name) for name in _PLAIN} | {"words": words}


def _read(keys: Keys, row: RowMapping) -> SignUp:
    sealed = row["words"]
    text = keys.unseal(bytes(sealed), _where(row["nonce"])) if sealed else "{}"
    letters = msgspec.json.decode(text, type=dict[str, str])
    typed = Typed(**{name: row[name] for name in _PLAIN}, letters=letters) if row["email"] is not None else None
    return SignUp(
        id=row["id"],
        campaign_id=row["campaign_id"],
        email_hash=bytes(row["email_hash"]),
        nonce=row["nonce"],
        expires_at=row["expires_at"],
        confirmed_at=row["confirmed_at"],
        typed=typed,
    )


def _where(nonce: str) -> bytes:
    return b"sign_up.words." + nonce.encode()
