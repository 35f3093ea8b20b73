"""Every channel answers three questions for every office, and a letter never takes the same one twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.letters import channels
from campaign.letters.channels import BESIDE, BRING, OfficeMeans
from campaign.model import Member, Seat

TEXT = st.sampled_from(["", "https://office.example/", "https://office.example/contact"])
MEMBERS = st.builds(
    Member,
    bioguide=st.just("X000287"),
    name=st.just("Alma Example"),
    last_name=st.just("Example"),
    gender=st.sampled_from("FM"),
    party=st.just(""),
    phone=st.sampled_from(["", "202-555-0112"]),
    url=TEXT,
    form=TEXT,
    form_needs=st.sets(st.sampled_from(["phone", "prefix", "subject", "topic", "zip4"])).map(tuple),
    form_topic=st.sampled_from(["", "Immigration"]),
    form_limit=st.sampled_from([0, 500, 1200]),
)
SEATS = st.builds(Seat, st.sampled_from(["H:NC:12", "S:NC:2"]), st.none() | MEMBERS)
NEEDS = st.sets(st.sampled_from(["street", "phone", "prefix"])).map(tuple)
MEANS = st.builds(
    OfficeMeans,
    st.booleans(),
    st.sampled_from(["each", "daily"]),
    st.booleans(),
    st.sampled_from(["", "it bounced"]),
    NEEDS,
)


@given(SEATS, MEANS)
def test_every_channel_answers_all_three_questions_once_and_in_order(seat: Seat, means: OfficeMeans) -> None:
    found = channels.options(seat, means)
    assert tuple(way.channel for way in found) == (*BRING, *BESIDE)
    for way in found:
        assert way.why, "it says why, or why not"
        assert way.proves in ("accepted", "delivered", "reported")
        assert way.limit >= 0
        names = [field.name for field in way.fields]
        assert len(set(names)) == len(names)
        assert all((field.asker == "office") == bool(field.label) for field in way.fields)
        if way.works and way.channel in BRING:
            assert {"first_name", "last_name"} <= {field.name for field in way.asked}


@given(SEATS, MEANS)
def test_fallbacks_follow_the_order_and_never_repeat_a_channel(seat: Seat, means: OfficeMeans) -> None:
    found, tried = channels.options(seat, means), list[str]()
    while way := channels.first(found, tried):
        assert way.works
        assert way.channel not in tried
        tried.append(way.channel)
    assert tried == [way.channel for way in found if way.works and way.channel in BRING]


@given(MEMBERS, MEANS)
def test_a_letter_goes_by_mail_only_where_a_contact_may_be_used(member: Member, means: OfficeMeans) -> None:
    way = channels.first(channels.options(Seat("H:NC:12", member), means))
    if way and way.channel == "email":
        assert (means.contact, means.off, means.wants == "daily") == (True, "", way.daily)
        assert {"city", *means.needs} <= {field.name for field in way.asked}
    elif member.form or member.url:
        assert way
        assert (way.channel, way.limit) == ("form", member.form_limit)
        assert (way.website, way.route) == ((False, "form") if member.form else (True, "website"))
        assert way.asked == channels.NAMES, "what its form asks for is typed there, and not told us"
    else:
        assert way is None, "no address is made up"


@pytest.mark.parametrize("means", [OfficeMeans(), OfficeMeans(contact=True, wants="each", answered=True)])
def test_nobody_is_written_to_at_a_vacant_seat(means: OfficeMeans) -> None:
    found = channels.options(Seat("H:TX:23", None), means)
    assert channels.first(found) is None
    assert {way.why for way in found} == {channels.VACANT}
