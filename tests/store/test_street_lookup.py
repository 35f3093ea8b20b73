"""A supporter's street: the Census is asked only where it is turned on, two sources must agree, nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from campaign.congress.geocoding import cache
from campaign.congress.geocoding.address import Address, FoundAddress
from campaign.outreach.action_page import street_lookup
from campaign.outreach.action_page.views import ActionPage
from campaign.store.schema import campaign, letter, located, outage, supporter
from tests import censusgov
from tests.censusgov import CensusGov, Spot
from tests.store.site import CAPITAL, DAY, KEYS, MINUTE, ROSTER, SPLIT, SWITCHED, Site

STREET = "100 Sample Street"
FOUR, SEVEN = Spot("17", "04", SPLIT), Spot("17", "07", SPLIT)
ELSEWHERE = Spot("17", "12", SPLIT)
POINT = "-80.8,35.2"


@pytest.fixture
def gov() -> Iterator[CensusGov]:
    with censusgov.serve(streets={STREET: [FOUR]}) as made:
        yield made


@pytest.fixture
def home(site: Site, gov: CensusGov) -> Site:
    """People of a ZIP in two districts, where the operator has switched it on."""
    site.settings = replace(site.settings, matching=gov.matching())
    site.do(update(supporter).values(zip=SPLIT))
    return site


def find(site: Site, street: str = STREET, zip_: str = SPLIT) -> ActionPage:
    return site.find_street(zip_, street)


def why(page: ActionPage) -> str:
    assert page.finder is not None
    assert [one.seat for one in page.candidates] == ["H:IL:4", "H:IL:7"], "names stay on offer"
    return page.finder.why


def test_it_is_off_unless_it_is_switched_on(site: Site, gov: CensusGov) -> None:
    site.do(update(supporter).values(zip=SPLIT))
    assert site.enter(SPLIT).finder is None
    assert find(site).finder is None
    assert gov.asked == []


def test_two_sources_prove_the_representative_and_the_street_is_not_kept(home: Site, gov: CensusGov) -> None:
    assert home.enter(SPLIT).finder is not None
    assert gov.asked == [], "looking at the page asks nobody"
    page = find(home)
    assert (page.by_address, page.finder, page.candidates) == (True, None, ())
    assert [(one.seat, one.why) for one in page.offices] == [
        ("H:IL:4", "address"),
        ("S:IL:2", "state"),
        ("S:IL:3", "state"),
    ]
    assert page.preview is not None
    home.write(SPLIT, "H:IL:4")
    home.write(SPLIT, "S:IL:2")
    assert home.rows(select(letter.c.seat, letter.c.matched).order_by(letter.c.id)) == [
        ("H:IL:4", "address"),
        ("S:IL:2", "address"),
    ]
    [row] = home.rows(select(located))
    assert (row.seat, row.congress, row.source, row.vintage, row.method) == (
        *("H:IL:4", 119, "census+tigerweb"),
        *("ACS2025_Current", "address"),
    )
    assert (row.matched_at, row.until) == (home.at, ROSTER.until)
    with home.database.read() as conn:
        for table in (located, supporter, outage):
            for one in conn.execute(select(table)):
                assert "Sample" not in str(one)
    assert home.rows(select(supporter.c.street).where(supporter.c.street.is_not(None))) == []


def test_it_is_asked_once_and_known_when_the_person_comes_back(home: Site, gov: CensusGov) -> None:
    find(home)
    asked = len(gov.asked)
    assert home.enter(SPLIT).by_address
    home.act(street_lookup.forget, zip=SPLIT)
    assert not home.enter(SPLIT).by_address
    assert find(home, "100 sample STREET.").by_address
    assert len(gov.asked) == asked
    assert not home.enter(SPLIT, number=2).by_address, "another person of that ZIP"


def test_what_was_found_ends_with_the_lines_of_that_congress(home: Site) -> None:
    find(home)
    home.at = SWITCHED
    assert not home.enter(SPLIT).by_address, "these are other lines, whether they look the same or not"
    with home.database.begin() as conn:
        assert cache.drop_old(conn, SWITCHED) == 1


@pytest.mark.parametrize(
    ("spots", "second", "reason"),
    [
        ([FOUR], SEVEN, "disagree"),
        ([ELSEWHERE], ELSEWHERE, "elsewhere"),
        ([], None, "no-match"),
        ([FOUR, SEVEN], None, "several"),
        ([Spot("17", "ZZ", SPLIT)], None, "no-district"),
    ],
)
def test_what_is_not_proved_leaves_the_names(
    home: Site, gov: CensusGov, spots: list[Spot], second: Spot | None, reason: str
) -> None:
    gov.streets[STREET] = spots
    if second:
        gov.at_point[POINT] = second
    assert why(find(home)) == reason
    asked = len(gov.asked)
    assert why(find(home)) == reason
    assert len(gov.asked) == asked, "it is remembered"
    home.at += DAY
    find(home)
    assert len(gov.asked) > asked, "but for a day only"
    form = home.form(SPLIT, "H:IL:7")
    home.confirm(form)
    assert home.rows(select(letter.c.seat, letter.c.matched)) == [("H:IL:7", "chosen")]


def test_one_source_alone_proves_nothing(home: Site, gov: CensusGov) -> None:
    gov.map_body = b'{"error": {"code": 400}}'
    page = find(home)
    assert why(page) == "alone"
    assert page.finder is not None
    assert page.finder.named == "H:IL:4"
    home.settings = replace(home.settings, matching=gov.matching(second=""))
    gov.streets["7 Other Street"] = [FOUR]
    assert why(find(home, "7 Other Street")) == "alone"


def test_another_congress_is_refused(home: Site, gov: CensusGov) -> None:
    gov.vintages["ACS2025_Current"] = 120
    assert why(find(home)) == "other-congress"


@pytest.mark.parametrize(("street", "reason"), [("PO Box 7", "post-box"), ("", "short"), (" 1\t\n ", "short")])
def test_what_is_no_street_is_asked_of_nobody(home: Site, gov: CensusGov, street: str, reason: str) -> None:
    assert why(find(home, street)) == reason
    assert gov.asked == []
    assert home.rows(select(located)) == []


@pytest.mark.deep
def test_a_service_that_is_down_for_days_costs_nobody_a_wait(home: Site, gov: CensusGov) -> None:
    gov.status = 503
    assert why(find(home)) == "down"
    assert why(find(home)) == "down"
    assert len(gov.asked) == 1, "it is left alone for a while"
    [row] = home.rows(select(outage))
    assert (row.source, row.failures, row.why) == ("census", 1, "it answered with status 503")
    waits = []
    for _ in range(200):  # two days of somebody who tries every quarter of an hour
        home.at += 15 * MINUTE
        assert why(find(home)) == "down"
        [row] = home.rows(select(outage))
        waits.append(row.next_at - home.at)
    assert max(waits) == cache.LONGEST_WAIT_MS
    gov.status = 200
    home.at += 15 * MINUTE
    assert find(home).by_address
    assert home.rows(select(outage)) == []


def test_who_wrote_to_another_seat_stays_with_it(home: Site) -> None:
    home.write(SPLIT, "H:IL:7")
    page = find(home)
    assert not page.by_address
    with home.database.begin() as conn:
        who = home.people[0]
        key = KEYS.place_hash(STREET, SPLIT)
        conn.execute(update(supporter).where(supporter.c.id == who).values(place=key))
    street_lookup.look_up(home.database, KEYS, home.settings.matching, Address(STREET, SPLIT))
    assert next(one.seat for one in home.enter(SPLIT).offices) == "H:IL:7"


def test_a_zip_that_is_not_known_is_found_by_the_street(home: Site, gov: CensusGov) -> None:
    home.do(update(supporter).values(zip="00001"))
    gov.streets[STREET] = [replace(FOUR, zip="00001")]
    page = home.enter("00001")
    assert (page.finder is not None, page.warnings) == (True, ("unknown-zip",))
    page = find(home, zip_="00001")
    assert [one.seat for one in page.offices] == ["H:IL:4", "S:IL:2", "S:IL:3"]
    home.write("00001", "H:IL:4")
    assert home.rows(select(letter.c.seat, letter.c.matched)) == [("H:IL:4", "address")]
    gov.streets["9 Other Road"] = [replace(SEVEN, zip="00001")]
    gov.at_point[POINT] = replace(SEVEN, zip="00001")
    home.act(street_lookup.forget, zip="00001")
    find(home, "9 Other Road", "00001")
    assert [one.seat for one in home.enter("00001").offices] == [], "one person has one House seat"


def test_another_zip_than_the_one_on_file_is_not_looked_up(home: Site, gov: CensusGov) -> None:
    home.do(update(supporter).values(zip=CAPITAL))
    assert home.enter(SPLIT).finder is None
    assert find(home).finder is None
    assert gov.asked == []
    assert home.rows(select(supporter.c.place).where(supporter.c.place.is_not(None))) == []


@pytest.mark.parametrize("meanwhile", ["a new ZIP code", "a letter", "the end of the campaign"])
def test_what_was_found_is_dropped_where_the_page_no_longer_offers_the_lookup(home: Site, meanwhile: str) -> None:
    """Nothing is locked while the Census answers."""
    with home.visiting() as (conn, visit):
        address = street_lookup.find(conn, visit, {"zip": SPLIT, "street": STREET})
    assert isinstance(address, Address)
    answer = street_lookup.look_up(home.database, KEYS, home.settings.matching, address)
    if meanwhile == "a new ZIP code":
        home.do(update(supporter).where(supporter.c.id == home.people[0]).values(zip=CAPITAL))
    elif meanwhile == "a letter":
        home.write(SPLIT, "H:IL:7")
    else:
        home.do(update(campaign).values(closes_at=home.at))
    with home.visiting() as (conn, visit):
        page = street_lookup.save(conn, visit, address, answer)
    assert (page.finder, page.by_address) == (None, False)
    assert home.rows(select(supporter.c.place).where(supporter.c.place.is_not(None))) == []


def test_after_the_switch_missouri_keeps_its_lines_and_redrawn_states_have_new_ones(site: Site, gov: CensusGov) -> None:
    gov.streets = {"1 Gateway Street": [Spot("29", "01", "63101")], "1 Lone Star Street": [Spot("48", "37", "78701")]}
    matching = gov.matching()
    missouri, _ = street_lookup.ask(matching, Address("1 Gateway Street", "63101"), 120)
    texas, _ = street_lookup.ask(matching, Address("1 Lone Star Street", "78701"), 120)
    assert isinstance(missouri, FoundAddress)
    assert isinstance(texas, FoundAddress)
    assert (missouri.seat, missouri.congress, missouri.vintage) == ("H:MO:1", 119, "ACS2025_Current")
    assert (texas.seat, texas.congress, texas.vintage) == ("H:TX:37", 120, "ACS2026_Current")
    site.at = SWITCHED
    found = street_lookup.look_up(site.database, KEYS, matching, Address("1 Gateway Street", "63101"))
    assert (found.seat, found.vintage) == ("H:MO:1", "ACS2025_Current")


def test_who_is_erased_takes_what_was_found_along(home: Site) -> None:
    find(home)
    home.forget(SPLIT)
    assert home.rows(select(located)) == []
    assert home.rows(select(supporter.c.place).where(supporter.c.place.is_not(None))) == []
