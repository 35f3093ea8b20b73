"""Commands about offices: contacts that they gave, the question how they want letters, their answers, full letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import rich_click as click
from rich.markup import escape

from campaign.cli.account import day
from campaign.cli.app import CliContext, as_json, json_option, out, table
from campaign.cli.campaigns import slug_argument
from campaign.congress import contacts, roster
from campaign.congress.contacts import OfficeAnswer
from campaign.errors import CampaignError
from campaign.model import Seat
from campaign.outreach.offices import invite
from campaign.outreach.sending import send_digest
from campaign.store import engine


def register(root: click.Group) -> None:
    root.add_command(office_contacts)


@click.group("offices")
def office_contacts() -> None:
    """Staff contacts that offices gave: members of Congress publish no e-mail address."""


@office_contacts.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def load_contacts(ctx: CliContext, file: Path, as_json_: bool) -> None:
    """Store the contacts in FILE: the good rows go in, the bad ones come back in a file with the reason beside each.

    Members of Congress publish no e-mail address. Give only one that the office itself gave, for letters: a guessed one
    reaches nobody who counts it. The office says how it wants letters (answered_on: the day); until then its contact
    is stored but off, unless you give a reason.

    The columns of FILE: seat (H:NC:12, S:OH:3), email, given_by, and where there is something to say wants (daily: one
    summary a day, which is so where nothing is said; or each), answered_on, answered_by, reason, needs (street, phone,
    prefix), per_hour (letters an hour, 30), zone (of its clock: America/Chicago; else Washington's). What stands there
    already is updated. A contact that was switched off by a bounce stays off until the office gives another address.
    """
    with ctx.database.begin() as conn:
        now = engine.now(conn)
        good, bad = contacts.read(file, roster.at(conn, now))
        done = contacts.load(conn, good, now)
    rejected = ctx.settings.home / "offices" / "rejected.csv"
    contacts.reject(rejected, bad)
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
def list_contacts(ctx: CliContext, as_json_: bool) -> None:
    """The contacts on file: whose they are, who gave them, and which are used."""
    with ctx.database.read() as conn:
        found = contacts.all_contacts(conn)
        seats = roster.at(conn, engine.now(conn)).seats
        questions = invite.list_invited(conn)
    counts = {
        "each": sum(not one.off and one.wants == "each" for one in found),
        "daily": sum(not one.off and one.wants == "daily" for one in found),
        "off": sum(bool(one.off) for one in found),
    }
    if as_json_:
        as_json(
            {
                **counts,
                "contacts": [
                    asdict(one) | {"name": _name(seats, one.seat), "asked_at": questions.get(one.seat)} for one in found
                ],
            }
        )
        return
    rows = table("Contacts of offices", "seat", "name", "wants", "used", "given by", "asked", "answered", "an hour")
    for column in rows.columns[:-1]:
        column.justify, column.overflow = "left", "fold"
    for one in found:
        used = f"off: {one.off}" if one.off else "on"
        cells = (
            one.seat,
            _name(seats, one.seat),
            one.wants,
            used,
            one.given_by,
            day(questions[one.seat]) if one.seat in questions else "",
            f"{one.answered_on} {one.answered_by}".strip() or f"no: {one.reason}",
        )
        rows.add_row(*map(escape, cells), f"{one.per_hour:,}")
    out.print(rows)
    on, daily = counts["each"] + counts["daily"], counts["daily"]
    out.print(
        f"{len(found):,} contacts: letters go to {on:,}, to {daily:,} of them in one summary a day;"
        f" {counts['off']:,} are off."
    )
    if not found:
        out.print("  There are none yet: campaign offices load FILE")


@office_contacts.command("invite")
@slug_argument
@click.option("--seat", "seats", multiple=True, metavar="SEAT", help="One office: H:NC:12. It may be given again.")
@click.option("--all", "everybody", is_flag=True, help="All contacts that have not answered.")
@click.option("--dry-run", is_flag=True, help="Send nothing: say who would be asked.")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write the texts here.")
@json_option
@click.pass_obj
def invite_offices(
    ctx: CliContext,
    slug: str,
    seats: tuple[str, ...],
    everybody: bool,
    dry_run: bool,
    folder: Path | None,
    as_json_: bool,
) -> None:
    """Ask offices how they want letters, before any goes there. Each address is asked once for a campaign.

    The question is templates/SLUG/office/invite.txt. It goes from offices_email in the office's own hours, also before
    the campaign opens; a worker, or `campaign send`, sends it. Write down the answers with: campaign offices answer
    """
    if everybody == bool(seats):
        raise CampaignError("who is to be asked?", do="Name offices with --seat H:NC:12, or all of them with --all.")
    wanted = [seat.upper() for seat in seats]
    found = invite.invite(ctx.database, ctx.settings, slug, wanted, dry_run=dry_run)
    going = [one for one in found if not one.why]
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for one in going:
            shown = f"To: {one.email}\nSubject: {one.text.subject}\n\n{one.text.text}"
            (folder / f"{one.seat.replace(':', '-')}.txt").write_text(shown, encoding="utf-8")
    if as_json_:
        listed = [{"seat": one.seat, "asked": not one.why, "why": one.why} for one in found]
        as_json({"asked": len(going), "dry_run": dry_run, "offices": listed})
        return
    out.print(f"{len(going):,} offices {'would be asked' if dry_run else 'will be asked, in their own hours'}.")
    for why, number in Counter(one.why for one in found if one.why).most_common():
        out.print(f"  {number:,} not: {escape(why)}", soft_wrap=True)
    if folder and going:
        out.print(f"  The texts: {folder}", soft_wrap=True)


@office_contacts.command("answer")
@click.argument("seat")
@click.option("--wants", type=click.Choice([*contacts.WANTS, *contacts.DECLINED]), required=True, help="Its wish.")
@click.option("--by", required=True, metavar="NAME", help="Who at the office said so; it is kept.")
@click.option("--on", "said_on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day on which they did.")
@click.option("--person", default="", metavar="EMAIL", help="The address that they named for this.")
@click.option("--per-hour", type=click.IntRange(1, contacts.MOST_PER_HOUR), help="Letters an hour, at most.")
@json_option
@click.pass_obj
def answer(
    ctx: CliContext,
    seat: str,
    wants: str,
    by: str,
    said_on: datetime,
    person: str,
    per_hour: int | None,
    as_json_: bool,
) -> None:
    """Write down what an office said: each, daily (one summary), form (its own page only), or none; slow down, stop.

    It holds at once. Letters that wait for the office get times at its new pace, or take the way that it wants; with
    form or none their writers are shown the office's own form instead.
    """
    said = OfficeAnswer(wants, by.strip(), said_on.date().isoformat(), person, per_hour or 0)
    contact = invite.answer(ctx.database, ctx.settings, seat.upper(), said)
    if as_json_:
        as_json(asdict(contact))
        return
    how = f"off: {contact.off}" if contact.off else f"{contact.wants}, at most {contact.per_hour:,} letters an hour"
    out.print(f"{contact.seat}: {escape(how)}; said by {escape(contact.answered_by)} on {contact.answered_on}.")


@office_contacts.command("letters")
@slug_argument
@click.argument("seat")
@click.option("--day", "of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day of the summary.")
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A new file.")
@click.option("--by", required=True, metavar="NAME", help="Who brings them to the office; it is kept.")
@click.pass_obj
def full_letters(ctx: CliContext, slug: str, seat: str, of: datetime, path: Path, by: str) -> None:
    """Write the full letters of one summary into a file, when its office asks for them.

    Who took them is recorded, with your account's name. To see the list: campaign packet access SLUG.
    """
    number = send_digest.full(ctx.database, ctx.keys, slug, seat.upper(), of.date().isoformat(), path, by=by)
    out.print(f"{number:,} letters in {path}", soft_wrap=True)
    out.print("  They hold personal data: give them to that office only, and delete the file then.")


def _name(seats: Mapping[str, Seat], code: str) -> str:
    found = seats.get(code)
    return found.holder.name if found and found.holder else "vacant" if found else "not in the snapshot"
