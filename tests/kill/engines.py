"""The engine, and three that are known to be bad: the same engine with one function replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, update

from campaign.delivery import outbox
from campaign.delivery.sendgrid import bulk
from campaign.delivery.transport import Answer, NoAnswer, TryLater
from campaign.model import Claimed
from campaign.store.schema import request

_post = bulk.post


def let_go(conn: Connection, campaign_id: int, claims: Sequence[Claimed], now: int, **_: Any) -> Mapping[int, None]:
    """In place of `outbox.mark`: everything goes, and only its answer is ever written down."""
    return dict.fromkeys(claim.id for claim in claims)


def requeue(conn: Connection, now: int) -> outbox.Swept:
    """In place of `outbox.sweep`: what was sending goes back to the queue, as what was claimed does."""
    again = {"state": "queued", "lease_until": None, "attempt": request.c.attempt + 1}
    number = conn.execute(update(request).where(request.c.lease_until <= now).values(again)).rowcount
    return outbox.Swept(number, 0, 0)


async def ask_again(*arguments: Any, **named: Any) -> Answer:
    """In place of `bulk.post`: an answer that did not come means that nothing was taken."""
    answer = await _post(*arguments, **named)
    return TryLater(answer.reason, 0) if isinstance(answer, NoAnswer) else answer


OURS = "ours"
BAD: dict[str, tuple[ModuleType, str, Callable[..., Any]]] = {
    "mark-after-send": (outbox, "mark", let_go),
    "requeue-sending": (outbox, "sweep", requeue),
    "retry-timeout": (bulk, "post", ask_again),
}


def become(engine: str) -> None:
    """Make this process run `engine`."""
    if engine != OURS:
        setattr(*BAD[engine])
