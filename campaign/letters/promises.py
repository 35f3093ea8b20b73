"""Who promised to hand in a campaign's packets at an office, and when: the only writer of `packet_promise`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, bindparam, func, insert, select, update

from campaign.clock import WASHINGTON, washington_day
from campaign.states import Outcome
from campaign.store.schema import delivery, letter, packet_promise


@dataclass(frozen=True, slots=True)
class PacketPromise:
    """`by` takes the letters to the holder's office in `city` on the ISO day `day`, in Washington's time."""

    seat: str
    holder: str  # bioguide id
    by: str
    day: str
    city: str

    @property
    def takes_until(self) -> int:
        """Letters confirmed from then on (ms) would not be printed in time."""
        return int(datetime.combine(self._print_day, time(), WASHINGTON).timestamp() * 1000)

    @property
    def last_day(self) -> str:
        """The last ISO day in Washington on which it takes letters."""
        return (self._print_day - timedelta(days=1)).isoformat()

    @property
    def _print_day(self) -> date:
        """The day before the visit."""
        return date.fromisoformat(self.day) - timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignVisits:
    """The visits ahead. `undelivered`: by seat, letters for a packet that were not handed in yet, printed or not. No
    one has promised to take those of `without_visit`: the visit was canceled, or its day has passed.
    """

    slug: str
    visits: tuple[PacketPromise, ...]
    undelivered: dict[str, int]
    without_visit: dict[str, int]


def make(conn: Connection, slug: str, promise: PacketPromise, now: int) -> None:
    """Store a promise, in the place of one for the same office and day."""
    cancel(conn, slug, promise.seat, promise.day, now)
    row = {name: getattr(promise, name) for name in PacketPromise.__slots__}
    conn.execute(insert(packet_promise).values(row | {"slug": slug, "made_at": now}))


def cancel(conn: Connection, slug: str, seat: str, day: str, now: int) -> bool:
    """False if there is none for that office and day."""
    p = packet_promise.c
    live = (p.slug == slug, p.seat == seat, p.day == day, p.cancelled_at.is_(None))
    return bool(conn.execute(update(packet_promise).where(*live).values(cancelled_at=now)).rowcount)


_P = packet_promise.c
_UPCOMING = (
    select(*(_P[name] for name in PacketPromise.__slots__))
    .where(_P.slug == bindparam("slug"), _P.cancelled_at.is_(None), _P.day >= bindparam("today"))
    .order_by(_P.seat, _P.day)
)


def upcoming(conn: Connection, slug: str, now: int) -> dict[str, list[PacketPromise]]:
    """The promises of a campaign whose day has not passed, by seat, in the order of their days."""
    promises: dict[str, list[PacketPromise]] = {}
    for row in conn.execute(_UPCOMING, {"slug": slug, "today": washington_day(now).isoformat()}):
        promises.setdefault(row.seat, []).append(PacketPromise(*row))
    return promises


def visits(conn: Connection, slug: str, campaign_id: int | None, now: int) -> CampaignVisits:
    """The visits ahead at `now` (ms), and the letters for packets. `campaign_id`: None before the launch."""
    ahead = upcoming(conn, slug, now)
    query = (
        select(letter.c.seat, func.count())
        .join(delivery, delivery.c.letter_id == letter.c.id)
        .where(
            letter.c.campaign_id == campaign_id,
            letter.c.withdrawn_at.is_(None),
            delivery.c.outcome.in_([Outcome.TO_PRINT.value, Outcome.PRINTED.value]),
        )
        .group_by(letter.c.seat)
        .order_by(letter.c.seat)
    )
    undelivered = {row[0]: row[1] for row in conn.execute(query)}
    return CampaignVisits(
        slug=slug,
        visits=tuple(visit for of_seat in ahead.values() for visit in of_seat),
        undelivered=undelivered,
        without_visit={seat: letters for seat, letters in undelivered.items() if seat not in ahead},
    )
