"""Problems for the operator, in any campaign: events that wait or are set aside, steps that fail."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from campaign.delivery import failing_steps
from campaign.delivery.failing_steps import Failing
from campaign.delivery.sendgrid import set_aside_batches, webhook
from campaign.delivery.sendgrid.set_aside_batches import Summary

LATE_MS = 10 * 60 * 1000  # a batch that waits longer is not being applied


@dataclass(frozen=True, slots=True)
class Health:
    """`waiting` batches of events, the oldest received at `oldest` (ms)."""

    waiting: int
    oldest: int | None
    late: bool
    set_aside: Summary
    failing: tuple[Failing, ...]


def health(conn: Connection, now: int) -> Health:
    waiting, oldest = webhook.backlog(conn)
    late = oldest is not None and oldest < now - LATE_MS
    return Health(waiting, oldest, late, set_aside_batches.summary(conn), tuple(failing_steps.failing(conn)))


def numbers(found: Health) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "events": {name: value for name, value in asdict(found).items() if name != "failing"},
        "failing_steps": [asdict(step) for step in found.failing],
    }
