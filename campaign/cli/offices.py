"""Commands about offices: their contacts, invitations, answers, and the full letters of a digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import rich_click as click
from rich.markup import escape

from campaign.cli.account import day
from campaign.cli.app import CliContext, as_json, root, with_json
from campaign.cli.campaigns import slug_argument
from campaign.cli.output import count, say, show_table
from campaign.congress import contacts, roster
from campaign.congress.contacts import OfficeAnswer
from campaign.errors import CampaignError
from campaign.model import Seat
from campaign.outreach.offices import invite
from campaign.outreach.sending import digest_letters
from campaign.store import engine

NO_CONTACTS = "No contacts yet: campaign offices load FILE"


@root.group("offices")
def office_contacts() -> None:
    """Manage the email contacts that offices gave you."""


@office_contacts.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@with_json
def load_contacts(ctx: CliContext, file: Path, as_json_: bool) -> None:
    """Load office contacts from a CSV file.

    Members of Congress don't publish email addresses. List only addresses that an office gave you for constituent
    letters. A contact stays off until the office says how it wants letters (answered_on), unless you give a reason.

    Required columns: seat (H:NC:12, S:OH:3), email, given_by. Optional: wants (daily, one digest a day, the default; or
    each), answered_on, answered_by, reason, needs (street, phone, prefix), per_hour (letters an hour, default 30), zone
    (like America/Chicago, default Washington's). Known contacts are updated. A contact that bounced stays off until the
    office gives another address. Rejected rows are written to a file, each with the reason.
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
    rows = count(len(good) + len(bad), "row")
    say(f"{rows}: {done.new:,} new, {done.updated:,} updated, {done.unchanged:,} unchanged, {len(bad):,} rejected.")
    if done.off:
        say(f"  {count(done.off, 'contact')} off. To see why: campaign offices list")
    if bad:
        say(f"  Rejected rows, each with its reason: {rejected}")


@office_contacts.command("list")
@with_json
def list_contacts(ctx: CliContext, as_json_: bool) -> None:
    """List the contacts on file, who gave them, and which are in use."""
    with ctx.database.read() as conn:
        found = contacts.all_contacts(conn)
        seats = roster.at(conn, engine.now(conn)).seats
        invited = invite.list_invited(conn)
    counts = Counter("off" if contact.off else contact.wants for contact in found)
    each, daily, off = counts["each"], counts["daily"], counts["off"]
    if as_json_:
        names = ({"name": _name(seats, contact.seat), "asked_at": invited.get(contact.seat)} for contact in found)
        listed = [asdict(contact) | more for contact, more in zip(found, names, strict=True)]
        as_json({"each": each, "daily": daily, "off": off, "contacts": listed})
        return
    if not found:
        say(NO_CONTACTS)
        return
    columns = ("seat", "name", "wants", "status", "given by", "invited", "answered", "per hour")
    rows = [
        (
            contact.seat,
            _name(seats, contact.seat),
            contact.wants,
            f"off: {contact.off}" if contact.off else "on",
            contact.given_by,
            day(invited[contact.seat]) if contact.seat in invited else "",
            f"{contact.answered_on} {contact.answered_by}".strip() or f"no: {contact.reason}",
            contact.per_hour,
        )
        for contact in found
    ]
    show_table("Office contacts", columns, rows)
    say(f"{count(len(found), 'contact')}: {each:,} for each letter, {daily:,} for one digest a day, {off:,} off.")


@office_contacts.command("invite")
@slug_argument
@click.option("--seat", "seats", multiple=True, metavar="SEAT", help="Invite this office: H:NC:12. Repeatable.")
@click.option("--all", "every", is_flag=True, help="Invite every contact that has not answered.")
@click.option("--dry-run", is_flag=True, help="Show who would be invited. Send nothing.")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write the invitations to this folder.",
)
@with_json
def invite_offices(
    ctx: CliContext,
    slug: str,
    *,
    seats: tuple[str, ...],
    every: bool,
    dry_run: bool,
    folder: Path | None,
    as_json_: bool,
) -> None:
    """Ask offices how they want to receive letters.

    Each address is asked once per campaign, from offices_email, during the office's business hours. A worker or
    `campaign send` sends the invitations, even before the campaign opens. Their text: office/invitation.en.txt.
    Record each answer with: campaign offices answer
    """
    if every == bool(seats):
        raise CampaignError("choose the offices to invite", do="Name them with --seat H:NC:12, or give --all.")
    wanted = [seat.upper() for seat in seats]
    found = invite.invite(ctx.database, ctx.settings, slug, wanted, dry_run=dry_run)
    asked = [office for office in found if not office.why]
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for office in asked:
            invitation = f"To: {office.email}\nSubject: {office.text.subject}\n\n{office.text.text}"
            (folder / f"{office.seat.replace(':', '-')}.txt").write_text(invitation, encoding="utf-8")
    if as_json_:
        listed = [{"seat": office.seat, "asked": not office.why, "why": office.why} for office in found]
        as_json({"asked": len(asked), "dry_run": dry_run, "offices": listed})
        return
    if not found:
        say(NO_CONTACTS)
        return
    outcome = "would be invited" if dry_run else "will be invited, during their business hours"
    say(f"{count(len(asked), 'office')} {outcome}.")
    for why, number in Counter(office.why for office in found if office.why).most_common():
        say(f"  Not invited: {number:,} ({escape(why)})")
    if folder and asked:
        say(f"  Wrote the invitations to {folder}")


@office_contacts.command("answer")
@click.argument("seat")
@click.option(
    "--wants", type=click.Choice([*contacts.WANTS, *contacts.DECLINED]), required=True, help="How it wants letters."
)
@click.option("--by", required=True, metavar="NAME", help="Who answered for the office (recorded).")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day they answered.")
@click.option("--person", default="", metavar="EMAIL", help="The address they gave for letters.")
@click.option("--per-hour", type=click.IntRange(1, contacts.MOST_PER_HOUR), help="At most this many letters an hour.")
@with_json
def answer(
    ctx: CliContext, seat: str, *, wants: str, by: str, on: datetime, person: str, per_hour: int, as_json_: bool
) -> None:
    """Record how an office wants letters: each, daily (one digest), form (its web form only), or none.

    It takes effect at once. Queued letters are rescheduled. With form or none, their writers get the office's web form
    instead.
    """
    given = OfficeAnswer(wants, by.strip(), on.date().isoformat(), person, per_hour or 0)
    contact = invite.answer(ctx.database, ctx.settings, seat.upper(), given)
    if as_json_:
        as_json(contact)
        return
    how = f"{contact.wants}, at most {count(contact.per_hour, 'letter')} an hour"
    how = f"off: {contact.off}" if contact.off else how
    say(f"{contact.seat}: {escape(how)}. Answered by {escape(contact.answered_by)} on {contact.answered_on}.")


@office_contacts.command("letters")
@slug_argument
@click.argument("seat")
@click.option("--day", "of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day of the digest.")
@click.option(
    "--to", "path", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to create."
)
@click.option("--by", required=True, metavar="NAME", help="Who takes them to the office (recorded).")
@click.pass_obj
def full_letters(ctx: CliContext, slug: str, seat: str, *, of: datetime, path: Path, by: str) -> None:
    """Write the full letters of one digest to a file, when the office asks for them.

    The access is recorded with --by and your account name. To see the list: campaign packet access SLUG
    """
    number = digest_letters.full(
        ctx.database, ctx.keys, slug, path, seat=seat.upper(), day=of.date().isoformat(), by=by
    )
    say(f"Wrote {count(number, 'letter')} to {path}")
    say("  It contains personal data. Give it to that office only, then delete it.")


def _name(seats: Mapping[str, Seat], code: str) -> str:
    found = seats.get(code)
    return found.holder.name if found and found.holder else "vacant" if found else "not in the snapshot"
