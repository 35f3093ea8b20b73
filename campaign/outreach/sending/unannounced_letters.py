"""Stop letters whose supporter opted out before an email told them about it.

Whoever has a forwarded action link could confirm a letter in its owner's name and then unsubscribe the owner, so that
no receipt tells them. Such a letter must not leave. A letter that its supporter was told about goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from campaign.delivery import outbox
from campaign.letters import letters as letter_records
from campaign.letters import pending
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people

MOST = 200  # letters that one transaction stops


def stop_letters(conn: Connection, letters: Mapping[int, int], now: int) -> int:
    """Stop letters that `waiting.untold` found, as far as they have not left. How many.

    What may have left is not sent again when it comes back; `follow_up` withdraws it then.
    """
    people.lock_supporters(conn, *letters.values())
    unsent = [one for one in letters if outbox.cancel_letter(conn, one, letter_records.UNTOLD)]
    return sum(letter_records.withdraw(conn, one, letter_records.UNTOLD, now) for one in unsent)


def stop_all(database: Database, *, now: Callable[[Connection], int] = engine.now) -> int:
    """Stop such letters of everyone on the suppression list, however they came onto it. How many."""
    with database.read() as conn:
        found = list(pending.unannounced(conn))
    stopped = 0
    for first in range(0, len(found), MOST):
        with database.begin() as conn:
            stopped += stop_letters(conn, pending.unannounced(conn, letters=found[first : first + MOST]), now(conn))
    return stopped
