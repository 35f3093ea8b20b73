"""Who gets an ask, as a statement: launch is one INSERT from it."""

from __future__ import annotations

from sqlalchemy import Connection, Select, case, exists, func, select

from campaign.store.schema import delivery, supporter, suppression


def eligible(campaign_id: int, wave: str) -> Select[int, str, str]:
    """(supporter_id, locale, variant) of everybody with an address who is not suppressed and has no ask of this wave.

    Who has told no language, or another one, gets the English ask in its variant that also offers Spanish.
    """
    s, d = supporter.c, delivery.c
    asked = exists().where(d.supporter_id == s.id, d.campaign_id == campaign_id, d.wave == wave, d.kind == "ask")
    return select(
        s.id.label("supporter_id"),
        case((s.locale == "es", "es"), else_="en").label("locale"),
        case((s.locale == "", "unknown-locale"), else_="plain").label("variant"),
    ).where(s.email.is_not(None), ~exists().where(suppression.c.email_hash == s.email_hash), ~asked)


def excluded(conn: Connection) -> dict[str, int]:
    """How many people on file get no ask, by reason."""
    number = func.count()
    found = (
        select(suppression.c.reason, number)
        .join(supporter, supporter.c.email_hash == suppression.c.email_hash)
        .group_by(suppression.c.reason)
        .order_by(number.desc(), suppression.c.reason)
    )
    return dict(conn.execute(found).all())
