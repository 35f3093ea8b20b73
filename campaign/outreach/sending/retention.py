"""Delete old data: the text of letters, sign-ups, addresses and what was looked up for them. Counts stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from campaign.congress import contacts
from campaign.congress.geocoding import cache
from campaign.delivery import campaigns
from campaign.letters import letters, typed_forms
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import guesses, new_zips, people, sign_ups


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionCounts:
    """Rows whose data was deleted."""

    letters: int  # their text
    new_zips: int  # that supporters said they moved to
    streets: int
    addresses: int  # lookup results that have expired
    sign_ups: int  # not confirmed within 72 hours
    guesses: int  # wrong ZIP codes that no longer count
    typed: int  # what visitors typed


def retain(database: Database, *, matching: bool, now: Callable[[Connection], int] = engine.now) -> RetentionCounts:
    """Delete the data that has been kept long enough.

    `matching`: streets may still be looked up; the ones that were are no longer needed for it.
    """
    with database.begin() as conn:
        at = now(conn)
        running = any(campaign.closes_at > at for campaign in campaigns.every(conn))
        needed = running and any("street" in contact.needs for contact in contacts.usable(conn).values())
        return RetentionCounts(
            letters=letters.drop_old_contents(conn, at),
            new_zips=new_zips.drop_old(conn, at),
            streets=0 if needed else people.drop_streets(conn, placed=running and matching),
            addresses=cache.drop_old(conn, at),
            sign_ups=sign_ups.drop_old(conn, at),
            guesses=guesses.drop_old(conn, at),
            typed=typed_forms.drop_old(conn, at),
        )
