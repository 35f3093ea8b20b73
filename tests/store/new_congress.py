"""A change of Congress, and what it does to letters that are pending."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update

from campaign.compose.campaign_folder import folder as folders
from campaign.compose.rendering import release
from campaign.congress import districts, roster
from campaign.congress import snapshot as books
from campaign.congress.snapshot import Snapshot
from campaign.congress.sync import invented, store
from campaign.delivery import campaigns
from campaign.outreach.action_page.views import Status
from campaign.outreach.transition import pending_letters
from campaign.outreach.transition.pending_letters import ReviewCounts
from campaign.store.schema import letter, request
from tests import build
from tests.store.site import ADAMS, BUDD, MINUTE, SLUG, SWITCHED, TILLIS, Site

ILLINOIS, UTAH, WYOMING, DISTRICT = "60601", "84401", "82001", "20002"
CONTACTS = (ADAMS, BUDD, TILLIS)
BEFORE = SWITCHED - 6 * MINUTE
SUCCESSOR = """
[bill.successor]
congress = 120
number = "H.R. 2"
title = "Another Bill"
expires = 2029-01-03T12:00:00-05:00
"""


def sync(site: Site, book: Snapshot) -> None:
    with site.database.begin() as conn:
        store.save(conn, book, site.at)


def new_house(changed: Collection[str] = (), moved: Mapping[str, tuple[str, ...]] | None = None) -> Snapshot:
    return invented.after(books.packaged(), 120, changed, moved)


def look(site: Site) -> ReviewCounts:
    return pending_letters.review_pending(site.database, now=lambda _: site.at)


def status(site: Site, number: int = 1) -> Status:
    return site.enter(number=number).letters[0]


def states(site: Site) -> list[Any]:
    return site.rows(select(request.c.state, request.c.reason).where(request.c.kind == "letter").order_by(request.c.id))


def mend(site: Site, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """The campaign's folder with other rules."""
    with site.database.begin() as conn:
        files = dict(release.load(conn, campaigns.get(conn, SLUG).release).folder.files)
        frozen = release.freeze(conn, folders.parse(SLUG, change(files)), site.at)
        found = campaigns.get(conn, SLUG)
        campaigns.save(conn, SLUG, release=frozen, opens_at=found.opens_at, closes_at=found.closes_at, now=site.at)


def rule(site: Site, name: str) -> None:
    def change(files: dict[str, str]) -> dict[str, str]:
        text = files["campaign.toml"].replace('default = "outgoing"', f'default = "{name}"')
        return {**files, "campaign.toml": text}

    mend(site, change)


def on_the_eve(site: Site, seat: str = ADAMS) -> None:
    """A letter is confirmed minutes before the switch, and has not left when it comes."""
    site.at = BEFORE
    site.contact(seat)
    site.write(seat=seat)
    site.at = SWITCHED
    assert states(site) == [("queued", "")]


def wait_in_two_states(site: Site) -> None:
    """A letter to North Carolina and one to Illinois, both held after the switch."""
    with site.database.begin() as conn:
        site.people += build.add_people(conn, [3], zip=ILLINOIS)
    site.at = BEFORE
    for seat in (ADAMS, "H:IL:7"):
        site.contact(seat)
    site.write()
    site.write(ILLINOIS, "H:IL:7", number=3, city="Chicago")
    site.do(update(letter).values(valid_until=None))
    site.at = SWITCHED
    assert look(site) == ReviewCounts(held=2)


def replace_holders(book: Snapshot, holders: dict[str, Any]) -> Snapshot:
    return books.create(
        {**book.holders, **holders},
        book.maps,
        places=book.places,
        committees=book.committees,
        sources=book.sources,
        as_of=book.as_of,
        known_from=book.known_from,
    )


def opened(site: Site, *lines: str) -> Snapshot:
    """The new House in force, with the new district lines of these states only."""
    book = new_house()
    drawn = {zip_: codes for zip_, codes in book.maps[120].items() if set(districts.states_of(codes)) & set(lines)}
    drawn = {zip_: tuple(code for code in codes if code[2:4] in lines) for zip_, codes in drawn.items()}
    return replace(book, maps={119: book.maps[119], 120: drawn} if lines else {119: book.maps[119]})


def roster_of(site: Site) -> Any:
    with site.database.read() as conn:
        return roster.at(conn, site.at)
