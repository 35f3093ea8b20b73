"""What supporters say about emails on their letters: no more of them, and whether an office answered.

The only writer of `follow_up`. An answer names no office, so none can be blamed by it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    case,
    cast,
    delete,
    func,
    or_,
    select,
    tuple_,
    union_all,
)

from campaign.states import Fate, Outcome, Proof
from campaign.store.acted import is_quiet, letter_waits, reminded_of_letter, withdrew
from campaign.store.dialect import insert as upsert
from campaign.store.schema import delivery, follow_up, letter, reported, supporter, suppression

Answer = Literal["yes", "no", "not_yet"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)
WAVE = "six-weeks"  # one question for each supporter and campaign
AFTER_MS = 42 * 24 * 3600 * 1000
REMIND_AFTER_MS = 3 * 24 * 3600 * 1000
SENT = "sent"  # the outcome of an office's form that went through
ARRIVED = (Proof.DELIVERED, Proof.REPORTED, Proof.HANDED_IN)  # a letter with this proof may have been answered

_SAID = [Outcome.REPORTED.value, Outcome.HANDED_IN.value]


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """What one supporter said in one campaign. `quiet_at` in ms."""

    quiet_at: int | None = None
    answer: Answer | Literal[""] = ""


def find(conn: Connection, campaign_id: int, supporter_id: int) -> FollowUpRow:
    own = (follow_up.c.campaign_id == campaign_id, follow_up.c.supporter_id == supporter_id)
    row = conn.execute(select(follow_up.c.quiet_at, follow_up.c.answer).where(*own)).one_or_none()
    return FollowUpRow(*row) if row else FollowUpRow()


def set_quiet(conn: Connection, campaign_id: int, supporter_id: int, now: int) -> None:
    """No more emails about what this supporter has confirmed or reported in this campaign."""
    _save(conn, campaign_id, supporter_id, {"quiet_at": now})


def record_answer(conn: Connection, campaign_id: int, supporter_id: int, answer: Answer, *, now: int) -> None:
    """Whether an office has answered. The last answer counts."""
    _save(conn, campaign_id, supporter_id, {"answer": answer, "answered_at": now})


def _save(conn: Connection, campaign_id: int, supporter_id: int, values: dict[str, Any]) -> None:
    row = {"campaign_id": campaign_id, "supporter_id": supporter_id, **values}
    key = [follow_up.c.campaign_id, follow_up.c.supporter_id]
    conn.execute(upsert(conn, follow_up).values(row).on_conflict_do_update(index_elements=key, set_=values))


def drop(conn: Connection, supporter_id: int) -> None:
    """Forget what an erased supporter said."""
    conn.execute(delete(follow_up).where(follow_up.c.supporter_id == supporter_id))


def count_answers(conn: Connection, campaign_id: int) -> dict[str, int]:
    """The answers of a campaign. No answer is not one."""
    told = (follow_up.c.campaign_id == campaign_id, follow_up.c.answer != "")
    rows = conn.execute(select(follow_up.c.answer, func.count()).where(*told).group_by(follow_up.c.answer))
    numbers: dict[str, int] = dict(rows.all())
    return {answer: numbers.get(answer, 0) for answer in ANSWERS if numbers}


def to_ask(campaign_id: int, holders: Collection[tuple[str, str]], now: int, *, most: int) -> Select[int, str, str]:
    """(supporter_id, locale, variant) of supporters to ask now whether an office answered. The variant, their ID, gives
    each a request of their own.

    One of their letters reached an office six weeks ago whose holder is still there (`holders`: seat and Bioguide ID
    of each). They withdrew none, may be emailed, asked for no silence, and were not asked before.
    """
    arrived = union_all(_letters(campaign_id), _forms(campaign_id)).subquery()
    asked = (delivery.c.supporter_id == supporter.c.id, delivery.c.campaign_id == campaign_id)
    return (
        select(
            supporter.c.id.label("supporter_id"),
            func.max(arrived.c.locale).label("locale"),
            cast(supporter.c.id, String).label("variant"),
        )
        .join(arrived, arrived.c.supporter_id == supporter.c.id)
        .where(
            arrived.c.at <= now - AFTER_MS,
            tuple_(arrived.c.seat, arrived.c.holder).in_(list(holders)),
            ~select(delivery.c.id).where(*asked, delivery.c.kind == "question").exists(),
            *_wants_to_hear(campaign_id),
        )
        .group_by(supporter.c.id)
        .order_by(supporter.c.id)
        .limit(most)
    )


def to_remind(campaign_id: int, now: int, *, most: int) -> Select[int, int, str]:
    """(letter, supporter, locale) of supporters to remind now of the newest letter that they saved three days ago.

    They have finished and withdrawn nothing, may be emailed, asked for no silence, and got no reminder since.
    """
    whose = (campaign_id, supporter.c.id)
    return (
        _live(campaign_id, func.max(letter.c.id).label("letter_id"), supporter.c.id, func.max(letter.c.locale))
        .join(supporter, supporter.c.id == letter.c.supporter_id)
        .where(
            letter.c.confirmed_at <= now - REMIND_AFTER_MS,
            letter.c.words.is_not(None),
            delivery.c.outcome == Outcome.HANDED_OFF.value,
            *_wants_to_hear(campaign_id),
            letter_waits(*whose),
            ~reminded_of_letter(*whose, letter.c.confirmed_at),
        )
        .group_by(supporter.c.id)
        .order_by(supporter.c.id)
        .limit(most)
    )


def _wants_to_hear(campaign_id: int) -> tuple[ColumnElement[bool], ...]:
    opted_out = select(suppression.c.reason).where(suppression.c.email_hash == supporter.c.email_hash).exists()
    whose = (campaign_id, supporter.c.id)
    return supporter.c.email.is_not(None), ~opted_out, ~withdrew(*whose), ~is_quiet(*whose)


def _letters(campaign_id: int) -> Select[Any]:
    """Letters that reached an office: delivered, handed in, or sent on its website, as their writers told us."""
    delivered = and_(delivery.c.outcome.is_(None), delivery.c.fate == int(Fate.DELIVERED))
    at = func.coalesce(delivery.c.fate_at, delivery.c.at).label("at")
    columns = (letter.c.supporter_id, letter.c.locale, letter.c.seat, letter.c.holder, at)
    return _live(campaign_id, *columns).where(or_(delivered, delivery.c.outcome.in_(_SAID)))


def _live(campaign_id: int, *columns: ColumnElement[Any]) -> Select[Any]:
    """Columns of letters that were not withdrawn, and of their newest deliveries."""
    newest = select(func.max(delivery.c.id)).where(delivery.c.letter_id == letter.c.id).correlate(letter)
    letters = select(*columns).select_from(letter).join(delivery, delivery.c.id == newest.scalar_subquery())
    return letters.where(letter.c.campaign_id == campaign_id, letter.c.withdrawn_at.is_(None))


def _forms(campaign_id: int) -> Select[Any]:
    """Letters that we do not have, sent on an office's website."""
    locale = case((supporter.c.locale == "es", "es"), else_="en")
    return (
        select(reported.c.supporter_id, locale.label("locale"), reported.c.seat, reported.c.holder, reported.c.at)
        .join(supporter, supporter.c.id == reported.c.supporter_id)
        .where(reported.c.campaign_id == campaign_id, reported.c.way == "form", reported.c.outcome == SENT)
    )
