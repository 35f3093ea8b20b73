"""Pull a supporter list into the database, and another tool's unsubscribes: a short transaction for each batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import structlog
from sqlalchemy import Connection

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
    """Rows that were left out (they count among the rejected) because of what a column says about email."""

    column: str
    why: str
    rows: int


@dataclass(frozen=True, slots=True)
class WhoMayBeEmailed:
    """What the columns of a list said about email. Only the process that pulled knows: the database keeps no counts."""

    columns: tuple[str, ...]  # those that decided, besides the consent column
    left_out: tuple[SuppressedLine, ...]
    newly_suppressed: int


@dataclass(frozen=True, slots=True)
class Pulled:
    """A pull as the database knows it. `read` = imported + updated + unchanged + rejected, at every moment."""

    id: int
    list: str
    by: str
    read: int
    imported: int
    updated: int
    unchanged: int
    rejected: int
    mended: int  # of the stored: a ZIP's leading zero was put back
    suppressed: int  # of the stored: on the suppression list
    rejected_path: str  # "" when nothing was rejected
    seconds: float
    finished: bool  # False: still running, or killed
    problem: str  # why it ended early, else ""
    emailed: WhoMayBeEmailed | None = None  # None: another process pulled


@dataclass(frozen=True, slots=True)
class SuppressedFile:
    """What a file of unsubscribes did. `bad` has (line, reason)."""

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
    """Read a list and store its people; `progress` is told the rows read so far. It may run again at any time.

    Rejected rows stand in `rejected.csv`, in the list's folder under `home`. Raises CampaignError for a list that
    cannot be read, or with a column of status words that we don't know: then nothing is stored, and the pull's row says
    why.
    """
    with database.begin() as conn:
        pull_id = importer.start(conn, source.name, by, now(conn))
    rejected_path = home / "lists" / quote(source.name, safe="") / "rejected.csv"
    try:
        emailed = _pull(database, keys, source, Path(source.path), rejected_path, pull_id, now, progress)
    except Exception as error:
        problem = f"{error.where}: {error.what}" if isinstance(error, CampaignError) else type(error).__name__
        with database.begin() as conn:
            importer.finish(conn, pull_id, now(conn), problem=problem)
        raise
    with database.begin() as conn:
        kept = str(rejected_path) if rejected_path.exists() else ""
        importer.finish(conn, pull_id, now(conn), rejected_path=kept)
        done = replace(_pulled(conn, pull_id), emailed=emailed)
    left_out = sum(one.rows for one in emailed.left_out)
    counts = {"read": done.read, "rejected": done.rejected, "left_out": left_out}
    log.info(
        "pulled", pull=done.id, list=done.list, **counts, suppressed=emailed.newly_suppressed, seconds=done.seconds
    )
    return done


def _pull(
    database: Database,
    keys: Keys,
    source: ListSource,
    path: Path,
    rejected_path: Path,
    pull_id: int,
    now: Callable[[Connection], int],
    progress: Callable[[int], None] | None,
) -> WhoMayBeEmailed:
    with _open(path, source) as file:
        status = email_status.reader(file.header, file.at, status=file.status, ignored=file.ignored)
        _ask(file, status)
    seen: set[bytes] = set()
    said_no: set[bytes] = set()
    left_out: Counter[tuple[str, str]] = Counter()
    read = newly_suppressed = 0
    with _open(path, source) as file, importer.rejected_file(rejected_path, file.header) as keep:
        person = rows.reader(keys, source.name, file.header, file.at, source.consent, status)
        while batch := list(islice(file.rows, importer.BATCH)):
            judged = importer.check_rows(batch, person, seen)
            with database.begin() as conn:
                stored = importer.store(conn, pull_id, judged, now(conn))
            keep(stored.rejected)
            left_out.update((finding.column, finding.label) for finding, _ in judged.left_out)
            said_no.update(key for finding, key in judged.left_out if key and not finding.meaning.suppresses)
            newly_suppressed += stored.newly_suppressed
            read += len(batch)
            if progress:
                progress(read)
    no_more = sorted(said_no - seen)  # anyone who also has a row that agrees has not withdrawn
    for start in range(0, len(no_more), importer.BATCH):
        with database.begin() as conn:
            newly_suppressed += importer.withdraw(conn, source.name, no_more[start : start + importer.BATCH], now(conn))
    found = tuple(SuppressedLine(column, why, count) for (column, why), count in left_out.most_common())
    return WhoMayBeEmailed(tuple(column.name for column in status.columns), found, newly_suppressed)


@contextmanager
def _open(path: Path, source: ListSource) -> Iterator[sources.ListFile]:
    """The list, with the columns as its owner named them."""
    needed = ("email", "zip") if source.consent else ("email", "zip", "consent")
    names = {ours: theirs for ours, theirs in source.map.items() if ours != "status"}
    decides = (*source.status, *([source.map["status"]] if "status" in source.map else []))
    with sources.read_list(path, names, needed, status=decides, ignore=source.ignore) as file:
        yield file


def _ask(file: sources.ListFile, status: StatusReader) -> None:
    """Read the whole list for columns of status words that we don't know. Raises CampaignError with their counts."""
    taken = {*file.at.values(), *file.ignored}
    asked = email_status.questions(file.header, (row.fields for row in file.rows if not row.fault), status, taken)
    if not asked:
        return
    columns, first = "; ".join(map(str, asked)), asked[0].column
    raise CampaignError(
        f"nothing was imported: we don't know whether these columns say who must not be emailed: {columns}",
        where=str(file.path),
        do=f'For each, say --map "status={first}" if it decides who may be emailed, or --ignore "{first}" if it is '
        f'about something else. In config.toml: status = ["{first}"] or ignore = ["{first}"] in the [[lists]] entry.',
    )


def last_pull(database: Database, name: str) -> Pulled | None:
    """This list's newest pull, also one that still runs; None when it was never pulled."""
    with database.read() as conn:
        pull_id = importer.last(conn, name)
        return None if pull_id is None else _pulled(conn, pull_id)


def _pulled(conn: Connection, pull_id: int) -> Pulled:
    row = dict(importer.find(conn, pull_id))
    started, finished = row.pop("started_at"), row.pop("finished_at")
    return Pulled(**row, seconds=((finished or started) - started) / 1000, finished=finished is not None)


def suppress_file(
    database: Database, keys: Keys, path: Path, *, now: Callable[[Connection], int] = engine.now
) -> SuppressedFile:
    """Write no more to the addresses of another tool's export, known or not. It may run again at any time.

    Takes a CSV with an email column, or a text with one address a line. Raises CampaignError when it cannot be read.
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
