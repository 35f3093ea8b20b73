"""Put another snapshot of Congress in force, and say beforehand what it changes here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from campaign.compose.campaign_folder import folder as folders
from campaign.congress import new_congress, roster, terms
from campaign.congress.new_congress import ClosedState
from campaign.congress.roster import Roster
from campaign.congress.snapshot import Snapshot
from campaign.congress.sync import build, store
from campaign.congress.sync import changes as congress_changes
from campaign.congress.sync.build import Accept
from campaign.congress.sync.changes import Change
from campaign.congress.sync.store import How
from campaign.errors import CampaignError
from campaign.letters import letters as letter_records
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import segments


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a snapshot changes. `number`: under which it is in force; None for a look only, or where nothing differs.

    `letters` wait for a member who holds that seat no more; `supporters` have a ZIP that touches other districts now.
    """

    number: int | None
    as_of: str
    congress: int
    seats: int
    vacant: tuple[str, ...]
    unknown: tuple[str, ...]
    overdue: tuple[str, ...]  # seats whose holder's term has ended: a person must look
    changes: tuple[Change, ...]
    coming: int  # seats whose next holder is known already
    zips: int
    letters: int
    supporters: int
    templates: tuple[str, ...]
    closed: Mapping[str, ClosedState]  # states whose House seats get no letters yet, with the reason
    why_closed: tuple[str, ...]  # the same in sentences
    accepted: int  # ZIP codes that a map takes out of a state, with a reason


def sync(
    database: Database,
    templates: Path,
    source: Path,
    *,
    dry_run: bool = False,
    accept: Accept | None = None,
    now: Callable[[Connection], int] = engine.now,
) -> SyncResult:
    """Read the published files in a folder. Raises CampaignError or Problems when they are not to be trusted; the
    snapshot that was in force stays then. `accept`: why maps may take ZIP codes out of a state.
    """
    with database.read() as conn:
        old, at = roster.snapshot_in_force(conn), now(conn)
    as_of = build.day_of(source) or terms.day_of(at)
    if as_of < old.as_of:
        raise CampaignError(
            f"its list of members is of {as_of}, and the one in force of {old.as_of}",
            where=str(source),
            do="Take a newer one; to return to an earlier snapshot: campaign congress restore NUMBER",
        )
    new = build.make(source, old, as_of=as_of, accept=accept)
    return _put(database, templates, old, new, "sync", at, dry_run=dry_run)


def restore(
    database: Database,
    templates: Path,
    number: int,
    *,
    dry_run: bool = False,
    now: Callable[[Connection], int] = engine.now,
) -> SyncResult:
    """Return to an earlier snapshot; 0 is the package's own."""
    with database.read() as conn:
        old, new, at = roster.snapshot_in_force(conn), store.numbered(conn, number), now(conn)
    return _put(database, templates, old, new, "restore", at, dry_run=dry_run)


def _put(
    database: Database, templates: Path, old: Snapshot, new: Snapshot, how: How, at: int, *, dry_run: bool
) -> SyncResult:
    before, after = roster.view(old, at), roster.view(new, at)
    changed, moved = congress_changes.changes(before, after), congress_changes.moved(before, after)
    number = None
    with database.read() as conn:
        waiting, people = letter_records.count_waiting(conn), segments.by_zip(conn)
    if not dry_run:
        with database.begin() as conn:
            if roster.snapshot_in_force(conn) is not old:
                raise CampaignError(
                    "another snapshot came into force meanwhile", do="Nothing was changed: run it again."
                )
            number = store.save(conn, new, at, how)
    closed = new_congress.closed(after)
    gone = {one.left for one in changed if one.left} - {
        seat.holder.bioguide for seat in after.seats.values() if seat.holder
    }
    return SyncResult(
        number=number,
        as_of=new.as_of,
        congress=new.congress,
        seats=len(after.seats),
        vacant=tuple(code for code, seat in after.seats.items() if seat.vacant),
        unknown=tuple(code for code, seat in after.seats.items() if not seat.known),
        overdue=tuple(code for code, seat in after.seats.items() if seat.known and seat.warning),
        changes=changed,
        coming=sum(any(span.start > at for span in spans) for spans in new.spans.values()),
        zips=len(moved),
        letters=sum(many for (seat, holder), many in waiting.items() if not _holds(after, seat, holder)),
        supporters=sum(many for zip_, many in people.items() if zip_ in moved),
        templates=tuple(_wrong(templates, gone, {one.left: one.before for one in changed})),
        closed=closed,
        why_closed=tuple(new_congress.sentences(closed, after.congress)),
        accepted=sum(len(one.zips) for one in new.accepted[len(old.accepted) :]),
    )


def _holds(seats: Roster, code: str, holder: str) -> bool:
    seat = seats.seats.get(code)
    return seat is not None and seat.holder is not None and seat.holder.bioguide == holder


def _wrong(templates: Path, gone: set[str], names: dict[str, str]) -> Iterator[str]:
    """The files of campaigns that name somebody who holds no seat any more."""
    for path in sorted(templates.glob("*/campaign.toml")):
        try:
            found = folders.load(path.parent)
        except CampaignError:
            continue  # `campaign check` tells what is wrong with it
        for act in found.acts.every:
            for one in sorted(act.members & gone):
                yield f"{path.parent.name}/sponsors.toml: {names[one]} ({one}), under {act.number}, left Congress"
        for row in found.positions.rows.values():
            if row.bioguide in gone:
                yield f"{path.parent.name}/{row.where}: {names[row.bioguide]} ({row.bioguide}) left Congress"
