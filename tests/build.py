"""Builders with plain defaults: a campaign, people, and a launched wave, straight into the tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, literal, select

from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.model import Kind
from campaign.store.dialect import insert as upsert
from campaign.store.schema import evidence, letter, release, supporter, suppression

START = 1_000_000
CLOSES = 10**15


def person(number: int, **changes: Any) -> dict[str, Any]:
    """The row of supporter `number`; their keyed hash is just their number."""
    row = {
        "email_hash": number.to_bytes(16, "big"),
        "email": f"person{number}@example.org",
        "first_name": f"Person {number}",
        "locale": "en",
        "zip": "28205",
        "consent": "petition page, 2026-09-12",
        "list": "tests",
        "nonce": number.to_bytes(8, "big"),
        "digest": b"",
        "created_at": 0,
        "updated_at": 0,
    }
    return row | changes


def add_people(conn: Connection, numbers: Sequence[int], **changes: Any) -> list[int]:
    rows = [person(number, **changes) for number in numbers]
    return list(conn.scalars(insert(supporter).returning(supporter.c.id), rows))


def suppress(conn: Connection, number: int, reason: str = "unsubscribed") -> None:
    conn.execute(
        upsert(conn, suppression)
        .values(email_hash=number.to_bytes(16, "big"), reason=reason, source="tests", at=0)
        .on_conflict_do_nothing()
    )


def add_campaign(conn: Connection, slug: str = "tests", *, opens_at: int = 0, closes_at: int = CLOSES) -> Campaign:
    conn.execute(
        upsert(conn, release).values(hash="r1", slug=slug, files=b"", versions="", made_at=0).on_conflict_do_nothing()
    )
    return campaigns.save(conn, slug, release="r1", opens_at=opens_at, closes_at=closes_at, now=START)


def add_letter(conn: Connection, supporter_id: int, *, campaign_id: int = 1, seat: str = "H:NC:12") -> int:
    """A letter that this person has confirmed, without a delivery."""
    shown = {"at": START, "text_hash": b"", "release": "r1", "link": b"", "consent": "c1", "by": "page"}
    evidence_id = conn.execute(insert(evidence).values(shown).returning(evidence.c.id)).scalar_one()
    row = {"evidence_id": evidence_id, "campaign_id": campaign_id, "supporter_id": supporter_id, "seat": seat}
    row |= {"holder": "A000370", "matched": "zip", "variant": "house", "locale": "en", "nonce": b"", "characters": 0}
    made: int = conn.execute(
        insert(letter).values(row | {"confirmed_at": START, "due_at": START}).returning(letter.c.id)
    ).scalar_one()
    return made


def launch(
    conn: Connection,
    campaign: Campaign,
    *,
    wave: str = "first",
    per_request: int = 3,
    gap_ms: int = 0,
    now: int = START,
) -> int:
    """Queue an ask for every supporter there is."""
    pick = select(
        supporter.c.id.label("supporter_id"),
        supporter.c.locale.label("locale"),
        literal("plain").label("variant"),
    )
    added = outbox.add_wave(conn, campaign.id, wave, Kind.ASK, pick, per_request=per_request, due_at=now, gap_ms=gap_ms)
    campaigns.launched(conn, campaign.id, wave, added, now)
    return added
