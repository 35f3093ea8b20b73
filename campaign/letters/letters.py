"""Letters, the evidence that their writers confirmed them, and who came so far: the only writer of these tables.

The words are sealed, kept as they were confirmed, and never rendered again.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import msgspec
from sqlalchemy import Connection, Select, and_, func, insert, or_, select, union, update

from campaign.keys import Keys
from campaign.states import Fate, Outcome, Proof, State, proof
from campaign.store.dialect import insert as upsert
from campaign.store.schema import campaign, delivery, evidence, letter, request, visit

NONCE_BYTES = 8
DAY_MS = 24 * 3600 * 1000
KEPT_MS = 28 * DAY_MS  # the words, after hand-off or settlement
LATE_MS = 30 * DAY_MS  # after the campaign's last day, in which letters may still leave

STAYED = (Proof.GOING, Proof.HELD, Proof.READY, Proof.TO_PRINT)  # nothing has left yet

Withdrawal = Literal["taken back", "not sent by this person"]  # by its writer
Reason = Literal[Withdrawal, "erased", "its supporter could not be told"]
UNTOLD: Reason = "its supporter could not be told"  # they opted out before an email told them about the letter
Back = Literal["another holder", "other lines", "its text has ended"]  # why a letter went back to its writer
BACK: tuple[Back, ...] = ("another holder", "other lines", "its text has ended")


class LetterContent(msgspec.Struct, frozen=True):
    """A letter's text as its writer confirmed it, and who wrote it.

    `fields` are the other values that an office's form may ask for, in order. `on_paper` is the envelope that a
    printed letter has: never a street, and no phone. `parts` is the same letter for a channel that takes text and
    writer in fields of their own. `typed`: what was typed on our page.
    """

    subject: str
    core: str
    envelope: str
    name: str
    fields: tuple[tuple[str, str], ...] = ()
    on_paper: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    typed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter to be written down. Times in ms; `token` is the link that it came by."""

    campaign_id: int
    supporter_id: int
    seat: str
    holder: str
    matched: Literal["zip", "address", "chosen"]
    variant: str
    locale: str
    release: str
    words: LetterContent
    characters: int
    due_at: int
    valid_until: int | None
    token: str
    consent: str
    by: Literal["page", "mail"] = "page"
    quote: bool = False  # the writer ticked that the office may be shown the own words


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter and its newest delivery. `at`: when that was answered or handed over, else None."""

    id: int
    supporter_id: int
    seat: str
    holder: str
    locale: str
    confirmed_at: int
    due_at: int
    valid_until: int | None
    withdrawn: bool
    channel: str
    proof: Proof
    at: int | None
    fell_back: bool  # another channel was tried before
    matched: str
    variant: str
    why: str  # why its delivery is held, or why it went back
    daily: bool = False  # it goes in the summary of a day


def count_first_visit(conn: Connection, campaign_id: int, supporter_id: int, now: int) -> None:
    """Somebody typed a ZIP code behind this person's link; the first time counts."""
    row = {"campaign_id": campaign_id, "supporter_id": supporter_id, "at": now}
    conn.execute(upsert(conn, visit).values(row).on_conflict_do_nothing())


def confirm(conn: Connection, keys: Keys, new: NewLetter, now: int) -> int | None:
    """Write down the evidence and the letter; its id, or None when this person's letter to that holder is there."""
    live = (
        letter.c.supporter_id == new.supporter_id,
        letter.c.campaign_id == new.campaign_id,
        letter.c.seat == new.seat,
        letter.c.holder == new.holder,
        letter.c.withdrawn_at.is_(None),
    )
    if conn.execute(select(letter.c.id).where(*live)).first():
        return None
    words = new.words
    shown = {
        "at": now,
        "text_hash": keys.proof(words.subject, words.core, words.envelope),
        "release": new.release,
        "link": keys.proof(new.token)[:16],
        "consent": new.consent,
        "by": new.by,
        "quote": new.quote,
    }
    evidence_id = conn.execute(insert(evidence).values(shown).returning(evidence.c.id)).scalar_one()
    nonce = secrets.token_bytes(NONCE_BYTES)
    row = {
        "evidence_id": evidence_id,
        "nonce": nonce,
        "words": keys.seal(msgspec.json.encode(words).decode(), _where(nonce)),
        "confirmed_at": now,
        **{
            name: getattr(new, name)
            for name in (
                *("campaign_id", "supporter_id", "seat", "holder", "matched", "variant", "locale", "characters"),
                *("due_at", "valid_until"),
            )
        },
    }
    made: int = conn.execute(insert(letter).values(row).returning(letter.c.id)).scalar_one()
    return made


def set_receipt(conn: Connection, letter_id: int, receipt_id: int) -> None:
    """Note which delivery is the email that tells the supporter about this letter."""
    conn.execute(update(letter).where(letter.c.id == letter_id).values(receipt_id=receipt_id))


def _where(nonce: bytes) -> bytes:
    return b"letter.words." + nonce


_NEWEST = select(func.max(delivery.c.id)).where(delivery.c.letter_id == letter.c.id).correlate(letter).scalar_subquery()
_FIRST = select(func.min(delivery.c.id)).where(delivery.c.letter_id == letter.c.id).correlate(letter).scalar_subquery()
_LETTERS = (
    select(
        letter,
        delivery.c.channel,
        delivery.c.outcome,
        delivery.c.fate,
        func.coalesce(request.c.answered_at, delivery.c.at).label("settled_at"),
        request.c.state,
        request.c.reason.label("held_for"),
        (delivery.c.id != _FIRST).label("fell_back"),
        request.c.kind,
        request.c.due_at.label("leaves_at"),
    )
    .join(delivery, delivery.c.id == _NEWEST)
    .outerjoin(request, request.c.id == delivery.c.request_id)
    .order_by(letter.c.id)
)


def by_supporter(conn: Connection, campaign_id: int, supporter_id: int) -> list[Letter]:
    """This person's letters in this campaign, the withdrawn ones too, in the order of their confirmation."""
    return _letters(conn, _LETTERS.where(letter.c.campaign_id == campaign_id, letter.c.supporter_id == supporter_id))


def by_campaign(conn: Connection, campaign_id: int) -> list[Letter]:
    """All letters of a campaign, in the order of their confirmation; for small ones."""
    return _letters(conn, _LETTERS.where(letter.c.campaign_id == campaign_id))


def _letters(conn: Connection, query: Select[Any]) -> list[Letter]:
    found = []
    for row in conn.execute(query).mappings():
        withdrawn, daily = row["withdrawn_at"] is not None, row["kind"] == "daily"
        proved, back = proof(row["outcome"], row["state"], row["fate"]), row["reason"] in BACK
        found.append(
            Letter(
                id=row["id"],
                supporter_id=row["supporter_id"],
                seat=row["seat"],
                holder=row["holder"],
                locale=row["locale"],
                confirmed_at=row["confirmed_at"],
                due_at=max(row["due_at"], row["leaves_at"]) if daily else row["due_at"],
                valid_until=row["valid_until"],
                withdrawn=withdrawn,
                channel=row["channel"],
                proof=Proof.BACK if back else Proof.WITHDRAWN if withdrawn and proved in STAYED else proved,
                at=row["settled_at"],
                fell_back=bool(row["fell_back"]),
                matched=row["matched"],
                variant=row["variant"],
                why=row["reason"] or (row["held_for"] if proved is Proof.HELD else ""),
                daily=daily,
            )
        )
    return found


def read_contents(conn: Connection, keys: Keys, letter_ids: Sequence[int]) -> dict[int, LetterContent]:
    """The words of these letters, where they are still kept."""
    query = select(letter.c.id, letter.c.nonce, letter.c.words).where(
        letter.c.id.in_(letter_ids), letter.c.words.is_not(None)
    )
    return {
        row.id: msgspec.json.decode(keys.unseal(bytes(row.words), _where(bytes(row.nonce))), type=LetterContent)
        for row in conn.execute(query)
    }


def quotable(conn: Connection, letter_ids: Sequence[int]) -> frozenset[int]:
    """Those of these letters whose writers ticked that their office may be shown their own words."""
    query = select(letter.c.id).join(evidence, evidence.c.id == letter.c.evidence_id)
    return frozenset(conn.scalars(query.where(letter.c.id.in_(letter_ids), evidence.c.quote.is_(True))))


def withdraw(conn: Connection, letter_id: int, reason: Reason | Back, now: int) -> bool:
    """It will never leave, and its evidence stays. Its words go, but those of one that goes back to its writer (BACK)
    stay as long as those of one that left. False when it was withdrawn before.
    """
    mine = update(letter).where(letter.c.id == letter_id).values(withdrawn_at=now, reason=reason)
    if reason in BACK:
        mine = mine.where(letter.c.withdrawn_at.is_(None))
    else:
        mine = mine.where(or_(letter.c.withdrawn_at.is_(None), letter.c.reason.in_(BACK))).values(words=None)
    return bool(conn.execute(mine).rowcount)


def erase_contents(conn: Connection, supporter_id: int, now: int) -> None:
    """Erase a person's words; what had not been withdrawn counts as erased."""
    mine = letter.c.supporter_id == supporter_id
    conn.execute(update(letter).where(mine, letter.c.withdrawn_at.is_(None)).values(withdrawn_at=now, reason="erased"))
    conn.execute(update(letter).where(mine).values(words=None))


def drop_old_contents(conn: Connection, now: int) -> int:
    """Drop the words of letters that were settled or handed over 28 days ago; the counts stay. How many.

    One that waits, or is in doubt, 28 days after the last day on which it could have gone has no use for them either.
    """
    final = [state.value for state in State if state.final]
    settled = func.coalesce(request.c.answered_at, delivery.c.at, letter.c.withdrawn_at)
    over = select(campaign.c.id).where(
        campaign.c.id == letter.c.campaign_id, campaign.c.closes_at < now - KEPT_MS - LATE_MS
    )
    done = (
        select(letter.c.id)
        .join(delivery, delivery.c.id == _NEWEST)
        .outerjoin(request, request.c.id == delivery.c.request_id)
        .where(
            letter.c.words.is_not(None),
            or_(
                and_(
                    or_(request.c.state.in_(final), delivery.c.outcome != Outcome.TO_PRINT.value),
                    settled < now - KEPT_MS,
                ),
                over.exists(),
            ),
        )
    )
    ids = list(conn.scalars(done))
    conn.execute(update(letter).where(letter.c.id.in_(ids)).values(words=None))
    return len(ids)


@dataclass(frozen=True, slots=True)
class FailedLetter:
    """A letter whose newest delivery failed. `tried`: the channels that have had it, in order."""

    letter_id: int
    campaign_id: int
    supporter_id: int
    seat: str
    locale: str
    tried: tuple[str, ...]


def failed(conn: Connection, campaign_id: int) -> list[FailedLetter]:
    """Live letters that their channel could not deliver: refused, or turned away on the way. Quick: every tick asks.

    Without those that were canceled while they were being sent: no other channel brings them.
    """
    d, later = delivery.c, delivery.alias("later")
    of_letters = (d.letter_id.is_not(None), d.campaign_id == campaign_id)
    own = select(d.id).where(*of_letters, d.outcome.in_([Outcome.REFUSED.value, Outcome.SUPPRESSED.value]))
    whole = (
        select(d.id)
        .join(request, request.c.id == d.request_id)
        .where(
            request.c.campaign_id == campaign_id,
            request.c.state == State.REFUSED.value,
            *of_letters,
            d.outcome.is_(None),
        )
    )
    back = select(d.id).where(*of_letters, d.fate >= int(Fate.BLOCKED), d.fate != int(Fate.COMPLAINED))
    some = union(own, whole, back).subquery()
    newer = select(later.c.id).where(later.c.letter_id == letter.c.id, later.c.id > d.id)
    query = (
        select(letter.c.id, letter.c.campaign_id, letter.c.supporter_id, letter.c.seat, letter.c.locale)
        .select_from(some)
        .join(delivery, d.id == some.c.id)
        .join(letter, letter.c.id == d.letter_id)
        .where(letter.c.withdrawn_at.is_(None), d.cancel_reason.is_(None), ~newer.exists())
        .order_by(letter.c.id)
    )
    rows = conn.execute(query).all()
    tried: dict[int, list[str]] = {row.id: [] for row in rows}
    if tried:
        channels = select(d.letter_id, d.channel).where(d.letter_id.in_(tried)).order_by(d.id)
        for letter_id, channel in conn.execute(channels):
            tried[letter_id].append(channel)
    return [FailedLetter(*row, tuple(tried[row.id])) for row in rows]


@dataclass(frozen=True, slots=True)
class CanceledLate:
    """A live letter that was canceled while it was being sent, and that came back unsent."""

    letter_id: int
    supporter_id: int
    locale: str
    reason: Reason | Back


def canceled_late(conn: Connection, campaign_id: int) -> list[CanceledLate]:
    """Letters whose withdrawal must be finished, by supporter. Quick: every tick asks."""
    d = delivery.c
    query = (
        select(letter.c.id, letter.c.supporter_id, letter.c.locale, d.cancel_reason)
        .join(letter, letter.c.id == d.letter_id)
        .where(
            d.campaign_id == campaign_id,
            d.outcome == Outcome.CANCELLED.value,
            d.cancel_reason.in_((*get_args(Reason), *BACK)),
            letter.c.withdrawn_at.is_(None),
        )
        .order_by(letter.c.supporter_id, letter.c.id)
    )
    return [CanceledLate(*row) for row in conn.execute(query)]


def count_waiting(conn: Connection) -> dict[tuple[str, str], int]:
    """How many live letters have not left yet, by seat and by whom they were written to (bioguide id)."""
    states = [State.QUEUED.value, State.HELD.value, State.CLAIMED.value]
    query = (
        select(letter.c.seat, letter.c.holder, func.count())
        .join(delivery, delivery.c.letter_id == letter.c.id)
        .join(request, request.c.id == delivery.c.request_id, isouter=True)
        .where(
            delivery.c.letter_id.is_not(None),
            letter.c.withdrawn_at.is_(None),
            or_(
                delivery.c.outcome == Outcome.HANDED_OFF.value,
                and_(delivery.c.outcome.is_(None), request.c.state.in_(states)),
            ),
        )
        .group_by(letter.c.seat, letter.c.holder)
        .order_by(letter.c.seat, letter.c.holder)
    )
    return {(seat, holder): many for seat, holder, many in conn.execute(query)}


_AWAY = {
    Fate.BLOCKED: "a letter was blocked",
    Fate.DROPPED: "a letter was dropped",
    Fate.BOUNCED: "a letter bounced",
    Fate.COMPLAINED: "it complained",
}


def refused_by_offices(conn: Connection, since: int) -> dict[str, tuple[int, str]]:
    """By seat: when its mailbox last turned a letter away after `since` (ms), and how."""
    query = (
        select(letter.c.seat, delivery.c.fate, func.max(delivery.c.fate_at))
        .join(delivery, delivery.c.letter_id == letter.c.id)
        .where(delivery.c.letter_id.is_not(None), delivery.c.fate >= int(Fate.BLOCKED), delivery.c.fate_at > since)
        .group_by(letter.c.seat, delivery.c.fate)
        .order_by(delivery.c.fate)
    )
    return {seat: (int(at), _AWAY[Fate(fate)]) for seat, fate, at in conn.execute(query).all()}
