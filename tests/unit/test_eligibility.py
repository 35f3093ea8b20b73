"""No letter to a seat that the match did not prove, and no claim beyond what a channel proved."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from campaign.letters import eligibility
from campaign.model import Match, Member, Seat
from campaign.states import Fate, Outcome, Proof, State, proof

CODES = st.sampled_from([f"H:NC:{number}" for number in range(1, 5)] + ["H:SC:1", "S:NC:2", "S:NC:3", "S:SC:2"])
MEMBER = Member("A000370", "Alma S. Adams", "Adams", "F", "Democrat", "", "", "")


def seats(prefix: str, most: int) -> st.SearchStrategy[tuple[Seat, ...]]:
    found = st.lists(CODES.filter(lambda code: code.startswith(prefix)), max_size=most, unique=True)
    return found.map(lambda codes: tuple(Seat(code, MEMBER) for code in codes))


@st.composite
def matches(draw: st.DrawFn) -> Match:
    """What a ZIP code may prove: one representative, or several candidates, or neither; and senators."""
    house = draw(seats("H:", 3))
    one = house[0] if len(house) == 1 else None
    return Match("28205", ("NC",), one, house if len(house) > 1 else (), draw(seats("S:", 2)))


@given(matches(), CODES, CODES | st.just(""))
def test_a_seat_may_be_written_to_only_if_it_is_proved_or_chosen(match: Match, code: str, named: str) -> None:
    how = eligibility.match_basis(match, code, named)
    if how == "zip":
        assert match.proves(code)
    elif how == "chosen":
        assert match.offers(code)
        assert named in ("", code), "one person has one House seat"
    else:
        assert not match.proves(code)


@given(matches(), CODES | st.just(""), st.sets(CODES))
def test_only_seats_that_may_be_written_to_are_offered(match: Match, named: str, targets: set[str]) -> None:
    offered = list(eligibility.offices(match, targets, named))
    for seat, why in offered:
        assert eligibility.match_basis(match, seat.code, named) == ("chosen" if why == "chosen" else "zip")
        assert seat.code in targets
    assert sum(seat.house for seat, _ in offered) <= 1
    assert len({seat.code for seat, _ in offered}) == len(offered)
    choices = eligibility.choices(match, targets, named)
    assert choices in ((), match.candidates), "all of them or none: the own one is never left out"
    assert not any(match.proves(seat.code) for seat in choices)


def test_sent_and_delivered_are_said_only_where_the_channel_proved_it() -> None:
    outcomes = [None, *Outcome]
    for outcome, state, fate in product(outcomes, State, Fate):
        found = proof(outcome, state, fate)
        if found in (Proof.SENT, Proof.DELIVERED):
            assert outcome is None
            assert state is State.ACCEPTED
        if found is Proof.DELIVERED:
            assert fate in (Fate.DELIVERED, Fate.COMPLAINED), "who complains has got it"
        if found is Proof.REPORTED:
            assert outcome is Outcome.REPORTED
    assert {proof(outcome, None, 0) for outcome in Outcome} == {
        Proof.REFUSED,
        Proof.WITHDRAWN,
        Proof.READY,
        Proof.REPORTED,
        Proof.TO_PRINT,
        Proof.PRINTED,
        Proof.HANDED_IN,
    }
