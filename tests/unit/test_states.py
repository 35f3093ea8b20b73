"""The table of states answers everything, and its picture is drawn from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign import states
from campaign.states import EVENT_MEANING, MEANING, OUTCOME_MEANING, TABLE, Event, Outcome, State, sources


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_every_pair_has_an_answer(state: State, event: Event) -> None:
    answer = TABLE[state][event]
    if state.final:
        assert answer.to is None, "nothing leaves a final state"
    if answer.to is not None:
        assert answer.to is not state


def test_nothing_unknown_is_sent_again_without_evidence_or_a_person() -> None:
    back = {event for event in Event if TABLE[State.UNKNOWN][event].to is State.QUEUED}
    assert back == {Event.TRY_LATER, Event.RESEND}


def test_only_a_mark_leads_to_sending() -> None:
    assert {e for e in Event for s in State if TABLE[s][e].to is State.SENDING} == {Event.MARK}
    assert sources(Event.MARK, State.SENDING) == (State.CLAIMED,)


def test_proof_and_acceptance_end_accepted_from_wherever_it_may_still_move() -> None:
    for event in (Event.PROOF, Event.ACCEPTED):
        assert set(sources(event, State.ACCEPTED)) == {state for state in State if not state.final}


def test_everything_has_a_sentence() -> None:
    assert MEANING.keys() == set(State)
    assert EVENT_MEANING.keys() == set(Event)
    assert OUTCOME_MEANING.keys() == set(Outcome)


def test_the_picture_is_drawn_from_the_code() -> None:
    drawn = Path(__file__).parents[2] / "docs" / "states.md"
    assert drawn.read_text(encoding="utf-8") == states.draw() + "\n", "run: make docs"
