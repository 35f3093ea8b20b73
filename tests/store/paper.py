"""Letters on paper, and what each packet was made from."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from campaign.compose.messages import packet_pdf as papers
from campaign.outreach.action_page.views import ActionPage
from campaign.outreach.channels.packet import print_packet
from campaign.outreach.channels.packet.print_packet import PrintedBatch
from campaign.store.schema import delivery, letter
from tests.store.site import ADAMS, BUDD, KEYS, SLUG, Site

DELIVERIES = select(delivery.c.channel, delivery.c.outcome).where(delivery.c.kind == "letter").order_by(delivery.c.id)


def print_all(site: Site, to: Path | None = None, **changes: Any) -> PrintedBatch:
    return print_packet.print_all(site.database, KEYS, site.settings, SLUG, to=to, **changes)


def on_paper(site: Site, seat: str = ADAMS, number: int = 1, **changes: str) -> ActionPage:
    return site.write(seat=seat, number=number, by="packet", **changes)


def letter_id(site: Site, number: int = 1) -> int:
    ids = select(func.max(letter.c.id)).where(letter.c.supporter_id == site.people[number - 1])
    return int(site.rows(ids)[0][0])


def deliveries(site: Site) -> list[tuple[str, str]]:
    return [(row.channel, row.outcome) for row in site.rows(DELIVERIES)]


@pytest.fixture(autouse=True)
def visits(site: Site) -> None:
    """Someone takes letters to both offices."""
    for seat in (ADAMS, BUDD):
        site.promise(seat)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What each printed packet was made from; Typst itself is tested apart."""
    made: list[dict[str, Any]] = []

    def pdf(one: papers.Packet, bad: Collection[str]) -> bytes:
        made.append(json.loads(papers.data(one, bad)))
        return b"%PDF"

    monkeypatch.setattr(papers, "pdf", pdf)
    return made
