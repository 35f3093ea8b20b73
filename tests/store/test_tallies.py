"""Tallies: anonymous counts of what people on the open page did, by source, day, event and seat."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from campaign.errors import CampaignError
from campaign.letters import tallies
from campaign.letters.tallies import MOST_CODES, Event
from campaign.store.engine import Database
from campaign.store.schema import tally
from tests.store.site import ADAMS, BUDD, START


@pytest.fixture
def campaign(database: Database) -> Database:
    with database.begin() as conn:
        conn.execute(text("INSERT INTO release VALUES ('r', 's', '', '', 0)"))
        row = (
            "INSERT INTO campaign (id, slug, release, opens_at, closes_at, changed_at) VALUES ({}, '{}', 'r', 0, 9, 0)"
        )
        conn.execute(text(row.format(1, "s")))
        conn.execute(text(row.format(2, "other")))
    return database


def count(database: Database, source: str, event: Event = "zip", seat: str = "", *, at: int = START) -> None:
    with database.begin() as conn:
        tallies.add(conn, 1, source=source, event=event, seat=seat, now=at)


def found(database: Database, campaign_id: int = 1) -> tallies.Tallies:
    with database.read() as conn:
        return tallies.totals(conn, campaign_id)


def test_events_are_counted_by_source_and_seat(campaign: Database) -> None:
    for source, event, seat in (
        ("", "zip", ""),
        ("", "zip", ""),
        ("wa", "zip", ""),
        ("wa", "call_answered", ADAMS),
        ("union-5", "call_answered", ADAMS),
        ("union-5", "form_sent", BUDD),
    ):
        count(campaign, source, event, seat)  # type: ignore[arg-type]
    totals = found(campaign)
    assert totals.sources == {
        "": {"zip": 2},
        "union-5": {"call_answered": 1, "form_sent": 1},
        "wa": {"call_answered": 1, "zip": 1},
    }
    assert totals.seats == {(ADAMS, "call_answered"): 2, (BUDD, "form_sent"): 1}
    assert totals.total == {"zip": 3, "call_answered": 2, "form_sent": 1}
    assert found(campaign, 2).sources == {}


def test_a_day_is_a_day_in_washington(campaign: Database) -> None:
    midnight = 1_795_669_200_000  # 2026-11-26 00:00 in Washington
    count(campaign, "wa", at=midnight - 1)
    count(campaign, "wa", at=midnight)
    count(campaign, "wa", at=midnight)
    with campaign.read() as conn:
        days = conn.execute(select(tally.c.day, tally.c.number).order_by(tally.c.day)).all()
    assert [tuple(day) for day in days] == [("2026-11-25", 1), ("2026-11-26", 2)]


@pytest.mark.parametrize("odd", ["Union 5", "x" * 21, "a\u0301", "'; DROP TABLE tally", "ünion", "a\n", "A"])
def test_an_odd_code_counts_as_other(campaign: Database, odd: str) -> None:
    count(campaign, odd)
    assert found(campaign).sources == {"other": {"zip": 1}}


def test_made_up_codes_cannot_fill_the_table(campaign: Database) -> None:
    with campaign.begin() as conn:
        for number in range(MOST_CODES + 20):
            tallies.add(conn, 1, source=f"made-up-{number}", event="zip", now=START)
        tallies.add(conn, 1, source="made-up-1", event="zip", now=START)
        tallies.add(conn, 1, source="wa", event="zip", now=START)
        tallies.add(conn, 2, source="union-5", event="zip", now=START)
    totals = found(campaign)
    assert len(totals.sources) == MOST_CODES + 2
    assert totals.sources["other"] == {"zip": 20}
    assert totals.sources["made-up-1"] == {"zip": 2}
    assert totals.sources["wa"] == {"zip": 1}, "links that people share always count"
    assert found(campaign, 2).sources == {"union-5": {"zip": 1}}, "each campaign has its own bound"


def test_a_reserved_code_counts_by_its_name_after_the_table_is_full(campaign: Database) -> None:
    with campaign.begin() as conn:
        for number in range(MOST_CODES):
            tallies.add(conn, 1, source=f"made-up-{number}", event="zip", now=START)
        tallies.reserve(conn, 1, "union-5", now=START)
    assert found(campaign).sources["union-5"] == {}, "a reserved code shows that no one has come yet"
    count(campaign, "union-5", "joined")
    with campaign.begin() as conn:
        tallies.reserve(conn, 1, "union-5", now=START)
    assert found(campaign).sources["union-5"] == {"joined": 1}, "reserving again changes nothing"


@pytest.mark.parametrize("code", ["", "wa", "qr", "other", "Union", "a b", "x" * 21])
def test_only_a_name_for_a_partner_can_be_reserved(campaign: Database, code: str) -> None:
    with pytest.raises(CampaignError, match="--source"), campaign.begin() as conn:
        tallies.reserve(conn, 1, code, now=START)
    assert found(campaign).sources == {}


def test_two_at_once_both_count(campaign: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: count(campaign, "wa", "call_voicemail", ADAMS), range(12)))
    assert found(campaign).sources == {"wa": {"call_voicemail": 12}}
