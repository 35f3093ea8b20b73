"""Letters, the evidence that supporters confirmed them, and first visits: the only writer of these tables.

A letter's text is sealed, kept as it was confirmed, and never rendered again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Select, and_, bindparam, func, insert, or_, select, update

from campaign.keys import Keys
from campaign.states import Outcome, Proof, State, proof
from campaign.store.dialect import insert as upsert
from campaign.store.schema import campaign, delivery, evidence, letter, request, visit

NONCE_BYTES = 8
DAY_MS = 24 * 3600 * 1000
KEPT_MS = 28 * DAY_MS  # a letter's text, after hand-off or settlement
LATE_MS = 30 * DAY_MS  # after the campaign's last day, letters may still be sent for this long

STAYED = (Proof.GOING, Proof.HELD, Proof.READY, Proof.TO_PRINT)  # not sent yet

Withdrawal = Literal["taken back", "not sent by this person"]  # by its writer
Reason = Literal[Withdrawal, "erased", "its supporter could not be told"]
UNTOLD: Reason = "its supporter could not be told"  # they opted out before an email announced the letter
Back = Literal["another holder", "other lines", "its text has ended"]  # why a letter was returned to its writer
BACK: tuple[Back, ...] = ("another holder", "other lines", "its text has ended")


class LetterContent(msgspec.Struct, frozen=True):
    """A letter's text as its writer confirmed it, and who wrote it.

    `core` ends with the closing; `envelope` (name and address) and `postscript` follow it. `fields` are the other
    values that an office's form may ask for, in order. `on_paper` is the envelope of a printed letter, without street
    and phone. `parts` is the same letter for a channel that takes text and writer in separate fields. `typed` are the
    fields of our page.
    """

    subject: str
    core: str
    envelope: str
    name: str
    fields: tuple[tuple[str, str], ...] = ()
    on_paper: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    typed: tuple[tuple[str, str], ...] = ()
    postscript: str = ""

    def signed(self, by: str) -> str:
        """The whole letter with `by` (the writer's name, or more lines) under the closing."""
        return "\n\n".join(filter(None, (f"{self.core}\n{by}" if by else self.core, self.postscript)))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetter:
    """A letter to store. Times in ms; `token` is the action link it was confirmed with."""

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
    quote: bool = False  # the writer agreed that the office may see the personal note
    shown: Literal["whole", "difference"] = "whole"  # on the page: its whole text, or what differs from the first one


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter and its newest delivery. `at`: when that was answered or handed off, else None."""

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
    why: str  # why its delivery is held, or why it was returned
    daily: bool = False  # it is in a digest
    receipt_id: int | None = None  # delivery of the email that announced it


def count_first_visit(conn: Connection, campaign_id: int, supporter_id: int, now: int) -> None:
    """A ZIP code was entered with this supporter's link; the first time counts."""
    row = {"campaign_id": campaign_id, "supporter_id": supporter_id, "at": now}
    conn.execute(upsert(conn, visit).on_conflict_do_nothing(), row)


_STORED = (
    *("campaign_id", "supporter_id", "seat", "holder", "matched", "variant", "locale", "characters"),
    *("due_at", "valid_until"),
)


_WHOSE = ("supporter_id", "campaign_id", "seat", "holder")
_LIVE = select(letter.c.id).where(
    *(letter.c[name] == bindparam(name) for name in _WHOSE), letter.c.withdrawn_at.is_(None)
)
_NEW_EVIDENCE = insert(evidence).returning(evidence.c.id)
_NEW_LETTER = insert(letter).returning(letter.c.id)


def confirm(conn: Connection, keys: Keys, new: NewLetter, now: int) -> int | None:
    """Store the evidence and the letter; its id, or None when this supporter already has a letter to that holder."""
    if conn.execute(_LIVE, {name: getattr(new, name) for name in _WHOSE}).first():
        return None
    words = new.words
    shown = {
        "at": now,
        "text_hash": keys.proof(words.subject, words.core, words.envelope, words.postscript),
        "release": new.release,
        "link": keys.proof(new.token)[:16],
        "consent": new.consent,
        "by": new.by,
        "quote": new.quote,
        "shown": new.shown,
    }
    evidence_id = conn.execute(_NEW_EVIDENCE, shown).scalar_one()
    nonce = secrets.token_bytes(NONCE_BYTES)
    row = {
        "evidence_id": evidence_id,
        "nonce": nonce,
        "words": keys.seal(msgspec.json.encode(words).decode(), _where(nonce)),
        "confirmed_at": now,
        **{name: getattr(new, name) for name in _STORED},
    }
    letter_id: int = conn.execute(_NEW_LETTER, row).scalar_one()
    return letter_id


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
        request.c.due_at.label("request_due_at"),
    )
    .join(delivery, delivery.c.id == _NEWEST)
    .outerjoin(request, request.c.id == delivery.c.request_id)
    .order_by(letter.c.id)
)


_AS_STORED = (
    *("id", "supporter_id", "seat", "holder", "locale", "confirmed_at", "valid_until", "channel", "matched", "variant"),
    "receipt_id",
)


_BY_SUPPORTER = _LETTERS.where(
    letter.c.campaign_id == bindparam("campaign_id"), letter.c.supporter_id == bindparam("supporter_id")
)


def by_supporter(conn: Connection, campaign_id: int, supporter_id: int) -> list[Letter]:
    """This supporter's letters in this campaign, withdrawn ones too, in the order of confirmation."""
    return _letters(conn, _BY_SUPPORTER, {"campaign_id": campaign_id, "supporter_id": supporter_id})


def by_campaign(conn: Connection, campaign_id: int) -> list[Letter]:
    """All letters of a small campaign, in the order of confirmation."""
    return _letters(conn, _LETTERS.where(letter.c.campaign_id == campaign_id))


def _letters(conn: Connection, query: Select[Any], values: Mapping[str, int] | None = None) -> list[Letter]:
    letters = []
    for row in conn.execute(query, values).mappings():
        withdrawn, daily = row["withdrawn_at"] is not None, row["kind"] == "daily"
        proved, returned = proof(row["outcome"], row["state"], row["fate"]), row["reason"] in BACK
        letters.append(
            Letter(
                **{name: row[name] for name in _AS_STORED},
                due_at=max(row["due_at"], row["request_due_at"]) if daily else row["due_at"],
                withdrawn=withdrawn,
                proof=Proof.BACK if returned else Proof.WITHDRAWN if withdrawn and proved in STAYED else proved,
                at=row["settled_at"],
                fell_back=bool(row["fell_back"]),
                why=row["reason"] or (row["held_for"] if proved is Proof.HELD else ""),
                daily=daily,
            )
        )
    return letters


def read_contents(conn: Connection, keys: Keys, letter_ids: Sequence[int]) -> dict[int, LetterContent]:
    """The text of these letters, where it is still kept."""
    if not letter_ids:
        return {}
    query = select(letter.c.id, letter.c.nonce, letter.c.words).where(
        letter.c.id.in_(letter_ids), letter.c.words.is_not(None)
    )
    return {
        row.id: msgspec.json.decode(keys.unseal(bytes(row.words), _where(bytes(row.nonce))), type=LetterContent)
        for row in conn.execute(query)
    }


def quotable(conn: Connection, letter_ids: Sequence[int]) -> frozenset[int]:
    """Which of these letters' writers agreed that the office may see their personal note."""
    query = select(letter.c.id).join(evidence, evidence.c.id == letter.c.evidence_id)
    return frozenset(conn.scalars(query.where(letter.c.id.in_(letter_ids), evidence.c.quote.is_(True))))


def withdraw(conn: Connection, letter_id: int, reason: Reason | Back, now: int) -> bool:
    """The letter will never be sent; its evidence stays. Its text is dropped, unless it is returned to its writer
    (BACK): then it is kept as long as that of a sent letter. False when it was withdrawn before.
    """
    withdrawal = update(letter).where(letter.c.id == letter_id).values(withdrawn_at=now, reason=reason)
    if reason in BACK:
        withdrawal = withdrawal.where(letter.c.withdrawn_at.is_(None))
    else:
        live_or_returned = or_(letter.c.withdrawn_at.is_(None), letter.c.reason.in_(BACK))
        withdrawal = withdrawal.where(live_or_returned).values(words=None)
    return bool(conn.execute(withdrawal).rowcount)


def erase_contents(conn: Connection, supporter_id: int, now: int) -> None:
    """Erase the text of a supporter's letters; those not withdrawn before count as erased."""
    own = letter.c.supporter_id == supporter_id
    conn.execute(update(letter).where(own, letter.c.withdrawn_at.is_(None)).values(withdrawn_at=now, reason="erased"))
    conn.execute(update(letter).where(own).values(words=None))


def drop_old_contents(conn: Connection, now: int) -> int:
    """Drop the text of letters that were settled or handed off 28 days ago; the counts stay. How many.

    Also of letters still pending or unknown 28 days after the last day on which they could have been sent.
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
    if ids:
        conn.execute(update(letter).where(letter.c.id.in_(ids)).values(words=None))
    return len(ids)
