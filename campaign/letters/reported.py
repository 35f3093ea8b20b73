"""What supporters say they did themselves: a call, or the office's own form. The only writer of `reported`.

Neither needs an address or replaces a letter. One row for each supporter, seat, holder and way; the last report counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection, bindparam, delete, func, select

from campaign.store.dialect import insert as upsert
from campaign.store.schema import reported

ReportedWay = Literal["call", "form"]
CallOutcome = Literal["answered", "voicemail", "busy"]
FormOutcome = Literal["chosen", "sent", "failed"]
CALL_OUTCOMES: tuple[CallOutcome, ...] = get_args(CallOutcome)
FORM_OUTCOMES: tuple[FormOutcome, ...] = get_args(FormOutcome)
OUTCOMES: dict[str, tuple[str, ...]] = {"call": CALL_OUTCOMES, "form": FORM_OUTCOMES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report; `at` is when it was made (ms)."""

    seat: str
    holder: str
    way: ReportedWay
    outcome: str
    at: int


_OWN = (reported.c.supporter_id, reported.c.campaign_id, reported.c.seat, reported.c.holder, reported.c.way)


def record(conn: Connection, campaign_id: int, supporter_id: int, report: Report) -> None:
    """Store a report; an earlier one about this seat, holder and way is replaced."""
    values = {"outcome": report.outcome, "at": report.at}
    place = {"seat": report.seat, "holder": report.holder, "way": report.way}
    row = {"campaign_id": campaign_id, "supporter_id": supporter_id, **place, **values}
    conn.execute(upsert(conn, reported).values(row).on_conflict_do_update(index_elements=list(_OWN), set_=values))


def take_back(conn: Connection, campaign_id: int, supporter_id: int, *, seat: str, way: ReportedWay) -> None:
    """Delete a report that was pressed by mistake."""
    own = (reported.c.campaign_id == campaign_id, reported.c.supporter_id == supporter_id)
    conn.execute(delete(reported).where(*own, reported.c.seat == seat, reported.c.way == way))


def drop(conn: Connection, campaign_id: int, supporter_id: int) -> int:
    """Delete a supporter's reports: they say that they made none. How many."""
    own = (reported.c.campaign_id == campaign_id, reported.c.supporter_id == supporter_id)
    return conn.execute(delete(reported).where(*own)).rowcount


_BY_SUPPORTER = (
    select(reported.c.seat, reported.c.holder, reported.c.way, reported.c.outcome, reported.c.at)
    .where(reported.c.campaign_id == bindparam("campaign_id"), reported.c.supporter_id == bindparam("supporter_id"))
    .order_by(reported.c.id)
)


def by_supporter(conn: Connection, campaign_id: int, supporter_id: int) -> list[Report]:
    """A supporter's reports, in the order of the first about each."""
    rows = conn.execute(_BY_SUPPORTER, {"campaign_id": campaign_id, "supporter_id": supporter_id}).mappings()
    return [Report(**row) for row in rows]


def counts(conn: Connection, campaign_id: int, way: ReportedWay) -> dict[str, int]:
    """The reports of a campaign by outcome."""
    own = (reported.c.campaign_id == campaign_id, reported.c.way == way)
    rows = conn.execute(select(reported.c.outcome, func.count()).where(*own).group_by(reported.c.outcome))
    numbers: dict[str, int] = dict(rows.all())
    return {outcome: numbers[outcome] for outcome in OUTCOMES[way] if outcome in numbers}
