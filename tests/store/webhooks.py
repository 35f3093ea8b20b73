"""Batches of events, and what they did."""

from __future__ import annotations

from campaign import keys as key_files
from campaign.delivery.sendgrid import set_aside_batches
from campaign.delivery.sendgrid import webhook as stored_events
from campaign.store.engine import Database
from campaign.store.schema import event, suppression, webhook
from campaign.store.schema import set_aside as aside
from campaign.supporters import people

KEYS = key_files.derive(b"e" * 32)
STOP = b'{"email":"stop@example.org","event":"unsubscribe","timestamp":1796000001,"sg_event_id":"e2"}'
OPEN = b'{"email":"open@example.org","event":"open","timestamp":1796000001}'


def suppressed(database: Database, email: str = "stop@example.org") -> str | None:
    with database.read() as conn:
        hashed = people.email_hash(KEYS, email)
        return people.suppressed(conn, [hashed]).get(hashed)


def reasons(database: Database) -> list[str]:
    with database.read() as conn:
        return [one.reason for one in set_aside_batches.every(conn)]


def waits(database: Database) -> bool:
    with database.read() as conn:
        return stored_events.waiting(conn)


def clear(database: Database) -> None:
    with database.begin() as conn:
        for table in (suppression, aside, webhook, event):
            conn.execute(table.delete())


def bounce(reason: bytes) -> bytes:
    return b'{"email":"x@example.org","event":"bounce","type":"bounce","reason":"%s","timestamp":1796000000}' % reason
