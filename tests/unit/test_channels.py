"""Every channel answers the same questions for every office, and a letter never takes the same one twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.congress.contacts import Contact
from campaign.model import Member, Seat
from campaign.outreach.routing import available_channels, registry
from campaign.outreach.routing.available_channels import VACANT
from campaign.outreach.routing.channel import NAMES
from campaign.states import Proof
from tests import offices

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
CONTACTS = st.none() | st.builds(
    Contact,
    seat=st.just("H:NC:12"),
    email=st.just("staff@example.org"),
    wants=st.sampled_from(["each", "daily"]),
    given_by=st.just("us"),
    answered_on=st.sampled_from(["", "2026-11-10"]),
    needs=st.sets(st.sampled_from(["street", "phone", "prefix"])).map(tuple),
    off=st.sampled_from(["", "it bounced"]),
)
TAKES_LETTERS = {"cwc", "email", "packet", "form"}


def test_the_channels_in_the_order_of_preference() -> None:
    assert [channel.name for channel in registry.channels()] == ["cwc", "email", "packet", "form", "call"]
    assert list(registry.labels()) == ["cwc", "email", "packet", "form", "website"]
    assert {channel.name for channel in registry.channels() if channel.ours} == {"cwc", "email", "packet"}
    assert {channel.name for channel in registry.repeatable()} == {"cwc"}


@given(SEATS, CONTACTS, st.booleans(), st.booleans())
def test_every_channel_answers_every_question_once_and_in_order(
    seat: Seat, contact: Contact | None, packets: bool, cwc_serves: bool
) -> None:
    options = offices.options(seat, contact, packets=packets, cwc_serves=cwc_serves)
    assert [option.channel for option in options] == [channel.name for channel in registry.channels()]
    for option in options:
        assert option.why, "it says why, or why not"
        assert registry.get(option.channel).proves in (Proof.SENT, Proof.DELIVERED, Proof.REPORTED)
        assert option.limit >= 0
        names = [field.name for field in option.fields]
        assert len(set(names)) == len(names)
        assert all((field.asker == "office") == bool(field.label) for field in option.fields)
        if option.works and option.channel in TAKES_LETTERS:
            assert {"first_name", "last_name"} <= {field.name for field in option.asked}


@given(SEATS, CONTACTS, st.booleans())
def test_fallbacks_follow_the_order_and_never_repeat_a_channel(
    seat: Seat, contact: Contact | None, cwc_serves: bool
) -> None:
    options, tried = offices.options(seat, contact, packets=True, cwc_serves=cwc_serves), list[str]()
    while option := available_channels.first(options, tried):
        assert option.works
        assert option.channel not in tried
        tried.append(option.channel)
    assert tried == [option.channel for option in options if option.works and option.channel in TAKES_LETTERS]


@given(MEMBERS, CONTACTS)
def test_a_letter_goes_by_email_only_where_a_contact_may_be_used(member: Member, contact: Contact | None) -> None:
    option = available_channels.first(offices.options(Seat("H:NC:12", member), contact))
    if option and option.channel == "email":
        assert contact is not None
        assert (contact.off, contact.wants == "daily") == ("", option.daily)
        assert {"city", *contact.needs} <= {field.name for field in option.asked}
    elif member.form or member.url:
        assert option
        assert (option.channel, option.limit) == ("form", member.form_limit)
        assert (option.website, option.route) == ((False, "form") if member.form else (True, "website"))
        assert option.asked == NAMES, "what its form asks for is typed there, and not on our page"
    else:
        assert option is None, "no address is made up"


def test_a_packet_comes_before_the_form_until_it_is_too_late_to_print() -> None:
    seat = Seat("H:NC:12", Member("X000287", "Alma Example", "Example", "F", "", "", "https://office.example/", ""))
    for at, channel in ((0, "packet"), (offices.VISIT.takes_until - 1, "packet"), (offices.VISIT.takes_until, "form")):
        options = offices.options(seat, packets=True, at=at)
        first = available_channels.first(options)
        assert first is not None
        assert first.channel == channel
        (packet,) = [option for option in options if option.channel == "packet"]
        assert packet.visit == offices.VISIT, "the page says who takes the letters there, as long as the visit is ahead"
        assert [field.name for field in packet.asked] == ["first_name", "last_name", "city"]


@pytest.mark.parametrize("contact", [None, offices.EACH])
def test_a_vacant_seat_gets_no_letter(contact: Contact | None) -> None:
    options = offices.options(Seat("H:TX:23", None), contact, packets=True, cwc_serves=True)
    assert available_channels.first(options) is None
    assert {option.why for option in options} == {VACANT}


def test_for_a_supporter_who_opted_out_we_deliver_nothing() -> None:
    seat = Seat("H:NC:12", Member("X000287", "Alma Example", "Example", "F", "", "", "https://office.example/", ""))
    options = offices.options(seat, offices.EACH, packets=True, cwc_serves=True, by_hand=True)
    assert [option.channel for option in options if option.works] == ["form"]
