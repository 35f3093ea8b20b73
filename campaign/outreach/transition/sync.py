"""Put another snapshot of Congress in force, and report beforehand what it changes here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from campaign.compose.campaign_folder import disk
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
from campaign.letters import pending
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import segments


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """What a snapshot changes. `number`: of the snapshot in force; None for a dry run, or where nothing differs.

    `letters`: pending letters to members who no longer hold that seat; `supporters`: those whose ZIP code touches other
    districts now.
    """

    number: int | None
    as_of: str
    congress: int
    seats: int
    vacant: tuple[str, ...]
    unknown: tuple[str, ...]
    overdue: tuple[str, ...]  # seats whose holder's term has ended: check who holds them
    changes: tuple[Change, ...]
    coming: int  # seats whose next holder is known
    zips: int
    letters: int
    supporters: int
    templates: tuple[str, ...]
    closed: Mapping[str, ClosedState]  # by state whose House seats get no letters yet
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
    """Read the published files in a folder. Raises CampaignError or Problems when they cannot be trusted; the snapshot
    in force stays. `accept`: why maps may take ZIP codes out of a state.
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
    result = _compare(database, templates, old, new, at)
    return result if dry_run else replace(result, number=_put_in_force(database, old, new, "sync", at))


def restore(
    database: Database,
    templates: Path,
    number: int,
    *,
    dry_run: bool = False,
    now: Callable[[Connection], int] = engine.now,
) -> SyncResult:
    """Return to an earlier snapshot; 0 is the one of the package."""
    with database.read() as conn:
        old, new, at = roster.snapshot_in_force(conn), store.numbered(conn, number), now(conn)
    result = _compare(database, templates, old, new, at)
    return result if dry_run else replace(result, number=_put_in_force(database, old, new, "restore", at))


def _put_in_force(database: Database, old: Snapshot, new: Snapshot, how: How, now: int) -> int | None:
    """The number of the new snapshot; None where nothing differs."""
    with database.begin() as conn:
        if roster.snapshot_in_force(conn) is not old:
            raise CampaignError("another snapshot came into force meanwhile", do="Nothing was changed: run it again.")
        return store.save(conn, new, now, how)


def _compare(database: Database, templates: Path, old: Snapshot, new: Snapshot, now: int) -> SyncResult:
    """What the new snapshot changes here, not in force yet."""
    before, after = roster.view(old, now), roster.view(new, now)
    changed, moved = congress_changes.changes(before, after), congress_changes.moved(before, after)
    with database.read() as conn:
        waiting, people = pending.count_waiting(conn), segments.by_zip(conn)
    closed = new_congress.closed(after)
    sitting = {seat.holder.bioguide for seat in after.seats.values() if seat.holder}
    names = {change.left: change.before for change in changed if change.left}
    gone = names.keys() - sitting
    return SyncResult(
        number=None,
        as_of=new.as_of,
        congress=new.congress,
        seats=len(after.seats),
        vacant=tuple(code for code, seat in after.seats.items() if seat.vacant),
        unknown=tuple(code for code, seat in after.seats.items() if not seat.known),
        overdue=tuple(code for code, seat in after.seats.items() if seat.known and seat.warning),
        changes=changed,
        coming=sum(any(span.start > now for span in spans) for spans in new.spans.values()),
        zips=len(moved),
        letters=sum(count for (seat, holder), count in waiting.items() if not _holds(after, seat, holder)),
        supporters=sum(count for zip_, count in people.items() if zip_ in moved),
        templates=tuple(_outdated(templates, gone, names)),
        closed=closed,
        why_closed=tuple(new_congress.sentences(closed, after.congress)),
        accepted=sum(len(change.zips) for change in new.accepted[len(old.accepted) :]),
    )


def _holds(congress: Roster, code: str, holder: str) -> bool:
    seat = congress.seats.get(code)
    return seat is not None and seat.holder is not None and seat.holder.bioguide == holder


def _outdated(templates: Path, gone: Collection[str], names: Mapping[str, str]) -> Iterator[str]:
    """The files of campaigns that name a former member."""
    for path in sorted(templates.glob("*/campaign.toml")):
        try:
            folder = disk.load(templates, path.parent.name)
        except CampaignError:
            continue  # `campaign check` reports what is wrong with it
        where = path.parent.name
        for bill in folder.acts.every:
            for member in sorted(bill.members.intersection(gone)):
                yield f"{where}/sponsors.toml: {names[member]} ({member}), under {bill.number}, left Congress"
        for row in folder.positions.rows.values():
            if row.bioguide in gone:
                yield f"{where}/{row.where}: {names[row.bioguide]} ({row.bioguide}) left Congress"
