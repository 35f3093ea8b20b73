"""Stop letters whose supporter opted out before a receipt told them about the letter.

Anyone with a forwarded action link could confirm a letter in its owner's name and then unsubscribe the owner, who would
then get no receipt. Such a letter must not be sent. A letter whose receipt was accepted is sent.
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
    """Stop the letters that `pending.unannounced` found (letter -> supporter) and that were not sent. Returns how many.

    A letter that is being sent is not sent again if it was not taken; `bounced_letters.follow_up` withdraws it then.
    """
    people.lock_supporters(conn, *letters.values())
    unsent = [number for number in letters if outbox.cancel_letter(conn, number, letter_records.UNTOLD)]
    return sum(letter_records.withdraw(conn, number, letter_records.UNTOLD, now) for number in unsent)


def stop_all(database: Database, *, now: Callable[[Connection], int] = engine.now) -> int:
    """Stop such letters of every supporter on the suppression list. Returns how many."""
    with database.read() as conn:
        letters = list(pending.unannounced(conn))
    stopped = 0
    for first in range(0, len(letters), MOST):
        with database.begin() as conn:
            part = pending.unannounced(conn, letters=letters[first : first + MOST])
            stopped += stop_letters(conn, part, now(conn))
    return stopped
