"""Who gets an ask, as a statement: launch is one INSERT from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Select,
    String,
    Table,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    select,
)

from campaign.store.acted import acted
from campaign.store.schema import delivery, located, supporter, suppression

PLAIN = "plain"
UNKNOWN_LOCALE = " unknown-locale"
UNKNOWN_ZIP = "unknown ZIP"

_variants = Table(
    "zip_variant",
    MetaData(),
    Column("zip", String, primary_key=True),
    Column("variant", String, nullable=False),
    prefixes=["TEMPORARY"],
)


@contextmanager
def variants(conn: Connection, rows: Iterable[tuple[str, str]]) -> Iterator[None]:
    """While it lasts, people of these ZIP codes have this variant of the ask, or another word: (zip, variant)."""
    _variants.create(conn)
    found = [{"zip": zip_code, "variant": variant} for zip_code, variant in rows]
    if found:
        conn.execute(insert(_variants), found)
    yield
    _variants.drop(conn)


def eligible(campaign_id: int, wave: str, *, again: bool = False, listed: bool = False) -> Select[int, str, str]:
    """(supporter_id, locale, variant) of everybody with an address who is not suppressed and has no ask of this wave.

    With `again`, only of those who were asked in another wave and have not acted since; with `listed`, only of those
    whose ZIP code has a variant, or who have told none. Who has told no language, or
    another one, gets the English ask in its variant that also offers Spanish. Run it inside of `variants`.
    """
    s, d, v = supporter.c, delivery.c, _variants.c
    of_this = (d.supporter_id == s.id, d.campaign_id == campaign_id, d.kind == "ask")
    variant = func.coalesce(v.variant, PLAIN)
    query = (
        select(
            s.id.label("supporter_id"),
            case((s.locale == "es", "es"), else_="en").label("locale"),
            case((s.locale == "", variant + literal(UNKNOWN_LOCALE)), else_=variant).label("variant"),
        )
        .select_from(supporter.outerjoin(_variants, v.zip == s.zip))
        .where(
            s.email.is_not(None),
            ~exists().where(suppression.c.email_hash == s.email_hash),
            ~exists().where(*of_this, d.wave == wave),
        )
    )
    if listed:
        query = query.where((v.variant.is_not(None)) | (s.zip == ""))
    if not again:
        return query
    return query.where(exists().where(*of_this, d.wave != wave, d.outcome.is_(None)), ~acted(campaign_id, s.id))


def represented(congress: int, now: int) -> Select[int, str, str]:
    """(supporter_id, seat, how) of everybody who may be written to: the House seat that their ZIP proves, else the one
    that was found for their street by the lines of that Congress, else what `variants` says of the ZIP. Run it inside
    of `variants` with (ZIP, seat or word).
    """
    s, v, home = supporter.c, _variants.c, located.c
    proved = v.variant.like("H:%")
    street = and_(home.key == s.place, home.congress == congress, home.until > now, home.seat != "")
    return (
        select(
            s.id.label("supporter_id"),
            case((proved, v.variant), else_=func.coalesce(home.seat, v.variant, UNKNOWN_ZIP)).label("seat"),
            case((and_(home.seat.is_not(None), proved.is_not(True)), "address"), else_="zip").label("how"),
        )
        .select_from(supporter.outerjoin(_variants, v.zip == s.zip).outerjoin(located, street))
        .where(s.email.is_not(None), ~exists().where(suppression.c.email_hash == s.email_hash))
    )


def by_zip(conn: Connection) -> dict[str, int]:
    """Everybody who may be written to, by ZIP code as it stands on file ("": none)."""
    s = supporter.c
    query = (
        select(s.zip, func.count())
        .where(s.email.is_not(None), ~exists().where(suppression.c.email_hash == s.email_hash))
        .group_by(s.zip)
        .order_by(s.zip)
    )
    return dict(conn.execute(query).all())


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
