"""Limit wrong ZIP codes per supporter and campaign, so that a supporter's ZIP cannot be guessed: the only writer of
`zip_guess`.

Counted in the database, for all web processes. The same wrong ZIP code counts once: a reader of a forwarded link sends
it with every form.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, select

from campaign.keys import Keys
from campaign.store.dialect import insert
from campaign.store.schema import zip_guess
from campaign.supporters import people

GUESSES = 10
WINDOW_MS = 3600 * 1000
_MARK_BYTES = 16


_G = zip_guess.c
_RECENT = (
    select(_G.at)
    .where(
        _G.supporter_id == bindparam("supporter_id"),
        _G.campaign_id == bindparam("campaign_id"),
        _G.at > bindparam("since"),
    )
    .order_by(_G.at.desc())
    .limit(GUESSES)
)


def blocked_until(conn: Connection, campaign_id: int, supporter_id: int, now: int) -> int | None:
    """When (ms) a ZIP code may be entered again; None: now, as fewer than GUESSES were wrong within the hour."""
    whose = {"supporter_id": supporter_id, "campaign_id": campaign_id, "since": now - WINDOW_MS}
    times = conn.scalars(_RECENT, whose).all()
    return times[-1] + WINDOW_MS if len(times) == GUESSES else None


def count_wrong_zip(
    conn: Connection, keys: Keys, campaign_id: int, supporter_id: int, *, zip_code: str, now: int
) -> int | None:
    """Count a wrong ZIP code (5 digits), unless blocked. Returns `blocked_until` as it was before.

    Takes the supporter's lock, so that no more than GUESSES pass at the same moment.
    """
    people.lock_supporters(conn, supporter_id)
    until = blocked_until(conn, campaign_id, supporter_id, now)
    if until is None:
        mark = keys.proof("zip-guess", str(supporter_id), str(campaign_id), zip_code)[:_MARK_BYTES]
        row = {"supporter_id": supporter_id, "campaign_id": campaign_id, "mark": mark, "at": now}
        old = zip_guess.c.at <= now - WINDOW_MS
        key = ["supporter_id", "campaign_id", "mark"]
        saved = insert(conn, zip_guess).values(row)
        conn.execute(saved.on_conflict_do_update(index_elements=key, set_={"at": now}, where=old))
    return until


def drop(conn: Connection, supporter_id: int) -> None:
    """Delete a supporter's guesses."""
    conn.execute(delete(zip_guess).where(zip_guess.c.supporter_id == supporter_id))


def drop_old(conn: Connection, now: int) -> int:
    """Delete guesses that no longer count. How many."""
    return conn.execute(delete(zip_guess).where(zip_guess.c.at <= now - WINDOW_MS)).rowcount
