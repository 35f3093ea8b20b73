"""The last check before the mark, in its transaction: Congress as it is now, office hours, opted-out supporters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from campaign.delivery import outbox
from campaign.letters import pending
from campaign.letters.pending import DueLetter
from campaign.model import Kind
from campaign.outreach.routing import queue_receipt, schedule
from campaign.outreach.sending import unannounced_letters
from campaign.outreach.sending.batch import ClaimedBatch, Outgoing
from campaign.outreach.transition import letter_decision, pending_letters
from campaign.outreach.transition.letter_decision import GO, WAITS, CongressNow, Decision
from campaign.supporters import people


def gate(conn: Connection, batch: ClaimedBatch, messages: Sequence[Outgoing], now: int) -> list[Outgoing]:
    """The messages that may be sent now. The others are held, returned to their writers, postponed or put back."""
    if any(message.names_representative or message.hold or message.letters for message in messages):
        check = _prepare(conn, batch, messages, now)
        messages = [message for message in messages if check.passes(message)]
    for message in sorted(messages, key=lambda message: message.claim.variant):  # contacts are locked in one order
        _postpone(conn, batch, message, now)
    return [message for message in messages if not message.reschedule]


def _postpone(conn: Connection, batch: ClaimedBatch, message: Outgoing, now: int) -> None:
    """Put off what an office does not get now, or wants another way."""
    if message.contact and message.reschedule:
        schedule.reschedule(
            conn,
            message.claim,
            message.contact,
            why=message.reschedule,
            deliveries=message.deliveries,
            when=schedule.hours(batch.sender.settings),
            now=now,
        )


def _prepare(conn: Connection, batch: ClaimedBatch, messages: Sequence[Outgoing], now: int) -> _Check:
    """Decide about every letter, and lock the supporters whose letters will not go on as they are."""
    congress = letter_decision.congress_now(conn, batch.release.folder.campaign, now)
    letters = {letter.letter_id: letter for message in messages for letter in message.letters.values()}
    decisions = {number: letter_decision.decide(congress, letter) for number, letter in letters.items()}
    unannounced = pending.unannounced(conn, letters=letters) if letters else {}
    stays = [letter.supporter_id for number, letter in letters.items() if decisions[number] != GO]
    stays += [message.supporter_id for message in messages if message.hold and message.supporter_id]
    people.lock_supporters(conn, *stays, *unannounced.values())
    unannounced_letters.stop_letters(conn, unannounced, now)  # the mark does nothing with these
    return _Check(conn=conn, batch=batch, congress=congress, decisions=decisions, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    conn: Connection
    batch: ClaimedBatch
    congress: CongressNow
    decisions: Mapping[int, Decision]  # by letter
    now: int

    def passes(self, message: Outgoing) -> bool:
        """Whether this message may be sent; if not, do what must be done with it instead."""
        if message.names_representative and self.congress.roster is not self.batch.roster:
            outbox.put_back(self.conn, [message.claim])  # to be rendered again
            return False
        decision = self.decisions[message.letter.letter_id] if message.letter else GO
        if message.letter and decision.back:
            self._return(message.letter, decision)
            return False
        if message.closed and not message.parts and not message.unfit:
            outbox.hold(self.conn, [message.claim.id], self._closed)
            return False
        if reason := WAITS.get(decision.wait) or message.hold:
            if outbox.hold(self.conn, [message.claim.id], reason) and not decision.wait:
                self._tell_of_hold(message)
            return False
        if message.closed:
            outbox.hold_part(self.conn, message.claim, message.closed, self._closed, self.now)
        if message.letter is None:
            self._take_out(message)
        return True

    @property
    def _closed(self) -> str:
        return letter_decision.asks_on_hold(self.congress)

    def _return(self, letter: DueLetter, decision: Decision) -> None:
        assert decision.back
        pending_letters.return_to_writer(self.conn, self.batch.campaign.id, letter, decision.back, self.now)

    def _tell_of_hold(self, message: Outgoing) -> None:
        """A letter that could not be made waits for an operator, and its writer gets a receipt that says so."""
        claim = message.claim
        if claim.kind is Kind.LETTER:
            letter = pending.due_letters(self.conn, [claim.id]).get(claim.id)
            queue_receipt.queue_receipt(
                self.conn,
                self.batch.campaign.id,
                supporter_id=message.supporter_id,
                wave=f"held-{claim.id}-{claim.attempt}",
                locale=letter.locale if letter else claim.locale,  # a request split from a digest has the office's
                due_at=self.now,
            )

    def _take_out(self, message: Outgoing) -> None:
        """Take the letters that may not be sent out of a digest; the digest is then put back and rendered again."""
        for delivery, letter in message.letters.items():
            decision = self.decisions[letter.letter_id]
            if decision.back:
                self._return(letter, decision)
            elif decision.wait:
                outbox.split_digest(self.conn, message.claim.id, {delivery: self.now}, hold=WAITS[decision.wait])
