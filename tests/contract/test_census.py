"""The Census geocoder and its map server as they answer, on loopback: what counts as an answer, and what does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from campaign.congress import fetch_url
from campaign.congress.geocoding import census, tigerweb
from campaign.congress.geocoding.address import Address, FoundAddress, NotFound
from campaign.congress.geocoding.census import CensusMatch
from tests import censusgov
from tests.censusgov import CensusGov, Spot

HOME = Address("100 Sample Street", "28205")
SPOT = Spot("37", "12", "28205", "371190001001000")


@pytest.fixture
def gov() -> Iterator[CensusGov]:
    with censusgov.serve(streets={HOME.street: [SPOT]}) as made:
        yield made


def why(found: object) -> str:
    assert isinstance(found, NotFound), found
    return found.why


def test_an_address_gives_a_seat_of_the_congress_that_was_asked_for(gov: CensusGov) -> None:
    found = census.locate(gov.matching(), HOME, 119)
    assert found == FoundAddress("H:NC:12", 119, "census", "ACS2025_Current", ("-80.8", "35.2"))
    [(_, query)] = gov.asked
    assert query["address"] == "100 Sample Street, 28205"
    assert (query["benchmark"], query["vintage"]) == ("Public_AR_Current", "ACS2025_Current")
    assert tigerweb.check(gov.matching(), ("-80.8", "35.2"), 119) == FoundAddress(
        "H:NC:12", 119, "tigerweb", "119th Congressional Districts", ("-80.8", "35.2")
    )


def test_the_next_congress_is_asked_of_its_own_vintage(gov: CensusGov) -> None:
    found = census.locate(gov.matching(), HOME, 120)
    assert isinstance(found, FoundAddress)
    assert (found.congress, found.vintage) == (120, "ACS2026_Current")
    assert why(census.locate(gov.matching(), HOME, 121)) == "other-congress"
    assert len(gov.asked) == 1, "without a vintage nothing is asked"


def test_a_vintage_that_answers_for_another_congress_is_refused(gov: CensusGov) -> None:
    gov.vintages["ACS2025_Current"] = 120  # what happened in autumn 2026 to Current_Current
    found = census.locate(gov.matching(), HOME, 119)
    assert found == NotFound("other-congress", "census", "vintage ACS2025_Current is for the 120th")
    gov.vintages["ACS2025_Current"] = 119
    gov.session = "120"  # the layer's name says one thing, its rows another
    assert why(census.locate(gov.matching(), HOME, 119)) == "other-congress"
    assert why(tigerweb.check(gov.matching(), ("-80.8", "35.2"), 119)) == "other-congress"


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize(
    ("state", "district", "seat"),
    [("50", "00", "H:VT:0"), ("11", "98", "H:DC:0"), ("72", "98", "H:PR:0"), ("48", "37", "H:TX:37"), ("37", "ZZ", "")],
)
def test_how_districts_are_written(gov: CensusGov, state: str, district: str, seat: str, named: bool) -> None:
    gov.streets[HOME.street] = [Spot(state, district, "28205")]
    gov.cd_field = named
    for found in (census.locate(gov.matching(), HOME, 119), tigerweb.check(gov.matching(), ("-80.8", "35.2"), 119)):
        if seat:
            assert isinstance(found, FoundAddress)
            assert found.seat == seat
        else:
            assert why(found) == "no-district"


def test_no_match_several_and_another_zip(gov: CensusGov) -> None:
    assert why(census.locate(gov.matching(), Address("9 New Road", "28205"), 119)) == "no-match"
    gov.streets[HOME.street] = [SPOT, Spot("37", "14", "28205")]
    assert why(census.locate(gov.matching(), HOME, 119)) == "several"
    gov.streets[HOME.street] = [SPOT, SPOT]  # both sides of one street
    assert isinstance(census.locate(gov.matching(), HOME, 119), FoundAddress)
    gov.streets[HOME.street] = [SPOT, Spot("37", "14", "28999")]  # a street of that name in another town
    assert isinstance(census.locate(gov.matching(), HOME, 119), FoundAddress)
    gov.streets[HOME.street] = [Spot("37", "14", "28999")]
    assert why(census.locate(gov.matching(), HOME, 119)) == "several"


@pytest.mark.parametrize("street", ["PO Box 12", "P.O. Box 12", "p o box 9", "Post Office Box 1", "Apartado 287"])
def test_a_post_box_is_told_and_asked_of_nobody(gov: CensusGov, street: str) -> None:
    assert why(census.locate(gov.matching(), Address(street, "28205"), 119)) == "post-box"
    assert gov.asked == []


@pytest.mark.parametrize("street", ["12 Boxwood Lane", "RR 2 Box 45", "4 Post Road", "1 Pobox Street"])
def test_what_is_no_post_box_is_asked(gov: CensusGov, street: str) -> None:
    assert why(census.locate(gov.matching(), Address(street, "28205"), 119)) == "no-match"


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_a_status_that_is_no_answer(gov: CensusGov, status: int) -> None:
    gov.status = status
    for found in (census.locate(gov.matching(), HOME, 119), tigerweb.check(gov.matching(), ("-80.8", "35.2"), 119)):
        assert isinstance(found, NotFound)
        assert (found.why, found.detail) == ("down", f"it answered with status {status}")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"error": {"code": 400, "message": "Invalid or missing input parameters.", "details": []}}', "down"),
        (b'{"errors": ["Benchmark must be specified"], "status": "400"}', "down"),
        (b"<html>maintenance</html>", "unreadable"),
        (b'{"result": {"addressMatches": [{"coordinates": 3}]}, "features": [3], "layers": [3]}', "unreadable"),
        (b"", "unreadable"),
        (b"[" * 100_000, "unreadable"),
        (b" " * (fetch_url.MOST + 1), "down"),
    ],
)
def test_status_200_with_something_else_in_it(gov: CensusGov, body: bytes, expected: str) -> None:
    gov.body = body
    assert why(census.locate(gov.matching(), HOME, 119)) == expected
    assert why(tigerweb.check(gov.matching(), ("-80.8", "35.2"), 119)) == expected


def test_who_is_slow_or_gone_is_down(gov: CensusGov) -> None:
    gov.slow = 3
    found = census.locate(gov.matching(timeout=1), HOME, 119)
    assert isinstance(found, NotFound)
    assert (found.why, found.detail) == ("down", "it did not answer within 1 seconds")
    gone = gov.matching(url="http://127.0.0.1:9/geocoder", second_url="http://127.0.0.1:9/MapServer")
    assert why(census.locate(gone, HOME, 119)) == "down"
    assert why(tigerweb.check(gone, ("-80.8", "35.2"), 119)) == "down"
    assert HOME.street not in found.sentence


def test_layers_of_the_map_server_are_found_by_name_whatever_their_number(gov: CensusGov) -> None:
    gov.layers = {0: 121, 3: 120, 7: 119}
    found = tigerweb.check(gov.matching(), ("-80.8", "35.2"), 119)
    assert isinstance(found, FoundAddress)
    assert gov.asked[-1][0] == "/MapServer/7/query"
    gov.layers = {0: 121, 3: 120}
    assert why(tigerweb.check(gov.matching(), ("-80.8", "35.2"), 119)) == "other-congress"
    assert why(tigerweb.check(gov.matching(), ("1", "2"), 120)) == "no-district"


def test_a_batch_gives_blocks_in_the_order_in_which_it_was_asked(gov: CensusGov) -> None:
    gov.streets["Two Ways"] = [SPOT, SPOT]
    found = census.batch(gov.matching(), [Address('1 "New", Road', "28205"), HOME, Address("Two Ways", "28205-1234")])
    assert found == [
        NotFound("no-match", "census"),
        CensusMatch("371190001001000", ("-80.8", "35.2")),
        NotFound("several", "census"),
    ]
    assert gov.asked == [
        [
            ["0", '1 "New", Road', "", "", "28205"],
            ["1", HOME.street, "", "", "28205"],
            ["2", "Two Ways", "", "", "28205"],
        ]
    ]


MATCH = '"1","b","Match","Exact","A","-80.8,35.2","1","L","37","119",'
GOOD = '"0","a","Match","Exact","A","-80.8,35.2","1","L","37","119","000100","1000"\n'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (GOOD, ["371190001001000", "unreadable"]),
        (GOOD + GOOD, ["371190001001000", "unreadable"]),
        (GOOD + '"0","a","No_Match"\n', ["unreadable", "unreadable"]),
        (GOOD + MATCH + '"000100"\n', ["371190001001000", "unreadable"]),
        (GOOD + MATCH + '"1","1000"\n', ["371190001001000", "unreadable"]),
        (GOOD + '"7","b","No_Match"\n"x"\n\n"1","b","Perhaps"\n', ["371190001001000", "unreadable"]),
    ],
)  # fmt: skip
def test_a_batch_with_rows_missing_twice_or_broken(gov: CensusGov, body: str, expected: list[str]) -> None:
    gov.batch_body = body.encode()
    found = census.batch(gov.matching(), [HOME, HOME])
    assert [one.block if isinstance(one, CensusMatch) else one.why for one in found] == expected


@pytest.mark.parametrize("body", [b"", b"<html>down for maintenance</html>", b"\xff\xfe\x00", b'{"errors": []}'])
def test_a_batch_that_cannot_be_read_is_no_answer_for_anybody(gov: CensusGov, body: bytes) -> None:
    gov.batch_body = body
    with pytest.raises(fetch_url.Down):
        census.batch(gov.matching(), [HOME, HOME])
    gov.status = 503
    with pytest.raises(fetch_url.Down, match="503"):
        census.batch(gov.matching(), [HOME])
