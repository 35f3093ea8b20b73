"""Any sequence of syncs, with refused and restored ones: each seat has at most one holder at any instant."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaign.congress import roster, snapshot, terms
from campaign.congress.snapshot import Snapshot
from campaign.congress.sync import build, store
from campaign.errors import CampaignError
from campaign.model import Member
from campaign.store.engine import Database
from tests import congress

SEATS = ("H:NC:1", "H:NC:2", "S:NC:2", "S:NC:3")
DAYS = st.dates(date(2026, 10, 1), date(2027, 3, 1)).map(date.isoformat)
PEOPLE = st.sampled_from([f"A{number:06}" for number in range(6)])
MOMENTS = st.integers(terms.noon("2026-06-01"), terms.noon("2027-06-01"))


@dataclass(frozen=True)
class Sync:
    """A list of one day: who has which seat from when until when, and who is said to have left."""

    gap: int  # days since the one before
    listed: tuple[tuple[str, str, str, str], ...]
    former: tuple[tuple[str, str, str, str], ...] | None


@dataclass(frozen=True)
class Restore:
    number: int


TERMS = st.tuples(
    PEOPLE, st.sampled_from(SEATS), DAYS, st.sampled_from(["2026-11-03", "2027-01-03", "2029-01-03", "2031-01-03"])
)
STEPS = st.lists(
    st.one_of(
        st.builds(
            Sync,
            st.integers(0, 40),
            st.lists(TERMS, max_size=5).map(tuple),
            st.none() | st.lists(TERMS, max_size=4).map(tuple),
        ),
        st.builds(Restore, st.integers(0, 4)),
    ),
    max_size=7,
)


def small() -> Snapshot:
    """A country of one state."""
    members = {
        seat: (Member(f"Z{number:06}", seat, seat, "F", "", "", "", "", since="2025-01-03", ends="2027-01-03"),)
        for number, seat in enumerate(SEATS)
    }
    zips = {"28205": ("H:NC:1",), "28206": ("H:NC:1", "H:NC:2")}
    return snapshot.create(
        members,
        {119: zips, 120: zips},
        places="",
        committees="",
        sources=(),
        as_of="2026-06-15",
        known_from="2026-06-15",
    )


def file(rows: tuple[tuple[str, str, str, str], ...]) -> list[congress.Person]:
    return [congress.person(who, who, congress.term(seat, start, end)) for who, seat, start, end in rows]


def check(known: Snapshot, moments: list[int]) -> None:
    for seat, spans in known.spans.items():
        for one, following in itertools.pairwise(spans):
            assert one.start < one.end <= following.start < following.end, seat
        for now in moments:
            holding = [one for one in spans if one.start <= now < one.end]
            found = roster.view(known, now).seats[seat]
            assert len(holding) <= 1
            assert found.holder == (holding[0].member if holding else None)
            assert found.vacant <= (terms.congress_at(now) <= known.congress)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.lists(MOMENTS, min_size=3, max_size=6))
def test_each_seat_has_at_most_one_holder_at_any_instant(
    database: Database, tmp_path_factory: pytest.TempPathFactory, steps: list[Sync | Restore], moments: list[int]
) -> None:
    with database.begin() as conn:
        first = store.save(conn, small(), 0)
    numbers, day = [first], date(2026, 11, 1)
    for step in steps:
        with database.begin() as conn:
            old = roster.snapshot_in_force(conn)
            if isinstance(step, Restore):
                number = numbers[step.number % len(numbers)]
                numbers.append(store.save(conn, store.numbered(conn, number), 1, "restore"))
            else:
                day += timedelta(days=step.gap)
                folder = tmp_path_factory.mktemp("files")
                (folder / "legislators-current.json").write_text(_json(step.listed), encoding="utf-8")
                if step.former is not None:
                    (folder / "legislators-historical.json").write_text(_json(step.former), encoding="utf-8")
                try:
                    made = build.make(folder, old, as_of=day.isoformat())
                except CampaignError:
                    assert roster.snapshot_in_force(conn) is old, "a refused list changes nothing"
                else:
                    numbers.append(store.save(conn, made, 1))
                    now = terms.noon(day.isoformat())
                    for who, seat, start, end in step.listed:
                        if start <= day.isoformat() < end:
                            holder = roster.at(conn, now).seats[seat].holder
                            assert holder
                            assert holder.bioguide == who, "who is listed serves"
        with database.read() as conn:
            check(roster.snapshot_in_force(conn), moments)


def _json(rows: tuple[tuple[str, str, str, str], ...]) -> str:
    return json.dumps(file(rows))


def test_the_small_country_is_a_country(tmp_path: Path) -> None:
    people = {one["id"]["bioguide"]: one for one in file((("A000001", "H:NC:1", "2026-11-20", "2027-01-03"),))}
    made = build.make(congress.write(tmp_path / "a", people), small(), as_of="2026-11-28")
    assert [one.bioguide for one in made.holders["H:NC:1"]] == ["Z000000", "A000001"]
