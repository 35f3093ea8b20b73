"""Staff contacts for letters by email: the only writer of `contact`.

Members of Congress publish no email address, so each address here was given by its office. A contact whose office has
not said how it wants letters is stored, but not used.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import Connection, Select, bindparam, select, update

from campaign import private_file
from campaign.congress.roster import Roster
from campaign.errors import CampaignError
from campaign.formats import email_address, spreadsheet_cell
from campaign.store.dialect import insert
from campaign.store.schema import contact

UNANSWERED = "the office has not said how it wants letters"
DECLINED = {"form": "the office wants letters by its own form only", "none": "the office wants no letters by email"}
PER_HOUR, MOST_PER_HOUR = 30, 3600
HOUR = 3_600_000
DAILY = "daily"  # the default of `wants`
NEEDS = ("street", "phone", "prefix")
WANTS = ("each", "daily")
NEEDED = ("seat", "email", "given_by")
COLUMNS = (*NEEDED, "wants", "answered_on", "answered_by", "reason", "needs", "per_hour", "zone")
TEXT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Contact:
    """How one office gets letters by email. `off`: why it gets none; "": it does."""

    seat: str
    email: str
    wants: str  # each or daily
    given_by: str
    answered_on: str = ""  # ISO day on which the office said how it wants letters
    reason: str = ""  # why it is used without an answer
    needs: tuple[str, ...] = ()
    per_hour: int = PER_HOUR
    off: str = ""
    answered_by: str = ""  # who at the office said so
    zone: str = ""  # IANA time zone; "": Washington's
    changed_at: int = field(default=0, compare=False)  # ms: when the address changed or was switched off


@dataclass(frozen=True, slots=True)
class BadContact:
    """A row of the file that was rejected, and why."""

    line: int
    row: Mapping[str, str]
    why: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """Counts for one load: new + updated + unchanged = all."""

    new: int
    updated: int
    unchanged: int
    off: int  # of all


def read(path: Path, roster: Roster) -> tuple[list[Contact], list[BadContact]]:
    """The contacts in a CSV file, and its rejected rows. Raises CampaignError for a file that cannot be read."""
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
                        raise ValueError("the row has too many columns")
                    listed = _contact({key: value.strip() for key, value in row.items()}, roster)
                    if listed.seat in good:
                        raise ValueError("an earlier row of this file has the same seat")
                    good[listed.seat] = listed
                except ValueError as error:
                    bad.append(BadContact(rows.line_num, row, str(error)))
    except OSError as error:
        raise CampaignError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CampaignError(f"is not CSV in UTF-8: {error}", where=str(path), do="Save it as CSV UTF-8.") from None
    return list(good.values()), bad


def _contact(row: Mapping[str, str], roster: Roster) -> Contact:
    """The contact in a row. Raises ValueError."""
    seat, wants = row["seat"].upper(), row.get("wants", "").lower() or DAILY
    answered_on, reason, by = (row.get(name, "") for name in ("answered_on", "reason", "answered_by"))
    if seat not in roster.seats:
        problem = f"there is no seat {seat}" if seat else "the seat is missing"
        raise ValueError(f"{problem}: write H:NC:12, H:AK:0 (at large) or S:OH:3 (class)")
    if wants not in WANTS:
        raise ValueError("wants must be each (one email per letter) or daily (one digest a day)")
    if not row["given_by"]:
        raise ValueError("given_by is empty: it must say who gave the address")
    if not all(text.isprintable() and len(text) <= TEXT_LENGTH for text in (row["given_by"], reason, by)):
        raise ValueError(f"given_by, answered_by or reason has a line break or over {TEXT_LENGTH} characters")
    if (zone := row.get("zone", "")) and zone not in available_timezones():
        raise ValueError(f"zone is {zone!r}: write a time zone like America/Chicago")
    return Contact(
        seat=seat,
        email=email_address(row["email"]),
        wants=wants,
        given_by=row["given_by"],
        answered_on=_day(answered_on),
        reason=reason,
        needs=_needs(row.get("needs", "")),
        per_hour=_pace(row.get("per_hour", "")),
        off="" if answered_on or reason else UNANSWERED,
        answered_by=by,
        zone=zone,
    )


def _day(raw: str) -> str:
    try:
        return date.fromisoformat(raw).isoformat() if raw else ""
    except ValueError:
        raise ValueError(f"answered_on is {raw!r}: write a day like 2026-11-10") from None


def _needs(raw: str) -> tuple[str, ...]:
    words = raw.lower().replace(",", " ").replace(";", " ").split()
    if unknown := [word for word in words if word not in NEEDS]:
        raise ValueError(f"needs has {unknown[0]!r}: it can have {', '.join(NEEDS)}")
    return tuple(need for need in NEEDS if need in words)


def _pace(raw: str) -> int:
    if not raw:
        return PER_HOUR
    if not (raw.isascii() and raw.isdigit() and len(raw) < 5 and 1 <= int(raw) <= MOST_PER_HOUR):
        raise ValueError(f"per_hour is {raw!r}: write a number from 1 to {MOST_PER_HOUR}")
    return int(raw)


def reject(path: Path, bad: Sequence[BadContact]) -> None:
    """Write the rejected rows with line and reason, readable by their owner only (mode 600) and safe to open in a
    spreadsheet. Without rejected rows, an older file is deleted.
    """
    if not bad:
        path.unlink(missing_ok=True)
        return
    with private_file.writing(path, encoding="utf-8-sig") as file:  # Excel needs the signature
        writer = csv.writer(file)
        writer.writerow([*bad[0].row, "line", "why"])
        for rejected in bad:
            writer.writerow([*map(spreadsheet_cell, rejected.row.values()), rejected.line, rejected.why])


def load(conn: Connection, contacts: Sequence[Contact], now: int) -> Loaded:
    """Store contacts, each seat once. A contact that was switched off stays off until its office gives another address.
    An answer recorded later than the row's is kept.
    """
    known = {old.seat: old for old in _read(conn, _ALL.with_for_update())}
    merged = [_merge(new, known.get(new.seat), now) for new in sorted(contacts, key=lambda new: new.seat)]
    changed = [new for new in merged if new != known.get(new.seat)]
    if changed:
        statement, rows = insert(conn, contact), [_row(new) for new in changed]
        changes = {name: statement.excluded[name] for name in rows[0] if name != "seat"}
        conn.execute(statement.on_conflict_do_update(index_elements=[contact.c.seat], set_=changes), rows)
    updated = sum(new.seat in known for new in changed)
    off = sum(bool(new.off) for new in merged)
    return Loaded(len(changed) - updated, updated, len(merged) - len(changed), off)


def _row(stored: Contact) -> dict[str, Any]:
    return asdict(stored) | {"needs": " ".join(stored.needs)}


def _merge(new: Contact, old: Contact | None, now: int) -> Contact:
    if old is not None and old.answered_on > new.answered_on:
        return old
    if old is None or old.email != new.email:
        return replace(new, changed_at=now)
    off = new.off if old.off in ("", UNANSWERED) else old.off
    return replace(new, off=off, changed_at=old.changed_at)


_C = contact.c
_ALL = select(*(_C[column.name] for column in fields(Contact))).order_by(_C.seat)
_ONE = _ALL.where(_C.seat == bindparam("seat"))


def all_contacts(conn: Connection) -> list[Contact]:
    """All contacts, by seat."""
    return list(_read(conn, _ALL))


def usable(conn: Connection) -> dict[str, Contact]:
    """The contacts in use, by seat."""
    return {usable.seat: usable for usable in _read(conn, _ALL.where(_C.off == ""))}


def find(conn: Connection, seat: str) -> Contact | None:
    """The contact of a seat, on or off."""
    return next(iter(_read(conn, _ONE, {"seat": seat})), None)


def _read(conn: Connection, statement: Select[Any], values: dict[str, str] | None = None) -> Iterable[Contact]:
    for row in conn.execute(statement, values).mappings().all():
        yield Contact(**{**row, "needs": tuple(row["needs"].split())})


def reserve(
    conn: Connection, seat: str, earliest: int, opens: Callable[[int], int] = lambda at: at, jitter: float = 0
) -> int:
    """Reserve the time (ms) of this office's next letter: at `earliest` or later, while the office is open (`opens`
    gives the next such instant), and not sooner after the letter before than `per_hour` allows. A letter that has to
    wait gets up to half that interval more, times `jitter` (0 to 1), so that offices don't all get theirs in the same
    second. The seat must have a contact.
    """
    query = select(_C.next_at, _C.per_hour).where(_C.seat == seat).with_for_update()
    next_at, per_hour = conn.execute(query).one()
    step = HOUR // int(per_hour)
    at = opens(max(earliest, int(next_at)))
    if at > earliest:
        at = opens(at + int(step / 2 * jitter))
    conn.execute(update(contact).where(_C.seat == seat).values(next_at=at + step))
    return at


def switch_off(conn: Connection, seat: str, reason: str, now: int) -> bool:
    """Stop using this contact. False if it is unknown or already off; the first reason is kept."""
    off = update(contact).where(_C.seat == seat, _C.off.in_(["", UNANSWERED])).values(off=reason, changed_at=now)
    return conn.execute(off.returning(_C.seat)).first() is not None


@dataclass(frozen=True, slots=True)
class OfficeAnswer:
    """How an office wants its letters."""

    wants: str  # each, daily, form, none
    by: str  # who at the office said so
    on: str  # ISO day
    person: str = ""  # another email address; "": as before
    per_hour: int = 0  # 0: as before


def record_answer(conn: Connection, seat: str, answer: OfficeAnswer, now: int) -> Contact:
    """Record an office's answer; the contact as it is then. Raises CampaignError for an answer that does not fit.

    With another pace, the office's next letters are scheduled from `now` on: see `reserve`.
    """
    old = find(conn, seat)
    if old is None:
        do = "Load it first, with who gave the address: campaign offices load FILE"
        raise CampaignError("no contact of this office is on file", where=seat, do=do)
    try:
        if not (answer.by and answer.by.isprintable() and len(answer.by) <= TEXT_LENGTH):
            raise ValueError("nothing says who answered")
        email = email_address(answer.person) if answer.person else old.email
        per_hour = _pace(str(answer.per_hour)) if answer.per_hour else old.per_hour
        on = _day(answer.on)
    except ValueError as error:
        raise CampaignError(str(error), where=seat) from None
    usable = old.off in ("", UNANSWERED, *DECLINED.values()) or email != old.email
    if answer.wants in WANTS and not usable:
        do = "Ask the office for another one, and give it: --person ADDRESS"
        raise CampaignError(f"this address is off: {old.off}", where=seat, do=do)
    declined = DECLINED.get(answer.wants, "")
    changed = replace(
        old,
        email=email,
        per_hour=per_hour,
        answered_on=on,
        answered_by=answer.by,
        wants=old.wants if declined else answer.wants,
        off=declined or ("" if usable else old.off),
        changed_at=old.changed_at if email == old.email else now,
    )
    values = _row(changed) if per_hour == old.per_hour else _row(changed) | {"next_at": now}
    conn.execute(update(contact).where(_C.seat == seat).values(values))
    return changed
