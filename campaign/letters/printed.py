"""Packets of printed letters, one office each: the only writer of `packet` and `packed`.

A letter stays in one packet. Printing again prints the same packet; newer letters make the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from campaign.states import Outcome
from campaign.store.schema import delivery, letter, packed, packet


@dataclass(frozen=True, slots=True)
class WaitingForPrint:
    """A letter to be printed, and the member it was written to."""

    letter_id: int
    seat: str
    holder: str
    valid_until: int | None  # ms


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedPacket:
    """A printed packet. `handed_on` (ISO day) and `handed_by` are empty until it was handed in."""

    id: int
    seat: str
    holder: str
    number: int
    printed_at: int
    handed_on: str
    handed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketPage:
    """A letter in a packet, without its text. `place` in the order of confirmation."""

    letter_id: int
    supporter_id: int
    place: int
    confirmed_at: int
    own_words: bool
    locale: str


def waiting(conn: Connection, campaign_id: int, now: int) -> list[WaitingForPrint]:
    """The letters to print that their writers can no longer take back, in the order of confirmation."""
    query = (
        select(letter.c.id, letter.c.seat, letter.c.holder, letter.c.valid_until)
        .join(delivery, delivery.c.letter_id == letter.c.id)
        .where(
            letter.c.campaign_id == campaign_id,
            letter.c.withdrawn_at.is_(None),
            letter.c.words.is_not(None),
            letter.c.due_at <= now,
            delivery.c.campaign_id == campaign_id,
            delivery.c.channel == "packet",
            delivery.c.outcome == Outcome.TO_PRINT.value,
        )
        .order_by(letter.c.confirmed_at, letter.c.id)
    )
    return [WaitingForPrint(*row) for row in conn.execute(query).all()]


def create_packet(
    conn: Connection, campaign_id: int, seat: str, *, holder: str, letter_ids: Sequence[int], now: int
) -> int:
    """Store a new packet with these letters in this order; its id."""
    same_office = (packet.c.campaign_id == campaign_id, packet.c.seat == seat)
    last = conn.execute(select(func.coalesce(func.max(packet.c.number), 0)).where(*same_office)).scalar_one()
    row = {"campaign_id": campaign_id, "seat": seat, "holder": holder, "number": last + 1, "printed_at": now}
    packet_id: int = conn.execute(insert(packet).values(row).returning(packet.c.id)).scalar_one()
    places = [{"letter_id": id_, "packet_id": packet_id, "place": place} for place, id_ in enumerate(letter_ids, 1)]
    conn.execute(insert(packed), places)
    return packet_id


def list_packets(conn: Connection, campaign_id: int, seats: Collection[str] = ()) -> list[PrintedPacket]:
    """The packets of a campaign, or of these seats of it, in the order of seat and number."""
    p = packet.c
    query = select(p.id, p.seat, p.holder, p.number, p.printed_at, p.handed_on, p.handed_by)
    query = query.where(p.campaign_id == campaign_id)
    if seats:
        query = query.where(p.seat.in_(seats))
    return [PrintedPacket(**row) for row in conn.execute(query.order_by(p.seat, p.number)).mappings()]


def pages(conn: Connection, packet_id: int) -> list[PacketPage]:
    """The letters in a packet, without those of supporters erased since."""
    query = (
        select(
            letter.c.id.label("letter_id"),
            letter.c.supporter_id,
            packed.c.place,
            letter.c.confirmed_at,
            (letter.c.characters > 0).label("own_words"),
            letter.c.locale,
        )
        .join(packed, packed.c.letter_id == letter.c.id)
        .where(packed.c.packet_id == packet_id, letter.c.withdrawn_at.is_(None))
        .order_by(packed.c.place)
    )
    return [PacketPage(**row) for row in conn.execute(query).mappings()]


def hand_in(conn: Connection, packet_id: int, *, day: str, by: str) -> bool:
    """Store that it was handed in on that ISO day, and who says so. False when that was stored before."""
    open_ = (packet.c.id == packet_id, packet.c.handed_on == "")
    return bool(conn.execute(update(packet).where(*open_).values(handed_on=day, handed_by=by)).rowcount)
