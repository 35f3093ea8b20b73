"""Phone numbers of field offices: the nearest first, and no time of day where a state has two time zones."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from campaign.congress import field_offices, roster
from campaign.congress.field_offices import FieldOffice, Nearby

HOME = st.builds(
    FieldOffice, st.just("Town"), st.just("NC"), st.from_regex("282[0-4][0-9]|27[0-9]{3}|", fullmatch=True)
)


def test_every_sitting_member_has_a_line_and_every_number_can_be_dialed() -> None:
    found = field_offices.of(roster.load())
    holders = {seat.holder.bioguide for seat in roster.load().seats.values() if seat.holder}
    assert found.keys() == holders
    numbers = [place.phone for one in found.values() for place in one.home]
    assert len(numbers) > 1200
    assert all(re.fullmatch(r"[0-9]{3}-[0-9]{3}-[0-9]{4}", number) for number in numbers)
    assert sum(bool(one.washington) for one in found.values()) > 500


def test_an_office_of_the_same_zip_comes_before_one_of_the_same_area_and_of_the_state() -> None:
    far, area, same = (FieldOffice("Town", "NC", zip_, "704-555-0100") for zip_ in ("27601", "28262", "28205"))
    assert field_offices.nearest((far, area, same), "28205") == [
        Nearby(same, "zip"),
        Nearby(area, "area"),
        Nearby(far, "state"),
    ]


@given(st.lists(HOME), st.from_regex("28[0-9]{3}", fullmatch=True))
def test_no_office_is_lost_or_called_nearer_than_its_zip_shows(home: list[FieldOffice], zip_: str) -> None:
    found = field_offices.nearest(home, zip_)
    assert sorted(one.place.zip for one in found) == sorted(one.zip for one in home)
    for one in found:
        assert (one.near == "zip") == (one.place.zip == zip_)
        assert (one.near == "area") == (one.place.zip[:3] == zip_[:3] and one.place.zip != zip_)
    assert [one.near for one in found] == sorted((one.near for one in found), key=("zip", "area", "state").index)


def test_a_state_in_two_time_zones_tells_no_time() -> None:
    assert str(field_offices.zone("NC")) == "America/New_York"
    assert str(field_offices.zone("GU")) == "Pacific/Guam"
    split = {
        state for state in {seat.state for seat in roster.load().seats.values()} if field_offices.zone(state) is None
    }
    assert split == {*["AK", "AZ", "FL", "ID", "IN", "KS", "KY", "MI", "ND", "NE", "NV", "OR", "SD", "TN", "TX"]}
