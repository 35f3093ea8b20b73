"""Queue, find, cancel and report single deliveries: a letter, its receipt, a hand-off."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from campaign.delivery.outbox.transitions import (
    MAY_COME_BACK,
    UNSENT,
    bar_resend,
    in_state,
    lock_cancelable,
    move,
    set_outcome,
)
from campaign.model import Kind
from campaign.states import Event, Fate, Outcome, State
from campaign.store.schema import delivery, request

_CAN_TAKE_BACK = (Outcome.HANDED_OFF, Outcome.TO_PRINT)  # without a request
_LEFT = (Outcome.REPORTED, Outcome.PRINTED, Outcome.HANDED_IN)
PRIORITY = {  # all before the asks
    **dict.fromkeys((Kind.LETTER, Kind.DIGEST, Kind.INVITE), 1),
    **dict.fromkeys((Kind.CONFIRM, Kind.JOIN), 2),
    Kind.RECEIPT: 3,
    **dict.fromkeys((Kind.REMINDER, Kind.QUESTION), 4),
}

_NEW_REQUEST = insert(request).returning(request.c.id)
_NEW_DELIVERY = insert(delivery).returning(delivery.c.id)
_MINE = select(delivery.c.id).where(
    *(delivery.c[name] == bindparam(name) for name in ("supporter_id", "campaign_id", "kind"))
)
_SAME = _MINE.where(delivery.c.wave == bindparam("wave"))
_QUEUED = (
    _MINE.join(request, request.c.id == delivery.c.request_id)
    .where(delivery.c.outcome.is_(None), request.c.state == State.QUEUED.value)
    .with_for_update(of=request)
)


def add_one(
    conn: Connection,
    campaign_id: int,
    *,
    kind: Kind,
    wave: str,
    locale: str,
    variant: str,
    supporter_id: int,
    due_at: int,
    letter_id: int | None = None,
    channel: str | None = None,
) -> int | None:
    """Queue one delivery in a request of its own; returns its id, or None when it exists already.

    `wave` tells it from the supporter's other deliveries of its kind. A concurrent duplicate fails on the unique
    constraint.
    """
    if exists(conn, supporter_id, campaign_id, wave, kind):
        return None
    place = {"campaign_id": campaign_id, "wave": wave, "kind": kind}
    new = {
        **place,
        "token": secrets.token_hex(16),
        "locale": locale,
        "variant": variant,
        "seq": 0,
        "priority": PRIORITY[kind],
        "due_at": due_at,
        "size": 1,
    }
    request_id = conn.execute(_NEW_REQUEST, new).scalar_one()
    row = {"request_id": request_id, "supporter_id": supporter_id, "letter_id": letter_id, "channel": channel}
    return _insert(conn, {**place, **row})


def hand_off(
    conn: Connection,
    campaign_id: int,
    *,
    supporter_id: int,
    letter_id: int,
    channel: str,
    now: int,
    outcome: Outcome = Outcome.HANDED_OFF,
    reason: str = "",
) -> int | None:
    """Record that a letter was handed to its writer, or another `outcome` of a channel without requests.

    Returns the delivery, or None when it exists already.
    """
    wave = f"{channel}-{letter_id}"
    if exists(conn, supporter_id, campaign_id, wave, Kind.LETTER):
        return None
    place = {"campaign_id": campaign_id, "wave": wave, "kind": Kind.LETTER}
    row = {"supporter_id": supporter_id, "letter_id": letter_id, "channel": channel, "at": now}
    return _insert(conn, {**place, **row, "outcome": outcome.value, "reason": reason})


def _insert(conn: Connection, row: dict[str, Any]) -> int:
    made: int = conn.execute(_NEW_DELIVERY, row).scalar_one()
    return made


def exists(conn: Connection, supporter_id: int, campaign_id: int, wave: str, kind: Kind) -> bool:
    """Whether this delivery exists."""
    place = {"supporter_id": supporter_id, "campaign_id": campaign_id, "wave": wave, "kind": kind}
    return conn.execute(_SAME, place).first() is not None


def count_deliveries(conn: Connection, campaign_id: int, supporter_id: int, kind: Kind) -> int:
    """How many deliveries of this kind a supporter has, in any state."""
    mine = (delivery.c.supporter_id == supporter_id, delivery.c.campaign_id == campaign_id, delivery.c.kind == kind)
    return conn.execute(select(func.count()).select_from(delivery).where(*mine)).scalar_one()


def of_kind(conn: Connection, delivery_ids: Collection[int], kind: Kind) -> frozenset[int]:
    """Which of these deliveries are of this kind."""
    query = select(delivery.c.id).where(delivery.c.id.in_(delivery_ids), delivery.c.kind == kind)
    return frozenset(conn.scalars(query))


def find_queued(conn: Connection, campaign_id: int, supporter_id: int, kind: Kind) -> int | None:
    """The supporter's queued delivery of this kind. No worker claims it before this transaction ends."""
    return conn.scalars(_QUEUED, {"supporter_id": supporter_id, "campaign_id": campaign_id, "kind": kind}).first()


def record_form_answer(conn: Connection, letter_id: int, answer: str, now: int) -> bool:
    """Record whether the supporter sent a letter by the office's form: yes, no, or later. The last answer counts."""
    outcome = Outcome.REPORTED if answer == "yes" else Outcome.HANDED_OFF
    handed_off = delivery.c.outcome.in_([Outcome.HANDED_OFF.value, Outcome.REPORTED.value])
    values = {"outcome": outcome.value, "reason": "" if answer == "yes" else answer, "at": now}
    return bool(
        conn.execute(update(delivery).where(delivery.c.letter_id == letter_id, handed_off).values(values)).rowcount
    )


def cancel_letter(conn: Connection, letter_id: int, reason: str) -> bool:
    """Cancel the unsent deliveries of a letter. True when no delivery of it was sent, or may have been.

    A delivery that is being sent is not sent again if it was not taken.
    """
    mine = delivery.c.letter_id == letter_id
    joined = select(request.c.id).join(delivery, delivery.c.request_id == request.c.id).where(mine)
    locked = request.c.id.in_(lock_cancelable(conn, joined))
    bar_resend(conn, reason, mine, in_state(MAY_COME_BACK, locked))
    set_outcome(conn, Outcome.CANCELLED, reason, mine, in_state(UNSENT, locked))
    conn.execute(move(Event.CANCEL, State.CANCELLED, locked, request.c.size == 0, reason=reason))
    conn.execute(
        update(delivery)
        .where(delivery.c.letter_id == letter_id, delivery.c.outcome.in_([outcome.value for outcome in _CAN_TAKE_BACK]))
        .values(outcome=Outcome.CANCELLED.value, reason=reason)
    )
    returned = [int(fate) for fate in (Fate.BLOCKED, Fate.DROPPED, Fate.BOUNCED)]
    left = (
        select(delivery.c.id)
        .outerjoin(request, request.c.id == delivery.c.request_id)
        .where(
            delivery.c.letter_id == letter_id,
            delivery.c.outcome.is_(None) | delivery.c.outcome.in_([outcome.value for outcome in _LEFT]),
            delivery.c.outcome.is_not(None)
            | ((request.c.state != State.REFUSED.value) & delivery.c.fate.not_in(returned)),
        )
    )
    return conn.execute(left).first() is None
