"""Streets of a list, in batches: only those that are needed are looked up, and only the seat is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from campaign.congress.geocoding import blocks
from campaign.errors import CampaignError
from campaign.outreach.lists import street_batches
from campaign.outreach.lists.street_batches import BatchCounts
from campaign.outreach.sending import retention
from campaign.store.schema import letter, located, outage, supporter
from campaign.supporters import people
from tests import build, censusgov
from tests.censusgov import CensusGov, Spot, block_file
from tests.store.site import HERE, KEYS, ROSTER, SPLIT, Site

FOUR, SEVEN, TWELVE, NOWHERE = "170310101001000", "170310102001000", "170310103001000", "170310199001000"
HOME = "100 Sample Street"
OTHERS = {
    f"17{district:03d}0201001000": f"{district:02d}" for district in range(1, 18)
}  # the state has all its districts


def add(site: Site, number: int, street: str, zip_: str = SPLIT) -> int:
    with site.database.begin() as conn:
        return build.add_people(conn, [number], zip=zip_, street=sealed(street, number.to_bytes(16, "big")))[0]


def sealed(street: str, email_hash: bytes) -> bytes:
    return KEYS.seal(street, b"supporter.street\0" + email_hash)


@pytest.fixture
def gov() -> Iterator[CensusGov]:
    spots = {HOME: FOUR, "7 Seventh Street": SEVEN, "12 Far Away": TWELVE, "9 No District": NOWHERE}
    with censusgov.serve(streets={street: [Spot("17", "04", SPLIT, block)] for street, block in spots.items()}) as made:
        yield made


@pytest.fixture
def town(site: Site, gov: CensusGov) -> Site:
    """Eight people with streets, six of them in a ZIP of two districts; and the block file of the 119th Congress."""
    site.settings = replace(site.settings, matching=gov.matching())
    source = site.settings.home / "NationalCD119.txt"
    source.write_text(block_file(OTHERS | {FOUR: "04", SEVEN: "07", TWELVE: "12", NOWHERE: "ZZ"}))
    blocks.build(source, site.settings.home, 119, ROSTER)
    for number, street in enumerate((HOME, "7 Seventh Street"), 1):
        its = sealed(street, KEYS.email_hash(f"person{number}@example.org"))
        site.do(update(supporter).where(supporter.c.id == site.people[number - 1]).values(zip=SPLIT, street=its))
    for number, street in enumerate(("12 Far Away", "9 No District", "PO Box 4", "1 New Road"), 13):
        add(site, number, street)
    add(site, 31, "1 Certain Street", HERE)
    add(site, 32, "1 Silent Street")
    with site.database.begin() as conn:
        build.suppress(conn, 32)
    return site


def look_up(site: Site, most: int = 10_000) -> BatchCounts:
    return street_batches.look_up(site.database, KEYS, site.settings.matching, site.settings.home, most=most)


@pytest.mark.parametrize("most", [10_000, 2])
def test_streets_are_placed_by_their_blocks(town: Site, gov: CensusGov, most: int) -> None:
    done = look_up(town, most)
    assert (done.streets, done.needless, done.asked, done.proved, done.down) == (7, 1, 5, 2, "")
    assert done.unproved == {"elsewhere": 1, "no-district": 1, "post-box": 1, "no-match": 1}
    assert len(gov.asked) == (1 if most > 5 else 3)
    sent = [row for rows in gov.asked for row in rows]
    assert not {"PO Box 4", "1 Certain Street", "1 Silent Street"} & {row[1] for row in sent}
    assert all(len(row) == 5 and row[0] in "01234" and row[4] == SPLIT for row in sent), "no name, no id of ours"
    rows = town.rows(select(located.c.seat, located.c.method, located.c.source).where(located.c.seat != ""))
    assert sorted(rows) == [
        ("H:IL:4", "batch", "census+blocks+zip"),
        ("H:IL:7", "batch", "census+blocks+zip"),
    ]


def test_the_page_knows_the_representative_and_the_letter_says_how(town: Site) -> None:
    look_up(town)
    page = town.enter(SPLIT)
    assert page.by_address
    assert page.offices[0].seat == "H:IL:4"


def test_nobody_is_asked_twice_and_two_of_one_household_share_an_answer(town: Site, gov: CensusGov) -> None:
    look_up(town)
    other = add(town, 21, HOME.upper())
    done = look_up(town)
    assert (done.streets, done.known, done.asked) == (8, 6, 0)
    assert len(gov.asked) == 1
    [place] = town.rows(select(supporter.c.place).where(supporter.c.id == other))
    assert place.place == KEYS.place_hash(HOME, SPLIT)


def test_a_street_that_was_placed_is_dropped_and_the_others_wait(town: Site) -> None:
    streets_on_file = select(supporter.c.id).where(supporter.c.street.is_not(None))
    retention.retain(town.database, matching=True, now=lambda _: town.at)
    assert len(town.rows(streets_on_file)) == 8
    look_up(town)
    retention.retain(town.database, matching=True, now=lambda _: town.at)
    assert len(town.rows(streets_on_file)) == 6
    assert town.enter(SPLIT).by_address, "the seat stays"
    retention.retain(town.database, matching=False, now=lambda _: town.at)
    assert town.rows(streets_on_file) == []


def test_a_list_that_brings_another_street_starts_anew(town: Site) -> None:
    look_up(town)
    with town.database.begin() as conn:
        row = dict(conn.execute(select(supporter).where(supporter.c.id == town.people[0])).mappings().one())
        pulled = {name: row[name] for name in people._PULLED if name in row}
        pulled |= {"email_hash": row["email_hash"], "street": None, "digest": b"other"}
        people.upsert(conn, [pulled], town.at)
    assert not town.enter(SPLIT).by_address


def test_a_census_that_is_down_ends_it_and_what_came_is_kept(town: Site, gov: CensusGov) -> None:
    gov.status = 503
    done = look_up(town)
    assert (done.down, done.asked, done.proved) == ("it answered with status 503", 0, 0)
    assert town.rows(select(outage.c.source)) == [("census",)]
    gov.status, gov.batch_body = 200, b"<html>"
    assert "could not be read" in look_up(town).down
    gov.batch_body = None
    assert look_up(town).proved == 2
    assert town.rows(select(outage.c.source)) == []


def test_where_no_district_of_the_zip_is_known_the_map_server_must_agree(town: Site, gov: CensusGov) -> None:
    town.do(update(supporter).where(supporter.c.zip == SPLIT).values(zip="00001"))
    done = look_up(town)
    assert (done.proved, done.unproved["disagree"]) == (1, 2), "it says district 4 of all of them"
    gov.map_body = b'{"error": {}}'
    town.do(located.delete())
    assert look_up(town).unproved["alone"] == 3


def test_what_is_missing_is_said_before_anybody_is_asked(town: Site, gov: CensusGov) -> None:
    blocks.path(town.settings.home, 119).unlink()
    with pytest.raises(CampaignError, match=r"campaign congress blocks NationalCD119\.txt"):
        look_up(town)
    town.settings = replace(town.settings, matching=gov.matching(geocoder=""))
    with pytest.raises(CampaignError, match=r"census\.gov, a federal server"):
        look_up(town)
    assert gov.asked == []
    assert town.rows(select(letter)) == []
