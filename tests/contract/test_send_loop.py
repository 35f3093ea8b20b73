"""A drain against the sandbox's server: what it answers, over a real connection, and what the campaign does then."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from campaign.compose.rendering import release
from campaign.delivery import campaigns, outbox
from campaign.delivery.outbox.transitions import count_states
from campaign.delivery.sender import open_sender
from campaign.delivery.transport import Answer
from campaign.model import Claimed
from campaign.outreach.sending import drain as send_loop
from campaign.sandbox import rules
from campaign.sandbox.settings import Setup
from campaign.store.engine import Database
from tests import build
from tests.contract.sandbox import Running
from tests.contract.test_provider_check import KEYS, NOW, SLUG, beside, settings_of
from tests.prepared import shipped

PEOPLE = 60


@pytest.fixture
def launched(database: Database) -> Database:
    """Sixty asks in twelve requests."""
    with database.begin() as conn:
        frozen = release.freeze(conn, shipped(), NOW)
        made = campaigns.save(conn, SLUG, release=frozen, opens_at=0, closes_at=NOW + 10**9, now=NOW)
        build.add_people(conn, range(1, PEOPLE + 1))
        build.launch(conn, made, per_request=5, now=NOW)
    return database


def drain(database: Database, home: Path, running: Running, **environ: str) -> None:
    settings = settings_of(home, running.url, CAMPAIGN_SENDGRID_IN_FLIGHT="4", **environ)
    with closing(open_sender(database, KEYS, settings)) as me:
        send_loop.drain(me, SLUG, seconds=30, now=lambda _: NOW + 1)


def taken(database: Database, home: Path, running: Running) -> list[str]:
    """The addresses that the sandbox took mail for, after a drain."""
    drain(database, home, running)
    return sorted(address.email for entry in running.ledger() for _, address in entry.body.recipients())


def states(database: Database) -> tuple[dict[str, int], str]:
    with database.read() as conn:
        found = campaigns.get(conn, SLUG)
        return count_states(conn, found.id, "first"), found.reason if found.paused else ""


def test_a_server_that_refuses_every_person_by_name_pauses_the_campaign(launched: Database, tmp_path: Path) -> None:
    limits = rules.SubstitutionLimits(substitution_items=0)  # as if every message broke one of SendGrid's rules
    assert beside(tmp_path, lambda running: taken(launched, tmp_path, running), limits=limits) == []
    found, reason = states(launched)
    assert reason.startswith("SendGrid refused ")
    assert reason.endswith("in a row: 400: Substitutions are limited to 0 items per personalization block.")
    assert 15 <= found["refused"] <= 5 * (4 + 2), "three requests, and what was under way meanwhile"
    assert found["queued"] == PEOPLE - found["refused"]

    with launched.begin() as conn:
        assert outbox.requeue_refused(conn, 1, NOW) == found["refused"]
        campaigns.resume(conn, 1, NOW + 2)
    everyone = sorted(f"person{number}@example.org" for number in range(1, PEOPLE + 1))
    assert beside(tmp_path, lambda running: taken(launched, tmp_path, running)) == everyone, "each of them once"
    assert states(launched) == ({"accepted": PEOPLE}, "")


def test_a_cancel_while_the_key_is_refused_leaves_nothing_to_send(
    launched: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first requests are posted, the campaign is canceled, and only then are their answers written down."""
    settle = outbox.settle

    def cancel_first(conn: Connection, answers: Sequence[tuple[Claimed, Answer]], now: int) -> None:
        outbox.cancel_all(conn, 1, "wrong text")
        settle(conn, answers, now)

    monkeypatch.setattr(outbox, "settle", cancel_first)
    beside(tmp_path, lambda running: drain(launched, tmp_path, running), setup=Setup(scopes=()))
    assert states(launched)[0] == {"cancelled": PEOPLE}
    with launched.begin() as conn:
        campaigns.resume(conn, 1, NOW + 2)
    assert beside(tmp_path, lambda running: taken(launched, tmp_path, running)) == []
