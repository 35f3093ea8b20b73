"""The histories of the letters that were not sent by noon, for the demo's change of Congress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from campaign.clock import WASHINGTON
from campaign.congress.snapshot import Snapshot
from campaign.demo.summary_screen import STATUS
from campaign.letters.letters import Letter
from campaign.outreach.transition import letter_decision
from campaign.states import Proof

SENT = {STATUS[proof] for proof in (Proof.SENT, Proof.DELIVERED, Proof.RETURNED)}
CONFIRMED_AGAIN = "confirmed again, to "


def clock_time(at: int) -> str:
    """The weekday and time in Washington at `at` (ms)."""
    return f"{datetime.fromtimestamp(at / 1000, WASHINGTON):%a %H:%M}"


@dataclass(slots=True)
class LetterHistory:
    """What happened to one letter that was not sent by noon: (time in Washington, what)."""

    letter: int
    seat: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def note(self, at: int, what: str) -> None:
        if not self.steps or self.steps[-1][1] != what:
            self.steps.append((clock_time(at), what))

    @property
    def outcome(self) -> str:
        words = [what for _, what in self.steps]
        if any(word.startswith(CONFIRMED_AGAIN) for word in words):
            return "returned to its writer, who confirmed a new one"
        return "sent to the same member" if words[-1] in SENT else words[-1]


@dataclass(slots=True)
class LetterHistories:
    """Histories by letter. `after` is the made-up next Congress."""

    after: Snapshot
    by_letter: dict[int, LetterHistory] = field(default_factory=dict)

    def follow(self, letters: Sequence[Letter]) -> None:
        """Start a history for each letter that is still queued."""
        for letter in letters:
            if letter.proof is Proof.GOING:
                self.by_letter[letter.id] = LetterHistory(letter.id, letter.seat, self._name(letter))

    def note(self, letters: Sequence[Letter], now: int) -> None:
        """Note the state of each followed letter, or of the letter that replaced it."""
        for letter in letters:
            same_writer = [other for other in letters if other.supporter_id == letter.supporter_id]
            if letter.id in self.by_letter:
                if not letter_decision.replaced(letter, same_writer):
                    self.by_letter[letter.id].note(now, status(letter))
                continue
            for other in same_writer:
                if other.id in self.by_letter and letter_decision.replaced(other, [letter]):
                    self._note_replacement(self.by_letter[other.id], letter, now)

    def _note_replacement(self, history: LetterHistory, letter: Letter, now: int) -> None:
        again = CONFIRMED_AGAIN + self._name(letter)
        if all(what != again for _, what in history.steps):
            history.note(letter.confirmed_at, again)
        history.note(now, f"the new letter: {STATUS[letter.proof]}")

    def _name(self, letter: Letter) -> str:
        """Who held the seat when the letter was confirmed."""
        holders = self.after.holders.get(letter.seat, ())
        return next((holder.name for holder in holders if holder.bioguide == letter.holder), letter.holder)

    @property
    def outcomes(self) -> dict[str, int]:
        return dict(Counter(history.outcome for history in self.by_letter.values()))

    def misdelivered(self, letters: Sequence[Letter], holders: Mapping[str, str]) -> list[LetterHistory]:
        """Followed letters that were sent to someone who does not hold the seat: there must be none."""
        sent = (letter for letter in letters if letter.id in self.by_letter and STATUS[letter.proof] in SENT)
        return [self.by_letter[letter.id] for letter in sent if holders.get(letter.seat) != letter.holder]


def status(letter: Letter) -> str:
    """A letter's state in words, with the reason if it must wait."""
    if letter.proof is Proof.BACK:
        return f"returned to its writer: {letter.why}"
    if letter.proof is Proof.HELD:
        return f"on hold: {letter.why}"
    return "queued" if letter.proof is Proof.GOING else STATUS[letter.proof]
