"""Calls to offices: what the people who made them say, and nothing more. The only writer of `call`.

A call needs no address and is beside any letter. One row for each person, seat and holder; the last word counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection, func, select

from campaign.store.dialect import insert as upsert
from campaign.store.schema import call

Outcome = Literal["answered", "voicemail", "busy", "later"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
MADE: tuple[Outcome, ...] = ("answered", "voicemail")  # somebody or something heard it


@dataclass(frozen=True, slots=True)
class Call:
    """What its caller says of it; `at` is when they said so (ms)."""

    seat: str
    holder: str
    outcome: Outcome
    at: int


def record_call(conn: Connection, campaign_id: int, supporter_id: int, one: Call) -> None:
    """Write down what the caller says; what they said before of this seat and holder is replaced."""
    told = {"outcome": one.outcome, "at": one.at}
    row = {"campaign_id": campaign_id, "supporter_id": supporter_id, "seat": one.seat, "holder": one.holder}
    key = [call.c.supporter_id, call.c.campaign_id, call.c.seat, call.c.holder]
    conn.execute(upsert(conn, call).values(**row, **told).on_conflict_do_update(index_elements=key, set_=told))


def by_supporter(conn: Connection, campaign_id: int, supporter_id: int) -> list[Call]:
    """What this person told of, in the order of the first word about each."""
    mine = (call.c.campaign_id == campaign_id, call.c.supporter_id == supporter_id)
    columns = (call.c.seat, call.c.holder, call.c.outcome, call.c.at)
    return [Call(*row) for row in conn.execute(select(*columns).where(*mine).order_by(call.c.id)).all()]


def counts(conn: Connection, campaign_id: int) -> dict[str, int]:
    """The calls of a campaign by what their callers say."""
    rows = conn.execute(
        select(call.c.outcome, func.count()).where(call.c.campaign_id == campaign_id).group_by(call.c.outcome)
    )
    found: dict[str, int] = dict(rows.all())
    return {outcome: found[outcome] for outcome in OUTCOMES if outcome in found}
