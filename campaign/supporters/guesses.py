"""Limit wrong ZIP codes per action link, so that no one can guess a supporter's ZIP code: the only writer of
`zip_guess`.

The count is in the database, shared by all web processes. A ZIP code that was already counted is not counted again:
a reader of a forwarded link sends the same one with every form.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from campaign.keys import Keys
from campaign.store.dialect import insert
from campaign.store.schema import zip_guess
from campaign.supporters import people

GUESSES = 10
WINDOW_MS = 3600 * 1000
_MARK_BYTES = 16


@dataclass(frozen=True, slots=True)
class GuessedLink:
    """Whose action link it is. Guesses are counted per supporter and campaign."""

    supporter_id: int
    campaign_id: int


def blocked_until(conn: Connection, link: GuessedLink, now: int) -> int | None:
    """When (ms) a ZIP code may be typed again; None: now, because fewer than GUESSES were wrong within the hour."""
    g = zip_guess.c
    recent = (g.supporter_id == link.supporter_id, g.campaign_id == link.campaign_id, g.at > now - WINDOW_MS)
    times = conn.scalars(select(g.at).where(*recent).order_by(g.at.desc()).limit(GUESSES)).all()
    return times[-1] + WINDOW_MS if len(times) == GUESSES else None


def spend(conn: Connection, keys: Keys, link: GuessedLink, zip_code: str, now: int) -> int | None:
    """Count a wrong ZIP code (5 digits). Returns `blocked_until` as it was before this guess; then it counts none.

    Takes the supporter's lock: guesses at the same moment wait for each other, and no more than GUESSES pass.
    """
    people.lock_supporters(conn, link.supporter_id)
    until = blocked_until(conn, link, now)
    if until is None:
        mark = keys.proof("zip-guess", str(link.supporter_id), str(link.campaign_id), zip_code)[:_MARK_BYTES]
        row = {"supporter_id": link.supporter_id, "campaign_id": link.campaign_id, "mark": mark, "at": now}
        old = zip_guess.c.at <= now - WINDOW_MS
        saved = insert(conn, zip_guess).values(row)
        place = ["supporter_id", "campaign_id", "mark"]
        conn.execute(saved.on_conflict_do_update(index_elements=place, set_={"at": now}, where=old))
    return until


def drop(conn: Connection, supporter_id: int) -> None:
    """Forget the guesses behind a supporter's links."""
    conn.execute(delete(zip_guess).where(zip_guess.c.supporter_id == supporter_id))


def drop_old(conn: Connection, now: int) -> int:
    """Forget guesses that no longer count. How many."""
    return conn.execute(delete(zip_guess).where(zip_guess.c.at <= now - WINDOW_MS)).rowcount
