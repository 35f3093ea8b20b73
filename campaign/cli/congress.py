"""Commands about Congress: the snapshot, who represents a ZIP, and the contacts of offices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import rich_click as click
from rich.markup import escape

from campaign.cli import matching
from campaign.cli.app import Context, as_json, json_option, out, table
from campaign.congress import agree, match, offices, roster, snapshot, terms
from campaign.congress.book import DATA
from campaign.congress.roster import Roster
from campaign.errors import CampaignError
from campaign.model import Match, Seat
from campaign.store import engine

DAILY = "daily summary: not sent by this version; letters go by the office's form"


def register(root: click.Group) -> None:
    root.add_command(congress)
    root.add_command(office_contacts)


@click.group()
def congress() -> None:
    """Who sits in Congress, and for whom."""


@congress.command()
@click.option("--from", "source", type=click.Path(path_type=Path), required=True, help="The folder with the data sets.")
@click.option("--to", "target", type=click.Path(path_type=Path), default=DATA, help="[default: the package]")
@json_option
def build(source: Path, target: Path, as_json_: bool) -> None:
    """Make the snapshot of Congress again, from public data sets in a folder.

    It reads legislators-current.yaml, legislators-district-offices.yaml, committees-current.yaml,
    committee-membership-current.yaml, zccd.csv, office-forms.csv, and README.md for
    where they come from. A file that lost too much is refused.
    """
    built = snapshot.build(source, target)
    if as_json_:
        as_json(asdict(built))
        return
    out.print(f"{built.members} members; {built.zips:,} ZIPs, {built.split:,} of them in several districts.")
    out.print(f"Vacant: {', '.join(built.vacant) or 'no seat'}.")
    out.print(f"{built.bytes:,} bytes in {built.folder}", soft_wrap=True)


@congress.command()
@click.option("--zip", "zip_", default="", help="28205, or 28205-1234; or a seat: H:NC:12, S:OH:3.")
@click.option("--address", default="", help='"100 Main Street, 28205": it goes to census.gov, if [matching] is on.')
@click.option("--on", "moment", help="Another time than now: 2027-01-03 (noon in Washington), 2027-01-03T12:01-05:00.")
@json_option
@click.pass_obj
def who(ctx: Context, zip_: str, address: str, moment: str | None, as_json_: bool) -> None:
    """Who represents a ZIP, or an address: only what is proved, and by name where it touches several districts.

    An address proves a district when two sources name the same one, and the ZIP touches it.

    After a Congress has ended, until the new one is synced, only those are named whose terms run on.
    """
    with ctx.database.read() as conn:
        now = _moment(moment) if moment else engine.now(conn)
        known = roster.at(conn, now)
    place = matching.parsed(address, zip_) if address else None
    zip_ = place.zip if place else zip_
    seat = known.seats.get(zip_.upper())
    found = _alone(seat) if seat else match.by_zip(known, zip_, now)
    said = matching.asked(ctx.settings.matching, known, found, place) if place and found.zip else None
    if said and said.seat:
        found = agree.matched(known, found, said.seat)
    if not found.zip:
        raise CampaignError(
            f"{zip_!r} is not a ZIP, which has 5 digits",
            do='Write: --zip 28205, a seat: --zip S:OH:3, or --address "100 Main Street, 28205"',
        )
    if not found.states:
        raise CampaignError(
            f"ZIP {found.zip} is not in the snapshot",
            do="It has the ZIPs that people live in, as the Census draws them; one of post boxes alone is not there.",
        )
    seats = [_seat(known, seat, why) for why, seat in _places(found)]
    notes = [*([said.sentence] if said else []), *_notes(known, found)]
    sources = [f"{one.name} {one.version} of {one.date} ({one.licence})" for one in known.sources]
    if as_json_:
        shown = {"zip": found.zip, "states": found.states, "seats": seats, "notes": notes}
        address_said = {"address": matching.as_dict(said)} if said else {}
        as_json(shown | address_said | {"congress": known.congress, "until": known.until, "sources": sources})
        return
    when = terms.day_of(now)
    rows = table(
        f"{'' if seat else 'ZIP '}{found.zip}, {' and '.join(found.states)}, on {when}",
        "name",
        "role",
        "seat",
        "phone",
        "form",
    )
    for column in rows.columns:
        column.justify, column.overflow = "left", "fold"
    for one in seats:
        rows.add_row(*(escape(one[key]) for key in ("name", "role", "seat", "phone", "form")))
    out.print(rows)
    for note in notes:
        out.print(f"[yellow]look[/]    {escape(note)}", soft_wrap=True)
    out.print(f"From {', '.join(sources)}", soft_wrap=True, style="dim")


def _moment(text: str) -> int:
    """In ms; a day is its noon in Washington, and a time without an offset is Washington's."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CampaignError(
            f"{text!r} is no time", where="--on", do="Write: --on 2027-01-03, or --on 2027-01-03T12:01-05:00"
        ) from None
    if len(text) == len("2027-01-03"):
        return terms.noon(text)
    return int((found if found.tzinfo else found.replace(tzinfo=terms.WASHINGTON)).timestamp()) * 1000


def _alone(seat: Seat) -> Match:
    """One seat, asked for by its code."""
    house, senators = (seat, ()) if seat.house else (None, (seat,))
    return Match(seat.code, (seat.state,), representative=house, senators=senators)


def _places(found: Match) -> Iterator[tuple[str, Seat]]:
    if found.representative:
        yield "representative", found.representative
    yield from (("candidate", seat) for seat in found.candidates)
    yield from (("senator", seat) for seat in found.senators)


def _seat(known: Roster, seat: Seat, why: str) -> dict[str, Any]:
    holder = seat.holder
    return {
        "seat": seat.code,
        "why": why,
        "role": _role(known, seat) + (", perhaps" if why == "candidate" else ""),
        "name": holder.name if holder else "vacant" if seat.vacant else "not known",
        "since": holder.since if holder else "",
        "ends": holder.ends if holder else "",
        "how": holder.how if holder else "",
        "party": holder.party if holder else "",
        "phone": holder.phone if holder else "",
        "form": holder.form if holder else "",
        "vacant": seat.vacant,
        "known": seat.known,
        "warning": seat.warning,
    }


def _role(known: Roster, seat: Seat) -> str:
    if not seat.house:
        return "senator"
    if seat.state == "PR":
        return "resident commissioner"
    return "representative" if _has_senators(known, seat.state) else "delegate"


def _has_senators(known: Roster, state: str) -> bool:
    return any(f"S:{state}:{number}" in known.seats for number in (1, 2, 3))


def _notes(known: Roster, found: Match) -> Iterator[str]:
    if found.zip in known.unmapped:
        yield f"The House districts of the {known.congress}th Congress are not known: nothing is said of the House."
    if found.candidates:
        yield f"This ZIP touches {len(found.candidates)} House districts: one of these represents you."
    if len(found.states) > 1:
        yield f"This ZIP lies in {' and '.join(found.states)}: it does not say whose senators are yours."
    elif not _has_senators(known, found.states[0]):
        yield f"{found.states[0]} has no senators."
    for _, seat in _places(found):
        if seat.vacant:
            yield f"{seat.code} is vacant: there is nobody to write to."
        elif seat.holder is None:
            yield f"{seat.code}: {seat.warning}."
        elif seat.warning:
            yield f"{seat.code}, {seat.holder.name}: {seat.warning}."


@click.group("offices")
def office_contacts() -> None:
    """Staff contacts that offices gave: members of Congress publish no e-mail address."""


@office_contacts.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def load_contacts(ctx: Context, file: Path, as_json_: bool) -> None:
    """Store the contacts in FILE: the good rows go in, the bad ones come back in a file with the reason beside each.

    Members of Congress publish no e-mail address. Give only one that the office itself gave, for letters: a guessed one
    reaches nobody who counts it. The office says how it wants letters (answered_on: the day); until then its contact
    is stored but off, unless you give a reason.

    The columns of FILE: seat (H:NC:12, S:OH:3), email, wants (each or daily), given_by, and where there is something to
    say answered_on, reason, needs (street, phone, prefix), per_hour (letters an hour, 30). What stands there already is
    updated. A contact that was switched off by a bounce stays off until the office gives another address.
    """
    with ctx.database.begin() as conn:
        now = engine.now(conn)
        good, bad = offices.read(file, roster.at(conn, now))
        done = offices.load(conn, good, now)
    rejected = ctx.settings.home / "offices" / "rejected.csv"
    offices.reject(rejected, bad)
    if as_json_:
        path = str(rejected) if bad else ""
        as_json({"read": len(good) + len(bad), **asdict(done), "rejected": len(bad), "rejected_path": path})
        return
    out.print(
        f"{len(good) + len(bad):,} rows: {done.new:,} new, {done.updated:,} updated, {done.unchanged:,} unchanged."
    )
    if done.off:
        out.print(f"  {done.off:,} of them are off; see: campaign offices list")
    if bad:
        out.print(f"  {len(bad):,} rejected, each with its reason: {rejected}", soft_wrap=True)


@office_contacts.command("list")
@json_option
@click.pass_obj
def list_contacts(ctx: Context, as_json_: bool) -> None:
    """The contacts on file: whose they are, who gave them, and which are used."""
    with ctx.database.read() as conn:
        found = offices.every(conn)
        seats = roster.at(conn, engine.now(conn)).seats
    counts = {
        "each": sum(not one.off and one.wants == "each" for one in found),
        "daily": sum(not one.off and one.wants == "daily" for one in found),
        "off": sum(bool(one.off) for one in found),
    }
    if as_json_:
        as_json({**counts, "contacts": [asdict(one) | {"name": _name(seats, one.seat)} for one in found]})
        return
    rows = table("Contacts of offices", "seat", "name", "wants", "used", "given by", "answered on", "an hour")
    for column in rows.columns[:-1]:
        column.justify, column.overflow = "left", "fold"
    for one in found:
        used = f"off: {one.off}" if one.off else "on" if one.wants == "each" else "no: daily"
        cells = (
            one.seat,
            _name(seats, one.seat),
            one.wants,
            used,
            one.given_by,
            one.answered_on or f"no: {one.reason}",
        )
        rows.add_row(*map(escape, cells), f"{one.per_hour:,}")
    out.print(rows)
    out.print(f"{len(found):,} contacts: letters go to {counts['each']:,}; {counts['off']:,} are off.")
    if counts["daily"]:
        out.print(f"  {counts['daily']:,} want a {DAILY}")
    if not found:
        out.print("  There are none yet: campaign offices load FILE")


def _name(seats: Mapping[str, Seat], code: str) -> str:
    found = seats.get(code)
    return found.holder.name if found and found.holder else "vacant" if found else "not in the snapshot"
