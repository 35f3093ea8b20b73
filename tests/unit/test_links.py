"""Links can be made only here, and open only what they were made for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign import links
from campaign.links import BadLink, Link, Purpose

OWN = (Purpose.DISOWN, Purpose.QUIET, Purpose.ANSWER)
KEY, OTHER = b"k" * 32, b"o" * 32
ids = st.integers(0, 2**63 - 1)
nonces = st.binary(min_size=8, max_size=8)
times = st.integers(0, 2**32 - 1)


@given(ids, nonces, times)
def test_a_link_says_what_it_was_made_from(supporter: int, nonce: bytes, expires: int) -> None:
    action, leave = links.tokens(KEY, "end-287g", supporter, nonce, expires)
    made = Link(supporter, nonce, expires)
    assert links.read(KEY, "end-287g", action, Purpose.ACTION) == made
    assert links.read(KEY, "end-287g", leave, Purpose.UNSUBSCRIBE) == made
    assert len(action) == 51
    assert not set(action) & set("&<>\"'%[] "), "one tag serves text and HTML"


@given(ids, nonces, times)
def test_a_link_opens_nothing_else(supporter: int, nonce: bytes, expires: int) -> None:
    action, leave = links.tokens(KEY, "end-287g", supporter, nonce, expires)
    link = Link(supporter, nonce, expires)
    stop = links.own_token(KEY, "end-287g", Purpose.DISOWN, link)
    for purpose in OWN:
        token = links.own_token(KEY, "end-287g", purpose, link)
        assert links.read(KEY, "end-287g", token, purpose) == link
        for other in {*Purpose} - {purpose}:
            with pytest.raises(BadLink):
                links.read(KEY, "end-287g", token, other)
    for key, campaign, token, purpose in [
        (KEY, "end-287g", action, Purpose.DISOWN),
        (KEY, "end-287g", leave, Purpose.DISOWN),
        (KEY, "end-287g", stop, Purpose.ACTION),
        (KEY, "end-287g", stop, Purpose.UNSUBSCRIBE),
        (KEY, "another", stop, Purpose.DISOWN),
        (KEY, "end-287g", action, Purpose.UNSUBSCRIBE),
        (KEY, "end-287g", leave, Purpose.ACTION),
        (KEY, "another", action, Purpose.ACTION),
        (OTHER, "end-287g", action, Purpose.ACTION),
    ]:
        with pytest.raises(BadLink):
            links.read(key, campaign, token, purpose)


@given(ids, nonces, times, st.binary(min_size=16, max_size=16))
def test_the_links_of_a_sign_up_open_nothing_else(number: int, nonce: bytes, expires: int, email_hash: bytes) -> None:
    join = links.join_token(KEY, "end-287g", number, nonce, expires)
    never = links.never_token(KEY, "end-287g", email_hash)
    assert links.read(KEY, "end-287g", join, Purpose.JOIN) == Link(number, nonce, expires)
    assert links.read_never(KEY, "end-287g", never) == email_hash
    action, leave = links.tokens(KEY, "end-287g", number, nonce, expires)
    stop = links.own_token(KEY, "end-287g", Purpose.DISOWN, Link(number, nonce, expires))
    refused: list[tuple[str, Purpose]] = [(join, purpose) for purpose in Purpose if purpose is not Purpose.JOIN]
    refused += [(token, Purpose.JOIN) for token in (action, leave, stop, never)]
    for token, purpose in refused:
        with pytest.raises(BadLink):
            links.read(KEY, "end-287g", token, purpose)
    for key, campaign, token in [
        *((KEY, "end-287g", token) for token in (action, leave, stop, join, never[:-4], never + "AAAA")),
        (KEY, "another", never),
        (OTHER, "end-287g", never),
    ]:
        with pytest.raises(BadLink):
            links.read_never(key, campaign, token)
    for key, campaign in [(KEY, "another"), (OTHER, "end-287g")]:
        with pytest.raises(BadLink):
            links.read(key, campaign, join, Purpose.JOIN)


def test_every_flipped_bit_is_refused() -> None:
    action, _ = links.tokens(KEY, "end-287g", 7, b"12345678", 1_800_000_000)
    for place in range(len(action)):
        for bit in range(7):
            spoiled = action[:place] + chr(ord(action[place]) ^ (1 << bit)) + action[place + 1 :]
            with pytest.raises(BadLink):
                links.read(KEY, "end-287g", spoiled, Purpose.ACTION)


@given(st.text(max_size=80))
def test_nonsense_is_refused_in_the_same_words(token: str) -> None:
    with pytest.raises(BadLink) as caught:
        links.read(KEY, "end-287g", token, Purpose.ACTION)
    assert str(caught.value) == "this link was not made here, or is incomplete"


def test_the_organizers_address_is_for_one_campaign() -> None:
    token = links.organizer_token(KEY, "end-287g")
    assert links.is_organizer(KEY, "end-287g", token)
    assert not links.is_organizer(KEY, "another", token)
    assert not links.is_organizer(OTHER, "end-287g", token)
    assert not links.is_organizer(KEY, "end-287g", "ñ")
