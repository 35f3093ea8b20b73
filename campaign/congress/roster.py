"""Who holds which seat, and which ZIP lies where, at one moment: a view of the snapshot that is in force.

Public data; `sources` tells whose. Nothing is fetched here: it works offline, and a letter is matched by what was
checked when it was synced (`campaign congress sync`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection, select

from campaign.congress import districts, terms, zip_states
from campaign.congress import snapshot as books
from campaign.congress.districts import Lines
from campaign.congress.snapshot import Snapshot, Source
from campaign.model import Seat
from campaign.store.schema import snapshot

KEEP = 4  # snapshots that one process keeps unpacked
_unpacked: dict[str, Snapshot] = {}


@dataclass(frozen=True, slots=True)
class Roster:
    """All seats by code, vacant ones too, and the House seats that each known ZIP touches."""

    seats: Mapping[str, Seat]
    lines: Lines  # of this Congress
    congress: int
    until: int  # ms; from then on its House districts are history
    book: Snapshot
    house: Mapping[str, tuple[Seat, ...]]  # the House seats of each state and territory, by number

    @property
    def zips(self) -> districts.Zips:
        """The House seats that each ZIP touches, where they are known."""
        return self.lines.zips

    @property
    def unmapped(self) -> Mapping[str, tuple[str, ...]]:
        """The ZIPs whose district is not known, with their states: new lines not loaded, or a PO box on no map."""
        return self.lines.unmapped

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.book.sources


def at(conn: Connection, now: int) -> Roster:
    """All seats with who holds them at `now` (ms), on the maps of the Congress of that time."""
    return view(snapshot_in_force(conn), now)


def snapshot_in_force(conn: Connection) -> Snapshot:
    """The snapshot in force: the one synced or restored last, else the package's own."""
    newest = select(snapshot.c.hash).order_by(snapshot.c.id.desc()).limit(1)
    found = conn.execute(newest).scalar()
    if found is None:
        return books.start()
    if found not in _unpacked:
        body = conn.execute(select(snapshot.c.body).where(snapshot.c.hash == found).limit(1)).scalar_one()
        while len(_unpacked) >= KEEP:
            _unpacked.pop(next(iter(_unpacked)), None)
        _unpacked[found] = books.unpack(body)
    return _unpacked[found]


def load() -> Roster:
    """The package's own snapshot, as of its day."""
    return view(books.start(), terms.noon(books.start().as_of))


def view(book: Snapshot, now: int) -> Roster:
    """A snapshot at `now` (ms). Between two moments at which anything changes it is the same one."""
    turns = _turns(book)
    number = bisect_right(turns, now)
    return _view(book, turns[number - 1] if number else turns[0] - 1)


@lru_cache(maxsize=8)
def _turns(book: Snapshot) -> list[int]:
    """The moments at which somebody comes, leaves, outstays a term, or a Congress begins."""
    found = {terms.dawn(book.known_from)}
    for spans in book.spans.values():
        for one in spans:
            found |= {one.start, one.end, terms.noon(one.member.ends) if one.member.ends else one.end}
    found |= {terms.noon(terms.last_day(congress)) for congress in range(100, 200)}  # 1989 to 2189
    return sorted(found)


@lru_cache(maxsize=16)
def _view(book: Snapshot, now: int) -> Roster:
    congress = terms.congress_at(now)
    seats = {code: _seat(book, code, congress, now) for code in book.holders}
    house: dict[str, tuple[Seat, ...]] = {}
    for code in sorted((code for code in seats if code.startswith("H:")), key=districts.order):
        house[code[2:4]] = (*house.get(code[2:4], ()), seats[code])
    until = terms.noon(terms.last_day(congress))
    return Roster(seats, _lines(book, congress), congress, until, book, house)


@lru_cache(maxsize=8)
def _lines(book: Snapshot, congress: int) -> Lines:
    """Made once and shared by all views of a Congress. It has ZIPs of every kind."""
    house = (code for code in book.holders if code.startswith("H:"))
    return districts.complete(districts.lines(book.maps, congress), zip_states.load(), house)


def _seat(book: Snapshot, code: str, congress: int, now: int) -> Seat:
    for one in book.spans[code]:
        if one.start <= now < one.end:
            ends = one.member.ends
            late = bool(ends) and terms.noon(ends) <= now
            return Seat(code, one.member, f"its term ended on {ends}: check who holds it" if late else "")
    if congress > book.congress:
        why = f"who holds it is not known yet: the data is of the {book.congress}th Congress"
        return Seat(code, None, why, known=False)
    if now < terms.dawn(book.known_from):
        return Seat(code, None, "who held it then is not in the data", known=False)
    return Seat(code, None)


def held_by(roster: Roster, code: str, bioguide: str) -> Seat | None:
    """The seat with this person in it, who may have left by now; None when the data knows no such holder."""
    seat = roster.seats.get(code)
    if seat is not None and seat.holder is not None and seat.holder.bioguide == bioguide:
        return seat
    known = reversed(roster.book.holders.get(code, ()))
    return next((Seat(code, one) for one in known if one.bioguide == bioguide), None)
