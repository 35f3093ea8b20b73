"""The history of one delivery, and a count of requests with problems. SELECTs only, without personal data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select

from campaign.delivery import campaigns
from campaign.errors import CampaignError
from campaign.states import FATES, Event, State
from campaign.store.schema import attempt, delivery, event, request


@dataclass(frozen=True, slots=True)
class HistoryStep:
    at: int
    what: str
    detail: str
    by_provider: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """One delivery, from its request to its last event."""

    delivery_id: int
    kind: str
    wave: str
    state: str
    fate: str
    request_id: int  # 0: the supporter sends it, or it is printed
    attempt: int
    size: int
    steps: tuple[HistoryStep, ...]


_OF_REQUEST = ("id", "parent_id", "state", "attempt", "size", "release", "reason", "marked_at", "answered_at")


def explain(conn: Connection, delivery_id: int) -> History:
    """One delivery's history, causes before their effects. Raises CampaignError for an unknown id."""
    own = (delivery.c[name] for name in ("kind", "wave", "outcome", "fate", "fate_at", "channel", "at"))
    columns = (*own, delivery.c.reason.label("why"), *(request.c[name] for name in _OF_REQUEST))
    joined = delivery.outerjoin(request, request.c.id == delivery.c.request_id)
    query = select(*columns).select_from(joined).where(delivery.c.id == delivery_id)
    row = conn.execute(query).mappings().one_or_none()
    if row is None:
        raise CampaignError(f"no delivery has the id {delivery_id}", do="The sandbox's inbox shows ids as ct_delivery.")
    return History(
        delivery_id=delivery_id,
        kind=row["kind"],
        wave=row["wave"],
        state=row["outcome"] or row["state"],
        fate=_fate(row),
        request_id=row["id"] or 0,
        attempt=row["attempt"] or 0,
        size=row["size"] or 0,
        steps=tuple(sorted((*_own(row), *_recorded(conn, delivery_id, row), *_fate_step(row)), key=_order)),
    )


def _fate(row: RowMapping) -> str:
    return FATES[row["fate"] - 1].name.lower() if row["fate"] else "none"


def _order(step: HistoryStep) -> int:
    """Providers report whole seconds: what they say happened in a second comes after our own steps in it."""
    return step.at + 999 if step.by_provider else step.at


def _recorded(conn: Connection, delivery_id: int, row: RowMapping) -> Iterator[HistoryStep]:
    """Steps with a row of their own: attempts and provider events."""
    a, e = attempt.c, event.c
    attempts = select(a.at, a.what, a.attempt, a.detail).where(a.request_id.in_([row["id"], row["parent_id"]]))
    for step in conn.execute(attempts):
        yield HistoryStep(step.at, step.what, f"attempt {step.attempt}: {step.detail}")
    for at, kind, detail in conn.execute(select(e.at, e.kind, e.detail).where(e.delivery_id == delivery_id)):
        yield HistoryStep(at, f"reported by the provider: {kind}", detail, by_provider=True)


def _own(row: RowMapping) -> Iterator[HistoryStep]:
    """Steps that are columns of the delivery and its request."""
    if row["at"] and row["outcome"]:
        what = f"{row['outcome']} by {row['channel']}" if row["channel"] else row["outcome"]
        yield HistoryStep(row["at"], what, row["why"] or "")
    if row["marked_at"]:
        yield HistoryStep(row["marked_at"], "sending", f"release {(row['release'] or '')[:12]}")
    if row["answered_at"]:
        yield HistoryStep(row["answered_at"], row["state"], row["reason"])


def _fate_step(row: RowMapping) -> Iterator[HistoryStep]:
    if row["fate_at"]:
        yield HistoryStep(row["fate_at"], f"fate: {_fate(row)}", "", by_provider=True)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Requests with problems. `settled`: unanswered ones whose outcome became known later."""

    later: int
    refused: int
    unanswered: int
    settled: int


def trouble(conn: Connection, slug: str) -> Trouble:
    rows = conn.execute(
        select(request.c.id, request.c.state, attempt.c.what)
        .join(attempt, attempt.c.request_id == request.c.id)
        .where(request.c.campaign_id == campaigns.get(conn, slug).id)
        .distinct()
    ).all()
    lost = {row.id: row.state for row in rows if row.what in (Event.NO_ANSWER, Event.EXPIRE)}
    return Trouble(
        sum(row.what == Event.TRY_LATER for row in rows),
        sum(row.what == Event.REFUSED for row in rows),
        len(lost),
        sum(state != State.UNKNOWN for state in lost.values()),
    )
