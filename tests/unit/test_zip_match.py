"""Who represents a ZIP code: only what it proves, whatever the ZIP code and the day."""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.config import ROOT
from campaign.congress import committees, districts, roster, snapshot, terms, zip_match, zip_states
from campaign.model import Match, Seat
from campaign.outreach.routing import office_form

KNOWN = roster.load()


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


NOW = ms("2026-11-24T12:00")


def codes(*seats: Seat | None) -> list[str]:
    return [seat.code for seat in seats if seat]


def of(zip_: str, now: int = NOW) -> Match:
    return zip_match.by_zip(roster.view(snapshot.packaged(), now), zip_, now)


@given(st.sampled_from(sorted(KNOWN.zips)), st.integers(ms("2020-01-01T00:00"), ms("2035-01-01T00:00")))
def test_a_match_proves_only_what_the_zip_alone_shows(zip_: str, now: int) -> None:
    found = of(zip_, now)
    named = codes(found.representative, *found.senators, *found.candidates)
    assert len(set(named)) == len(named)
    for code in KNOWN.seats:
        assert not (found.proves(code) and found.offers(code))
        assert (found.proves(code) or found.offers(code)) == (code in named)
    if found.representative:
        assert KNOWN.zips[zip_] == (found.representative.code,)
        assert found.representative.holder is None or now < KNOWN.until or found.representative.state == "PR"
    assert set(codes(found.representative, *found.candidates)) <= set(KNOWN.zips[zip_])
    assert {seat.state for seat in found.senators} <= set(found.states)
    if found.senators:
        assert len(found.states) == 1
    for seat in (found.representative, *found.candidates, *found.senators):
        if seat and seat.holder:
            assert seat.holder.since <= terms.day_of(now) <= seat.holder.ends or seat.warning


@pytest.mark.parametrize(
    ("zip_", "representative", "candidates", "senators"),
    [
        ("28205", ["H:NC:12"], [], ["S:NC:2", "S:NC:3"]),
        ("28205-1234", ["H:NC:12"], [], ["S:NC:2", "S:NC:3"]),
        ("77011", ["H:TX:29"], [], ["S:TX:1", "S:TX:2"]),
        ("82001", ["H:WY:0"], [], ["S:WY:1", "S:WY:2"]),  # at large
        ("60632", [], ["H:IL:4", "H:IL:7"], ["S:IL:2", "S:IL:3"]),
        ("30093", [], ["H:GA:4", "H:GA:13"], ["S:GA:2", "S:GA:3"]),
        ("20002", ["H:DC:0"], [], []),
        ("00926", ["H:PR:0"], [], []),
        ("96799", ["H:AS:0"], [], []),
        ("96910", ["H:GU:0"], [], []),
        ("96950", ["H:MP:0"], [], []),
        ("00802", ["H:VI:0"], [], []),
        ("20013", ["H:DC:0"], [], []),  # post boxes from here on
        ("82003", ["H:WY:0"], [], ["S:WY:1", "S:WY:2"]),
        ("05601", ["H:VT:0"], [], ["S:VT:1", "S:VT:3"]),
        ("19899", ["H:DE:0"], [], ["S:DE:1", "S:DE:2"]),
        ("57101", ["H:SD:0"], [], ["S:SD:2", "S:SD:3"]),
        ("99811", ["H:AK:0"], [], ["S:AK:2", "S:AK:3"]),
        ("58502", ["H:ND:0"], [], ["S:ND:1", "S:ND:3"]),
        ("28302", [], [f"H:NC:{number}" for number in range(1, 15)], ["S:NC:2", "S:NC:3"]),
        ("80306", [], [f"H:CO:{number}" for number in range(1, 9)], ["S:CO:2", "S:CO:3"]),
        ("09012", [], [], []),  # military mail
        ("96960", [], [], []),  # the Marshall Islands
        ("00000", [], [], []),
        ("2820", [], [], []),
        ("", [], [], []),
    ],
)
def test_a_real_zip(zip_: str, representative: list[str], candidates: list[str], senators: list[str]) -> None:
    found = of(zip_)
    assert codes(found.representative) == representative
    assert codes(*found.candidates) == candidates
    assert codes(*found.senators) == senators
    assert bool(found.states) == bool(representative or candidates)


# Areas that cross a state line, which the map of version 1335b61 put into one state only.
BORDER = {
    "81120": ("CO", "NM"),
    "81137": ("CO", "NM"),
    "81324": ("CO", "UT"),
    "57638": ("ND", "SD"),
    "57430": ("ND", "SD"),
    "57255": ("ND", "SD"),
    "57717": ("MT", "SD", "WY"),
    "86514": ("AZ", "NM", "UT"),
    "71749": ("AR", "LA"),
    "03579": ("ME", "NH"),
    "59847": ("ID", "MT"),
    "82701": ("SD", "WY"),
}


@pytest.mark.parametrize(("zip_", "states"), BORDER.items())
def test_a_zip_on_a_state_line_is_in_both_states_and_certain_in_none(zip_: str, states: tuple[str, ...]) -> None:
    found = of(zip_)
    assert found.states == states
    assert (found.representative, found.senators) == (None, ())
    assert {seat.state for seat in found.candidates} == set(states)


def test_every_active_zip_is_answered_by_its_state_and_nothing_is_certain_against_the_map() -> None:
    """The state that the post office gives a ZIP, and the rows of the map, for all 41,749 active ZIPs,
    and for the 158 that the military used before."""
    postal, mapped = zip_states.load(), KNOWN.snapshot.maps[119]
    assert len(postal) == 41_907
    none = zip_states.MILITARY | zip_states.FREELY_ASSOCIATED
    assert sum(state in none for state in postal.values()) == 831
    for zip_, state in postal.items():
        found, rows = of(zip_), mapped.get(zip_, ())
        if state in none:
            assert not found.states
            continue
        assert found.states == (districts.states_of(rows) or (state,))
        assert state in found.states
        if found.representative:
            assert rows in ((), (found.representative.code,))
            assert rows or found.representative.code == f"H:{state}:0"
        else:
            offered = {seat.code for seat in found.candidates}
            assert offered == (set(rows) or {seat.code for seat in KNOWN.house[state]})
            assert len(offered) > 1
        assert found.statewide == (not rows and found.representative is None)
        has_senators = len(found.states) == 1 and state not in ("AS", "DC", "GU", "MP", "PR", "VI")
        assert len(found.senators) == (2 if has_senators else 0)
        assert {seat.state for seat in found.senators} <= {state}


@given(st.dictionaries(st.from_regex(r"[0-9]{5}", fullmatch=True), st.sampled_from(("NC", "DC", "AE")), max_size=60))
def test_the_file_of_states_gives_back_what_was_written(states: dict[str, str]) -> None:
    assert zip_states.parse(zip_states.write(states)) == states


def test_the_package_is_not_read_to_answer_a_zip() -> None:
    """It would take 56 MB and a third of a second in every process."""
    code = "import sys; from campaign.congress import roster, zip_match; k = roster.load(); "
    code += "assert zip_match.by_zip(k, '20013', k.until - 1).representative; assert 'zipcodes' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_zip_in_two_states_names_candidates_and_no_senators() -> None:
    across = [zip_ for zip_, seats in KNOWN.zips.items() if len({code[2:4] for code in seats}) > 1]
    assert across
    for zip_ in across:
        found = of(zip_)
        assert len(found.states) > 1
        assert len(found.candidates) > 1
        assert not found.senators


def test_a_vacant_seat_is_matched_and_has_no_holder() -> None:
    vacant = {code for code, seat in KNOWN.seats.items() if seat.holder is None}
    assert vacant == {"H:CA:14", "H:FL:20", "H:GA:13", "H:TX:23"}
    assert [seat.code for seat in of("30093").candidates if seat.holder is None] == ["H:GA:13"]
    assert not of("30093").candidates[1].warning


def test_a_passed_term_is_a_warning_and_no_vacancy() -> None:
    before, after = (of("43215", ms(f"2026-11-03T{hour}")).senators[1] for hour in ("16:59", "17:00"))
    assert (before.code, before.warning) == ("S:OH:3", "")
    assert after.warning == "its term ended on 2026-11-03: check who holds it"
    assert after.holder is not None
    assert after.holder.last_name == "Husted"
    assert not of("43215").senators[0].warning


def test_the_house_ends_with_its_congress_and_senators_stay() -> None:
    assert KNOWN.congress == 119
    assert KNOWN.until == ms("2027-01-03T17:00")  # noon in Washington
    last, next_ = of("28205", KNOWN.until - 1), of("28205", KNOWN.until)
    assert last.representative
    assert not last.representative.warning
    assert codes(next_.representative, *next_.candidates) == []
    assert codes(*next_.senators) == ["S:NC:2", "S:NC:3"]
    assert [seat.known for seat in next_.senators] == [False, True]  # the term of class 2 ends that day too
    kept = of("60632", KNOWN.until).candidates  # Illinois keeps its lines
    assert [(seat.code, seat.holder, seat.known) for seat in kept] == [
        ("H:IL:4", None, False),
        ("H:IL:7", None, False),
    ]


def test_certain_zips_are_those_that_prove_a_house_seat() -> None:
    certain = dict(zip_match.unambiguous_zips(KNOWN, NOW))
    assert certain["28205"].code == "H:NC:12"
    assert "60632" not in certain
    assert len(certain) == len(KNOWN.zips) - 7327
    assert all(of(zip_).representative == certain[zip_] for zip_ in sorted(certain)[::500])
    assert list(zip_match.unambiguous_zips(KNOWN, KNOWN.until)) == []


def test_the_snapshot_is_whole_small_and_tells_its_sources() -> None:
    house = Counter(seat.house for seat in KNOWN.seats.values())
    assert house == {True: 441, False: 100}
    assert {code for seats in KNOWN.zips.values() for code in seats} == {c for c in KNOWN.seats if c.startswith("H:")}
    assert (
        sum(
            len(text)
            for name, text in snapshot.files(snapshot.packaged()).items()
            if name not in (snapshot.PLACES, snapshot.COMMITTEES)
        )
        < 700_000
    )
    assert all(source.version and source.date and source.licence for source in KNOWN.snapshot.sources)
    for seat in KNOWN.seats.values():
        for address in (seat.holder.form, seat.holder.url) if seat.holder else ():
            host = urlsplit(address).hostname or ""
            assert not address or host.endswith((".house.gov", ".senate.gov")), (seat.code, address)
    # CA-1 was new: no website yet
    assert [code for code, seat in KNOWN.seats.items() if seat.holder and not seat.holder.url] == ["H:CA:1"]


def test_no_home_page_is_kept_as_a_form() -> None:
    """The published lists know the form of 145 of 436 House offices and of 99 of 100 in the Senate."""
    known = Counter[tuple[bool, str]]()
    for seat in KNOWN.seats.values():
        if seat.holder is None or not seat.holder.url:
            continue
        way = office_form.option(seat)
        assert way.works
        known[seat.house, way.route] += 1
        page = urlsplit(seat.holder.form)
        assert way.website == (not seat.holder.form)
        assert way.website or page.path.strip("/") or page.query, (seat.code, seat.holder.form)
        assert seat.holder.form != seat.holder.url
    assert known == {(True, "form"): 145, (True, "website"): 291, (False, "form"): 99, (False, "website"): 1}


def test_a_senators_form_on_file_is_kept_where_the_list_gives_a_home_page() -> None:
    for code, page in (("S:MD:1", "alsobrooks"), ("S:PA:1", "mccormick")):
        holder = KNOWN.seats[code].holder
        assert holder
        assert holder.form == f"https://www.{page}.senate.gov/share-your-opinion/"


def test_a_snapshot_that_was_stored_with_home_pages_as_forms_is_corrected_as_it_is_read() -> None:
    """Installations have such snapshots in their databases."""
    holders = {
        code: tuple(replace(one, form=one.form or one.url) for one in members)
        for code, members in snapshot.packaged().holders.items()
    }
    files = snapshot.files(snapshot.packaged())
    rows = ({"code": code, "holders": [asdict(one) for one in members]} for code, members in holders.items())
    old = files | {snapshot.MEMBERS: "".join(json.dumps(row) + "\n" for row in rows)}
    assert old[snapshot.MEMBERS].count('"form": "https://adams.house.gov"') == 1
    assert snapshot.parse(old).holders == snapshot.packaged().holders


def test_the_demos_contacts_are_invented_and_always_the_same() -> None:
    spec = importlib.util.spec_from_file_location("make_offices", ROOT / "examples" / "make_offices.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    with (ROOT / "examples" / "offices.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == made.HEADER
    assert [tuple(row) for row in rows] == made.rows()
    seats = {row[0]: row[1] for row in rows}
    assert all(email.endswith("@example.org") for email in seats.values())
    assert not seats.keys() & {"H:PA:15", "S:PA:1", "S:PA:3"}, "the first person of the demo has no office by email"
    assert {seat for seat, email in seats.items() if email.startswith("bounce+")} == {"H:IL:4", "H:TX:29"}
    assert 0.35 < len(seats) / len(KNOWN.seats) < 0.45


def test_a_form_elsewhere_is_not_taken_for_a_members_own() -> None:
    """Some forms on file for the House lead to anybody's site by now, or are open to be read on the way: then it is the
    member's own website, and no form is known."""
    bacon = KNOWN.seats["H:NE:2"].holder
    assert bacon
    assert (bacon.url, bacon.form, bacon.form_needs) == ("https://bacon.house.gov", "", ())
    adams = KNOWN.seats["H:NC:12"].holder
    assert adams
    assert (adams.url, adams.form, adams.form_needs) == ("https://adams.house.gov", "", ()), (
        "its old form would send a street in clear"
    )
    assert (adams.name, adams.last_name, adams.gender) == ("Alma S. Adams", "Adams", "F")


def test_committees_are_there_with_names_and_members_who_sit() -> None:
    known = committees.of(KNOWN)
    assert {"HSJU", "HSJU01", "SSJU", "SSJU04", "HSHM11", "SSGA22"} <= known.keys()
    assert known["HSJU01"].name.endswith("Immigration Integrity, Security, and Enforcement")
    members = {seat.holder.bioguide for seat in KNOWN.seats.values() if seat.holder}
    for one in known.values():
        assert len(set(one.members)) == len(one.members) > 0
        assert one.members[0] in members, "the chair sits"
    part = committees.seats(KNOWN, ["HSJU01"])
    assert part < committees.seats(KNOWN, ["HSJU", "SSJU"])
    assert all(code.startswith("H:") for code in part)
