"""What may happen to a letter as Congress is now: it may be sent, it waits, or it is returned to its writer.

A letter is to one holder of one seat. A worker decides in the transaction in which a letter is marked, the page before
it shows a letter, and the scheduler's review for all that wait. A returned letter is never sent: its writer reads the
new text and confirms that one, or nothing more happens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from campaign.compose.campaign_folder.folder import CampaignConfig
from campaign.compose.campaign_folder.transition_rules import INCOMING
from campaign.congress import districts, new_congress, representatives, roster, terms
from campaign.congress.new_congress import ClosedState
from campaign.congress.roster import Roster
from campaign.letters import eligibility
from campaign.letters import letters as letter_records
from campaign.letters.letters import Back, Letter
from campaign.letters.pending import DueLetter
from campaign.model import Seat
from campaign.states import Proof

PAGE_MS = 60 * 24 * 3600 * 1000  # for this long after it begins, offices of a new Congress may have no page

# Why a letter waits: by a key for pages, the reason that is stored with its request.
WAITS = {
    "house": "the new House members or districts are not all known yet",
    "unknown": "the holder of this seat is not known yet",
    "vacant": "this seat is vacant",
    "no-page": "the new member's office has no known web page yet",
    "incoming": "it is held for the seat's next holder",
    "race": "the member is running for office: thank-you letters are held until the race is over",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """`wait`: a key of WAITS, why it must not be sent yet. `back`: why it never will be. Neither: it may be sent."""

    wait: str = ""
    back: Back | None = None


GO = Decision()


@dataclass(frozen=True, slots=True)
class CongressNow:
    """Congress and a campaign's rules at one instant. `closed`: the states whose House seats get no letters yet."""

    conn: Connection
    campaign: CampaignConfig
    roster: Roster
    closed: Mapping[str, ClosedState]
    now: int

    def is_closed(self, code: str, *, by_address: bool = False) -> bool:
        """Whether this is a House seat of a closed state."""
        return new_congress.is_closed(self.closed, code, by_address=by_address)


def congress_now(conn: Connection, campaign: CampaignConfig, now: int, *, known: Roster | None = None) -> CongressNow:
    """Congress and the rules as they are at `now` (ms). `known`: the roster, if it was read before."""
    seats = known or roster.at(conn, now)
    return CongressNow(conn, campaign, seats, new_congress.closed(seats), now)


def decide(at: CongressNow, letter: DueLetter) -> Decision:
    """What may happen to a letter that is not sent yet."""
    seat = at.roster.seats.get(letter.seat)
    if seat is None:
        return Decision(back="another holder")
    before = letter.confirmed_at < new_congress.begins(at.roster)
    if at.is_closed(seat.code, by_address=letter.matched == "address" and not before):
        return Decision("house")
    if seat.holder is None:
        return Decision("vacant" if seat.known else "unknown")
    if seat.holder.bioguide != letter.holder:
        return Decision(back="another holder")
    if seat.house and before and not _still_theirs(at, letter):
        return Decision(back="other lines")
    if letter.valid_until is not None and at.now >= letter.valid_until:
        return Decision(back="its text has ended")
    if not seat.holder.url and at.now < new_congress.begins(at.roster) + PAGE_MS:
        return Decision("no-page")
    if waits_for_next(at.campaign, seat):
        return Decision("incoming")
    if letter.variant.startswith("thanks") and in_race(at.campaign, letter.seat, at.now):
        return Decision("race")
    return GO


@dataclass(frozen=True, slots=True)
class LetterStatus:
    """What is verified about a letter now. `why`: for a held letter a key of WAITS, for a returned one a value of BACK;
    "untold": it was stopped because its supporter could not be told.
    """

    proof: Proof
    why: str = ""


BACK: dict[Back, str] = {"another holder": "holder", "other lines": "lines", "its text has ended": "text"}


def status_of(at: CongressNow, letter: Letter, zip: str, place: bytes | None = None) -> LetterStatus:
    """Its status as the next review will have it: a letter not sent yet may have to wait, or be returned."""
    if letter.proof is Proof.BACK:
        return LetterStatus(Proof.BACK, next((word for why, word in BACK.items() if why == letter.why), ""))
    if letter.proof is Proof.WITHDRAWN and letter.why == letter_records.UNTOLD:
        return LetterStatus(Proof.WITHDRAWN, "untold")
    if letter.proof is Proof.HELD:
        return LetterStatus(Proof.HELD, next((key for key, why in WAITS.items() if why == letter.why), ""))
    if letter.proof not in (Proof.GOING, Proof.READY, Proof.TO_PRINT) or letter.withdrawn:
        return LetterStatus(letter.proof)
    same = ("supporter_id", "seat", "holder", "matched", "variant", "locale", "confirmed_at", "valid_until", "channel")
    about = {name: getattr(letter, name) for name in same}
    decision = decide(at, DueLetter(request_id=0, letter_id=letter.id, zip=zip, place=place, **about))
    if decision.back:
        return LetterStatus(Proof.BACK, BACK[decision.back])
    return LetterStatus(Proof.HELD, decision.wait) if decision.wait else LetterStatus(letter.proof)


def replaced(letter: Letter, letters: Sequence[Letter]) -> bool:
    """Whether its writer confirmed another letter in place of this returned letter."""
    return letter.proof is Proof.BACK and any(
        other.id > letter.id
        and not other.withdrawn
        and (other.seat == letter.seat or other.seat[:2] == letter.seat[:2] == "H:")
        for other in letters
    )


def _still_theirs(at: CongressNow, letter: DueLetter) -> bool:
    """Whether a letter confirmed before the new Congress is to the representative by its lines too. A district the
    writer chose stays valid where the lines did not change.
    """
    match = representatives.match(at.conn, at.roster, letter.zip, place=letter.place, now=at.now)
    basis = eligibility.match_basis(match, letter.seat)
    return basis in ("zip", "address") or (basis == "chosen" and districts.stayed(letter.seat[2:4], at.roster.congress))


def waits_for_next(campaign: CampaignConfig, seat: Seat) -> bool:
    """Whether letters wait for the seat's next term: by the rule, where this term ends within the campaign."""
    ends = seat.holder.ends if seat.holder else ""
    return campaign.transition.of(seat.code) == INCOMING and bool(ends) and terms.noon(ends) < campaign.closes


def in_race(campaign: CampaignConfig, seat: str, now: int) -> bool:
    """Whether the seat's holder is running for office, so that thanks wait."""
    return any(race.seat == seat and race.opens <= now < race.closes for race in campaign.candidates)


def asks_on_hold(at: CongressNow) -> str:
    """Why asks that name a representative are held, with the states that are closed, or those that are not if fewer."""
    opened = at.roster.house.keys() - at.closed.keys()
    word, named = (_EXCEPT, opened) if len(opened) < len(at.closed) else (_IN, at.closed)
    return f"{WAITS['house']}{word}{', '.join(sorted(named))}" if named else WAITS["house"]


_IN, _EXCEPT = " in ", " except in "


def waited_for(at: CongressNow, reason: str) -> set[str]:
    """The states in a reason that `asks_on_hold` wrote; all of them where it names none."""
    _, excepted, opened = reason.partition(_EXCEPT)
    if excepted:
        return set(at.roster.house) - set(opened.split(", "))
    _, within, named = reason.partition(_IN)
    return set(named.split(", ")) if within else set(at.roster.house)
