"""What a supporter has done or said in a campaign, as conditions on a column of supporters.

Each is used when an email is queued and again when it is sent.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, func, or_, select

from campaign.model import Kind
from campaign.states import Fate, Outcome, State
from campaign.store.schema import delivery, follow_up, letter, reported, request

REACHED = ("answered", "voicemail", "sent")  # outcomes of a call or a form that reached the office
WAITING = "waiting"  # begins the variant of a reminder about a saved letter
WITHDREW = ("taken back", "not sent by this person")  # reasons of a letter that its writer withdrew

_SAID = [outcome.value for outcome in (Outcome.REPORTED, Outcome.TO_PRINT, Outcome.PRINTED, Outcome.HANDED_IN)]
_ENDED = [State.REFUSED.value, State.CANCELLED.value]
_TURNED_AWAY = [int(fate) for fate in (Fate.BLOCKED, Fate.DROPPED, Fate.BOUNCED)]

# Under names of their own, so that no condition is about the rows of the query that it is in.
_letter, _reported, _follow_up = (table.alias(f"own_{table.name}") for table in (letter, reported, follow_up))
_delivery, _request = (table.alias(f"own_{table.name}") for table in (delivery, request))

Supporter = ColumnElement[Any]


def acted(campaign_id: int, supporter_id: Supporter) -> ColumnElement[bool]:
    """Whether the supporter confirmed a letter (even if withdrawn later), called an office or sent its form."""
    return or_(exists().where(*_of(_letter, campaign_id, supporter_id)), _reached(campaign_id, supporter_id))


def letter_waits(campaign_id: int, supporter_id: Supporter) -> ColumnElement[bool]:
    """Whether a letter waits for the supporter to send it on an office's website, and a reminder may say so: they have
    finished nothing else, its text is still kept, and they did not ask for no more emails about it.
    """
    letters = _live_letters(campaign_id, supporter_id)
    saved = letters.where(_letter.c.words.is_not(None), _delivery.c.outcome == Outcome.HANDED_OFF.value)
    under_way = and_(
        _delivery.c.outcome.is_(None), _request.c.state.not_in(_ENDED), _delivery.c.fate.not_in(_TURNED_AWAY)
    )
    finished = letters.where(or_(_delivery.c.outcome.in_(_SAID), under_way))
    reached = _reached(campaign_id, supporter_id)
    return and_(saved.exists(), ~finished.exists(), ~reached, ~is_quiet(campaign_id, supporter_id))


def is_quiet(campaign_id: int, supporter_id: Supporter) -> ColumnElement[bool]:
    """Whether the supporter wants no more emails about their letters, and has confirmed and reported nothing since."""
    same, quiet_at = (_follow_up.c.campaign_id, _follow_up.c.supporter_id), _follow_up.c.quiet_at
    wrote = exists().where(*_of(_letter, *same), _letter.c.confirmed_at > quiet_at)
    said = exists().where(*_of(_reported, *same), _reported.c.at > quiet_at)
    return exists().where(*_of(_follow_up, campaign_id, supporter_id), quiet_at.is_not(None), ~wrote, ~said)


def announces_letter(delivery_id: Supporter) -> ColumnElement[bool]:
    """Whether this email is the first to tell its supporter of a letter. It is always sent: whoever writes in their
    name with a forwarded link must not be able to keep them from hearing of it.
    """
    return exists().where(_letter.c.receipt_id == delivery_id)


def withdrew(campaign_id: int, supporter_id: Supporter) -> ColumnElement[bool]:
    """Whether the supporter took back or disowned a letter."""
    return exists().where(*_of(_letter, campaign_id, supporter_id), _letter.c.reason.in_(WITHDREW))


def reminded_of_letter(
    campaign_id: int, supporter_id: Supporter, since: ColumnElement[int] | int = 0
) -> ColumnElement[bool]:
    """Whether a reminder of a saved letter was queued for the supporter, alone or in any wave, and due at `since` (ms)
    or later.
    """
    query = select(_delivery.c.id).join(_request, _request.c.id == _delivery.c.request_id)
    of_letter = or_(_delivery.c.kind == Kind.REMINDER, _request.c.variant.startswith(WAITING))
    theirs = (*_of(_delivery, campaign_id, supporter_id), _delivery.c.outcome.is_(None))
    return query.where(*theirs, of_letter, _request.c.due_at >= since).exists()


def _of(
    table: FromClause, campaign_id: int | ColumnElement[int], supporter_id: Supporter
) -> tuple[ColumnElement[bool], ...]:
    return table.c.supporter_id == supporter_id, table.c.campaign_id == campaign_id


def _live_letters(campaign_id: int, supporter_id: Supporter) -> Select[int]:
    """The supporter's letters that were not withdrawn, each with its newest delivery."""
    newest = select(func.max(_delivery.c.id)).where(_delivery.c.letter_id == _letter.c.id).correlate(_letter)
    return (
        select(_letter.c.id)
        .join(_delivery, _delivery.c.id == newest.scalar_subquery())
        .outerjoin(_request, _request.c.id == _delivery.c.request_id)
        .where(*_of(_letter, campaign_id, supporter_id), _letter.c.withdrawn_at.is_(None))
    )


def _reached(campaign_id: int, supporter_id: Supporter) -> ColumnElement[bool]:
    return exists().where(*_of(_reported, campaign_id, supporter_id), _reported.c.outcome.in_(REACHED))
