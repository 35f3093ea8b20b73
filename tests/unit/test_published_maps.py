"""District lines of a Congress from Census files, and the states that keep or change theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.congress import districts, snapshot
from campaign.congress.sync import build, published_maps
from campaign.errors import CampaignError, Problems
from tests import congress

START = snapshot.packaged()
HEADER = (
    "OID_CD120_20|GEOID_CD120_20|NAMELSAD_CD120_20|AREALAND_CD120_20|OID_ZCTA5_20|GEOID_ZCTA5_20|"
    "NAMELSAD_ZCTA5_20|AREALAND_PART|AREAWATER_PART"
)
FIPS = {"DC": "11", "MO": "29", "NC": "37", "PR": "72", "WY": "56"}


def relation(*rows: tuple[str, str]) -> str:
    return "\n".join((HEADER, *(f"1|{seat}|District|1|2|{zip_}|ZCTA5|1|0" for seat, zip_ in rows))) + "\n"


def read(folder: Path) -> dict[int, dict[str, set[str]]]:
    return {congress_: zips for congress_, _, zips in published_maps.find_maps(folder)}


def test_a_relationship_file_names_its_congress_and_its_seats(tmp_path: Path) -> None:
    rows = (("3712", "28205"), ("3714", "28205"), ("5600", "82001"), ("1198", "20002"), ("37ZZ", "28205"), ("3712", ""))
    (tmp_path / "tab20_cd12020_zcta520_natl.txt").write_text(relation(*rows), encoding="utf-8-sig")
    assert read(tmp_path) == {120: {"28205": {"H:NC:12", "H:NC:14"}, "82001": {"H:WY:0"}, "20002": {"H:DC:0"}}}


def test_blocks_with_their_zips_are_the_finer_map_and_win(tmp_path: Path) -> None:
    (tmp_path / "tab20_cd12020_zcta520_natl.txt").write_text(
        relation(("3712", "28205"), ("3714", "28205")), encoding="utf-8"
    )
    blocks = "GEOID,CDFP\n371190001001000,12\n371190001001001,12\n371190001001002,14\n371190001001003,ZZ\n"
    (tmp_path / "NationalCD120.txt").write_text(blocks, encoding="utf-8")
    assert read(tmp_path)[120]["28205"] == {"H:NC:12", "H:NC:14"}, "without the ZIPs of blocks they say nothing"
    rows = [("28205", "371190001001000"), ("28205", "371190001001001"), ("28209", "371190001001002")]
    rows += [("28205", "371190001001003"), ("", "371190001001002")]
    lines = [f"1|{zip_}|ZCTA5|2|{block}|Block" for zip_, block in rows]
    header = "OID_ZCTA5_20|GEOID_ZCTA5_20|NAMELSAD_ZCTA5_20|OID_TABBLOCK_20|GEOID_TABBLOCK_20|NAMELSAD_TABBLOCK_20"
    (tmp_path / published_maps.BLOCK_ZIPS).write_text("\n".join((header, *lines)), encoding="utf-8")
    assert read(tmp_path)[120] == {"28205": {"H:NC:12"}, "28209": {"H:NC:14"}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("GEOID|X\n", "does not name GEOID_CD"),
        (HEADER + "\n1|3712\n", "columns"),
        (relation(("3712", "2820x")), "is not a ZIP"),
    ],
)
def test_a_torn_map_is_named(text: str, told: str, tmp_path: Path) -> None:
    folder = congress.write(tmp_path / "a", congress.listed())
    (folder / "tab20_cd12020_zcta520_natl.txt").write_text(text, encoding="utf-8")
    with pytest.raises(CampaignError, match=told):
        build.make(folder, START, as_of="2026-12-01")


def test_a_map_without_a_district_that_the_house_has_is_refused(tmp_path: Path) -> None:
    folder = congress.write(tmp_path / "a", congress.listed())
    (folder / "tab20_cd12020_zcta520_natl.txt").write_text(relation(("3712", "28205")), encoding="utf-8")
    with pytest.raises(Problems, match="the map of the 120th Congress does not have H:NC:1,"):
        build.make(folder, START, as_of="2026-12-01")


def test_nine_states_change_their_lines_and_missouri_keeps_them() -> None:
    then = districts.lines(START.maps, 120)
    assert {state for states in then.unmapped.values() for state in states} >= districts.REDRAWN[120]
    assert not {code[2:4] for codes in then.zips.values() for code in codes} & districts.REDRAWN[120]
    assert then.zips["60632"] == START.maps[119]["60632"]
    old = {zip_: codes for zip_, codes in START.maps[119].items() if {code[2:4] for code in codes} == {"MO"}}
    own = {**START.maps[119], **dict.fromkeys(old, ("H:MO:1",)), "28205": ("H:NC:8",), "99999": ("H:MO:2",)}
    new = districts.lines({**START.maps, 120: own}, 120)
    assert {zip_: new.zips[zip_] for zip_ in old} == old
    assert (new.zips["28205"], "99999" in new.zips, new.unmapped) == (("H:NC:8",), False, {})


def test_a_map_of_one_state_opens_that_state_and_leaves_the_others_as_they_were() -> None:
    north_carolina = {
        zip_: ("H:NC:8",) for zip_, codes in START.maps[119].items() if "NC" in districts.states_of(codes)
    }
    found = districts.lines({**START.maps, 120: north_carolina}, 120)
    assert found.known == {*districts.lines(START.maps, 120).known, "NC"}
    assert found.zips["28205"] == ("H:NC:8",)
    assert found.zips["60632"] == START.maps[119]["60632"], "Illinois keeps its lines"
    assert found.unmapped["77011"] == ("TX",)
    assert found.unmapped["30741"] == ("GA", "TN"), "Tennessee's part is not known, so Georgia's proves nothing"
    assert districts.lost_states(districts.lines(START.maps, 119), found) == {}


def test_maps_that_come_state_by_state_add_up(tmp_path: Path) -> None:
    def one(name: str) -> str:
        fips = {"NC": "37", "UT": "49"}[name]
        rows = [(code, zip_) for zip_, codes in START.maps[119].items() for code in codes if code[2:4] == name]
        return relation(*((f"{fips}{int(code[5:]):02}", zip_) for code, zip_ in rows))

    people, book_ = congress.elected(congress.listed()), START
    for state in ("NC", "UT"):
        folder = congress.write(tmp_path / state, people)
        (folder / "tab20_cd12020_zcta520_natl.txt").write_text(one(state), encoding="utf-8")
        book_ = build.make(folder, book_, as_of="2027-01-05")
    assert districts.REDRAWN[120] - districts.lines(book_.maps, 120).known == districts.REDRAWN[120] - {"NC", "UT"}


def without(zips: districts.Zips, *lost: str) -> str:
    """The map as zccd.csv, without these rows ("57638 SD")."""
    rows = ["state_fips,state_abbr,zcta,cd"]
    for zip_, codes in zips.items():
        rows += [f"0,{code[2:4]},{zip_},{code[5:]}" for code in codes if f"{zip_} {code[2:4]}" not in lost]
    return "\n".join(rows)


LOST = ("57638 SD", "81120 CO", "28205 NC")  # the last one is gone as a whole


@pytest.fixture
def shorter(tmp_path: Path) -> Path:
    """A folder whose map of today takes three ZIP codes out of a state."""
    folder = congress.write(tmp_path / "shorter", congress.listed())
    (folder / "zccd.csv").write_text(without(START.maps[119], *LOST), encoding="utf-8")
    (folder / "README.md").write_text("| `zccd.csv` | ZIPs by district, 119th Congress |\n", encoding="utf-8")
    return folder


def test_a_map_that_takes_zips_out_of_a_state_is_refused_until_a_person_says_why(shorter: Path) -> None:
    with pytest.raises(Problems) as error:
        build.make(shorter, START, as_of="2026-12-01")
    told = "119th Congress takes 3 ZIP codes out of their state: 28205 (NC), 57638 (SD), 81120 (CO)"
    assert told in str(error.value)
    assert "--accept-lost-states" in str(error.value)
    accept = build.Accept("the areas were redrawn", "Ana Ruiz")
    made = build.make(shorter, START, as_of="2026-12-01", accept=accept)
    assert made.maps[119]["57638"] == ("H:ND:0",)
    (kept,) = snapshot.unpack(snapshot.pack(made)).accepted
    assert (kept.congress, kept.reason, kept.by, kept.on) == (119, "the areas were redrawn", "Ana Ruiz", "2026-12-01")
    assert kept.zips == ("28205 NC", "57638 SD", "81120 CO")


def test_a_first_map_of_the_next_congress_is_compared_with_the_lines_before(tmp_path: Path) -> None:
    folder = congress.write(tmp_path / "a", congress.listed())
    (folder / "zccd.csv").write_text(without(START.maps[119], "57638 SD"), encoding="utf-8")
    (folder / "README.md").write_text("| `zccd.csv` | ZIPs by district, 120th Congress |\n", encoding="utf-8")
    with pytest.raises(Problems, match=r"120th Congress takes 1 ZIP codes out of their state: 57638 \(SD\)"):
        build.make(folder, START, as_of="2026-12-01")


@pytest.mark.parametrize("other", [117, 118, 121, 122, 123])
def test_of_other_congresses_only_seats_of_a_whole_state_are_known(other: int) -> None:
    found = districts.lines(START.maps, other)
    whole = {code for codes in found.zips.values() for code in codes}
    assert all(code.endswith(":0") for code in whole)
    assert ("H:WY:0" in whole) == (other in (118, 121, 122)), "seats are apportioned anew after each census"
    assert found.zips.keys() | found.unmapped.keys() == START.maps[119].keys()
