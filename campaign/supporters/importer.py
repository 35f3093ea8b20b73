"""From the rows of a list to people on file, a batch a transaction: the only writer of `pull`.

A killed pull can run again: what its batches stored is then unchanged.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from campaign import private_file
from campaign.formats import spreadsheet_cell
from campaign.store.schema import pull
from campaign.supporters import people
from campaign.supporters.email_status import StatusFinding
from campaign.supporters.rows import BadRow, ListedPerson, RowLeftOut
from campaign.supporters.sources import Row
from campaign.supporters.status_words import Meaning

BATCH = 2_000  # rows of one transaction
ERASED = "erased at their own wish: this person is never stored again"
# The reason on the suppression list for what a list says. "listed" is also what `campaign suppress` writes.
_SUPPRESSION: dict[Meaning, people.Reason] = {
    Meaning.BOUNCED: "bounced",
    Meaning.UNSUBSCRIBED: "unsubscribed",
    Meaning.COMPLAINED: "complained",
    Meaning.DO_NOT_EMAIL: "listed",
    Meaning.DECEASED: "listed",
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not stored, as it stood in the list, and why."""

    row: Row
    reason: str


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """A batch of rows, sorted into people and rejected ones, in the order of the list.

    `left_out` are those of the rejected who may not be emailed, with the hash of their address where it could be read.
    """

    people: list[ListedPerson]
    rejected: list[Rejected]
    left_out: list[tuple[StatusFinding, bytes | None]]


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing a batch did: its rejected rows, and how many addresses are new on the suppression list."""

    rejected: list[Rejected]
    newly_suppressed: int


def check_rows(rows: Iterable[Row], person: Callable[[Row], ListedPerson], seen: set[bytes]) -> CheckedRows:
    """Sort rows into people and rejected ones. `seen` holds the hashes of this list's earlier people."""
    judged = CheckedRows([], [], [])
    for row in rows:
        try:
            found = person(row)
        except RowLeftOut as error:
            judged.rejected.append(Rejected(row, str(error)))
            judged.left_out.append((error.finding, error.email_hash))
            if error.email_hash is not None and error.finding.meaning.suppresses:
                seen.add(error.email_hash)
            continue
        except BadRow as error:
            judged.rejected.append(Rejected(row, str(error)))
            continue
        if (key := found.stored["email_hash"]) in seen:
            judged.rejected.append(Rejected(row, "the same address stands in an earlier row of this list"))
            continue
        seen.add(key)
        judged.people.append(found)
    return judged


def start(conn: Connection, list_name: str, by: str, now: int) -> int:
    """A new pull's id. `by` is the process that pulls."""
    made = insert(pull).values(list=list_name, by=by, started_at=now).returning(pull.c.id)
    pull_id: int = conn.execute(made).scalar_one()
    return pull_id


def store(conn: Connection, pull_id: int, judged: CheckedRows, now: int) -> Stored:
    """Store a batch's people, suppress those who refused, and count it. Returns all its rejected rows: the erased are
    known only here."""
    people.lock_suppressions(conn)
    newly_suppressed = _suppress(conn, pull_id, judged, now) if judged.left_out else 0
    reasons = people.suppressed(conn, [person.stored["email_hash"] for person in judged.people])
    erased = {key for key, reason in reasons.items() if reason == "erased"}
    kept = [person for person in judged.people if person.stored["email_hash"] not in erased]
    gone = [Rejected(person.row, ERASED) for person in judged.people if person.stored["email_hash"] in erased]
    done = people.upsert(conn, [person.stored for person in kept], now)
    counts = {
        "read": len(judged.people) + len(judged.rejected),
        "imported": done.imported,
        "updated": done.updated,
        "unchanged": done.unchanged,
        "rejected": len(judged.rejected) + len(gone),
        "mended": sum(person.mended for person in kept),
        "suppressed": len(reasons) - len(erased),
    }
    added = {name: pull.c[name] + count for name, count in counts.items()}
    conn.execute(update(pull).where(pull.c.id == pull_id).values(added))
    rejected = sorted([*judged.rejected, *gone], key=lambda one: one.row.line) if gone else judged.rejected
    return Stored(rejected, newly_suppressed)


def _suppress(conn: Connection, pull_id: int, judged: CheckedRows, now: int) -> int:
    """Put those who refused on the suppression list. How many are new there."""
    by_reason: dict[people.Reason, list[bytes]] = {}
    for finding, email_hash in judged.left_out:
        if email_hash is not None and finding.meaning.suppresses:
            by_reason.setdefault(_SUPPRESSION[finding.meaning], []).append(email_hash)
    source = f"list {find(conn, pull_id)['list']}"
    return sum(people.suppress(conn, hashes, reason, source, now) for reason, hashes in by_reason.items())


def withdraw(conn: Connection, list_name: str, email_hashes: Sequence[bytes], now: int) -> int:
    """Suppress those of these who are on file from this list: it said yes before, and now says no. How many are new."""
    people.lock_suppressions(conn)
    withdrawn = people.on_list(conn, email_hashes, list_name)
    return people.suppress(conn, withdrawn, "unsubscribed", f"list {list_name}", now)


def finish(conn: Connection, pull_id: int, now: int, *, rejected_path: str = "", problem: str = "") -> None:
    """The pull has ended, early when there is a `problem`."""
    ended = {"finished_at": now, "rejected_path": rejected_path, "problem": problem}
    conn.execute(update(pull).where(pull.c.id == pull_id).values(ended))


def find(conn: Connection, pull_id: int) -> RowMapping:
    """The pull's row."""
    return conn.execute(select(pull).where(pull.c.id == pull_id)).mappings().one()


def last(conn: Connection, list_name: str) -> int | None:
    """The id of this list's newest pull."""
    newest: int | None = conn.execute(select(func.max(pull.c.id)).where(pull.c.list == list_name)).scalar_one()
    return newest


@contextmanager
def rejected_file(path: Path, header: Sequence[str]) -> Iterator[Callable[[Sequence[Rejected]], None]]:
    """A function that keeps rejected rows. At the end they stand in `path`, for its owner only (mode 600) and safe to
    open in a spreadsheet; where there are none, an older file goes. A kill leaves nothing behind: until the end the
    rows are in a file without a name.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile("w+", dir=path.parent, encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*map(spreadsheet_cell, header), "line", "reason"])
        kept = 0

        def keep(rejected: Sequence[Rejected]) -> None:
            nonlocal kept
            kept += len(rejected)
            for one in rejected:
                writer.writerow([*_cells(one.row.fields, len(header)), one.row.line, one.reason])

        yield keep
        if not kept:
            path.unlink(missing_ok=True)
            return
        file.seek(0)
        with private_file.writing(path, encoding="utf-8-sig") as named:  # Excel needs the signature
            shutil.copyfileobj(file, named)


def _cells(fields: Sequence[str], width: int) -> list[str]:
    """As many cells as the header has: surplus ones share the last, so that `line` and `reason` keep their place."""
    if len(fields) > width:
        fields = [*fields[: width - 1], ",".join(fields[width - 1 :])]
    return [*map(spreadsheet_cell, fields), *[""] * (width - len(fields))]
