"""Who holds which seat, and which districts each ZIP touches, at one moment: a view of the snapshot in force.

Works offline, with the data that `campaign congress sync` checked and stored.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection, select

from campaign.congress import districts, form_corrections, terms, zip_states
from campaign.congress import snapshot as snapshots
from campaign.congress.districts import Lines
from campaign.congress.snapshot import Snapshot
from campaign.model import Seat
from campaign.store.schema import snapshot as snapshot_table

KEEP = 4  # unpacked snapshots per process
_IN_FORCE = select(  # in one statement: each page asks
    select(snapshot_table.c.hash).order_by(snapshot_table.c.id.desc()).limit(1).scalar_subquery(),
    form_corrections.NEWEST_MARK.scalar_subquery(),
)
_unpacked: dict[str, Snapshot] = {}
_with_corrections: dict[str, tuple[Snapshot, Snapshot]] = {}  # by the newest correction: of which snapshot, and it


@dataclass(frozen=True, slots=True, eq=False)
class Roster:
    """All seats by code, vacant ones too, and the House seats that each ZIP touches. What is derived from one may be
    kept for it: the same moment gives the same object.
    """

    seats: Mapping[str, Seat]
    lines: Lines  # of this Congress
    congress: int
    until: int  # ms: its House districts end then
    snapshot: Snapshot
    house: Mapping[str, tuple[Seat, ...]]  # by state or territory, by number

    @property
    def zips(self) -> districts.Zips:
        """The House seats that each ZIP touches, if known."""
        return self.lines.zips

    @property
    def unmapped(self) -> Mapping[str, tuple[str, ...]]:
        """ZIPs whose district is not known, with their states: new lines not loaded, or a PO box on no map."""
        return self.lines.unmapped


def at(conn: Connection, now: int) -> Roster:
    """The roster at `now` (ms), with the forms that were corrected here."""
    digest, mark = conn.execute(_IN_FORCE).one()
    snapshot = _stored(conn, digest)
    return view(snapshot if mark is None else _corrected(conn, snapshot, mark), now)


def snapshot_in_force(conn: Connection) -> Snapshot:
    """The snapshot synced or restored last, else the package's own; without the corrections of forms."""
    digest, _ = conn.execute(_IN_FORCE).one()
    return _stored(conn, digest)


def _stored(conn: Connection, digest: str | None) -> Snapshot:
    if digest is None:
        return snapshots.packaged()
    if digest not in _unpacked:
        body = conn.execute(select(snapshot_table.c.body).where(snapshot_table.c.hash == digest).limit(1)).scalar_one()
        while len(_unpacked) >= KEEP:
            _unpacked.pop(next(iter(_unpacked)), None)
        _unpacked[digest] = snapshots.unpack(body)
    return _unpacked[digest]


def _corrected(conn: Connection, snapshot: Snapshot, mark: str) -> Snapshot:
    base, corrected = _with_corrections.get(mark, (None, None))
    if corrected is None or base is not snapshot:
        while len(_with_corrections) >= KEEP:
            _with_corrections.pop(next(iter(_with_corrections)), None)
        corrected = form_corrections.apply(snapshot, form_corrections.all_corrections(conn))
        _with_corrections[mark] = (snapshot, corrected)
    return corrected


def load() -> Roster:
    """The package's own snapshot, on its own day."""
    return view(snapshots.packaged(), terms.noon(snapshots.packaged().as_of))


def view(snapshot: Snapshot, now: int) -> Roster:
    """The roster of a snapshot at `now` (ms). Calls between two changes return the same object."""
    changes = _changes(snapshot)
    number = bisect_right(changes, now)
    return _view(snapshot, changes[number - 1] if number else changes[0] - 1)


@lru_cache(maxsize=8)
def _changes(snapshot: Snapshot) -> list[int]:
    """The instants at which a member starts, leaves or outstays a term, or a Congress begins."""
    instants = {terms.dawn(snapshot.known_from)}
    for spans in snapshot.spans.values():
        for span in spans:
            instants |= {span.start, span.end, terms.noon(span.member.ends) if span.member.ends else span.end}
    instants |= {terms.noon(terms.last_day(congress)) for congress in range(100, 200)}  # 1989 to 2189
    return sorted(instants)


@lru_cache(maxsize=16)
def _view(snapshot: Snapshot, now: int) -> Roster:
    congress = terms.congress_at(now)
    seats = {code: _seat(snapshot, code, congress, now) for code in snapshot.holders}
    house: dict[str, tuple[Seat, ...]] = {}
    for code in sorted((code for code in seats if code.startswith("H:")), key=districts.order):
        house[code[2:4]] = (*house.get(code[2:4], ()), seats[code])
    until = terms.noon(terms.last_day(congress))
    return Roster(seats, _lines(snapshot, congress), congress, until, snapshot, house)


@lru_cache(maxsize=8)
def _lines(snapshot: Snapshot, congress: int) -> Lines:
    """The lines of a Congress, with the ZIPs that no map has."""
    house = (code for code in snapshot.holders if code.startswith("H:"))
    return districts.complete(districts.lines(snapshot.maps, congress), zip_states.load(), house)


def _seat(snapshot: Snapshot, code: str, congress: int, now: int) -> Seat:
    for span in snapshot.spans[code]:
        if span.start <= now < span.end:
            ends = span.member.ends
            late = bool(ends) and terms.noon(ends) <= now
            return Seat(code, span.member, f"its term ended on {ends}: check who holds it" if late else "")
    if congress > snapshot.congress:
        why = f"its holder is not known yet: the data is for the {snapshot.congress}th Congress"
        return Seat(code, None, why, known=False)
    if now < terms.dawn(snapshot.known_from):
        return Seat(code, None, "the data does not go back that far", known=False)
    return Seat(code, None)


def held_by(roster: Roster, code: str, bioguide: str) -> Seat | None:
    """The seat with this member as its holder, present or past; None if they never held it."""
    seat = roster.seats.get(code)
    if seat is not None and seat.holder is not None and seat.holder.bioguide == bioguide:
        return seat
    past = reversed(roster.snapshot.holders.get(code, ()))
    return next((Seat(code, member) for member in past if member.bioguide == bioguide), None)
