"""Staff contacts that the coalition brought: the only writer of `contact`. Members of Congress publish no e-mail
address, so an office must have given its own; one that has not said how it wants letters is stored but not used.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import BigInteger, Connection, Select, case, literal, select, update

from campaign.congress.roster import Roster
from campaign.errors import CampaignError
from campaign.store.dialect import insert
from campaign.store.schema import contact

UNANSWERED = "the office has not said how it wants letters"
PER_HOUR, MOST_PER_HOUR = 30, 3600
HOUR = 3_600_000
NEEDS = ("street", "phone", "prefix")
WANTS = ("each", "daily")
NEEDED = ("seat", "email", "wants", "given_by")
COLUMNS = (*NEEDED, "answered_on", "reason", "needs", "per_hour")
TEXT_LENGTH = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Contact:
    """How one office gets letters by e-mail. `off` says why it does not; "": it does, when it wants each one."""

    seat: str
    email: str
    wants: str  # each or daily
    given_by: str
    answered_on: str = ""  # ISO day on which the office said how it wants letters
    reason: str = ""  # why it is used without an answer
    needs: tuple[str, ...] = ()
    per_hour: int = PER_HOUR
    off: str = ""
    changed_at: int = field(default=0, compare=False)  # ms: the office gave this address, or it was switched off


@dataclass(frozen=True, slots=True)
class BadContact:
    """A row that was not taken, as it stood in the file, and why."""

    line: int
    row: Mapping[str, str]
    why: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of the contacts: the first three together are as many as were given."""

    new: int
    updated: int
    unchanged: int
    off: int  # of all these


class _Bad(ValueError):
    """Why a row is no contact, in a sentence."""


def read(path: Path, roster: Roster) -> tuple[list[Contact], list[BadContact]]:
    """The contacts of a CSV file, and the rows that are none. Raises CampaignError when it is no such file."""
    good: dict[str, Contact] = {}
    bad = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, restkey="", restval="")
            rows.fieldnames = [name.strip().lower() for name in rows.fieldnames or ()]
            if missing := [name for name in NEEDED if name not in rows.fieldnames]:
                what = f"the first line has no column {', '.join(missing)}"
                raise CampaignError(what, where=path.name, do=f"It begins with: {','.join(COLUMNS)}")
            for row in rows:
                surplus = row.pop("", None)
                try:
                    if any(surplus or ()):
                        raise _Bad("the row has too many columns")
                    found = _contact({key: value.strip() for key, value in row.items()}, roster)
                    if found.seat in good:
                        raise _Bad("this seat stands in an earlier row of this file")
                    good[found.seat] = found
                except _Bad as error:
                    bad.append(BadContact(rows.line_num, row, str(error)))
    except OSError as error:
        raise CampaignError(f"it cannot be read: {error.strerror}", where=str(path)) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CampaignError(
            f"it is no CSV file in UTF-8: {error}", where=str(path), do="Save it as CSV UTF-8."
        ) from None
    return list(good.values()), bad


def _contact(row: Mapping[str, str], roster: Roster) -> Contact:
    seat, wants = row["seat"].upper(), row["wants"].lower()
    answered_on, reason = row.get("answered_on", ""), row.get("reason", "")
    if seat not in roster.seats:
        raise _Bad(f"there is no seat {seat or 'given'}: write H:NC:12, H:AK:0 (at large) or S:OH:3 (class)")
    if wants not in WANTS:
        raise _Bad("wants is each (letter by letter) or daily (one summary a day)")
    if not row["given_by"]:
        raise _Bad("nothing says who gave the address: the column given_by is empty")
    if not all(text.isprintable() and len(text) <= TEXT_LENGTH for text in (row["given_by"], reason)):
        raise _Bad(f"given_by or reason holds a line break, or is longer than {TEXT_LENGTH} characters")
    return Contact(
        seat,
        _address(row["email"]),
        wants,
        row["given_by"],
        _day(answered_on),
        reason,
        _needs(row.get("needs", "")),
        _pace(row.get("per_hour", "")),
        off="" if answered_on or reason else UNANSWERED,
    )


def _address(raw: str) -> str:
    if not raw:
        raise _Bad("there is no e-mail address")
    try:
        # SendGrid does not support letters beyond ASCII before the @
        found = validate_email(raw.lower(), check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise _Bad(f"this is not an e-mail address: {error}") from None
    return f"{found.local_part}@{found.ascii_domain}".lower()


def _day(raw: str) -> str:
    try:
        return date.fromisoformat(raw).isoformat() if raw else ""
    except ValueError:
        raise _Bad(f"answered_on is {raw!r}, and no day like 2026-11-10") from None


def _needs(raw: str) -> tuple[str, ...]:
    words = raw.lower().replace(",", " ").replace(";", " ").split()
    if unknown := [word for word in words if word not in NEEDS]:
        raise _Bad(f"needs has {unknown[0]!r}; it may have {', '.join(NEEDS)}")
    return tuple(need for need in NEEDS if need in words)


def _pace(raw: str) -> int:
    if not raw:
        return PER_HOUR
    if not (raw.isascii() and raw.isdigit() and len(raw) < 5 and 1 <= int(raw) <= MOST_PER_HOUR):
        raise _Bad(f"per_hour is {raw!r}, and no number from 1 to {MOST_PER_HOUR}")
    return int(raw)


def reject(path: Path, bad: Sequence[BadContact]) -> None:
    """Write the rows that were not taken with line and reason, for their owner only (mode 600) and safe to open in a
    spreadsheet. Where there are none, an older file goes.
    """
    path.unlink(missing_ok=True)
    if not bad:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:  # marked: Excel wants it so
        writer = csv.writer(file)
        writer.writerow([*bad[0].row, "line", "why"])
        for one in bad:
            cells = ("'" + cell if cell.startswith(_FORMULA) else cell for cell in one.row.values())
            writer.writerow([*cells, one.line, one.why])


def load(conn: Connection, contacts: Sequence[Contact], now: int) -> Loaded:
    """Store contacts, each seat once. One that was switched off stays off until its office has another address."""
    known = {one.seat: one for one in _read(conn, _ALL.with_for_update())}
    wanted = [_merged(one, known.get(one.seat), now) for one in sorted(contacts, key=lambda one: one.seat)]
    writes = [one for one in wanted if one != known.get(one.seat)]
    if writes:
        statement = insert(conn, contact)
        rows = [asdict(one) | {"needs": " ".join(one.needs)} for one in writes]
        changes = {name: statement.excluded[name] for name in rows[0] if name != "seat"}
        conn.execute(statement.on_conflict_do_update(index_elements=[contact.c.seat], set_=changes), rows)
    updated = sum(one.seat in known for one in writes)
    off = sum(bool(one.off) for one in wanted)
    return Loaded(len(writes) - updated, updated, len(wanted) - len(writes), off)


def _merged(new: Contact, old: Contact | None, now: int) -> Contact:
    if old is None or old.email != new.email:
        return replace(new, changed_at=now)
    off = new.off if old.off in ("", UNANSWERED) else old.off
    return replace(new, off=off, changed_at=old.changed_at)


_C = contact.c
_ALL = select(*(_C[one.name] for one in fields(Contact))).order_by(_C.seat)


def every(conn: Connection) -> list[Contact]:
    """All contacts, by seat."""
    return list(_read(conn, _ALL))


def usable(conn: Connection) -> dict[str, Contact]:
    """Those that letters may go to one by one, by seat."""
    return {one.seat: one for one in _read(conn, _ALL.where(_C.off == "", _C.wants == "each"))}


def find(conn: Connection, seat: str) -> Contact | None:
    """The contact of a seat, on or off."""
    return next(iter(_read(conn, _ALL.where(_C.seat == seat))), None)


def _read(conn: Connection, statement: Select[Any]) -> Iterable[Contact]:
    for row in conn.execute(statement).mappings().all():
        yield Contact(**{**row, "needs": tuple(row["needs"].split())})


def reserve(conn: Connection, seat: str, earliest: int) -> int:
    """The time (ms) for this office's next letter, at `earliest` or later: no two get the same, each is the office's
    pace after the one before. The seat must have a contact.
    """
    free = case((_C.next_at > earliest, _C.next_at), else_=literal(earliest, BigInteger))
    step = literal(HOUR, BigInteger) // _C.per_hour
    taken = update(contact).where(_C.seat == seat).values(next_at=free + step).returning(_C.next_at, _C.per_hour)
    next_at, per_hour = conn.execute(taken).one()
    return int(next_at) - HOUR // int(per_hour)


def switch_off(conn: Connection, seat: str, reason: str, now: int) -> bool:
    """Use this contact no more. False when it was off already, or is not known; the first reason stays."""
    off = update(contact).where(_C.seat == seat, _C.off == "").values(off=reason, changed_at=now)
    return conn.execute(off.returning(_C.seat)).first() is not None
