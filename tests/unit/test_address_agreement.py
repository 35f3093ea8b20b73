"""An address proves a seat only where two sources agree and the ZIP code does not contradict them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.congress import roster, snapshot, zip_match
from campaign.congress.geocoding import agreement
from campaign.congress.geocoding.address import SENTENCES, Answer, FoundAddress, NotFound
from campaign.letters import eligibility
from campaign.model import Match
from tests.store.site import SPLIT, START, SWITCHED

ROSTER = roster.load()
ZIPS = sorted(ROSTER.zips)
HOUSE = sorted(code for code in ROSTER.seats if code.startswith("H:"))
POINT = ("-80.8", "35.2")
OFFERED = ROSTER.zips[SPLIT]
BY_ZIP = zip_match.by_zip(ROSTER, SPLIT, START)


def found(seat: str, source: str = "census", congress: int = 119) -> FoundAddress:
    return FoundAddress(seat, congress, source, "v", POINT)


ANSWERS: list[tuple[Answer, Answer | None, str]] = [
    (found(OFFERED[0]), found(OFFERED[0], "tigerweb"), ""),
    (found(OFFERED[0]), found(OFFERED[1], "tigerweb"), "disagree"),
    (found(OFFERED[0]), found(OFFERED[0], "tigerweb", 120), "disagree"),
    (found(OFFERED[0]), NotFound("down", "tigerweb"), "alone"),
    (found(OFFERED[0]), None, "alone"),
    (found("H:NC:12"), found("H:NC:12", "tigerweb"), "elsewhere"),
    (found("H:IL:99"), found("H:IL:99", "tigerweb"), "no-district"),
    (NotFound("no-match", "census"), None, "no-match"),
    (NotFound("post-box", "census"), found(OFFERED[0], "tigerweb"), "post-box"),
]


@pytest.mark.parametrize(("first", "second", "why"), ANSWERS)
def test_what_two_sources_prove(first: Answer, second: Answer | None, why: str) -> None:
    said = agreement.agree(ROSTER.seats, BY_ZIP, first, second)
    assert said.why == why
    assert said.seat == (OFFERED[0] if why == "" else "")
    assert said.sentence
    assert bool(said.named) == (why in ("", "alone")), "a name that a second source denies is not offered"


def test_an_unknown_zip_is_no_objection() -> None:
    both = found("H:NC:12"), found("H:NC:12", "tigerweb")
    assert agreement.agree(ROSTER.seats, Match("00000"), *both).seat == "H:NC:12"
    assert agreement.agree(ROSTER.seats, Match("77001", ("TX",)), *both).why == "elsewhere", "its state is known"


answers = st.one_of(
    st.none(),
    st.builds(NotFound, st.sampled_from(sorted(SENTENCES)), st.just("census")),
    st.builds(found, st.sampled_from([*HOUSE, "H:NC:99"]), st.just("census"), st.sampled_from([119, 120])),
)


@given(st.sampled_from([*ZIPS, "00000"]), answers, answers, st.data())
def test_no_letter_is_planned_to_a_seat_that_nothing_proves(
    zip_: str, first: Answer | None, second: Answer | None, data: st.DataObject
) -> None:
    """Whatever sources say: an office is offered when the ZIP proves it, two sources agree on it, or it was chosen
    among the seats that the ZIP touches."""
    now = data.draw(st.sampled_from([START, SWITCHED]))
    seats = roster.view(snapshot.packaged(), now)
    by_zip = zip_match.by_zip(seats, zip_, now)
    offered = tuple(seat.code for seat in (by_zip.representative, *by_zip.candidates) if seat)
    said = agreement.agree(seats.seats, by_zip, first or NotFound("off", "census"), second)
    known = agreement.match_by_address(seats, by_zip, said.seat) if said.seat else by_zip
    chosen = data.draw(st.sampled_from(["", "H:NC:12", *offered]))
    agreed = (
        isinstance(first, FoundAddress)
        and isinstance(second, FoundAddress)
        and (first.seat, first.congress) == (second.seat, second.congress)
        and (first.seat in offered or not offered)
        and (first.seat[2:4] in by_zip.states or not by_zip.states)
    )
    for seat, why in eligibility.offices(known, ROSTER.seats.keys(), chosen):
        how = eligibility.match_basis(known, seat.code, chosen)
        assert how is not None
        assert (how == "chosen") == (why == "chosen")
        if seat.house and known.how == "address":
            assert agreed
            assert isinstance(first, FoundAddress)
            assert seat.code == first.seat
        elif seat.house:
            assert offered == (seat.code,) or (seat.code == chosen and chosen in offered)
        else:
            assert {seat.state} == set(known.states)
    named = {seat.code for seat, _ in eligibility.offices(known, ROSTER.seats.keys(), chosen)}
    for code in ROSTER.seats:
        if code not in named:
            assert eligibility.match_basis(known, code, chosen) is None or (
                known.offers(code) and chosen not in offered
            )
