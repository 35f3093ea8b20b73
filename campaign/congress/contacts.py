"""Staff contacts that the coalition brought: the only writer of `contact`. Members of Congress publish no e-mail
address, so an office must have given its own; one that has not said how it wants letters is stored but not used.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import Connection, Select, select, update

from campaign import private_file
from campaign.congress.roster import Roster
from campaign.errors import CampaignError
from campaign.formats import email_address, spreadsheet_cell
from campaign.store.dialect import insert
from campaign.store.schema import contact

UNANSWERED = "the office has not said how it wants letters"
DECLINED = {"form": "the office wants letters by its own form only", "none": "the office wants no letters by e-mail"}
DAILY = "daily"  # what a contact gets that does not say otherwise
PER_HOUR, MOST_PER_HOUR = 30, 3600
HOUR = 3_600_000
NEEDS = ("street", "phone", "prefix")
WANTS = ("each", "daily")
NEEDED = ("seat", "email", "given_by")
COLUMNS = (*NEEDED, "wants", "answered_on", "answered_by", "reason", "needs", "per_hour", "zone")
TEXT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Contact:
    """How one office gets letters by e-mail. `off` says why it does not; "": it does."""

    seat: str
    email: str
    wants: str  # each or daily
    given_by: str
    answered_on: str = ""  # ISO day on which the office said how it wants letters
    reason: str = ""  # why it is used without an answer
    needs: tuple[str, ...] = ()
    per_hour: int = PER_HOUR
    off: str = ""
    answered_by: str = ""  # who there said how it wants letters
    zone: str = ""  # where it works, by IANA name; "": in Washington
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
    seat, wants = row["seat"].upper(), row.get("wants", "").lower() or DAILY
    answered_on, reason, by = (row.get(name, "") for name in ("answered_on", "reason", "answered_by"))
    if seat not in roster.seats:
        raise _Bad(f"there is no seat {seat or 'given'}: write H:NC:12, H:AK:0 (at large) or S:OH:3 (class)")
    if wants not in WANTS:
        raise _Bad("wants is each (letter by letter) or daily (one summary a day)")
    if not row["given_by"]:
        raise _Bad("nothing says who gave the address: the column given_by is empty")
    if not all(text.isprintable() and len(text) <= TEXT_LENGTH for text in (row["given_by"], reason, by)):
        raise _Bad(f"given_by, answered_by or reason holds a line break, or is longer than {TEXT_LENGTH} characters")
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
        answered_by=by,
        zone=_zone(row.get("zone", "")),
    )


def _zone(raw: str) -> str:
    if raw and raw not in available_timezones():
        raise _Bad(f"zone is {raw!r}, and no time zone like America/Chicago")
    return raw


def _address(raw: str) -> str:
    try:
        return email_address(raw)
    except ValueError as error:
        raise _Bad(str(error)) from None


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
    if not bad:
        path.unlink(missing_ok=True)
        return
    with private_file.writing(path, encoding="utf-8-sig") as file:  # Excel needs the signature
        writer = csv.writer(file)
        writer.writerow([*bad[0].row, "line", "why"])
        for one in bad:
            writer.writerow([*map(spreadsheet_cell, one.row.values()), one.line, one.why])


def load(conn: Connection, contacts: Sequence[Contact], now: int) -> Loaded:
    """Store contacts, each seat once. One that was switched off stays off until its office has another address, and
    what an office answered later than the row says stands.
    """
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
    if old is not None and old.answered_on > new.answered_on:
        return old
    if old is None or old.email != new.email:
        return replace(new, changed_at=now)
    off = new.off if old.off in ("", UNANSWERED) else old.off
    return replace(new, off=off, changed_at=old.changed_at)


_C = contact.c
_ALL = select(*(_C[one.name] for one in fields(Contact))).order_by(_C.seat)


def all_contacts(conn: Connection) -> list[Contact]:
    """All contacts, by seat."""
    return list(_read(conn, _ALL))


def usable(conn: Connection) -> dict[str, Contact]:
    """Those that letters may go to, by seat."""
    return {one.seat: one for one in _read(conn, _ALL.where(_C.off == ""))}


def find(conn: Connection, seat: str) -> Contact | None:
    """The contact of a seat, on or off."""
    return next(iter(_read(conn, _ALL.where(_C.seat == seat))), None)


def _read(conn: Connection, statement: Select[Any]) -> Iterable[Contact]:
    for row in conn.execute(statement).mappings().all():
        yield Contact(**{**row, "needs": tuple(row["needs"].split())})


def reserve(
    conn: Connection, seat: str, earliest: int, opens: Callable[[int], int] = lambda at: at, jitter: float = 0
) -> int:
    """The time (ms) for this office's next letter, at `earliest` or later: no two get the same, each is the office's
    pace after the one before, and when the office `opens`. One that waits does so for up to `jitter` (0 to 1) of half
    that pace more, lest all offices get theirs in the same second. The seat must have a contact.
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
    """Use this contact no more. False when it was off already, or is not known; the first reason stays."""
    off = update(contact).where(_C.seat == seat, _C.off.in_(["", UNANSWERED])).values(off=reason, changed_at=now)
    return conn.execute(off.returning(_C.seat)).first() is not None


@dataclass(frozen=True, slots=True)
class OfficeAnswer:
    """What an office said: how it wants letters, who there said so, on which day; and if it said so another address,
    and how many letters an hour.
    """

    wants: str  # each, daily, form, none
    by: str
    on: str  # ISO day
    person: str = ""
    per_hour: int = 0  # 0: as before


def record_answer(conn: Connection, seat: str, said: OfficeAnswer, now: int) -> Contact:
    """Write down what the office said; the contact as it is then. Raises CampaignError for what cannot be.

    With another pace all its times are given anew, from `now` on: see `reserve`.
    """
    old = find(conn, seat)
    if old is None:
        do = "Load it first, with who gave the address: campaign offices load FILE"
        raise CampaignError("no contact of this office is on file", where=seat, do=do)
    try:
        if not (said.by and said.by.isprintable() and len(said.by) <= TEXT_LENGTH):
            raise _Bad("nothing says who answered")
        email = _address(said.person) if said.person else old.email
        per_hour = _pace(str(said.per_hour)) if said.per_hour else old.per_hour
        on = _day(said.on)
    except _Bad as error:
        raise CampaignError(str(error), where=seat) from None
    kept = old.off in ("", UNANSWERED, *DECLINED.values()) or email != old.email
    if said.wants in WANTS and not kept:
        do = "Ask the office for another one, and give it: --person ADDRESS"
        raise CampaignError(f"this address is off: {old.off}", where=seat, do=do)
    declined = DECLINED.get(said.wants, "")
    values: dict[str, str | int] = {"answered_on": on, "answered_by": said.by, "email": email, "per_hour": per_hour}
    values |= {"wants": old.wants if declined else said.wants, "off": declined or ("" if kept else old.off)}
    if per_hour != old.per_hour:
        values["next_at"] = now
    if email != old.email:
        values["changed_at"] = now
    conn.execute(update(contact).where(_C.seat == seat).values(values))
    found = find(conn, seat)
    assert found is not None
    return found
