"""Events -> fates, proofs and suppressions. The web stores a signed batch and answers; this applies it later.

An event that cannot be read or applied is set aside, alone, and shown in `campaign status`; all others are applied. A
database that is away, locked or of another version is no fault of an event: then nothing is set aside, and everything
is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from campaign.delivery import campaigns, outbox
from campaign.delivery.sendgrid import set_aside_batches, webhook
from campaign.delivery.sendgrid.webhook import EmailEvent, EventItem
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.log import reason as reason_of
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people

log = structlog.get_logger()

BATCHES = 4  # of the provider's batches in one transaction
TOGETHER = 10_000  # events in one statement; SQLite takes 32,766 values in one, and some are named twice
KEPT_MS = 7 * 24 * 3600 * 1000  # a batch holds addresses: it is dropped seven days after it was applied
SET_ASIDE_MS = 30 * 24 * 3600 * 1000  # what could not be applied stays longer, so that an operator has time


@dataclass(frozen=True, slots=True)
class AppliedEvents:
    """What one run did: batches, events that were applied, and what was set aside."""

    batches: int
    words: int
    set_aside: int = 0


def receive(database: Database, body: bytes) -> None:
    """Store a batch whose signature was checked."""
    with database.begin() as conn:
        webhook.store(conn, body, engine.now(conn))


def apply(database: Database, keys: Keys, *, now: Callable[[Connection], int] = engine.now) -> AppliedEvents:
    """Apply every batch that waits. Running it twice, or twice at once, changes nothing."""
    batches = words = aside = 0
    while True:
        with database.begin() as conn:
            taken = webhook.take(conn, BATCHES)
            if not taken:
                return AppliedEvents(batches, words, aside)
            items = [item for one in taken for item in webhook.parse(one)]
            readable = [item for item in items if item.word is not None]
            at = now(conn)
            failed = [(item, item.problem) for item in items if item.word is None]
            for first in range(0, len(readable), TOGETHER):
                failed += _apply_together(conn, keys, readable[first : first + TOGETHER], at)
            lost = {item for item, _ in failed}
            garbled = [(item, set_aside_batches.GARBLED) for item in items if item.garbled and item not in lost]
            set_aside_batches.add(conn, failed + garbled, at)
            webhook.mark_applied(conn, [one.id for one in taken], now(conn))
        batches, words, aside = batches + len(taken), words + len(items) - len(failed), aside + len(failed)
        if garbled:
            log.warning("event_text_not_utf8", events=len(garbled), batches=[one.id for one in taken])
        if failed:
            log.warning("events_set_aside", number=len(failed), reason=failed[-1][1], do="see: campaign events")


def _apply_together(conn: Connection, keys: Keys, items: Sequence[EventItem], now: int) -> list[tuple[EventItem, str]]:
    """Apply all of these or, where that fails, each half by itself, until what fails is one event. Those, with why."""
    try:
        with conn.begin_nested():
            _apply(conn, keys, [item.word for item in items if item.word is not None], now)
    except Exception as error:
        if not hash_of_event(error):
            raise
        if len(items) == 1:
            return [(items[0], _reason(error))]
    else:
        return []
    half = len(items) // 2
    return _apply_together(conn, keys, items[:half], now) + _apply_together(conn, keys, items[half:], now)


def hash_of_event(error: Exception) -> bool:
    """Whether an event is at fault, and not the database, the disk, this process, or the time that a task may take."""
    if isinstance(error, DBAPIError):
        return isinstance(error, (DataError, IntegrityError)) and not error.connection_invalidated
    ours = (CampaignError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError)
    return isinstance(error, (StatementError, *ours))


def _reason(error: Exception) -> str:
    """For people. What a database or Python says may quote the event, so only the type of that is told."""
    return reason_of(error) if isinstance(error, CampaignError) else f"{type(error).__name__} when it was applied"


def _apply(conn: Connection, keys: Keys, words: Sequence[EmailEvent], now: int) -> None:
    told = [outbox.ProviderEvent(w.delivery_id, w.token, w.fate, w.at) for w in words if w.delivery_id and w.token]
    ours = outbox.apply_provider_events(conn, told, now)
    webhook.keep(conn, ((word, (word.delivery_id, word.token) in ours) for word in words))
    for reason in ("complained", "unsubscribed", "bounced"):
        hit = [word for word in words if word.suppress == reason]
        hashes = people.email_hashes(conn, [word.delivery_id for word in hit if (word.delivery_id, word.token) in ours])
        # An asynchronous bounce has lost our ids, another's mail never had them: then the address is all there is.
        others = [word for word in hit if (word.delivery_id, word.token) not in ours]
        hashes += [_hash(keys, word) for word in others if word.email or not word.delivery_id]
        people.suppress(conn, hashes, reason, "provider", now)
    if any(word.account for word in words):
        for campaign in campaigns.every(conn):
            campaigns.pause(conn, campaign.id, "SendGrid says that the account's status has changed", now)


def _hash(keys: Keys, word: EmailEvent) -> bytes:
    """Whom an event without our ids is about. Raises CampaignError when its address cannot be read."""
    try:
        return people.email_hash(keys, word.email)
    except CampaignError:
        raise CampaignError(f"{word.kind}: it names no address that can be read") from None


def retry(database: Database, keys: Keys) -> tuple[int, int]:
    """Try what is set aside again, e.g. after an upgrade: how many were tried, how many are set aside afterwards."""
    with database.begin() as conn:
        tried = set_aside_batches.give_back(conn)
    apply(database, keys)
    with database.read() as conn:
        return tried, set_aside_batches.summary(conn).number


def forget(database: Database) -> int:
    """Drop batches that were applied more than seven days ago, and what was set aside of batches 30 days old."""
    with database.begin() as conn:
        at = engine.now(conn)
        lost = set_aside_batches.forget(conn, at - SET_ASIDE_MS)
        dropped = webhook.forget(conn, at - KEPT_MS)
    if lost:
        log.warning("set_aside_events_dropped", number=lost, after_days=SET_ASIDE_MS // (24 * 3600 * 1000))
    return dropped
