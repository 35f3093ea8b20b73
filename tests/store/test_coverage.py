"""One statement counts who represents whom as a match of each supporter does: by ZIP code, or by street."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import update

from campaign.congress import representatives, roster
from campaign.congress.geocoding import cache
from campaign.congress.geocoding.agreement import Agreement
from campaign.outreach.lists import coverage
from campaign.store.engine import Database
from campaign.store.schema import located, supporter
from campaign.supporters import people, segments
from tests import build
from tests.store.site import ROSTER, SPLIT, START, SWITCHED

ZIPS = [
    "28205",
    "28205",
    SPLIT,
    SPLIT,
    SPLIT,
    "00001",
    "",
    "20002",
    "30017",
    "99999",
    "28302",
    "82003",
    "09012",
    "75001",
    "63101",
]
FOUND = Agreement("H:IL:4", "", "census+tigerweb", "v", "H:IL:4")


def fill(database: Database) -> list[int]:
    with database.begin() as conn:
        who = [build.add_people(conn, [n], zip=zip_)[0] for n, zip_ in enumerate(ZIPS, 1)]
        for number, key in ((2, b"proved"), (3, b"unproved"), (5, b"proved"), (0, b"proved")):
            people.set_address_hash(conn, {who[number]: key})
        cache.keep(conn, b"proved", FOUND, congress=119, method="batch", now=START, until=ROSTER.until)
        cache.keep(
            conn,
            b"proved",
            Agreement("H:IL:7", "", "x", "v", ""),
            congress=118,
            method="batch",
            now=START,
            until=ROSTER.until,
        )
        cache.keep(
            conn,
            b"unproved",
            Agreement("", "disagree", "x", "v", ""),
            congress=119,
            method="batch",
            now=START,
            until=ROSTER.until,
        )
        gone = build.add_people(conn, [50, 51], zip="28205")
        build.suppress(conn, 50)
        conn.execute(update(supporter).where(supporter.c.id == gone[1]).values(email=None))
    return who


def test_it_agrees_with_one_match_each_before_and_after_the_switch(database: Database) -> None:
    who = fill(database)
    with database.read() as conn:
        for now in (START, SWITCHED):
            known = roster.at(conn, now)
            places = {who[2]: b"proved", who[3]: b"unproved", who[5]: b"proved", who[0]: b"proved"}
            each = [
                representatives.match(conn, known, zip_, place=places.get(n), now=now)
                for n, zip_ in zip(who, ZIPS, strict=True)
            ]
            found = coverage.measure(conn, now)
            assert found.people == len(ZIPS)
            assert found.seats == Counter(one.representative.code for one in each if one.representative)
            assert found.by_street == sum(one.how == "address" for one in each)
            assert found.by_zip == sum(one.representative is not None and one.how == "zip" for one in each)
            assert found.several == sum(bool(one.candidates) for one in each)
            assert found.unmapped == sum(
                bool(one.states) and one.representative is None and not one.candidates for one in each
            )
            assert found.unknown == sum(not one.states for one in each)
            assert found.people == found.by_zip + found.by_street + found.several + found.unmapped + found.unknown
        assert (found.by_street, coverage.measure(conn, START).by_street) == (0, 2), "it ended with those lines"


def test_the_statement_has_one_row_for_each_person(database: Database) -> None:
    who = fill(database)
    with database.read() as conn, segments.variants(conn, coverage.places(roster.at(conn, START), START)):
        rows = conn.execute(segments.represented(119, START)).all()
    assert sorted(row.supporter_id for row in rows) == sorted(who)
    by_person = {row.supporter_id: (row.seat, row.how) for row in rows}
    assert by_person[who[0]] == ("H:NC:12", "zip"), "the ZIP tells it: its street is not looked at"
    assert by_person[who[2]] == ("H:IL:4", "address")
    assert by_person[who[4]] == (coverage.SEVERAL, "zip")


def test_what_was_found_for_a_street_is_dropped_when_it_holds_no_more(database: Database) -> None:
    fill(database)
    with database.begin() as conn:
        assert cache.drop_old(conn, ROSTER.until - 1) == 1, "what proved nothing is kept for a day"
        assert cache.drop_old(conn, ROSTER.until) == 2
        assert conn.execute(located.select()).all() == []
