"""Which representative a street has: asked only when the operator switched it on and somebody pressed the button.

The address goes to the source, and is not kept here. What was found is, under a keyed hash, until other lines begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from campaign.config import Matching, Settings
from campaign.congress import districts, roster
from campaign.congress import zip_match as matching
from campaign.congress.geocoding import agreement, cache, census, tigerweb
from campaign.congress.geocoding.address import Address, Answer, FoundAddress, NotFound
from campaign.congress.geocoding.agreement import Agreement
from campaign.keys import Keys
from campaign.outreach.action_page import page as desks
from campaign.outreach.action_page.link import at_zip, context_at, language, look
from campaign.outreach.action_page.views import ActionPage
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people

STREET_LENGTH = 100
SHORTEST = 4


def find(
    database: Database,
    keys: Keys,
    settings: Settings,
    slug: str,
    token: str,
    zip: str,
    street: str,
    *,
    lang: str = "",
) -> ActionPage:
    """The page once the street was looked up; for another ZIP than the one on file nothing is. No transaction is open
    while the source is asked. Raises WrongZip, TooManyGuesses, BadLink.
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in street).split())[:STREET_LENGTH]
    with database.begin() as conn:
        behind = look(conn, keys, slug, token)
        shown = desks.show(conn, keys, settings, at_zip(conn, behind, zip), language(behind, lang))
    if shown.finder is None:
        return shown
    if len(line) < SHORTEST:
        return replace(shown, finder=replace(shown.finder, why="short", street=line))
    said = look_up(database, keys, settings.matching, Address(line, zip))
    with database.begin() as conn:
        behind = look(conn, keys, slug, token, alone=True)
        if said.seat:
            people.set_address_hash(conn, {behind.person.id: keys.place_hash(line, zip)})
            behind = look(conn, keys, slug, token)
        shown = desks.show(conn, keys, settings, context_at(conn, behind, zip), language(behind, lang))
    if shown.finder is None:
        return shown
    return replace(shown, finder=replace(shown.finder, why=said.why, street=line, named=said.named))


def forget(
    database: Database, keys: Keys, settings: Settings, slug: str, token: str, zip: str, *, lang: str = ""
) -> ActionPage:
    """ "That is not my street": names again."""
    with database.begin() as conn:
        behind = look(conn, keys, slug, token, alone=True)
        if at_zip(conn, behind, zip).own:
            people.set_address_hash(conn, {behind.person.id: None})
            behind = look(conn, keys, slug, token)
        return desks.show(conn, keys, settings, context_at(conn, behind, zip), language(behind, lang))


def look_up(database: Database, keys: Keys, settings: Matching, address: Address) -> Agreement:
    """What two sources say of an address: from what is known already, else they are asked now, one after the other."""
    key = keys.place_hash(address.street, address.zip)
    with database.read() as conn:
        at = engine.now(conn)
        seats = roster.at(conn, at)
        known = cache.find(conn, key, seats.congress, at)
        down = {one.source: one.why for one in cache.outages(conn) if one.next_at > at}
    if known is not None:
        return known
    first, second = ask(settings, address, seats.congress, down)
    said = agreement.agree(seats.seats, matching.by_zip(seats, address.zip, at), first, second)
    with database.begin() as conn:
        for one in (first, second):
            if isinstance(one, NotFound) and one.why == "down" and one.source not in down:
                cache.note_outage(conn, one.source, one.detail, at)
            elif isinstance(one, FoundAddress):
                cache.clear_outage(conn, one.source)
        cache.keep(conn, key, said, seats.congress, "address", at, seats.until)
    return said


def ask(
    settings: Matching, address: Address, congress: int, down: Mapping[str, str] | None = None
) -> tuple[Answer, Answer | None]:
    """Both sources in turn, by the lines that are in force in that Congress; one that is `down` (with the reason) is
    left alone.
    """
    known = down or {}
    if settings.geocoder != "census":
        return NotFound("off", "nobody"), None
    if census.SOURCE in known:
        return NotFound("down", census.SOURCE, known[census.SOURCE]), None
    first = census.locate(settings, address, congress)
    lines = districts.of(first.seat[2:4], congress) if isinstance(first, FoundAddress) else congress
    if lines != congress:
        first = census.locate(settings, address, lines)
    if not isinstance(first, FoundAddress) or settings.second != "tigerweb":
        return first, None
    if tigerweb.SOURCE in known:
        return first, NotFound("down", tigerweb.SOURCE, known[tigerweb.SOURCE])
    return first, tigerweb.check(settings, first.point, lines)
