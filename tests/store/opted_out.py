"""Supporters who opt out, and what they get."""

from __future__ import annotations

import pytest

from campaign.compose.messages import packet_pdf as papers
from campaign.outreach.channels.packet import print_packet
from campaign.supporters import people
from campaign.supporters.people import Reason
from tests.store.site import KEYS, SLUG, Site

REASONS: tuple[Reason, ...] = ("unsubscribed", "complained", "bounced", "listed")


def unsubscribe(site: Site, number: int = 1) -> None:
    site.unsubscribe(number)


def suppress(site: Site, reason: Reason, number: int = 1) -> None:
    """Put on the suppression list by something other than the supporter's own link."""
    with site.database.begin() as conn:
        people.suppress(conn, [KEYS.email_hash(f"person{number}@example.org")], reason, "tests", site.at)


def sent_to(site: Site, number: int = 1, since: int = 0) -> list[str]:
    """The kinds of the emails to a supporter's own address."""
    to = f"person{number}@example.org"
    return [mail["kind"] for mail in site.mails[since:] if mail["personalizations"][0]["to"][0]["email"] == to]


def packets_printed(site: Site) -> int:
    papers_made = print_packet.print_all(site.database, KEYS, site.settings, SLUG)
    return sum(paper.letters for paper in papers_made.papers)


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "pdf", lambda *_: b"%PDF")
