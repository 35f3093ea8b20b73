"""What a visitor typed into a letter, for half an hour, so that no button loses it. The only writer of `typed_form`.

Encrypted with a key made of ours and the browser's cookie: without that cookie, our database and key cannot read it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import replace

import msgspec
from sqlalchemy import Connection, bindparam, delete, select

from campaign.keys import Keys
from campaign.store.dialect import insert
from campaign.store.schema import typed_form

KEPT_MS = 30 * 60 * 1000
_WHERE = b"typed_form.words."
LONGEST = 8000  # characters of all values


def keep(conn: Connection, keys: Keys, *, browser: str, link: str, values: Mapping[str, str], now: int) -> None:
    """Keep what was typed. `link`: the address whose visitor this is; `browser`: the cookie."""
    if sum(map(len, values.values())) > LONGEST:
        return
    mark = _mark(keys, browser, link)
    sealed = _with_cookie(keys, browser).seal(msgspec.json.encode(dict(values)).decode(), _WHERE + mark)
    row = {"mark": mark, "words": sealed, "expires_at": now + KEPT_MS}
    saved = insert(conn, typed_form)
    changed = {"words": saved.excluded.words, "expires_at": saved.excluded.expires_at}
    conn.execute(saved.on_conflict_do_update(index_elements=["mark"], set_=changed), row)


_FRESH = select(typed_form.c.words).where(
    typed_form.c.mark == bindparam("mark"), typed_form.c.expires_at > bindparam("now")
)


def find(conn: Connection, keys: Keys, *, browser: str, link: str, now: int) -> dict[str, str]:
    """What this browser typed there within half an hour."""
    if not browser:
        return {}
    mark = _mark(keys, browser, link)
    sealed = conn.execute(_FRESH, {"mark": mark, "now": now}).scalar_one_or_none()
    if sealed is None:
        return {}
    return msgspec.json.decode(_with_cookie(keys, browser).unseal(bytes(sealed), _WHERE + mark), type=dict[str, str])


def forget(conn: Connection, keys: Keys, *, browser: str, link: str) -> None:
    """Delete what this browser typed there."""
    conn.execute(delete(typed_form).where(typed_form.c.mark == _mark(keys, browser, link)))


def drop_old(conn: Connection, now: int) -> int:
    """Delete what has been kept long enough. How many."""
    return conn.execute(delete(typed_form).where(typed_form.c.expires_at <= now)).rowcount


def _mark(keys: Keys, browser: str, link: str) -> bytes:
    return keys.proof("typed-form", browser, link)[:16]


def _with_cookie(keys: Keys, browser: str) -> Keys:
    return replace(keys, fields=hmac.digest(keys.fields, browser.encode(), "sha256"))
