"""Pull a supporter list, or another tool's unsubscribes, into the database: one short transaction per batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import structlog
from sqlalchemy import Connection, RowMapping

from campaign.config import ListSource
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import email_status, importer, people, rows, sources
from campaign.supporters.email_status import StatusReader

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SuppressedLine:
    """Rows left out (and counted as rejected) because of a column about email."""

    column: str
    why: str
    rows: int


@dataclass(frozen=True, slots=True)
class WhoMayBeEmailed:
    """What a list's status columns said. Known only to the process that pulled: the database keeps no counts."""

    columns: tuple[str, ...]  # besides the consent column
    left_out: tuple[SuppressedLine, ...]
    newly_suppressed: int


@dataclass(frozen=True, slots=True)
class Pulled:
    """A stored pull. `read` = imported + updated + unchanged + rejected, at any time."""

    id: int
    list: str
    by: str
    read: int
    imported: int
    updated: int
    unchanged: int
    rejected: int
    mended: int  # stored, with a ZIP's leading zero restored
    suppressed: int  # stored, but on the suppression list
    rejected_path: str  # "" if nothing was rejected
    seconds: float
    finished: bool  # False: still running, or killed
    problem: str  # why it ended early, or ""
    emailed: WhoMayBeEmailed | None = None  # None: another process pulled


@dataclass(frozen=True, slots=True)
class SuppressedFile:
    """Counts for a file of unsubscribes. `bad`: (line, reason)."""

    read: int
    new: int
    known: int
    bad: tuple[tuple[int, str], ...]


def pull(
    database: Database,
    keys: Keys,
    source: ListSource,
    *,
    home: Path,
    by: str,
    now: Callable[[Connection], int] = engine.now,
    progress: Callable[[int], None] | None = None,
) -> Pulled:
    """Read a list and store its supporters. Safe to run again. `progress` gets the number of rows read so far.

    Rejected rows are in `rejected.csv`, in the list's folder under `home`. Raises CampaignError for a list that cannot
    be read or has an unknown status column; then nothing is stored except the problem.
    """
    with database.begin() as conn:
        pull_id = importer.start(conn, source.name, by, now(conn))
    rejected_path = home / "lists" / quote(source.name, safe="") / "rejected.csv"
    try:
        emailed = _import(database, keys, source, rejected_path, pull_id=pull_id, now=now, progress=progress)
    except Exception as error:
        problem = f"{error.where}: {error.what}" if isinstance(error, CampaignError) else type(error).__name__
        with database.begin() as conn:
            importer.finish(conn, pull_id, now(conn), problem=problem)
        raise
    with database.begin() as conn:
        importer.finish(conn, pull_id, now(conn), rejected_path=str(rejected_path) if rejected_path.exists() else "")
        pulled = replace(_pulled(importer.find(conn, pull_id)), emailed=emailed)
    log.info(
        "pulled",
        pull=pulled.id,
        list=pulled.list,
        read=pulled.read,
        rejected=pulled.rejected,
        left_out=sum(line.rows for line in emailed.left_out),
        suppressed=emailed.newly_suppressed,
        seconds=pulled.seconds,
    )
    return pulled


def _import(
    database: Database,
    keys: Keys,
    source: ListSource,
    rejected_path: Path,
    *,
    pull_id: int,
    now: Callable[[Connection], int],
    progress: Callable[[int], None] | None,
) -> WhoMayBeEmailed:
    with _open(source) as file:
        status = email_status.reader(file.header, file.at, status=file.status, ignored=file.ignored)
        _check_questions(file, status)
    seen: set[bytes] = set()
    said_no: set[bytes] = set()
    left_out: Counter[tuple[str, str]] = Counter()
    read = newly_suppressed = 0
    with _open(source) as file, importer.rejected_file(rejected_path, file.header) as keep:
        agreed = "" if "consent" in file.at else next(iter(source.agreed.values()), "")
        whole_file = source.consent or agreed  # words for emails don't fill the empty cells of a consent column
        person = rows.reader(keys, source.name, file.header, file.at, whole_file=whole_file, status=status)
        while batch := list(islice(file.rows, importer.BATCH)):
            checked = importer.check_rows(batch, person, seen)
            with database.begin() as conn:
                stored = importer.store(conn, pull_id, checked, now(conn))
            keep(stored.rejected)
            left_out.update((finding.column, finding.label) for finding, _ in checked.left_out)
            said_no.update(key for finding, key in checked.left_out if key and not finding.meaning.suppresses)
            newly_suppressed += stored.newly_suppressed
            read += len(batch)
            if progress:
                progress(read)
    withdrawn = sorted(said_no - seen)  # a supporter with another row that agrees has not withdrawn
    for start in range(0, len(withdrawn), importer.BATCH):
        part = withdrawn[start : start + importer.BATCH]
        with database.begin() as conn:
            newly_suppressed += importer.withdraw(conn, source.name, part, now(conn))
    lines = tuple(SuppressedLine(column, why, count) for (column, why), count in left_out.most_common())
    return WhoMayBeEmailed(tuple(column.name for column in status.columns), lines, newly_suppressed)


def _open(source: ListSource) -> AbstractContextManager[sources.ListFile]:
    """The list, with the columns as its owner named them."""
    needed = ("email", "zip") if source.consent or source.agreed else ("email", "zip", "consent")
    names = {ours: theirs for ours, theirs in source.map.items() if ours != "status"}
    decides = (*source.status, *([source.map["status"]] if "status" in source.map else []))
    return sources.read_list(Path(source.path), names, needed, status=decides, ignore=source.ignore)


def _check_questions(file: sources.ListFile, status: StatusReader) -> None:
    """Read the whole list for unknown status columns. Raises CampaignError with their counts."""
    taken = {*file.at.values(), *file.ignored}
    questions = email_status.questions(file.header, (row.fields for row in file.rows if not row.fault), status, taken)
    if not questions:
        return
    columns, first = "; ".join(map(str, questions)), questions[0].column
    raise CampaignError(
        f"nothing was imported: we don't know whether these columns say who must not be emailed: {columns}",
        where=str(file.path),
        do=f'For each, use --map "status={first}" if it decides who may be emailed, or --ignore "{first}" if it is '
        f'about something else. In config.toml: status = ["{first}"] or ignore = ["{first}"] in the [[lists]] entry.',
    )


def last_pull(database: Database, name: str) -> Pulled | None:
    """This list's newest pull, even if it is still running; None if it was never pulled."""
    with database.read() as conn:
        row = importer.last(conn, name)
        return None if row is None else _pulled(row)


def _pulled(row: RowMapping) -> Pulled:
    values = dict(row)
    started, finished = values.pop("started_at"), values.pop("finished_at")
    return Pulled(**values, seconds=((finished or started) - started) / 1000, finished=finished is not None)


def suppress_file(
    database: Database, keys: Keys, path: Path, *, now: Callable[[Connection], int] = engine.now
) -> SuppressedFile:
    """Suppress the addresses in another tool's export, on file or not. Safe to run again.

    Reads a CSV with an email column, or text with one address per line. Raises CampaignError if it cannot be read.
    """
    read = new = known = 0
    bad: list[tuple[int, str]] = []
    with sources.read_addresses(path) as file:
        place = file.at["email"]
        while batch := list(islice(file.rows, importer.BATCH)):
            hashes: set[bytes] = set()
            for row in batch:
                try:
                    hashes.add(keys.email_hash(rows.address("".join(row.fields[place : place + 1]))))
                except rows.BadRow as error:
                    bad.append((row.line, str(error)))
            with database.begin() as conn:
                added = people.suppress(conn, sorted(hashes), "listed", path.name, now(conn))
            read, new, known = read + len(batch), new + added, known + len(hashes) - added
    log.info("suppressed", file=path.name, read=read, new=new, known=known, bad=len(bad))
    return SuppressedFile(read, new, known, tuple(bad))
