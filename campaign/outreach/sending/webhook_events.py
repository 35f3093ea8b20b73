"""Webhook events: store a signed batch and answer; apply it later as fates, proofs and suppressions.

An event that cannot be read or applied is set aside, alone, and shown in `campaign status`; all others are applied. If
the database is unreachable, locked or of another version, nothing is set aside and everything is tried again.
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
from campaign.model import Kind
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
    """Counts of one run: batches, events applied, events set aside."""

    batches: int
    events: int
    set_aside: int = 0


def receive(database: Database, body: bytes) -> None:
    """Store a batch whose signature was checked."""
    with database.begin() as conn:
        webhook.store(conn, body, engine.now(conn))


def apply(database: Database, keys: Keys, *, now: Callable[[Connection], int] = engine.now) -> AppliedEvents:
    """Apply every stored batch. Running it twice, even concurrently, changes nothing."""
    batches = applied = aside = 0
    while True:
        with database.begin() as conn:
            taken = webhook.take(conn, BATCHES)
            if not taken:
                return AppliedEvents(batches, applied, aside)
            items = [item for batch in taken for item in webhook.parse(batch)]
            readable = [item for item in items if item.event is not None]
            at = now(conn)
            failed = [(item, item.problem) for item in items if item.event is None]
            for first in range(0, len(readable), TOGETHER):
                failed += _apply_together(conn, keys, readable[first : first + TOGETHER], at)
            lost = {item for item, _ in failed}
            garbled = [(item, set_aside_batches.GARBLED) for item in items if item.garbled and item not in lost]
            set_aside_batches.add(conn, failed + garbled, at)
            webhook.mark_applied(conn, [batch.id for batch in taken], now(conn))
        batches, applied, aside = batches + len(taken), applied + len(items) - len(failed), aside + len(failed)
        if garbled:
            log.warning("event_text_not_utf8", events=len(garbled), batches=[batch.id for batch in taken])
        if failed:
            log.warning("events_set_aside", number=len(failed), reason=failed[-1][1], do="see: campaign events")


def _apply_together(conn: Connection, keys: Keys, items: Sequence[EventItem], now: int) -> list[tuple[EventItem, str]]:
    """Apply all of these or, if that fails, each half, down to single events. Returns the ones that failed, and why."""
    try:
        with conn.begin_nested():
            _apply(conn, keys, [item.event for item in items if item.event is not None], now)
    except Exception as error:
        if not is_fault_of_event(error):
            raise
        if len(items) == 1:
            return [(items[0], _reason(error))]
    else:
        return []
    half = len(items) // 2
    return _apply_together(conn, keys, items[:half], now) + _apply_together(conn, keys, items[half:], now)


def is_fault_of_event(error: Exception) -> bool:
    """Whether an event is at fault, and not the database, the disk, this process, or a task's time limit."""
    if isinstance(error, DBAPIError):
        return isinstance(error, (DataError, IntegrityError)) and not error.connection_invalidated
    ours = (CampaignError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError)
    return isinstance(error, (StatementError, *ours))


def _reason(error: Exception) -> str:
    """The reason an operator sees. A message of the database or of Python may quote the event: then only its type."""
    return reason_of(error) if isinstance(error, CampaignError) else f"{type(error).__name__} when it was applied"


def _apply(conn: Connection, keys: Keys, events: Sequence[EmailEvent], now: int) -> None:
    with_ids = [outbox.ProviderEvent(e.delivery_id, e.token, e.fate, e.at) for e in events if e.delivery_id and e.token]
    ours = outbox.apply_provider_events(conn, with_ids, now)
    webhook.keep(conn, ((event, (event.delivery_id, event.token) in ours) for event in events))
    for reason in ("complained", "unsubscribed", "bounced"):
        matching = [event for event in events if event.suppress == reason]
        known = [event.delivery_id for event in matching if (event.delivery_id, event.token) in ours]
        # An asynchronous bounce has lost our ids, and an email of others never had them: then only the address is left.
        others = [event for event in matching if (event.delivery_id, event.token) not in ours]
        hashes = people.email_hashes(conn, known)
        hashes += [_hash(keys, event) for event in others if event.email or not event.delivery_id]
        strangers = outbox.of_kind(conn, known, Kind.JOIN)  # no supporter has these deliveries
        hashes += [_hash(keys, event) for event in matching if event.delivery_id in strangers]
        people.suppress(conn, hashes, reason, "provider", now)
    if any(event.account for event in events):
        for campaign in campaigns.every(conn):
            campaigns.pause(conn, campaign.id, "SendGrid says that the account's status has changed", now)


def _hash(keys: Keys, event: EmailEvent) -> bytes:
    """The hash of the address in an event without our ids. Raises CampaignError when it cannot be read."""
    try:
        return people.email_hash(keys, event.email)
    except CampaignError:
        raise CampaignError(f"{event.kind}: its address cannot be read") from None


def retry(database: Database, keys: Keys) -> tuple[int, int]:
    """Try set-aside events again, e.g. after an upgrade; returns (how many were tried, how many are set aside now)."""
    with database.begin() as conn:
        tried = set_aside_batches.give_back(conn)
    apply(database, keys)
    with database.read() as conn:
        return tried, set_aside_batches.summary(conn).number


def forget(database: Database) -> int:
    """Delete batches applied more than seven days ago, and events set aside more than 30 days ago."""
    with database.begin() as conn:
        at = engine.now(conn)
        lost = set_aside_batches.forget(conn, at - SET_ASIDE_MS)
        dropped = webhook.forget(conn, at - KEPT_MS)
    if lost:
        log.warning("set_aside_events_dropped", number=lost, after_days=SET_ASIDE_MS // (24 * 3600 * 1000))
    return dropped
