"""Events -> fates, proofs and suppressions. The web stores a signed batch and answers; this applies it later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from campaign.delivery import campaigns, events, outbox
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people

BATCHES = 8  # of the provider's batches in one transaction
KEPT_MS = 7 * 24 * 3600 * 1000  # a batch holds addresses: it goes after seven days


@dataclass(frozen=True, slots=True)
class Heard:
    batches: int
    words: int


def receive(database: Database, body: bytes) -> None:
    """Store a batch whose signature was checked."""
    with database.begin() as conn:
        events.store(conn, body, engine.now(conn))


def apply(database: Database, keys: Keys, *, now: Callable[[Connection], int] = engine.now) -> Heard:
    """Apply every batch that waits. Running it twice, or twice at once, changes nothing."""
    batches = words = 0
    while True:
        with database.begin() as conn:
            taken = events.take(conn, BATCHES)
            if not taken:
                return Heard(batches, words)
            found = [word for _, body in taken for word in events.parse(body)]
            _apply(conn, keys, found, now(conn))
            events.applied(conn, [number for number, _ in taken], now(conn))
        batches, words = batches + len(taken), words + len(found)


def _apply(conn: Connection, keys: Keys, words: list[events.Word], now: int) -> None:
    told = [outbox.Told(w.delivery_id, w.token, w.fate, w.at) for w in words if w.delivery_id and w.token]
    ours = outbox.tell(conn, told, now)
    events.keep(conn, ((word, (word.delivery_id, word.token) in ours) for word in words))
    for reason in ("complained", "unsubscribed", "bounced"):
        hit = [word for word in words if word.suppress == reason]
        # An asynchronous bounce has lost our ids: then the address itself is all there is.
        hashes = people.hashes(conn, [word.delivery_id for word in hit if (word.delivery_id, word.token) in ours])
        hashes += [found for word in hit if not word.delivery_id and (found := _hash(keys, word.email))]
        people.suppress(conn, hashes, reason, "provider", now)
    if any(word.account for word in words):
        for campaign in campaigns.every(conn):
            campaigns.pause(conn, campaign.id, "SendGrid says that the account's status has changed", now)


def _hash(keys: Keys, email: str) -> bytes | None:
    try:
        return people.email_hash(keys, email)
    except CampaignError:
        return None


def forget(database: Database) -> int:
    """Drop batches that were applied more than seven days ago."""
    with database.begin() as conn:
        return events.forget(conn, engine.now(conn) - KEPT_MS)
