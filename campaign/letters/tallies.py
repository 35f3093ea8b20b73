"""What people on the open page did, as anonymous counts: the only writer of `tally`.

A count has a campaign, a source, a day, an event and perhaps a seat. It never has a person, a ZIP code or a link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection, func, select

from campaign import clock
from campaign.errors import CampaignError
from campaign.store.dialect import insert as upsert
from campaign.store.schema import tally

Event = Literal["zip", "call_answered", "call_voicemail", "call_busy", "form_sent", "form_failed", "joined"]
EVENTS: tuple[Event, ...] = get_args(Event)
ACTIONS: tuple[Event, ...] = ("call_answered", "call_voicemail", "form_sent")  # reached an office, as they say

SHARED = ("wa", "sms", "mail", "link", "qr")  # the sources of the links that people share
UNKNOWN = "other"
MOST_CODES = 100  # per campaign, so that made-up codes can't fill the table
_CODE = re.compile(r"[a-z0-9-]{1,20}")


@dataclass(frozen=True, slots=True)
class Tallies:
    """Counts by source and event, and by seat and event. A source may have no counts yet."""

    sources: dict[str, dict[Event, int]]
    seats: dict[tuple[str, Event], int]

    @property
    def total(self) -> dict[Event, int]:
        """By event, in the order of EVENTS."""
        sums = {event: sum(found.get(event, 0) for found in self.sources.values()) for event in EVENTS}
        return {event: number for event, number in sums.items() if number}


def source_code(text: str) -> str:
    """What an address or a form says of its source, as it may be kept: "other" for what can't be a code."""
    return text if not text or _CODE.fullmatch(text) else UNKNOWN


def add(conn: Connection, campaign_id: int, *, source: str, event: Event, seat: str = "", now: int) -> None:
    """Count one event. `source`: the code in the address as it came; one that is unknown or odd counts as "other"."""
    counted_as = _counted_as(conn, campaign_id, source)
    _add(conn, campaign_id, source=counted_as, event=event, seat=seat, now=now, number=1)


def reserve(conn: Connection, campaign_id: int, source: str, *, now: int) -> None:
    """Count this partner's code by its name from now on, however many others there are. Raises as `partner_code`."""
    _add(conn, campaign_id, source=partner_code(source), event="zip", seat="", now=now, number=0)


def partner_code(text: str) -> str:
    """A code for a partner's links. Raises CampaignError for a text that can't be one, or that has another meaning."""
    if not _CODE.fullmatch(text):
        do = "Lowercase letters, digits and hyphens, at most 20, like union-local-5."
        raise CampaignError(f"{text!r} can't be a source", where="--source", do=do)
    if text in (*SHARED, UNKNOWN):
        do = "Choose a name for the partner, like union-local-5."
        raise CampaignError(f"{text!r} already means something else", where="--source", do=do)
    return text


def totals(conn: Connection, campaign_id: int) -> Tallies:
    """All counts of a campaign."""
    own = tally.c.campaign_id == campaign_id
    sources: dict[str, dict[Event, int]] = {}
    number = func.sum(tally.c.number)
    by_source = select(tally.c.source, tally.c.event, number).where(own).group_by(tally.c.source, tally.c.event)
    for source, event, count in conn.execute(by_source.order_by(tally.c.source)):
        sources.setdefault(source, {})
        if count:
            sources[source][event] = int(count)
    by_seat = select(tally.c.seat, tally.c.event, number).where(own, tally.c.seat != "")
    rows = conn.execute(by_seat.group_by(tally.c.seat, tally.c.event).order_by(tally.c.seat, tally.c.event))
    return Tallies(sources, {(seat, event): int(count) for seat, event, count in rows})


def _counted_as(conn: Connection, campaign_id: int, source: str) -> str:
    if source in ("", *SHARED):
        return source
    if source_code(source) == UNKNOWN:
        return UNKNOWN
    own = tally.c.campaign_id == campaign_id
    if conn.execute(select(tally.c.source).where(own, tally.c.source == source).limit(1)).first():
        return source
    codes = conn.execute(select(func.count(tally.c.source.distinct())).where(own)).scalar_one()
    return source if codes < MOST_CODES else UNKNOWN


def _add(conn: Connection, campaign_id: int, *, source: str, event: Event, seat: str, now: int, number: int) -> None:
    day = clock.washington_day(now).isoformat()
    row = {"campaign_id": campaign_id, "source": source, "day": day, "event": event, "seat": seat, "number": number}
    more = {"number": tally.c.number + number}
    key = [column.name for column in tally.primary_key]
    conn.execute(upsert(conn, tally).values(row).on_conflict_do_update(index_elements=key, set_=more))
