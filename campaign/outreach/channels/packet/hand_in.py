"""Store that printed packets were handed in at an office, and tell the writers of their letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from campaign.clock import WASHINGTON
from campaign.congress.terms import noon
from campaign.delivery import campaigns, outbox
from campaign.errors import CampaignError
from campaign.formats import person_name
from campaign.letters import printed
from campaign.outreach.routing import queue_receipt
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people


@dataclass(frozen=True, slots=True)
class DeliveredPacket:
    """Packets for a seat that were reported as handed in, and the number of their letters."""

    seat: str
    numbers: tuple[int, ...]
    letters: int


def hand_in(database: Database, slug: str, seat: str, *, on: date, by: str) -> DeliveredPacket:
    """Store that all printed packets for this seat were handed in on that day; their writers get a receipt.

    Raises CampaignError when there is none, for a day before it was printed or after today, and without a name.
    """
    name = person_name(by)
    with database.begin() as conn:
        campaign, now = campaigns.get(conn, slug), engine.now(conn)
        packets = [packet for packet in printed.list_packets(conn, campaign.id, (seat,)) if not packet.handed_on]
        if not packets:
            raise CampaignError(f"{seat} has no printed packet to deliver", do=f"campaign packet print {slug}")
        today, first = _day(now), _day(packets[-1].printed_at)
        if not first <= on <= today:
            do = f"Give a day from {first}, when it was printed, to {today}."
            raise CampaignError(f"is {on}", where="--on", do=do)
        pages = {page.letter_id: page for packet in packets for page in printed.pages(conn, packet.id)}
        people.lock_supporters(conn, *(page.supporter_id for page in pages.values()))
        moved = outbox.mark_handed_in(conn, list(pages), noon(on.isoformat()))
        for packet in packets:
            printed.hand_in(conn, packet.id, day=on.isoformat(), by=name)
        for page in (pages[letter_id] for letter_id in sorted(moved)):
            queue_receipt.queue_receipt(
                conn,
                campaign.id,
                supporter_id=page.supporter_id,
                wave=f"paper-{page.letter_id}",
                locale=page.locale,
                due_at=now,
            )
    return DeliveredPacket(seat, tuple(packet.number for packet in packets), len(moved))


def _day(at: int) -> date:
    return datetime.fromtimestamp(at / 1000, WASHINGTON).date()
