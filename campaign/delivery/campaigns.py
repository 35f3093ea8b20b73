"""Campaigns and their waves. The only writer of `campaign` and `wave`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update

from campaign.errors import CampaignError
from campaign.log import scrub
from campaign.model import ChannelName, Kind
from campaign.states import State
from campaign.store.dialect import insert as upsert
from campaign.store.schema import campaign, delivery, request, wave

DAY_MS = 24 * 3600 * 1000
LATE_MS = 30 * DAY_MS  # after the last day, in which confirmed letters are still sent; asks are not
QUESTIONS_MS = LATE_MS + 49 * DAY_MS  # after the last day, in which supporters are asked whether an office answered


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as the database has it. Times in ms; `reason` says why it is paused.

    `changed_at`: when it was last paused, resumed, launched or republished.
    """

    id: int
    slug: str
    release: str
    opens_at: int
    closes_at: int
    paused: bool
    reason: str
    changed_at: int


@dataclass(frozen=True, slots=True)
class Wave:
    name: str
    launched: int
    launched_at: int
    by: str  # who launched it; "" if not given


_COLUMNS = (
    campaign.c.id,
    campaign.c.slug,
    campaign.c.release,
    campaign.c.opens_at,
    campaign.c.closes_at,
    campaign.c.paused,
    campaign.c.reason,
    campaign.c.changed_at,
)


_BY_SLUG = select(*_COLUMNS).where(campaign.c.slug == bindparam("slug"))


def find(conn: Connection, slug: str) -> Campaign | None:
    row = conn.execute(_BY_SLUG, {"slug": slug}).one_or_none()
    return Campaign(*row) if row else None


def get(conn: Connection, slug: str) -> Campaign:
    """The campaign of this slug. Raises CampaignError when it was never launched here."""
    found = find(conn, slug)
    if found is None:
        known = ", ".join(sorted(row.slug for row in every(conn))) or "none"
        raise CampaignError(
            f"no campaign {slug!r} was launched here (launched: {known})", do=f"Run: campaign launch {slug}"
        )
    return found


def every(conn: Connection) -> list[Campaign]:
    return [Campaign(*row) for row in conn.execute(select(*_COLUMNS).order_by(campaign.c.id))]


def due(conn: Connection, now: int, *, repeatable: Collection[ChannelName] = ()) -> list[str]:
    """The slugs of those that may send now and have something due, or an unknown letter to ask about by one of the
    `repeatable` channels.
    """
    queued = select(request.c.id).where(
        request.c.campaign_id == campaign.c.id, request.c.state == State.QUEUED.value, request.c.due_at <= now
    )
    confirmed, invitations = queued.where(request.c.kind != Kind.ASK), queued.where(request.c.kind == Kind.INVITE)
    questions = queued.where(request.c.kind == Kind.QUESTION)
    runs, opened = campaign.c.paused.is_(False), campaign.c.opens_at <= now
    asks, late = campaign.c.closes_at > now, campaign.c.closes_at > now - LATE_MS
    unknown = select(request.c.id).where(
        request.c.campaign_id == campaign.c.id,
        request.c.state == State.UNKNOWN.value,
        request.c.due_at <= now,
        select(delivery.c.id)
        .where(
            delivery.c.request_id == request.c.id,
            delivery.c.channel.in_(repeatable),
            delivery.c.cancel_reason.is_(None),
        )
        .exists(),
    )
    any_due = or_(
        and_(opened, asks, queued.exists()),
        and_(opened, late, or_(confirmed.exists(), unknown.exists())),
        and_(late, invitations.exists()),
        and_(campaign.c.closes_at > now - QUESTIONS_MS, questions.exists()),
    )
    return list(conn.scalars(select(campaign.c.slug).where(runs, any_due).order_by(campaign.c.id)))


def save(conn: Connection, slug: str, *, release: str, opens_at: int, closes_at: int, now: int) -> Campaign:
    """Create the campaign, or update its release and window; a pause stays as it is."""
    values = {"release": release, "opens_at": opens_at, "closes_at": closes_at, "changed_at": now}
    conn.execute(
        upsert(conn, campaign).values(slug=slug, **values).on_conflict_do_update(index_elements=["slug"], set_=values)
    )
    return get(conn, slug)


def lock(conn: Connection, campaign_id: int) -> None:
    """Let no other transaction lock or change this campaign until this one ends."""
    conn.execute(select(campaign.c.id).where(campaign.c.id == campaign_id).with_for_update())


def pause(conn: Connection, campaign_id: int, reason: str, now: int) -> bool:
    """Set the flag that `claim` and `mark` read. False if it was set already; the first reason stays."""
    return bool(
        conn.execute(
            update(campaign)
            .where(campaign.c.id == campaign_id, campaign.c.paused.is_(False))
            .values(paused=True, reason=scrub(reason), changed_at=now)
        ).rowcount
    )


def resume(conn: Connection, campaign_id: int, now: int) -> bool:
    return bool(
        conn.execute(
            update(campaign)
            .where(campaign.c.id == campaign_id, campaign.c.paused.is_(True))
            .values(paused=False, reason="", changed_at=now)
        ).rowcount
    )


def waves(conn: Connection, campaign_id: int) -> list[Wave]:
    rows = conn.execute(
        select(wave.c.name, wave.c.launched, wave.c.launched_at, wave.c.by)
        .where(wave.c.campaign_id == campaign_id)
        .order_by(wave.c.launched_at)
    )
    return [Wave(*row) for row in rows]


def launched(conn: Connection, campaign_id: int, name: str, number: int, now: int, *, by: str = "") -> None:
    """Record, in the transaction of the launch, how many asks were launched and by whom."""
    row = {"campaign_id": campaign_id, "name": name, "launched": number, "launched_at": now, "by": by}
    conn.execute(insert(wave).values(row))
