"""What the send loop passes from step to step: a batch of claimed requests, and each request about to be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from campaign.compose.rendering.release import Release
from campaign.congress.contacts import Contact
from campaign.congress.roster import Roster
from campaign.delivery.campaigns import Campaign
from campaign.delivery.sender import Sender
from campaign.letters.pending import DueLetter
from campaign.model import Claimed, Kind, Recipient, Text
from campaign.outreach.routing.channel import LetterToPost
from campaign.outreach.routing.schedule import Reschedule

NO_TEXT = Text("", "", "")


@dataclass(slots=True)
class DrainCounts:
    """Counts for one drain: requests by outcome, and the deliveries in accepted ones."""

    accepted: int = 0
    other: int = 0
    deliveries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedBatch:
    """The requests that one round has claimed and what they are rendered from, as it was at `now` (ms)."""

    sender: Sender
    campaign: Campaign
    release: Release
    roster: Roster
    claims: Sequence[Claimed]
    recipients: Mapping[int, list[Recipient]]  # by request
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One request about to be sent, or why it must not be.

    Asks share `text` and have one of `parts` for each delivery, so that the mark can still take deliveries out. Every
    other kind is one message, whose `content` is complete.
    """

    claim: Claimed
    deliveries: tuple[int, ...] = ()  # all that it is for
    text: Text = NO_TEXT
    parts: Mapping[int, msgspec.Raw] = field(default_factory=dict)
    content: bytes = b""
    valid_until: int | None = None  # ms; from then on it would say something untrue
    unfit: Mapping[int, str] = field(default_factory=dict)  # deliveries that must never be sent, and why
    hold: str = ""  # why it must wait for an operator
    supporter_id: int = 0
    letters: Mapping[int, DueLetter] = field(default_factory=dict)  # by delivery; a digest has several
    contact: Contact | None = None  # of the office
    reschedule: Reschedule = ""  # why the office must not get it now
    names_representative: bool = False
    closed: frozenset[int] = frozenset()  # deliveries to readers in states whose House seats get no letters yet

    @property
    def letter(self) -> DueLetter | None:
        """The letter that it is, if it is one. The letters of a digest are decided one by one."""
        return next(iter(self.letters.values()), None) if self.claim.kind is Kind.LETTER else None

    def to_post(self, letter: DueLetter, *, now: int, again: bool) -> LetterToPost:
        """The letter for its channel. `again`: an earlier try may have been taken."""
        return LetterToPost(
            claim=self.claim,
            delivery_id=self.deliveries[0],
            seat=letter.seat,
            content=self.content,
            now=now,
            again=again,
        )


def to_one(claim: Claimed, to: Recipient | None, **values: Any) -> Outgoing:
    """A request for this recipient alone."""
    if to is None:
        return Outgoing(claim=claim, **values)
    return Outgoing(claim=claim, deliveries=(to.delivery_id,), supporter_id=to.supporter_id, **values)


def unfit(claim: Claimed, to: Recipient, reason: str, **values: Any) -> Outgoing:
    """It must never be sent, for this reason."""
    return to_one(claim, to, unfit={to.delivery_id: reason}, **values)
