"""Calls to offices, as supporters report them. The only writer of `call`.

A call needs no address and does not replace a letter. One row for each supporter, seat and holder; the last report
counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection, func, select

from campaign.store.dialect import insert as upsert
from campaign.store.schema import call

Outcome = Literal["answered", "voicemail", "busy", "later"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Call:
    """A reported call; `at` is when it was reported (ms)."""

    seat: str
    holder: str
    outcome: Outcome
    at: int


def record_call(conn: Connection, campaign_id: int, supporter_id: int, reported: Call) -> None:
    """Store a reported call; an earlier report about this seat and holder is replaced."""
    values = {"outcome": reported.outcome, "at": reported.at}
    row = {"campaign_id": campaign_id, "supporter_id": supporter_id, "seat": reported.seat, "holder": reported.holder}
    key = [call.c.supporter_id, call.c.campaign_id, call.c.seat, call.c.holder]
    conn.execute(upsert(conn, call).values(**row, **values).on_conflict_do_update(index_elements=key, set_=values))


def by_supporter(conn: Connection, campaign_id: int, supporter_id: int) -> list[Call]:
    """A supporter's calls, in the order of the first report about each."""
    own = (call.c.campaign_id == campaign_id, call.c.supporter_id == supporter_id)
    columns = (call.c.seat, call.c.holder, call.c.outcome, call.c.at)
    return [Call(*row) for row in conn.execute(select(*columns).where(*own).order_by(call.c.id)).all()]


def counts(conn: Connection, campaign_id: int) -> dict[str, int]:
    """The calls of a campaign by reported outcome."""
    rows = conn.execute(
        select(call.c.outcome, func.count()).where(call.c.campaign_id == campaign_id).group_by(call.c.outcome)
    )
    numbers: dict[str, int] = dict(rows.all())
    return {outcome: numbers[outcome] for outcome in OUTCOMES if outcome in numbers}
