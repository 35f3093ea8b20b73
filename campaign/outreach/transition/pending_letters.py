"""When a seat changes hands, or the lines do: which letters go on, which wait, and which go back to their writers.

A letter is to one holder of one seat. `judge` says what may become of it at one instant; a worker asks it in the very
transaction in which a letter is marked, the page asks it before a letter is shown, and `look` (the tick) moves what
waits. What went back never leaves: its writer reads the new text and confirms that, or nothing more happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from campaign.compose.campaign_folder.folder import CampaignConfig
from campaign.compose.campaign_folder.transition_rules import BOTH, INCOMING
from campaign.compose.rendering import release as releases
from campaign.congress import contacts as office_contacts
from campaign.congress import districts, new_congress, representatives, roster, terms
from campaign.congress.new_congress import ClosedState
from campaign.congress.roster import Roster
from campaign.delivery import campaigns, outbox
from campaign.letters import eligibility, pending
from campaign.letters import letters as letter_records
from campaign.letters.letters import Back, Letter
from campaign.letters.pending import DueLetter, LetterGroup
from campaign.model import Kind, Seat
from campaign.outreach.routing import queue_receipt
from campaign.states import Proof, State
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people

log = structlog.get_logger()

MOST = 500  # letters that one transaction moves
PAGE_MS = 60 * 24 * 3600 * 1000  # so long after its beginning a Congress may have offices without a page

# Why a letter waits, by a word for pages. The sentences stand with the request.
WAITS = {
    "house": "the new House is not known well enough yet",
    "unknown": "who holds this seat is not known yet",
    "vacant": "nobody holds this seat now",
    "no-page": "no page of the new member's office is known yet",
    "incoming": "it waits for whoever holds the seat next",
    "race": "its reader runs for office: thanks wait until the race is over",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """`wait`: a key of WAITS, why it must not leave yet. `back`: why it must never leave. Neither: it may go."""

    wait: str = ""
    back: Back | None = None


GO = Decision()


@dataclass(frozen=True, slots=True)
class CongressNow:
    """A campaign at one instant: who sits, the states whose House seats get no letters yet, the campaign's rules."""

    conn: Connection
    campaign: CampaignConfig
    roster: Roster
    closed: Mapping[str, ClosedState]
    now: int

    def is_closed(self, code: str, *, by_address: bool = False) -> bool:
        """Whether this is a House seat of a state that is closed (`ready.is_closed`)."""
        return new_congress.is_closed(self.closed, code, by_address=by_address)


def congress_now(conn: Connection, campaign: CampaignConfig, now: int) -> CongressNow:
    """Congress and the rules as they are at `now` (ms)."""
    seats = roster.at(conn, now)
    return CongressNow(conn, campaign, seats, new_congress.closed(seats), now)


def decide(at: CongressNow, one: DueLetter) -> Decision:
    """What may become of a letter that has not left."""
    seat = at.roster.seats.get(one.seat)
    if seat is None:
        return Decision(back="another holder")
    before = one.confirmed_at < new_congress.begins(at.roster)
    if at.is_closed(seat.code, by_address=one.matched == "address" and not before):
        return Decision("house")
    if seat.holder is None:
        return Decision("vacant" if seat.known else "unknown")
    if seat.holder.bioguide != one.holder:
        return Decision(back="another holder")
    if seat.house and before and not _still_theirs(at, one):
        return Decision(back="other lines")
    if one.valid_until is not None and at.now >= one.valid_until:
        return Decision(back="its text has ended")
    if not seat.holder.url and at.now < new_congress.begins(at.roster) + PAGE_MS:
        return Decision("no-page")
    if waits_for_next(at.campaign, seat):
        return Decision("incoming")
    if one.variant.startswith("thanks") and in_race(at.campaign, one.seat, at.now):
        return Decision("race")
    return GO


@dataclass(frozen=True, slots=True)
class LetterStatus:
    """What may be said of a letter now. `why`: of what is held a key of WAITS, of what went back a value of BACK,
    "untold" of what was stopped because its supporter could not be told.
    """

    proof: Proof
    why: str = ""


BACK: dict[Back, str] = {"another holder": "holder", "other lines": "lines", "its text has ended": "text"}


def status_of(at: CongressNow, one: Letter, zip: str, place: bytes | None = None) -> LetterStatus:
    """As it stands, and as the tick will have it in a moment: what has not left may have to wait, or to come back."""
    if one.proof is Proof.BACK:
        return LetterStatus(Proof.BACK, next((word for why, word in BACK.items() if why == one.why), ""))
    if one.proof is Proof.WITHDRAWN and one.why == letter_records.UNTOLD:
        return LetterStatus(Proof.WITHDRAWN, "untold")
    if one.proof is Proof.HELD:
        return LetterStatus(Proof.HELD, next((key for key, why in WAITS.items() if why == one.why), ""))
    if one.proof not in (Proof.GOING, Proof.READY, Proof.TO_PRINT) or one.withdrawn:
        return LetterStatus(one.proof)
    same = ("supporter_id", "seat", "holder", "matched", "variant", "locale", "confirmed_at", "valid_until", "channel")
    about = {name: getattr(one, name) for name in same}
    found = decide(at, DueLetter(request_id=0, letter_id=one.id, zip=zip, place=place, **about))
    if found.back:
        return LetterStatus(Proof.BACK, BACK[found.back])
    return LetterStatus(Proof.HELD, found.wait) if found.wait else LetterStatus(one.proof)


def replaced(one: Letter, all_: Sequence[Letter]) -> bool:
    """Whether its writer has confirmed another one in the place of a letter that came back."""
    return one.proof is Proof.BACK and any(
        other.id > one.id and not other.withdrawn and (other.seat == one.seat or other.seat[:2] == one.seat[:2] == "H:")
        for other in all_
    )


def _still_theirs(at: CongressNow, one: DueLetter) -> bool:
    """Whether a letter of before the switch is to the representative by the new lines too. What a writer chose among
    names holds where the lines are known to be the old ones.
    """
    found = representatives.match(at.conn, at.roster, one.zip, one.place, (), at.now)
    how = eligibility.match_basis(found, one.seat)
    return how in ("zip", "address") or (how == "chosen" and districts.stayed(one.seat[2:4], at.roster.congress))


def waits_for_next(campaign: CampaignConfig, seat: Seat) -> bool:
    """Whether letters wait for the seat's next term: by the rule, where this one ends within the campaign."""
    ends = seat.holder.ends if seat.holder else ""
    return campaign.transition.of(seat.code) == INCOMING and bool(ends) and terms.noon(ends) < campaign.closes


def in_race(campaign: CampaignConfig, seat: str, now: int) -> bool:
    """Whether the seat's holder runs for office now, so that thanks wait."""
    return any(one.seat == seat and one.opens <= now < one.closes for one in campaign.candidates)


def return_to_writer(conn: Connection, campaign_id: int, one: DueLetter, why: Back, now: int) -> bool:
    """Cancel what has not left, keep the words for the writer, and tell that person. False: it may have left."""
    people.lock_supporters(conn, one.supporter_id)
    if not outbox.cancel_letter(conn, one.letter_id, why) or not letter_records.withdraw(conn, one.letter_id, why, now):
        return False
    queue_receipt.queue_receipt(
        conn,
        campaign_id,
        supporter_id=one.supporter_id,
        wave=f"back-{one.letter_id}",
        locale=one.locale,
        due_at=now,
    )
    return True


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """What one look did, in letters; `asks` are requests that went on."""

    held: int = 0
    went_on: int = 0
    back: int = 0
    told: int = 0
    asks: int = 0


def review_pending(
    database: Database, slug: str = "", *, now: Callable[[Connection], int] = engine.now
) -> ReviewCounts:
    """Hold, let go, or give back what waits, as Congress is now: in this campaign, or in every one. Safe to run
    concurrently and repeatedly.
    """
    with database.read() as conn:
        at = now(conn)
        campaigns_here = [campaigns.get(conn, slug)] if slug else campaigns.every(conn)
        wanted = [one for one in campaigns_here if _anything(conn, one, at)]
    total = ReviewCounts()
    for campaign in wanted:
        full = True
        while full:  # a transaction for each part, so that nobody waits long for the database
            with database.begin() as conn:
                made = _look(conn, campaign, now(conn))
            full = made.held + made.went_on + made.back >= MOST
            total = ReviewCounts(*(getattr(total, name) + getattr(made, name) for name in ReviewCounts.__slots__))
        if total != ReviewCounts():
            log.info("switch", campaign=campaign.slug, held=total.held, went_on=total.went_on, back=total.back)
    return total


def _anything(conn: Connection, campaign: campaigns.Campaign, now: int) -> bool:
    """Whether a look would do anything: most looks do not, and take no lock."""
    here = congress_now(conn, _rules(conn, campaign), now)
    letters = any(_verdicts(here, group) for group in pending.groups(conn, campaign.id))
    paper = any(decide(here, one).back for one in pending.printed_letters(conn, campaign.id))
    return letters or paper or bool(_asks(conn, here, campaign.id)) or any(_turned(conn, here, campaign.id))


def _rules(conn: Connection, campaign: campaigns.Campaign) -> CampaignConfig:
    return releases.load(conn, campaign.release).folder.campaign


def _verdicts(here: CongressNow, group: LetterGroup) -> bool:
    """Whether some letter of this group may have to move."""
    held = group.state == State.HELD.value
    if held and group.reason not in WAITS.values():
        return False  # a person holds it, or it cannot be made
    seat = here.roster.seats.get(group.seat)
    before = group.first < new_congress.begins(here.roster)
    if seat is not None and seat.house and before and not here.is_closed(seat.code):
        return True  # each writer's ZIP code decides
    found = decide(here, group.sample)
    if found.wait and group.kind == "daily":
        return False  # a worker takes it out of the summary
    return found.back is not None or WAITS.get(found.wait, "") != group.reason


def _look(conn: Connection, campaign: campaigns.Campaign, now: int) -> ReviewCounts:
    here = congress_now(conn, _rules(conn, campaign), now)
    held = went_on = back = told = 0
    contacts = {one.seat for one in office_contacts.all_contacts(conn)}
    moving = list[tuple[LetterGroup, DueLetter]]()
    for group in pending.groups(conn, campaign.id):
        if len(moving) < MOST and _verdicts(here, group):
            letters = pending.letters_of_group(conn, campaign.id, group, MOST - len(moving))
            moving += [(group, one) for one in letters]
    paper = [
        (one, why) for one in pending.printed_letters(conn, campaign.id) if (why := decide(here, one).back) is not None
    ]
    people.lock_supporters(conn, *(one.supporter_id for _, one in moving), *(one.supporter_id for one, _ in paper))
    for group, one in sorted(moving, key=lambda pair: (pair[1].supporter_id, pair[1].letter_id)):
        found, before = decide(here, one), group.reason
        if found.back is not None:
            back += return_to_writer(conn, campaign.id, one, found.back, now)
        elif found.wait and before != WAITS[found.wait] and group.kind == "letter":
            if before:  # it waits for something else by now
                outbox.release(conn, [one.request_id], now)
            held += outbox.hold(conn, [one.request_id], WAITS[found.wait])
        elif not found.wait and group.state == State.HELD.value:
            paced = one.seat in contacts and group.kind == "letter"
            due_at = office_contacts.reserve(conn, one.seat, now) if paced else now
            went_on += outbox.release(conn, [one.request_id], due_at)
    if held + went_on + back >= MOST:
        return ReviewCounts(held, went_on, back)
    for one, why in paper:
        back += return_to_writer(conn, campaign.id, one, why, now)
    for letter_id, supporter_id, locale in _turned(conn, here, campaign.id):
        people.lock_supporters(conn, supporter_id)
        told += queue_receipt.queue_receipt(
            conn, campaign.id, supporter_id=supporter_id, wave=f"turn-{letter_id}", locale=locale, due_at=now
        )
    asks = _asks(conn, here, campaign.id)
    return ReviewCounts(held, went_on, back, told, outbox.release(conn, asks, now) if asks else 0)


def asks_on_hold(at: CongressNow) -> str:
    """Why asks that name a representative are held, with the states that are closed, or those that are not if fewer."""
    opened = at.roster.house.keys() - at.closed.keys()
    word, named = (_EXCEPT, opened) if len(opened) < len(at.closed) else (_IN, at.closed)
    return f"{WAITS['house']}{word}{', '.join(sorted(named))}" if named else WAITS["house"]


_IN, _EXCEPT = " in ", " except in "


def _waited_for(at: CongressNow, reason: str) -> set[str]:
    """The states in a reason that `asks_wait` wrote; all of them where it names none."""
    _, excepted, opened = reason.partition(_EXCEPT)
    if excepted:
        return set(at.roster.house) - set(opened.split(", "))
    _, within, named = reason.partition(_IN)
    return set(named.split(", ")) if within else set(at.roster.house)


def _asks(conn: Connection, here: CongressNow, campaign_id: int) -> list[int]:
    """The requests of asks that were held for the House, once a state has opened since. A worker holds again those
    readers whose state is still closed.
    """
    found = list[int]()
    for reason in outbox.held_reasons(conn, campaign_id, Kind.ASK, WAITS["house"]):
        if _waited_for(here, reason) - here.closed.keys():
            found += outbox.held_for(conn, campaign_id, Kind.ASK, reason)
    return found


def _turned(conn: Connection, here: CongressNow, campaign_id: int) -> list[tuple[int, int, str]]:
    """(letter, supporter, locale) of whom to tell that a seat has its next holder: where the rule is `both`, who wrote
    to the one before; where it is `incoming`, who was given a letter for a form.
    """
    if not here.campaign.opens <= here.now < here.campaign.closes:
        return []
    rule = here.campaign.transition
    held = [seat for seat in here.roster.seats.values() if seat.holder and not here.is_closed(seat.code)]
    both = {seat.code: seat.holder.bioguide for seat in held if seat.holder and rule.of(seat.code) == BOTH}
    began = {
        seat.code: terms.noon(seat.holder.since)
        for seat in held
        if seat.holder and seat.holder.since and rule.of(seat.code) == INCOMING
        if not waits_for_next(here.campaign, seat)
    }
    turned = pending.outlived_letters(conn, campaign_id, both) if both else []
    return turned + (pending.handed_off_before(conn, campaign_id, began) if began else [])
