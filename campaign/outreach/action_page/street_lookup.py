"""Find a supporter's House seat by street: only where the operator has switched it on, and after the supporter presses
the button.

The street is sent to the sources and never stored. The answer is stored under a keyed hash until the lines change.
`find`, then `look_up` with no transaction open, then `save` in a second one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from campaign.config import Matching
from campaign.congress import districts, roster
from campaign.congress import zip_match as matching
from campaign.congress.geocoding import agreement, cache, census, tigerweb
from campaign.congress.geocoding.address import Address, Answer, FoundAddress, NotFound
from campaign.congress.geocoding.agreement import Agreement
from campaign.keys import Keys
from campaign.outreach.action_page.check_form import one_line
from campaign.outreach.action_page.context import check_zip, load_context
from campaign.outreach.action_page.page import show
from campaign.outreach.action_page.views import ActionPage
from campaign.outreach.action_page.visit import Visit
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people

STREET_LENGTH = 100
SHORTEST = 4


def find(conn: Connection, visit: Visit, form: Mapping[str, str]) -> ActionPage | Address:
    """The address to look up; or the page, when there is nothing to look up: the ZIP code is not the one on file, say.

    Raises WrongZip, TooManyGuesses.
    """
    context, street = check_zip(conn, visit, form), one_line(form.get("street", ""), STREET_LENGTH)
    page = show(conn, context)
    if page.finder is None:
        return page
    if len(street) < SHORTEST:
        return replace(page, finder=replace(page.finder, why="short", street=street))
    return Address(street, context.match.whole_zip)


def save(conn: Connection, visit: Visit, address: Address, answer: Agreement) -> ActionPage:
    """The page with the answer, which is kept if it names a seat, and if the page still offers the lookup: meanwhile
    the supporter may have another ZIP code or have written, and the campaign may have closed.
    """
    page = show(conn, load_context(conn, visit, address.zip))
    if page.finder is not None and answer.seat:
        visit = _set_address(conn, visit, visit.keys.place_hash(address.street, address.zip))
        page = show(conn, load_context(conn, visit, address.zip))
    if page.finder is None:
        return page
    return replace(page, finder=replace(page.finder, why=answer.why, street=address.street, named=answer.named))


def forget(conn: Connection, visit: Visit, form: Mapping[str, str]) -> ActionPage:
    """ "Not your street?": choose by name again. Raises WrongZip, TooManyGuesses."""
    context = check_zip(conn, visit, form)
    if context.own:
        visit = _set_address(conn, visit, None)
    return show(conn, load_context(conn, visit, context.match.whole_zip))


def _set_address(conn: Connection, visit: Visit, place: bytes | None) -> Visit:
    people.set_address_hash(conn, {visit.person.id: place})
    return replace(visit, supporter=replace(visit.person, place=place))


def look_up(database: Database, keys: Keys, settings: Matching, address: Address) -> Agreement:
    """What two sources say about an address: the stored answer, or else both are asked in turn."""
    key = keys.place_hash(address.street, address.zip)
    with database.read() as conn:
        at = engine.now(conn)
        seats = roster.at(conn, at)
        stored = cache.find(conn, key, seats.congress, at)
        down = {outage.source: outage.why for outage in cache.outages(conn) if outage.next_at > at}
    if stored is not None:
        return stored
    answers = ask(settings, address, seats.congress, down)
    agreed = agreement.agree(seats.seats, matching.by_zip(seats, address.zip, at), *answers)
    with database.begin() as conn:
        for answer in answers:
            if isinstance(answer, NotFound) and answer.why == "down" and answer.source not in down:
                cache.note_outage(conn, answer.source, answer.detail, at)
            elif isinstance(answer, FoundAddress):
                cache.clear_outage(conn, answer.source)
        cache.keep(conn, key, agreed, congress=seats.congress, method="address", now=at, until=seats.until)
    return agreed


def ask(
    settings: Matching, address: Address, congress: int, down: Mapping[str, str] | None = None
) -> tuple[Answer, Answer | None]:
    """Both sources in turn, by the lines in force in that Congress. A source that is `down` (with the reason) is
    skipped.
    """
    skip = down or {}
    if settings.geocoder != "census":
        return NotFound("off", "none"), None
    if census.SOURCE in skip:
        return NotFound("down", census.SOURCE, skip[census.SOURCE]), None
    first = census.locate(settings, address, congress)
    lines = districts.of(first.seat[2:4], congress) if isinstance(first, FoundAddress) else congress
    if lines != congress:
        first = census.locate(settings, address, lines)
    if not isinstance(first, FoundAddress) or settings.second != "tigerweb":
        return first, None
    if tigerweb.SOURCE in skip:
        return first, NotFound("down", tigerweb.SOURCE, skip[tigerweb.SOURCE])
    return first, tigerweb.check(settings, first.point, lines)
