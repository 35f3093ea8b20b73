"""Commands about printed letters: promise a visit, print packets, record delivery, see who accessed letters."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import rich_click as click
from rich.markup import escape

from campaign.cli.app import CliContext, as_json, err, root, with_json
from campaign.cli.campaigns import slug_argument
from campaign.cli.output import count, say, show_table, warn
from campaign.cli.status import say_without_visit
from campaign.compose.campaign_folder import disk
from campaign.delivery import campaigns
from campaign.letters import access
from campaign.outreach.channels.packet import hand_in, print_packet, promise_visit
from campaign.outreach.reports.markdown import when
from campaign.store import engine

DAY = click.DateTime(["%Y-%m-%d"])


@root.group()
def packet() -> None:
    """Print letters as one packet for each office, and track their delivery."""


campaign_option = click.option(
    "--campaign", "slug", default="", metavar="SLUG", help="[default: the only one that is open]"
)


@packet.command()
@click.argument("seat")
@click.option("--by", required=True, metavar="NAME", help="Who takes the letters there. Supporters see this name.")
@click.option("--on", type=DAY, required=True, help="The day of the visit: a working day before the campaign closes.")
@click.option("--at", "city", default="", metavar="CITY", help="The field office to visit. [default: Washington]")
@campaign_option
@with_json
def promise(ctx: CliContext, seat: str, *, by: str, on: datetime, city: str, slug: str, as_json_: bool) -> None:
    """Promise to deliver printed letters to SEAT's office by hand.

    Only then can supporters choose to have theirs printed, through the second day before the visit, Washington time:
    the day between is for printing. A promise for the same office and day replaces the earlier one.
    """
    slug, made = promise_visit.promise(
        ctx.database, ctx.settings, seat.upper(), by=by, on=on.date(), city=city, slug=slug
    )
    if as_json_:
        as_json({"campaign": slug} | asdict(made))
        return
    say(f"{escape(made.by)} will take letters of {slug} for {made.seat} to {escape(made.city)} on {made.day}.")
    with ctx.database.read() as conn:
        late = engine.now(conn) >= made.takes_until
    if late:
        warn("That is too soon for new letters. Letters that are waiting can be printed: campaign packet print " + slug)
    else:
        say(f"Supporters can have theirs printed through {made.last_day}, Washington time.")


@packet.command("cancel-promise")
@click.argument("seat")
@click.option("--on", type=DAY, help="The day of the visit, if several are promised.")
@campaign_option
@with_json
def cancel_promise(ctx: CliContext, seat: str, *, on: datetime | None, slug: str, as_json_: bool) -> None:
    """Cancel a visit. Supporters are no longer offered a packet for it, and no letter is lost.

    Letters that are printed, or waiting to be printed, stay in this office's packet for another visit.
    """
    seat = seat.upper()
    left = promise_visit.cancel(ctx.database, ctx.settings, seat, on=on.date() if on else None, slug=slug)
    if as_json_:
        as_json(left)
        return
    say(f"The visit to {seat} is canceled.")
    say_without_visit({seat: left.without_visit[seat]} if seat in left.without_visit else {})


@packet.command()
@campaign_option
@with_json
def promises(ctx: CliContext, slug: str, as_json_: bool) -> None:
    """List the promised visits, and letters for packets that no one has promised to take."""
    found = promise_visit.list_visits(ctx.database, ctx.settings, slug)
    if as_json_:
        as_json(found)
        return
    rows = [
        (visit.seat, visit.day, visit.city, visit.by, visit.last_day, found.undelivered.get(visit.seat, 0))
        for visit in found.visits
    ]
    if rows:
        columns = ("seat", "day", "where", "who", "takes letters through", "letters so far")
        show_table(f"Visits promised for {found.slug}", columns, rows)
    else:
        say(f"No visit is promised for {found.slug}.")
    say_without_visit(found.without_visit)


@packet.command("print")
@slug_argument
@click.option("--seat", "seats", multiple=True, metavar="SEAT", help="Only this office: H:NC:12, S:OH:3. Repeatable.")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="[default: HOME/packets]")
@click.option("--by", default="", metavar="NAME", help="Who prints them (recorded, with your account name).")
@with_json
def print_(ctx: CliContext, slug: str, *, seats: tuple[str, ...], folder: Path | None, by: str, as_json_: bool) -> int:
    """Write one PDF for each office: a cover sheet, then the letters whose writers chose print.

    Print it, deliver it by hand, and record that: campaign packet delivered. Until then, the command writes the same
    packet again, marked as a reprint; newer letters go into the next one. The files contain personal data: each access
    is recorded (campaign packet access). Exit code 1: at least one packet could not be written.
    """
    with err.status("printing") as bar:
        made = print_packet.print_all(
            ctx.database,
            ctx.keys,
            ctx.settings,
            slug,
            seats=[seat.upper() for seat in seats],
            to=folder,
            by=by,
            tell=lambda done, total: bar.update(f"printing {done:,} of {total:,}"),
        )
    if as_json_:
        as_json(made)
        return 1 if made.failed else 0
    if made.papers:
        rows = [
            (paper.seat, paper.name, f"{paper.number}{' (reprint)' if paper.again else ''}", paper.letters)
            for paper in made.papers
        ]
        show_table(f"Packets of {slug}", ("seat", "for", "packet", "letters"), rows)
        for paper in made.papers:
            say(f"  {escape(str(paper.file))}")
    elif not made.failed:
        say("No letters to print.")
    if erased := sum(paper.missing for paper in made.papers):
        say(f"  Left out: {count(erased, 'letter')} of supporters who were erased after the first printing.")
    if made.early:
        say(f"  Not yet: {count(made.early, 'letter')} that the writer can still take back. Print again later.")
    if made.held:
        say(f"  [yellow]Held: {count(made.held, 'letter')} with an outdated text, or for a seat with a new holder.[/]")
    for paper in made.papers:
        if paper.replaced:
            letters = ", ".join(map(str, paper.replaced))
            signs = count(sum(paper.replaced.values()), "character")
            say(
                f"  [yellow]{paper.seat}, packet {paper.number}: {signs} without a font, printed as words in brackets"
                f" (letter {letters}). Check before you hand it in.[/]"
            )
    for failed in made.failed:
        which = f", packet {failed.number}" if failed.number else ""
        say(f"[bold red]failed[/]  {failed.seat}{which}: {escape(failed.why)}")
    say_without_visit(made.without_visit)
    if made.papers:
        say(f"This access was recorded: campaign packet access {slug}")
        say(f"After you hand one in: campaign packet delivered {slug} SEAT --on DAY --by NAME")
    return 1 if made.failed else 0


@packet.command("access")
@slug_argument
@with_json
def show_access(ctx: CliContext, slug: str, as_json_: bool) -> None:
    """List who printed or exported letters, and when."""
    with ctx.database.read() as conn:
        launched = campaigns.find(conn, slug)
        found = access.list_access(conn, launched.id) if launched else []
    if not launched:
        disk.load(ctx.settings.templates, slug)  # names the known ones if there is no such campaign
    if as_json_:
        as_json(found)
        return
    if not found:
        say("No one has printed or exported letters.")
        return
    rows = [(when(row.at), access.MEANING[row.what], row.seat, row.letters, row.account, row.by) for row in found]
    show_table(f"Access to letters of {slug}", ("when", "what", "seat", "letters", "account", "name given"), rows)


@packet.command()
@slug_argument
@click.argument("seat")
@click.option("--on", "day", type=DAY, required=True, help="The day they were delivered.")
@click.option("--by", required=True, help="Who delivered them.")
@with_json
def delivered(ctx: CliContext, slug: str, seat: str, *, day: datetime, by: str, as_json_: bool) -> None:
    """Record that the printed packets for SEAT were hand-delivered. The writers see it on their page."""
    done = hand_in.hand_in(ctx.database, slug, seat.upper(), on=day.date(), by=by)
    if as_json_:
        as_json(done)
        return
    numbers = ", ".join(map(str, done.numbers))
    say(f"Packet {numbers} for {done.seat}: {count(done.letters, 'letter')} recorded as hand-delivered.")
