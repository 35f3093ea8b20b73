"""What we did (the request's state), what a delivery's own outcome may be, and what others told us afterwards (fate).

The table below answers every (state, event) pair; the outbox builds the WHERE of each guarded UPDATE from it, so the
table is not a picture of the code but its source. `python -m campaign.states` draws docs/states.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class State(StrEnum):
    """The state of a request, the unit of sending."""

    QUEUED = "queued"
    HELD = "held"
    CLAIMED = "claimed"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Nothing moves it any more."""
        return self in {State.ACCEPTED, State.REFUSED, State.CANCELLED}

    @property
    def unsent(self) -> bool:
        """Nothing of it has left the machine; its deliveries may still be suppressed or cancelled."""
        return self in {State.QUEUED, State.HELD, State.CLAIMED}


MEANING = {
    State.QUEUED: "Waits for its time (`due_at`); a worker's claim moves it on.",
    State.HELD: "Waits for a person or a date, with a reason; release or cancel moves it on.",
    State.CLAIMED: "A worker has a lease and a fence; nothing has left the machine. The same worker moves it on, "
    "or the sweep when the lease runs out.",
    State.SENDING: "It may have left: committed durably before the first byte. The answer moves it on, or the sweep.",
    State.UNKNOWN: "It may or may not have gone out. Never sent again on silence: an event, a late answer, "
    "the provider's logs or a person moves it on.",
    State.ACCEPTED: "The provider took all of it. Final.",
    State.REFUSED: "The provider said no to all of it. Final.",
    State.CANCELLED: "It was canceled before anything was sent, or no delivery was left in it. Final.",
}


class Event(StrEnum):
    """What can happen to a request."""

    CLAIM = "claim"
    PUT_BACK = "put_back"
    MARK = "mark"
    ACCEPTED = "answer_accepted"
    REFUSED = "answer_refused"
    TRY_LATER = "answer_try_later"
    NO_ANSWER = "no_answer"
    EXPIRE = "lease_expired"
    PROOF = "proof"
    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"
    RESEND = "resend"


EVENT_MEANING = {
    Event.CLAIM: "a worker takes a lease",
    Event.PUT_BACK: "the worker gives it back before sending (paused, window closed, text no longer valid)",
    Event.MARK: "about to be sent; the commit comes before the first byte",
    Event.ACCEPTED: "the provider answered: taken",
    Event.REFUSED: "the provider answered: no",
    Event.TRY_LATER: "nothing was taken: connection refused, 429, or the account is stopped",
    Event.NO_ANSWER: "the answer was lost, or says nothing (time-out, reset, 5xx)",
    Event.EXPIRE: "the lease ran out",
    Event.PROOF: "an event of one of its deliveries, or the provider's log, shows that it was taken",
    Event.HOLD: "a person or a rule holds it, with a reason",
    Event.RELEASE: "the reason to hold it has gone",
    Event.CANCEL: "a person cancels it; what may have left is marked, and canceled only if it comes back",
    Event.RESEND: "a person decides that an unknown did not go out; who and why are kept",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the table says: move to `to`, or stay; `alarm` when it should not have happened."""

    to: State | None = None
    alarm: bool = False


IGNORE = Answer()
ALARM = Answer(alarm=True)


def _move(to: State) -> Answer:
    return Answer(to)


def _move_alarmed(to: State) -> Answer:
    return Answer(to, alarm=True)


_S, _E = State, Event

TABLE: dict[State, dict[Event, Answer]] = {
    _S.QUEUED: {
        _E.CLAIM: _move(_S.CLAIMED),
        _E.PUT_BACK: IGNORE,  # a worker whose lease was swept
        _E.MARK: IGNORE,  # the same
        _E.ACCEPTED: _move_alarmed(_S.ACCEPTED),  # an answer later than a person's decision, or than a restored backup
        _E.REFUSED: IGNORE,  # an attempt that was given up
        _E.TRY_LATER: IGNORE,
        _E.NO_ANSWER: IGNORE,
        _E.EXPIRE: IGNORE,
        _E.PROOF: _move_alarmed(_S.ACCEPTED),
        _E.HOLD: _move(_S.HELD),
        _E.RELEASE: IGNORE,
        _E.CANCEL: _move(_S.CANCELLED),
        _E.RESEND: IGNORE,
    },
    _S.HELD: {
        _E.CLAIM: IGNORE,
        _E.PUT_BACK: IGNORE,
        _E.MARK: IGNORE,
        _E.ACCEPTED: _move_alarmed(_S.ACCEPTED),
        _E.REFUSED: IGNORE,
        _E.TRY_LATER: IGNORE,
        _E.NO_ANSWER: IGNORE,
        _E.EXPIRE: IGNORE,
        _E.PROOF: _move_alarmed(_S.ACCEPTED),
        _E.HOLD: IGNORE,
        _E.RELEASE: _move(_S.QUEUED),
        _E.CANCEL: _move(_S.CANCELLED),
        _E.RESEND: IGNORE,
    },
    _S.CLAIMED: {
        _E.CLAIM: IGNORE,
        _E.PUT_BACK: _move(_S.QUEUED),
        _E.MARK: _move(_S.SENDING),
        _E.ACCEPTED: _move_alarmed(_S.ACCEPTED),
        _E.REFUSED: IGNORE,
        _E.TRY_LATER: IGNORE,
        _E.NO_ANSWER: IGNORE,
        _E.EXPIRE: _move(_S.QUEUED),
        _E.PROOF: _move_alarmed(_S.ACCEPTED),
        _E.HOLD: _move(_S.HELD),
        _E.RELEASE: IGNORE,
        _E.CANCEL: _move(_S.CANCELLED),
        _E.RESEND: IGNORE,
    },
    _S.SENDING: {
        _E.CLAIM: IGNORE,
        _E.PUT_BACK: ALARM,  # what was marked may have left
        _E.MARK: ALARM,  # nobody marks twice
        _E.ACCEPTED: _move(_S.ACCEPTED),
        _E.REFUSED: _move(_S.REFUSED),
        _E.TRY_LATER: _move(_S.QUEUED),
        _E.NO_ANSWER: _move(_S.UNKNOWN),
        _E.EXPIRE: _move(_S.UNKNOWN),
        _E.PROOF: _move(_S.ACCEPTED),
        _E.HOLD: IGNORE,  # what is sending goes
        _E.RELEASE: IGNORE,
        _E.CANCEL: IGNORE,  # its deliveries are marked, and canceled if nothing of it was taken
        _E.RESEND: IGNORE,
    },
    _S.UNKNOWN: {
        _E.CLAIM: IGNORE,
        _E.PUT_BACK: ALARM,
        _E.MARK: ALARM,
        _E.ACCEPTED: _move(_S.ACCEPTED),  # a late answer is an answer
        _E.REFUSED: _move(_S.REFUSED),
        _E.TRY_LATER: _move(_S.QUEUED),
        _E.NO_ANSWER: IGNORE,
        _E.EXPIRE: IGNORE,
        _E.PROOF: _move(_S.ACCEPTED),
        _E.HOLD: IGNORE,
        _E.RELEASE: IGNORE,
        _E.CANCEL: IGNORE,  # the same
        _E.RESEND: _move(_S.QUEUED),
    },
    _S.ACCEPTED: {
        _E.CLAIM: IGNORE,
        _E.PUT_BACK: ALARM,
        _E.MARK: ALARM,
        _E.ACCEPTED: IGNORE,
        _E.REFUSED: ALARM,
        _E.TRY_LATER: ALARM,
        _E.NO_ANSWER: IGNORE,  # proved by an event while the answer was lost
        _E.EXPIRE: IGNORE,
        _E.PROOF: IGNORE,
        _E.HOLD: IGNORE,
        _E.RELEASE: IGNORE,
        _E.CANCEL: IGNORE,
        _E.RESEND: IGNORE,
    },
    _S.REFUSED: {
        _E.CLAIM: IGNORE,
        _E.PUT_BACK: ALARM,
        _E.MARK: ALARM,
        _E.ACCEPTED: ALARM,
        _E.REFUSED: IGNORE,
        _E.TRY_LATER: IGNORE,
        _E.NO_ANSWER: IGNORE,
        _E.EXPIRE: IGNORE,
        _E.PROOF: ALARM,
        _E.HOLD: IGNORE,
        _E.RELEASE: IGNORE,
        _E.CANCEL: IGNORE,
        _E.RESEND: IGNORE,
    },
    _S.CANCELLED: {
        _E.CLAIM: IGNORE,
        _E.PUT_BACK: IGNORE,  # cancelled under a worker that had claimed it
        _E.MARK: IGNORE,
        _E.ACCEPTED: ALARM,
        _E.REFUSED: IGNORE,
        _E.TRY_LATER: IGNORE,
        _E.NO_ANSWER: IGNORE,
        _E.EXPIRE: IGNORE,
        _E.PROOF: ALARM,
        _E.HOLD: IGNORE,
        _E.RELEASE: IGNORE,
        _E.CANCEL: IGNORE,
        _E.RESEND: IGNORE,
    },
}


def sources(event: Event, to: State) -> tuple[State, ...]:
    """The states from which `event` moves a request to `to`: the WHERE of its guarded UPDATE."""
    return tuple(state for state, row in TABLE.items() if row[event].to is to)


class Outcome(StrEnum):
    """A delivery's own outcome; without one it shares its request's state. Written once, but for what the supporter
    does: handed off, then reported, or taken back; and for paper: to be printed, printed, handed in."""

    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    HANDED_OFF = "handed_off"
    REPORTED = "reported"
    TO_PRINT = "to_print"
    PRINTED = "printed"
    HANDED_IN = "handed_in"


OUTCOME_MEANING = {
    Outcome.SUPPRESSED: "By rule: the person is on the suppression list.",
    Outcome.CANCELLED: "A person took it back, erased the supporter, or canceled it while it was being sent and it "
    "came back unsent; or it was a reminder and the supporter has acted.",
    Outcome.REFUSED: "The provider named it, or it could not be rendered.",
    Outcome.HANDED_OFF: "The supporter was given everything to send it on the office's own page; nothing proves more.",
    Outcome.REPORTED: "The supporter says that it went through. Counted apart.",
    Outcome.TO_PRINT: "It waits for the next packet; its writer can take it back.",
    Outcome.PRINTED: "It is on paper, with the organization, which hands it in; nobody can take it back any more.",
    Outcome.HANDED_IN: "The organization says that it handed it in at the office. Counted apart.",
}


class Fate(IntEnum):
    """What others told us. A lattice that only climbs: early, late, twice or shuffled events end the same."""

    NONE = 0
    PROCESSED = 1
    DEFERRED = 2
    DELIVERED = 3
    BLOCKED = 4
    DROPPED = 5
    BOUNCED = 6
    COMPLAINED = 7


FATES = tuple(fate for fate in Fate if fate is not Fate.NONE)


class Proof(StrEnum):
    """All that may be said of a letter: what the channel has proved, and no more."""

    GOING = "going"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    RETURNED = "returned"
    REFUSED = "refused"
    DOUBT = "doubt"
    HELD = "held"
    READY = "ready"
    REPORTED = "reported"
    TO_PRINT = "to_print"
    PRINTED = "printed"
    HANDED_IN = "handed_in"
    BACK = "back"  # gone back to its writer: what it said, or whom it was to, is not so any more
    WITHDRAWN = "withdrawn"


_PROOF_OF_STATE = {
    State.QUEUED: Proof.GOING,
    State.HELD: Proof.HELD,
    State.CLAIMED: Proof.GOING,
    State.SENDING: Proof.SENDING,
    State.UNKNOWN: Proof.DOUBT,
    State.ACCEPTED: Proof.SENT,
    State.REFUSED: Proof.REFUSED,
    State.CANCELLED: Proof.WITHDRAWN,
}
_PROOF_OF_OUTCOME = {
    Outcome.SUPPRESSED: Proof.REFUSED,
    Outcome.CANCELLED: Proof.WITHDRAWN,
    Outcome.REFUSED: Proof.REFUSED,
    Outcome.HANDED_OFF: Proof.READY,
    Outcome.REPORTED: Proof.REPORTED,
    Outcome.TO_PRINT: Proof.TO_PRINT,
    Outcome.PRINTED: Proof.PRINTED,
    Outcome.HANDED_IN: Proof.HANDED_IN,
}


def proof(outcome: str | None, state: str | None, fate: int) -> Proof:
    """What is proved of one delivery of a letter. `state` is its request's, None for a hand-off."""
    if outcome is not None:
        return _PROOF_OF_OUTCOME[Outcome(outcome)]
    found = _PROOF_OF_STATE[State(state or "")]
    if found is not Proof.SENT:
        return found
    if fate >= Fate.BLOCKED:
        return Proof.RETURNED if fate != Fate.COMPLAINED else Proof.DELIVERED
    return Proof.DELIVERED if fate == Fate.DELIVERED else Proof.SENT


def draw() -> str:
    """docs/states.md, from the tables above."""
    events = list(Event)
    lines = [
        "# States",
        "",
        "Drawn from `campaign/states.py` by `make docs`; a test redraws it and compares.",
        "",
        "## Request: what we did",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> queued",
    ]
    for state, row in TABLE.items():
        targets: dict[State, list[str]] = {}
        for event, answer in row.items():
            if answer.to is not None:
                targets.setdefault(answer.to, []).append(event.value + (" (alarm)" if answer.alarm else ""))
        lines += [f"    {state.value} --> {to.value}: {', '.join(names)}" for to, names in targets.items()]
    lines += ["```", "", "| state | means |", "|---|---|"]
    lines += [f"| {state.value} | {MEANING[state]} |" for state in State]
    lines += ["", "| event | means |", "|---|---|"]
    lines += [f"| {event.value} | {EVENT_MEANING[event]} |" for event in Event]
    lines += ["", "Every pair has an answer; `·` ignores, `!` alarms.", ""]
    lines += ["| | " + " | ".join(state.value for state in State) + " |", "|---" * (len(State) + 1) + "|"]
    for event in events:
        cells = []
        for state in State:
            answer = TABLE[state][event]
            cells.append((answer.to.value if answer.to else "·") + (" !" if answer.alarm else ""))
        lines.append(f"| {event.value} | " + " | ".join(cells) + " |")
    lines += ["", "## Delivery: its own outcome", "", "| outcome | means |", "|---|---|"]
    lines += [f"| {outcome.value} | {OUTCOME_MEANING[outcome]} |" for outcome in Outcome]
    lines += ["", "## Fate: what others told us", "", "Applied as a maximum, so repeats and order do not matter.", ""]
    lines.append(" < ".join(fate.name.lower() for fate in Fate))
    return "\n".join(lines)


if __name__ == "__main__":
    print(draw())
