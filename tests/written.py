"""Letters in any condition, straight into the tables: what a report has to count."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from campaign.delivery.campaigns import Campaign
from campaign.states import Fate, Outcome
from campaign.store.schema import delivery, evidence, letter, request
from tests.build import START

SERIAL = itertools.count(1)


@dataclass(frozen=True)
class Sample:
    """One letter: its latest delivery, and the mail before it that came back."""

    supporter: int
    seat: str = "H:NC:12"
    channel: str = "email"
    state: str = "accepted"  # of its request, or its own outcome
    fate: Fate = Fate.NONE
    reason: str = ""
    bounced_before: bool = False
    variant: str = "house"


def add(conn: Connection, campaign: Campaign, sample: Sample, now: int = START) -> None:
    """The rows of one letter."""
    shown = {"at": now, "text_hash": b"h", "release": campaign.release, "link": b"l", "consent": "1", "by": "page"}
    evidence_id = conn.execute(insert(evidence).values(shown).returning(evidence.c.id)).scalar_one()
    row = {"campaign_id": campaign.id, "supporter_id": sample.supporter, "seat": sample.seat}
    written = {
        **row,
        "evidence_id": evidence_id,
        "holder": f"X{next(SERIAL):06}",
        "matched": "zip",
        "variant": sample.variant,
        "locale": "en",
        "nonce": b"n",
        "words": b"sealed",
        "characters": 0,
        "confirmed_at": now,
        "due_at": now,
        "withdrawn_at": now if sample.reason else None,
        "reason": sample.reason,
    }
    letter_id = conn.execute(insert(letter).values(written).returning(letter.c.id)).scalar_one()
    if sample.bounced_before:
        _deliver(conn, campaign, sample.supporter, letter_id, "email", "accepted", Fate.BOUNCED, now)
    _deliver(conn, campaign, sample.supporter, letter_id, sample.channel, sample.state, sample.fate, now)


def _deliver(
    conn: Connection, campaign: Campaign, person: int, letter_id: int, channel: str, state: str, fate: Fate, now: int
) -> None:
    place = {"campaign_id": campaign.id, "wave": f"{channel}-{letter_id}", "kind": "letter"}
    mine: dict[str, Any] = {"supporter_id": person, "letter_id": letter_id, "channel": channel, "fate": fate, "at": now}
    if state in [outcome.value for outcome in Outcome]:
        mine |= {"outcome": state, "reason": ""}
    if channel == "email":
        mine["request_id"] = add_request(conn, place, "accepted" if "outcome" in mine else state, now)
    conn.execute(insert(delivery).values(**place, **mine))


def add_request(conn: Connection, place: dict[str, Any], state: str, now: int = START) -> int:
    """A request of one delivery, in this state."""
    row = {**place, "token": f"t{next(SERIAL)}", "locale": "en", "variant": "house", "seq": next(SERIAL), "size": 1}
    leased = {"lease_until": now} if state in ("claimed", "sending") else {}
    row |= {"state": state, "due_at": now, "answered_at": now, **leased}
    made: int = conn.execute(insert(request).values(row).returning(request.c.id)).scalar_one()
    return made
