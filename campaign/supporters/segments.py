"""Which supporters get an ask: queries for the launch, which inserts from them in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import (
    Column,
    ColumnElement,
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
    or_,
    select,
)

from campaign.store.acted import WAITING, acted, letter_waits, reminded_of_letter
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
_MAY_EMAIL = (supporter.c.email.is_not(None), ~exists().where(suppression.c.email_hash == supporter.c.email_hash))


@contextmanager
def variants(conn: Connection, rows: Iterable[tuple[str, str]]) -> Iterator[None]:
    """A temporary table with the variant of the ask, or another word, for each ZIP code: (zip, variant)."""
    _variants.create(conn)
    if values := [{"zip": zip_code, "variant": variant} for zip_code, variant in rows]:
        conn.execute(insert(_variants), values)
    yield
    _variants.drop(conn)


def eligible(campaign_id: int, wave: str, *, again: bool = False, listed: bool = False) -> Select[int, str, str]:
    """(supporter_id, locale, variant) of supporters who may be emailed and have no ask of this wave.

    `again`: only those who were asked in another wave and have not acted since, or whose saved letter waits for them;
    these get the variant WAITING, once. `listed`: only those whose ZIP code has a variant, or who have no ZIP.
    Supporters with an unknown language get the English ask that also offers Spanish.
    Use inside `variants`.
    """
    s, d, v = supporter.c, delivery.c, _variants.c
    asks = (d.supporter_id == s.id, d.campaign_id == campaign_id, d.kind == "ask")
    variant: ColumnElement[str] = func.coalesce(v.variant, PLAIN)
    waits = letter_waits(campaign_id, s.id)
    if again:
        variant = case((waits, WAITING), else_=variant)
    query = (
        select(
            s.id.label("supporter_id"),
            case((s.locale == "es", "es"), else_="en").label("locale"),
            case((s.locale == "", variant + literal(UNKNOWN_LOCALE)), else_=variant).label("variant"),
        )
        .select_from(supporter.outerjoin(_variants, v.zip == s.zip))
        .where(*_MAY_EMAIL, ~exists().where(*asks, d.wave == wave))
    )
    if listed:
        query = query.where((v.variant.is_not(None)) | (s.zip == ""))
    if not again:
        return query
    needed = or_(~acted(campaign_id, s.id), and_(waits, ~reminded_of_letter(campaign_id, s.id)))
    return query.where(exists().where(*asks, d.wave != wave, d.outcome.is_(None)), needed)


def represented(congress: int, now: int) -> Select[int, str, str]:
    """(supporter_id, seat, how) of supporters who may be emailed. `seat`: the House seat their ZIP proves, else the one
    found for their street by the lines of that Congress, else the word in `variants`. Use inside `variants` with (ZIP,
    seat or word).
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
        .where(*_MAY_EMAIL)
    )


def by_zip(conn: Connection) -> dict[str, int]:
    """How many supporters may be emailed, by ZIP code on file ("": none)."""
    s = supporter.c
    query = select(s.zip, func.count()).where(*_MAY_EMAIL).group_by(s.zip).order_by(s.zip)
    return dict(conn.execute(query).all())


def excluded(conn: Connection) -> dict[str, int]:
    """How many supporters on file get no ask, by reason."""
    number = func.count()
    query = (
        select(suppression.c.reason, number)
        .join(supporter, supporter.c.email_hash == suppression.c.email_hash)
        .group_by(suppression.c.reason)
        .order_by(number.desc(), suppression.c.reason)
    )
    return dict(conn.execute(query).all())
