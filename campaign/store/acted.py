"""Whether a supporter has acted in a campaign: used when a reminder is launched and again when it is sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, or_

from campaign.store.schema import letter, reported

REACHED = ("answered", "voicemail", "sent")  # outcomes of a call or a form that reached the office


def acted(campaign_id: int, supporter_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the supporter in this column confirmed a letter (even if withdrawn later), called an office or sent its
    form."""
    wrote = exists().where(letter.c.supporter_id == supporter_id, letter.c.campaign_id == campaign_id)
    did = exists().where(
        reported.c.supporter_id == supporter_id,
        reported.c.campaign_id == campaign_id,
        reported.c.outcome.in_(REACHED),
    )
    return or_(wrote, did)
