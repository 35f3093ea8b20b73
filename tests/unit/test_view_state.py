"""An address after a form opens only where it was made: with its key, link and browser, for half an hour."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from campaign import keys as key_files
from campaign.outreach.action_page import view_state
from campaign.outreach.action_page.view_state import KEPT_MS, PageName, ViewState

KEYS, OTHER_KEYS = key_files.derive(b"\x07" * 32), key_files.derive(b"\x08" * 32)
LINK, BROWSER, NOW = "end-287g/v1.token", "A" * 22, 1_797_613_200_000
STATE = ViewState(page="letter", zip="28205", house="H:NC:12", news="check", letters=(1, 2**40))
SEALED = view_state.seal(KEYS, STATE, link=LINK, browser=BROWSER, now=NOW)

states = st.builds(
    ViewState,
    page=st.sampled_from(get_args(PageName)),
    zip=st.text(max_size=20),
    seat=st.text(max_size=40),
    house=st.text(max_size=10),
    news=st.text(max_size=20),
    letters=st.lists(st.integers(0, 2**53)).map(tuple),
)
texts = st.text(max_size=60)
instants = st.integers(0, 2**50)


def opened(sealed: str, *, link: str = LINK, browser: str = BROWSER, now: int = NOW) -> ViewState | None:
    return view_state.unseal(KEYS, sealed, link=link, browser=browser, now=now)


@given(states, texts, texts.filter(bool), instants, st.integers(0, 2 * KEPT_MS))
def test_a_state_opens_for_its_link_and_browser_for_half_an_hour(
    state: ViewState, link: str, browser: str, now: int, later: int
) -> None:
    sealed = view_state.seal(KEYS, state, link=link, browser=browser, now=now)
    found = opened(sealed, link=link, browser=browser, now=now + later)
    assert found == (state if later < KEPT_MS else None)


@given(states, texts, texts.filter(bool))
def test_nowhere_else(state: ViewState, link: str, browser: str) -> None:
    sealed = view_state.seal(KEYS, state, link=link, browser=browser, now=NOW)
    assert opened(sealed, link=f"{link}x", browser=browser) is None
    assert opened(sealed, link=link, browser=f"{browser}x") is None
    assert opened(sealed, link=f"{link}\0", browser=browser[1:]) is None
    assert opened(sealed, link=link, browser="") is None
    assert view_state.unseal(OTHER_KEYS, sealed, link=link, browser=browser, now=NOW) is None


def test_link_and_browser_cannot_lend_each_other_a_letter() -> None:
    """Their border is part of what is sealed."""
    sealed = view_state.seal(KEYS, STATE, link="ab", browser="cd", now=NOW)
    for link, browser in (("abc", "d"), ("a", "bcd"), ("ab\0c", "d"), ("", "abcd")):
        assert opened(sealed, link=link, browser=browser) is None


def test_another_character_anywhere_raises_nothing_and_opens_nothing_else() -> None:
    """Some have two spellings, as base64 does; both are the same state."""
    assert opened(SEALED) == STATE
    for place in range(len(SEALED)):
        for other in "Aa9-_=+/ %\0é\ud800":
            assert opened(SEALED[:place] + other + SEALED[place + 1 :]) in (None, STATE), (place, other)
        if 1 < place < len(SEALED) - 2:
            other = "B" if SEALED[place] != "B" else "C"
            assert opened(SEALED[:place] + other + SEALED[place + 1 :]) is None, place
    for end in range(len(SEALED)):
        assert opened(SEALED[:end]) is None


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_rubbish_opens_nothing_and_raises_nothing(sealed: str) -> None:
    assert opened(sealed) is None


@given(st.binary(max_size=200))
def test_what_another_part_sealed_opens_nothing(content: bytes) -> None:
    """A value sealed with the same key for another place, or one that is no state."""
    for where in (b"letter.words.1", f"view\0{LINK}\0{BROWSER}".encode()):
        raw = KEYS.seal(content.decode("latin-1"), where)
        sealed = urlsafe_b64encode(raw).decode().rstrip("=")
        assert opened(sealed) is None


def test_the_address_hides_what_it_holds_and_is_never_the_same() -> None:
    again = view_state.seal(KEYS, STATE, link=LINK, browser=BROWSER, now=NOW)
    assert again != SEALED
    assert "28205" not in SEALED
    assert len(SEALED) < 300, "an address that any browser takes"
    assert not {"story", "street", "email", "first_name"} & set(ViewState.__struct_fields__)
