"""Who represents a place at a moment: with the data of today, and with that of the Congress to come."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from campaign.congress import roster, snapshot, zip_match
from campaign.congress.snapshot import Snapshot
from campaign.congress.sync import build
from campaign.model import Match, Seat
from tests import congress

START = snapshot.packaged()
TODAY, LAST, FIRST = "2026-11-28T12:00-05:00", "2027-01-02T23:59-05:00", "2027-01-03T12:01-05:00"


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def who(zip_: str, when: str, known: Snapshot = START) -> Match:
    return zip_match.by_zip(roster.view(known, ms(when)), zip_, ms(when))


def seat(code: str, when: str, known: Snapshot = START) -> Seat:
    return roster.view(known, ms(when)).seats[code]


def name(one: Seat | None) -> str:
    if one is None:
        return ""
    return one.holder.last_name if one.holder else "vacant" if one.vacant else "not known"


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """What is synced on 2027-01-05: everybody was elected again, but in NC-12; one of WV's senators is not sworn in."""
    people = congress.elected(congress.listed())
    adams = congress.at(people, "H:NC:12")
    adams["terms"].pop()
    new = congress.person("N000999", "Newcomer", congress.term("H:NC:12", *congress.NEXT))
    late = congress.at(people, "S:WV:2")
    late["terms"].pop()
    del people[adams["id"]["bioguide"]], people[late["id"]["bioguide"]]
    folder = congress.write(tmp_path_factory.mktemp("after"), people | {"N000999": new})
    return build.make(folder, START, as_of="2027-01-05")


def test_today_and_the_last_evening_of_this_congress() -> None:
    for when in (TODAY, LAST):
        found = who("28205", when)
        assert [name(found.representative), *map(name, found.senators)] == ["Adams", "Tillis", "Budd"]
        assert found.until == ms("2027-01-03T12:00-05:00")


def test_from_noon_old_data_names_only_those_whose_terms_run_on() -> None:
    found = who("28205", FIRST)  # North Carolina has new lines that minute
    assert (found.states, found.representative, found.candidates) == (("NC",), None, ())
    assert [*map(name, found.senators)] == ["not known", "Budd"]
    kept = who("82001", FIRST)  # at large: the place is certain, its holder is not
    assert [name(kept.representative), *map(name, kept.senators)] == ["not known", "Barrasso", "not known"]
    assert "119th Congress" in (kept.representative.warning if kept.representative else "")
    one_minute = who("82001", "2027-01-03T11:59-05:00")
    assert name(one_minute.representative) == "Hageman"


def test_new_data_names_the_new_house_and_keeps_the_old_one_for_the_morning(after: Snapshot) -> None:
    assert name(seat("H:NC:12", "2027-01-03T11:59-05:00", after)) == "Adams"
    assert name(seat("H:NC:12", FIRST, after)) == "Newcomer"
    assert name(who("82001", FIRST, after).representative) == "Hageman"
    assert after.congress == 120
    assert who("28205", FIRST, after).representative is None, "North Carolina's new lines were not given"


def test_a_senator_who_is_sworn_in_late_leaves_the_seat_vacant_until_then(after: Snapshot, tmp_path: Path) -> None:
    assert name(seat("S:WV:2", FIRST, after)) == "not known", "on that day the list was not seen"
    assert name(seat("S:WV:2", "2027-01-06T12:00-05:00", after)) == "vacant"
    people = congress.listed(after)
    people["L000999"] = congress.person("L000999", "Late", congress.term("S:WV:2", "2027-01-14", "2033-01-03"))
    later = build.make(congress.write(tmp_path / "later", people), after, as_of="2027-01-15")
    assert name(seat("S:WV:2", "2027-01-14T13:00-05:00", later)) == "Late"
    assert name(seat("S:WV:2", "2027-01-13T13:00-05:00", later)) != "Late"
    assert name(seat("S:WV:2", "2027-01-02T13:00-05:00", later)) == "Capito"


def test_a_vacancy_is_stated_and_is_not_known_of_the_next_congress() -> None:
    assert [name(seat("H:GA:13", when)) for when in (TODAY, LAST, FIRST)] == ["vacant", "vacant", "not known"]
    assert name(seat("H:GA:13", "2026-01-15T12:00-05:00")) == "not known", "the data begins in June"


def test_a_special_election_fills_a_seat_and_the_days_without_anybody_stay_vacant(tmp_path: Path) -> None:
    people = congress.listed()
    won = congress.term("H:GA:13", "2026-12-08", "2027-01-03")
    people["W000999"] = congress.person("W000999", "Winner", won)
    former = congress.person("F000999", "Former", congress.term("H:GA:13", "2025-01-03", "2026-04-22"))
    made = build.make(congress.write(tmp_path / "a", people, [former]), START, as_of="2026-12-10")
    days = ("2026-04-21", "2026-04-23", "2026-12-07", "2026-12-09", "2027-01-03")
    found = [name(seat("H:GA:13", f"{day}T13:00-05:00", made)) for day in days]
    assert found == ["Former", "vacant", "vacant", "Winner", "not known"]
    holder = seat("H:GA:13", "2026-12-09T13:00-05:00", made).holder
    assert holder
    assert holder.how == "special-election"


@pytest.mark.parametrize(("code", "who_"), [("S:OH:3", "Husted"), ("S:FL:3", "Moody")])
def test_a_passed_end_is_a_warning_until_the_winner_is_sworn_in(code: str, who_: str, tmp_path: Path) -> None:
    before, now = seat(code, "2026-11-03T11:59-05:00"), seat(code, TODAY)
    assert [name(before), before.warning, name(now)] == [who_, "", who_]
    assert now.warning == "its term ended on 2026-11-03: check who holds it"
    people = congress.listed()
    old = congress.at(people, code)
    del people[old["id"]["bioguide"]]
    people["W000999"] = congress.person("W000999", "Winner", congress.term(code, "2026-12-01", "2029-01-03"))
    made = build.make(congress.write(tmp_path / "a", people), START, as_of="2026-12-02")
    assert [name(seat(code, f"2026-{day}T12:30-05:00", made)) for day in ("11-30", "12-01", "12-31")] == [
        who_,
        "Winner",
        "Winner",
    ]
    assert not seat(code, "2027-01-05T12:00-05:00", made).warning


@pytest.mark.parametrize(
    ("zip_", "code", "on_the_day"),
    [
        ("82001", "H:WY:0", "not known"),
        ("20002", "H:DC:0", "not known"),
        ("96799", "H:AS:0", "not known"),
        ("00926", "H:PR:0", "Hernández Rivera"),  # a term of four years
    ],
)
def test_one_seat_places_keep_their_map_for_ever(zip_: str, code: str, on_the_day: str) -> None:
    today, then = who(zip_, TODAY).representative, who(zip_, FIRST).representative
    assert (today.code if today else "", then.code if then else "") == (code, code)
    assert today
    assert today.holder
    assert name(then) == on_the_day


def test_a_zip_across_a_state_line_says_nothing_of_the_house_where_one_state_is_redrawn() -> None:
    redrawn = [zip_ for zip_, codes in START.maps[119].items() if {code[2:4] for code in codes} >= {"NC", "VA"}]
    assert redrawn
    for zip_ in redrawn:
        assert len(who(zip_, TODAY).candidates) > 1
        then = who(zip_, FIRST)
        assert (then.states, then.candidates, then.senators) == (("NC", "VA"), (), ())


def test_the_same_moment_is_the_same_object_and_a_turn_makes_another() -> None:
    one, same = (roster.view(START, ms(TODAY) + more) for more in (0, 60_000))
    assert one is same
    assert roster.view(START, ms(FIRST)) is not one
