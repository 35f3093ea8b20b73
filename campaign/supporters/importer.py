"""Import the rows of a list, one batch per transaction: the only writer of `pull`.

A killed pull can run again: rows it stored before are then unchanged.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, RowMapping, insert, select, update

from campaign import private_file
from campaign.formats import spreadsheet_cell
from campaign.store.schema import pull
from campaign.supporters import people
from campaign.supporters.email_status import StatusFinding
from campaign.supporters.rows import BadRow, ListedPerson, RowLeftOut
from campaign.supporters.sources import Row
from campaign.supporters.status_words import Meaning

BATCH = 2_000  # rows per transaction
ERASED = "erased at their request: this supporter is never stored again"
# The reason on the suppression list. `campaign suppress` writes "listed" too.
_SUPPRESSION: dict[Meaning, people.Reason] = {
    Meaning.BOUNCED: "bounced",
    Meaning.UNSUBSCRIBED: "unsubscribed",
    Meaning.COMPLAINED: "complained",
    Meaning.DO_NOT_EMAIL: "listed",
    Meaning.DECEASED: "listed",
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not stored, and why."""

    row: Row
    reason: str


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """A batch of rows, in the order of the list. `left_out`: why rejected rows may not be emailed, and the hash of
    their address if readable.
    """

    people: list[ListedPerson]
    rejected: list[Rejected]
    left_out: list[tuple[StatusFinding, bytes | None]]


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored batch: its rejected rows, and how many addresses are new on the suppression list."""

    rejected: list[Rejected]
    newly_suppressed: int


def check_rows(rows: Iterable[Row], person: Callable[[Row], ListedPerson], seen: set[bytes]) -> CheckedRows:
    """Check rows. `seen`: the address hashes of earlier rows of the list."""
    checked = CheckedRows([], [], [])
    for row in rows:
        try:
            listed = person(row)
            if listed.stored["email_hash"] in seen:
                raise BadRow("an earlier row of this list has the same address")
        except BadRow as error:
            checked.rejected.append(Rejected(row, str(error)))
            if isinstance(error, RowLeftOut):
                checked.left_out.append((error.finding, error.email_hash))
                if error.email_hash is not None and error.finding.meaning.suppresses:
                    seen.add(error.email_hash)
            continue
        seen.add(listed.stored["email_hash"])
        checked.people.append(listed)
    return checked


def start(conn: Connection, list_name: str, by: str, now: int) -> int:
    """The ID of a new pull. `by`: the process that pulls."""
    row = {"list": list_name, "by": by, "started_at": now}
    return int(conn.execute(insert(pull).values(row).returning(pull.c.id)).scalar_one())


def store(conn: Connection, pull_id: int, checked: CheckedRows, now: int) -> Stored:
    """Store a batch, suppress those who refused, and add it to the pull's counts. Rejects rows of erased supporters."""
    people.lock_suppressions(conn)
    newly_suppressed = _suppress(conn, pull_id, checked, now) if checked.left_out else 0
    reasons = people.suppressed(conn, [person.stored["email_hash"] for person in checked.people])
    erased = {key for key, reason in reasons.items() if reason == "erased"}
    kept = [person for person in checked.people if person.stored["email_hash"] not in erased]
    gone = [Rejected(person.row, ERASED) for person in checked.people if person.stored["email_hash"] in erased]
    done = people.upsert(conn, [person.stored for person in kept], now)
    counts = {
        "read": len(checked.people) + len(checked.rejected),
        "imported": done.imported,
        "updated": done.updated,
        "unchanged": done.unchanged,
        "rejected": len(checked.rejected) + len(gone),
        "mended": sum(person.mended for person in kept),
        "suppressed": len(reasons) - len(erased),
    }
    added = {name: pull.c[name] + count for name, count in counts.items()}
    conn.execute(update(pull).where(pull.c.id == pull_id).values(added))
    return Stored(sorted([*checked.rejected, *gone], key=lambda rejected: rejected.row.line), newly_suppressed)


def _suppress(conn: Connection, pull_id: int, checked: CheckedRows, now: int) -> int:
    """Suppress those who refused. How many are new on the suppression list."""
    by_reason: dict[people.Reason, list[bytes]] = {}
    for finding, email_hash in checked.left_out:
        if email_hash is not None and finding.meaning.suppresses:
            by_reason.setdefault(_SUPPRESSION[finding.meaning], []).append(email_hash)
    source = f"list {find(conn, pull_id)['list']}"
    return sum(people.suppress(conn, hashes, reason, source, now) for reason, hashes in by_reason.items())


def withdraw(conn: Connection, list_name: str, email_hashes: Sequence[bytes], now: int) -> int:
    """Suppress supporters whose list said yes before and says no now. How many are new."""
    people.lock_suppressions(conn)
    withdrawn = people.on_list(conn, email_hashes, list_name)
    return people.suppress(conn, withdrawn, "unsubscribed", f"list {list_name}", now)


def finish(conn: Connection, pull_id: int, now: int, *, rejected_path: str = "", problem: str = "") -> None:
    """Record that the pull ended, early if there is a `problem`."""
    ended = {"finished_at": now, "rejected_path": rejected_path, "problem": problem}
    conn.execute(update(pull).where(pull.c.id == pull_id).values(ended))


def find(conn: Connection, pull_id: int) -> RowMapping:
    """The pull's row."""
    return conn.execute(select(pull).where(pull.c.id == pull_id)).mappings().one()


def last(conn: Connection, list_name: str) -> RowMapping | None:
    """The row of this list's newest pull."""
    newest = select(pull).where(pull.c.list == list_name).order_by(pull.c.id.desc()).limit(1)
    return conn.execute(newest).mappings().one_or_none()


@contextmanager
def rejected_file(path: Path, header: Sequence[str]) -> Iterator[Callable[[Sequence[Rejected]], None]]:
    """A function that collects rejected rows. At the end they are written to `path`, readable by its owner only (mode
    600) and safe to open in a spreadsheet; without any, an older file is deleted. Until then they are in an unnamed
    temporary file, so a killed pull leaves nothing behind.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile("w+", dir=path.parent, encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*map(spreadsheet_cell, header), "line", "reason"])
        kept = 0

        def keep(rejected: Sequence[Rejected]) -> None:
            nonlocal kept
            kept += len(rejected)
            for bad in rejected:
                writer.writerow([*_cells(bad.row.fields, len(header)), bad.row.line, bad.reason])

        yield keep
        if not kept:
            path.unlink(missing_ok=True)
            return
        file.seek(0)
        with private_file.writing(path, encoding="utf-8-sig") as named:  # Excel needs the signature
            shutil.copyfileobj(file, named)


def _cells(fields: Sequence[str], width: int) -> list[str]:
    """As many cells as the header has. Surplus cells share the last one, so that `line` and `reason` stay in place."""
    if len(fields) > width:
        fields = [*fields[: width - 1], ",".join(fields[width - 1 :])]
    return [*map(spreadsheet_cell, fields), *[""] * (width - len(fields))]
