"""Whether a supporter has acted in a campaign: used when a reminder is launched and again when it is sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, or_

from campaign.store.schema import call, letter

CALLED = ("answered", "voicemail")  # outcomes of a call that reached the office


def acted(campaign_id: int, supporter_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the supporter in this column confirmed a letter (even if withdrawn later) or called an office."""
    wrote = exists().where(letter.c.supporter_id == supporter_id, letter.c.campaign_id == campaign_id)
    called = exists().where(
        call.c.supporter_id == supporter_id, call.c.campaign_id == campaign_id, call.c.outcome.in_(CALLED)
    )
    return or_(wrote, called)
