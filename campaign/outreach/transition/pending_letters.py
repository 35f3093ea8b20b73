"""The scheduler's review of pending letters: hold them, let them go, or return them, as Congress is now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import structlog
from sqlalchemy import Connection

from campaign.compose.campaign_folder.folder import CampaignConfig
from campaign.compose.campaign_folder.transition_rules import BOTH, INCOMING
from campaign.compose.rendering import release as releases
from campaign.congress import contacts as office_contacts
from campaign.congress import new_congress, terms
from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.letters import letters as letter_records
from campaign.letters import pending
from campaign.letters.letters import Back
from campaign.letters.pending import DueLetter, LetterGroup
from campaign.model import Kind
from campaign.outreach.routing import queue_receipt
from campaign.outreach.transition import letter_decision
from campaign.outreach.transition.letter_decision import (
    WAITS,
    CongressNow,
    Decision,
    congress_now,
    decide,
    waits_for_next,
)
from campaign.states import State
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people

log = structlog.get_logger()

MOST = 500  # letters that one transaction moves


def return_to_writer(conn: Connection, campaign_id: int, letter: DueLetter, why: Back, now: int) -> bool:
    """Cancel what is not sent, keep the text for the writer, and queue a receipt. False: it may have been sent."""
    people.lock_supporters(conn, letter.supporter_id)
    if not outbox.cancel_letter(conn, letter.letter_id, why):
        return False
    if not letter_records.withdraw(conn, letter.letter_id, why, now):
        return False
    queue_receipt.queue_receipt(
        conn,
        campaign_id,
        supporter_id=letter.supporter_id,
        wave=f"back-{letter.letter_id}",
        locale=letter.locale,
        due_at=now,
    )
    return True


@dataclass(slots=True)
class ReviewCounts:
    """What a review did, in letters. `announced`: receipts about a seat's next holder; `asks`: requests released."""

    held: int = 0
    released: int = 0
    returned: int = 0
    announced: int = 0
    asks: int = 0

    def __iadd__(self, more: ReviewCounts) -> ReviewCounts:
        for name in ReviewCounts.__slots__:
            setattr(self, name, getattr(self, name) + getattr(more, name))
        return self

    @property
    def letters(self) -> int:
        """Pending letters that moved."""
        return self.held + self.released + self.returned


def review_pending(
    database: Database, slug: str = "", *, now: Callable[[Connection], int] = engine.now
) -> ReviewCounts:
    """Hold, release or return the pending letters of this campaign, or of every one. Safe to run concurrently and
    repeatedly.
    """
    with database.read() as conn:
        at = now(conn)
        every = [campaigns.get(conn, slug)] if slug else campaigns.every(conn)
        to_review = [campaign for campaign in every if _has_work(conn, campaign, at)]
    total = ReviewCounts()
    for campaign in to_review:
        more = True
        while more:  # a transaction for each part, to hold the database's locks briefly
            with database.begin() as conn:
                counts = _review(conn, campaign, now(conn))
            more = counts.letters >= MOST
            total += counts
        if total != ReviewCounts():
            log.info("switch", campaign=campaign.slug, held=total.held, went_on=total.released, back=total.returned)
    return total


def _has_work(conn: Connection, campaign: Campaign, now: int) -> bool:
    """Whether a review would do anything: most do not, and take no lock."""
    congress = congress_now(conn, _rules(conn, campaign), now)
    if _moving(conn, congress, campaign.id):
        return True
    if any(decide(congress, letter).back for letter in pending.printed_letters(conn, campaign.id)):
        return True
    return bool(_asks(conn, congress, campaign.id)) or bool(_turned(conn, congress, campaign.id))


def _rules(conn: Connection, campaign: Campaign) -> CampaignConfig:
    return releases.load(conn, campaign.release).folder.campaign


def _may_move(congress: CongressNow, group: LetterGroup) -> bool:
    """Whether some letter of this group may have to be held, released or returned."""
    if group.state == State.HELD.value and group.reason not in WAITS.values():
        return False  # an operator holds it, or it could not be rendered
    seat = congress.roster.seats.get(group.seat)
    before = group.first < new_congress.begins(congress.roster)
    if seat is not None and seat.house and before and not congress.is_closed(seat.code):
        return True  # each writer's ZIP code decides
    return _moves(group, decide(congress, group.sample))


def _moves(group: LetterGroup, decision: Decision) -> bool:
    """Whether a letter of this group does not stay as it is. A worker takes one that waits out of its digest."""
    if decision.wait:
        return group.kind == Kind.LETTER and group.reason != WAITS[decision.wait]
    return decision.back is not None or group.state == State.HELD.value


def _review(conn: Connection, campaign: Campaign, now: int) -> ReviewCounts:
    """One transaction's part: at most MOST letters, and once those are done what needs no limit."""
    congress = congress_now(conn, _rules(conn, campaign), now)
    moving = _moving(conn, congress, campaign.id)
    printed = [(letter, decide(congress, letter).back) for letter in pending.printed_letters(conn, campaign.id)]
    outdated = [(letter, why) for letter, why in printed if why is not None]
    people.lock_supporters(
        conn, *(letter.supporter_id for _, letter in moving), *(letter.supporter_id for letter, _ in outdated)
    )
    paced = {contact.seat for contact in office_contacts.all_contacts(conn)}
    counts = ReviewCounts()
    for group, letter in moving:
        counts += _move(conn, congress, campaign.id, group, letter, paced=letter.seat in paced)
    if counts.letters >= MOST:
        return counts
    for letter, why in outdated:
        counts.returned += return_to_writer(conn, campaign.id, letter, why, now)
    for letter_id, supporter_id, locale in _turned(conn, congress, campaign.id):
        people.lock_supporters(conn, supporter_id)
        counts.announced += queue_receipt.queue_receipt(
            conn, campaign.id, supporter_id=supporter_id, wave=f"turn-{letter_id}", locale=locale, due_at=now
        )
    if asks := _asks(conn, congress, campaign.id):
        counts.asks = outbox.release(conn, asks, now)
    return counts


def _moving(conn: Connection, congress: CongressNow, campaign_id: int) -> list[tuple[LetterGroup, DueLetter]]:
    """At most MOST letters that have to move, in the order of supporters, in which locks are taken."""
    moving = (
        (group, letter)
        for group in pending.groups(conn, campaign_id)
        if _may_move(congress, group)
        for letter in pending.letters_of_group(conn, campaign_id, group)
        if _moves(group, decide(congress, letter))
    )
    return sorted(islice(moving, MOST), key=lambda pair: (pair[1].supporter_id, pair[1].letter_id))


def _move(
    conn: Connection, congress: CongressNow, campaign_id: int, group: LetterGroup, letter: DueLetter, *, paced: bool
) -> ReviewCounts:
    """Hold, release or return one letter. `paced`: the office of its seat gets letters at its own pace."""
    decision, now = decide(congress, letter), congress.now
    if decision.back is not None:
        return ReviewCounts(returned=return_to_writer(conn, campaign_id, letter, decision.back, now))
    if not _moves(group, decision):
        return ReviewCounts()
    if decision.wait:
        if group.reason:  # it waits for something else now
            outbox.release(conn, [letter.request_id], now)
        return ReviewCounts(held=outbox.hold(conn, [letter.request_id], WAITS[decision.wait]))
    alone = group.kind == Kind.LETTER
    due_at = office_contacts.reserve(conn, letter.seat, now) if paced and alone else now
    return ReviewCounts(released=outbox.release(conn, [letter.request_id], due_at))


def _asks(conn: Connection, congress: CongressNow, campaign_id: int) -> list[int]:
    """The requests of asks held for the House, once a state has opened since. A worker holds again the deliveries to
    states that are still closed.
    """
    opened = list[int]()
    for reason in outbox.held_reasons(conn, campaign_id, Kind.ASK, WAITS["house"]):
        if letter_decision.waited_for(congress, reason) - congress.closed.keys():
            opened += outbox.held_for(conn, campaign_id, Kind.ASK, reason)
    return opened


def _turned(conn: Connection, congress: CongressNow, campaign_id: int) -> list[tuple[int, int, str]]:
    """(letter, supporter, locale) of the supporters to tell that a seat has its next holder: where the rule is `both`,
    those who wrote to the last one; where it is `incoming`, those whose letter was handed off for a form.
    """
    if not congress.campaign.opens <= congress.now < congress.campaign.closes:
        return []
    rule = congress.campaign.transition
    seats = [seat for seat in congress.roster.seats.values() if seat.holder and not congress.is_closed(seat.code)]
    both = {seat.code: seat.holder.bioguide for seat in seats if seat.holder and rule.of(seat.code) == BOTH}
    began = {
        seat.code: terms.noon(seat.holder.since)
        for seat in seats
        if seat.holder and seat.holder.since and rule.of(seat.code) == INCOMING
        if not waits_for_next(congress.campaign, seat)
    }
    turned = pending.outlived_letters(conn, campaign_id, both) if both else []
    return turned + (pending.handed_off_before(conn, campaign_id, began) if began else [])
