"""States of a request, outcomes of a delivery, and its fate: what the provider reported afterwards.

The table below answers every (state, event) pair.
The outbox builds the WHERE of each guarded UPDATE from it. `python -m campaign.states` draws docs/states.md.
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
        """No event moves it."""
        return self in {State.ACCEPTED, State.REFUSED, State.CANCELLED}

    @property
    def unsent(self) -> bool:
        """Nothing was sent; its deliveries can still be suppressed or canceled."""
        return self in {State.QUEUED, State.HELD, State.CLAIMED}


MEANING = {
    State.QUEUED: "Waits until it is due (`due_at`). A worker's claim moves it.",
    State.HELD: "On hold until an operator or a date releases it, with a reason. A release or a cancel moves it.",
    State.CLAIMED: "A worker has a lease and a fence; nothing was sent. That worker moves it, or the sweep after "
    "the lease expires.",
    State.SENDING: "It may have been sent: committed durably before the first byte. The answer or the sweep moves it.",
    State.UNKNOWN: "It may or may not have been sent. Never resent without evidence: an event, a late answer, the "
    "provider's log or an operator moves it.",
    State.ACCEPTED: "The provider took all of it. Final.",
    State.REFUSED: "The provider refused all of it. Final.",
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
    Event.PUT_BACK: "the worker returns it before sending (paused, window closed, text no longer valid)",
    Event.MARK: "sending starts; committed before the first byte",
    Event.ACCEPTED: "the provider took it",
    Event.REFUSED: "the provider refused it",
    Event.TRY_LATER: "nothing was taken: connection refused, 429, or the account is stopped",
    Event.NO_ANSWER: "the answer was lost, or is inconclusive (time-out, reset, 5xx)",
    Event.EXPIRE: "the lease expired",
    Event.PROOF: "an event of one of its deliveries, or the provider's log, shows that it was taken",
    Event.HOLD: "an operator or a rule holds it, with a reason",
    Event.RELEASE: "the reason to hold it no longer applies",
    Event.CANCEL: "it is canceled: at once if unsent, else only if it turns out not to have been taken",
    Event.RESEND: "an operator decides that an unknown request was not sent; who and why are recorded",
}


@dataclass(frozen=True, slots=True)
class Move:
    """What an event does: move to `to`, or stay if None. `alarm`: it should not have happened."""

    to: State | None = None
    alarm: bool = False


IGNORE = Move()
ALARM = Move(alarm=True)


_S, _E = State, Event

TABLE: dict[State, dict[Event, Move]] = {
    _S.QUEUED: {
        _E.CLAIM: Move(_S.CLAIMED),
        _E.PUT_BACK: IGNORE,  # by a worker whose lease was swept
        _E.MARK: IGNORE,  # the same
        _E.ACCEPTED: Move(alarm=True, to=_S.ACCEPTED),  # later than an operator's decision or a restored backup
        _E.REFUSED: IGNORE,  # of an attempt that was given up
        _E.TRY_LATER: IGNORE,
        _E.NO_ANSWER: IGNORE,
        _E.EXPIRE: IGNORE,
        _E.PROOF: Move(alarm=True, to=_S.ACCEPTED),
        _E.HOLD: Move(_S.HELD),
        _E.RELEASE: IGNORE,
        _E.CANCEL: Move(_S.CANCELLED),
        _E.RESEND: IGNORE,
    },
    _S.HELD: {
        _E.CLAIM: IGNORE,
        _E.PUT_BACK: IGNORE,
        _E.MARK: IGNORE,
        _E.ACCEPTED: Move(alarm=True, to=_S.ACCEPTED),
        _E.REFUSED: IGNORE,
        _E.TRY_LATER: IGNORE,
        _E.NO_ANSWER: IGNORE,
        _E.EXPIRE: IGNORE,
        _E.PROOF: Move(alarm=True, to=_S.ACCEPTED),
        _E.HOLD: IGNORE,
        _E.RELEASE: Move(_S.QUEUED),
        _E.CANCEL: Move(_S.CANCELLED),
        _E.RESEND: IGNORE,
    },
    _S.CLAIMED: {
        _E.CLAIM: IGNORE,
        _E.PUT_BACK: Move(_S.QUEUED),
        _E.MARK: Move(_S.SENDING),
        _E.ACCEPTED: Move(alarm=True, to=_S.ACCEPTED),
        _E.REFUSED: IGNORE,
        _E.TRY_LATER: IGNORE,
        _E.NO_ANSWER: IGNORE,
        _E.EXPIRE: Move(_S.QUEUED),
        _E.PROOF: Move(alarm=True, to=_S.ACCEPTED),
        _E.HOLD: Move(_S.HELD),
        _E.RELEASE: IGNORE,
        _E.CANCEL: Move(_S.CANCELLED),
        _E.RESEND: IGNORE,
    },
    _S.SENDING: {
        _E.CLAIM: IGNORE,
        _E.PUT_BACK: ALARM,  # a marked request may have been sent
        _E.MARK: ALARM,  # no worker marks twice
        _E.ACCEPTED: Move(_S.ACCEPTED),
        _E.REFUSED: Move(_S.REFUSED),
        _E.TRY_LATER: Move(_S.QUEUED),
        _E.NO_ANSWER: Move(_S.UNKNOWN),
        _E.EXPIRE: Move(_S.UNKNOWN),
        _E.PROOF: Move(_S.ACCEPTED),
        _E.HOLD: IGNORE,  # a request that is being sent is not stopped
        _E.RELEASE: IGNORE,
        _E.CANCEL: IGNORE,  # its deliveries are canceled if it was not taken
        _E.RESEND: IGNORE,
    },
    _S.UNKNOWN: {
        _E.CLAIM: IGNORE,
        _E.PUT_BACK: ALARM,
        _E.MARK: ALARM,
        _E.ACCEPTED: Move(_S.ACCEPTED),  # a late answer is an answer
        _E.REFUSED: Move(_S.REFUSED),
        _E.TRY_LATER: Move(_S.QUEUED),
        _E.NO_ANSWER: IGNORE,
        _E.EXPIRE: IGNORE,
        _E.PROOF: Move(_S.ACCEPTED),
        _E.HOLD: IGNORE,
        _E.RELEASE: IGNORE,
        _E.CANCEL: IGNORE,  # the same
        _E.RESEND: Move(_S.QUEUED),
    },
    _S.ACCEPTED: {
        _E.CLAIM: IGNORE,
        _E.PUT_BACK: ALARM,
        _E.MARK: ALARM,
        _E.ACCEPTED: IGNORE,
        _E.REFUSED: ALARM,
        _E.TRY_LATER: ALARM,
        _E.NO_ANSWER: IGNORE,  # an event proved it while the answer was lost
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
    """A delivery's own outcome; without one it shares its request's state. Written once, except that a letter handed
    off can be reported or taken back, and a letter for a packet is to be printed, printed, then hand-delivered."""

    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    HANDED_OFF = "handed_off"
    REPORTED = "reported"
    TO_PRINT = "to_print"
    PRINTED = "printed"
    HANDED_IN = "handed_in"


OUTCOME_MEANING = {
    Outcome.SUPPRESSED: "By rule: the supporter is on the suppression list.",
    Outcome.CANCELLED: "It was taken back, its supporter was erased, or it was canceled while being sent and was not "
    "taken; or it was a reminder and the supporter has acted.",
    Outcome.REFUSED: "The provider refused it individually, or it could not be rendered.",
    Outcome.HANDED_OFF: "The supporter got everything needed to send it on the office's website. Nothing proves more.",
    Outcome.REPORTED: "The supporter reported sending it. Counted separately.",
    Outcome.TO_PRINT: "Queued for the next packet; its writer can take it back.",
    Outcome.PRINTED: "Printed; the organization will deliver it by hand. It can no longer be taken back.",
    Outcome.HANDED_IN: "The organization reported delivering it by hand. Counted separately.",
}


class Fate(IntEnum):
    """What the provider reported. It only rises, so events that are late, repeated or out of order end the same."""

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
    """What may be said about a letter: what its channel has proved, and no more."""

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
    BACK = "back"  # returned to its writer: its text or its addressee is out of date
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
    """What is proved about one delivery of a letter. `state` is its request's, None for a hand-off."""
    if outcome is not None:
        return _PROOF_OF_OUTCOME[Outcome(outcome)]
    said = _PROOF_OF_STATE[State(state or "")]
    if said is not Proof.SENT:
        return said
    if fate >= Fate.BLOCKED:
        return Proof.RETURNED if fate != Fate.COMPLAINED else Proof.DELIVERED
    return Proof.DELIVERED if fate == Fate.DELIVERED else Proof.SENT


def draw() -> str:
    """docs/states.md, from the tables above."""
    events = list(Event)
    lines = [
        "# States",
        "",
        "Generated from `campaign/states.py` by `make docs`. Do not edit: a test compares.",
        "",
        "## Request: its state",
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
    lines += ["", "Every pair has an answer: `·` ignores the event, `!` raises an alarm.", ""]
    lines += ["| | " + " | ".join(state.value for state in State) + " |", "|---" * (len(State) + 1) + "|"]
    for event in events:
        cells = []
        for state in State:
            answer = TABLE[state][event]
            cells.append((answer.to.value if answer.to else "·") + (" !" if answer.alarm else ""))
        lines.append(f"| {event.value} | " + " | ".join(cells) + " |")
    lines += ["", "## Delivery: its own outcome", "", "| outcome | means |", "|---|---|"]
    lines += [f"| {outcome.value} | {OUTCOME_MEANING[outcome]} |" for outcome in Outcome]
    lines += [
        "",
        "## Fate: what the provider reported",
        "",
        "The highest value wins, so repeats and order don't matter.",
        "",
    ]
    lines.append(" < ".join(fate.name.lower() for fate in Fate))
    return "\n".join(lines)


if __name__ == "__main__":
    print(draw())
