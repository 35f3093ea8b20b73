"""Letters that their channel could not deliver, or that were canceled while being sent. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from sqlalchemy import Connection, func, select, union

from campaign.letters.letters import BACK, Back, Reason
from campaign.states import Fate, Outcome, State
from campaign.store.schema import delivery, letter, request


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedLetter:
    """A letter whose newest delivery failed. `tried`: its channels so far, in order."""

    letter_id: int
    campaign_id: int
    supporter_id: int
    seat: str
    locale: str
    tried: tuple[str, ...]


def failed(conn: Connection, campaign_id: int) -> list[FailedLetter]:
    """Letters that their channel could not deliver: refused, blocked, dropped or bounced. Quick: the scheduler asks at
    each look. Letters canceled while being sent are not among them: no other channel takes those.
    """
    d, later = delivery.c, delivery.alias("later")
    of_letters = (d.letter_id.is_not(None), d.campaign_id == campaign_id)
    own = select(d.id).where(*of_letters, d.outcome.in_([Outcome.REFUSED.value, Outcome.SUPPRESSED.value]))
    whole = (
        select(d.id)
        .join(request, request.c.id == d.request_id)
        .where(
            request.c.campaign_id == campaign_id,
            request.c.state == State.REFUSED.value,
            *of_letters,
            d.outcome.is_(None),
        )
    )
    returned = select(d.id).where(*of_letters, d.fate >= int(Fate.BLOCKED), d.fate != int(Fate.COMPLAINED))
    failures = union(own, whole, returned).subquery()
    newer = select(later.c.id).where(later.c.letter_id == letter.c.id, later.c.id > d.id)
    query = (
        select(
            letter.c.id.label("letter_id"), letter.c.campaign_id, letter.c.supporter_id, letter.c.seat, letter.c.locale
        )
        .select_from(failures)
        .join(delivery, d.id == failures.c.id)
        .join(letter, letter.c.id == d.letter_id)
        .where(letter.c.withdrawn_at.is_(None), d.cancel_reason.is_(None), ~newer.exists())
        .order_by(letter.c.id)
    )
    rows = conn.execute(query).mappings().all()
    tried: dict[int, list[str]] = {row["letter_id"]: [] for row in rows}
    if tried:
        channels = select(d.letter_id, d.channel).where(d.letter_id.in_(tried)).order_by(d.id)
        for letter_id, channel in conn.execute(channels):
            tried[letter_id].append(channel)
    return [FailedLetter(**row, tried=tuple(tried[row["letter_id"]])) for row in rows]


@dataclass(frozen=True, slots=True)
class CanceledLate:
    """A letter that was canceled while being sent, and came back unsent."""

    letter_id: int
    supporter_id: int
    locale: str
    reason: Reason | Back


def canceled_late(conn: Connection, campaign_id: int) -> list[CanceledLate]:
    """Letters whose withdrawal must be finished, by supporter. Quick: the scheduler asks at each look."""
    d = delivery.c
    query = (
        select(letter.c.id, letter.c.supporter_id, letter.c.locale, d.cancel_reason)
        .join(letter, letter.c.id == d.letter_id)
        .where(
            d.campaign_id == campaign_id,
            d.outcome == Outcome.CANCELLED.value,
            d.cancel_reason.in_((*get_args(Reason), *BACK)),
            letter.c.withdrawn_at.is_(None),
        )
        .order_by(letter.c.supporter_id, letter.c.id)
    )
    return [CanceledLate(*row) for row in conn.execute(query)]


_AWAY = {
    Fate.BLOCKED: "a letter was blocked",
    Fate.DROPPED: "a letter was dropped",
    Fate.BOUNCED: "a letter bounced",
    Fate.COMPLAINED: "it complained",
}


def refused_by_offices(conn: Connection, since: int) -> dict[str, tuple[int, str]]:
    """By seat: when its mailbox last refused a letter after `since` (ms), and how."""
    query = (
        select(letter.c.seat, delivery.c.fate, func.max(delivery.c.fate_at))
        .join(delivery, delivery.c.letter_id == letter.c.id)
        .where(delivery.c.letter_id.is_not(None), delivery.c.fate >= int(Fate.BLOCKED), delivery.c.fate_at > since)
        .group_by(letter.c.seat, delivery.c.fate)
        .order_by(delivery.c.fate)
    )
    return {seat: (int(at), _AWAY[Fate(fate)]) for seat, fate, at in conn.execute(query).all()}
