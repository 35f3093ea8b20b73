"""Letters on paper: print the packets of a campaign, and say that one was handed in."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import rich_click as click
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from campaign.cli import campaigns
from campaign.cli.app import CliContext, as_json, err, json_option, out, table
from campaign.delivery import campaigns as drives
from campaign.letters import access
from campaign.outreach.channels.packet import print_packet
from campaign.outreach.reports.markdown import when


def register(root: click.Group) -> None:
    root.add_command(packet)


class _Packets(click.RichGroup):
    """`campaign packet SLUG` is `campaign packet print SLUG`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = bool(args) and args[0] in self.commands
        return super().resolve_command(ctx, args if known else ["print", *args])


@click.group(cls=_Packets)
def packet() -> None:
    """Letters on paper, for an office in one packet: campaign packet SLUG."""


@packet.command("print")
@campaigns.slug_argument
@click.option(
    "--seat", "seats", multiple=True, metavar="SEAT", help="Only this office: H:NC:12, S:OH:3. May be repeated."
)
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="[default: packets/ of the state folder]"
)
@click.option("--by", default="", metavar="NAME", help="Who prints them (recorded, with your account's name).")
@json_option
@click.pass_obj
def print_(ctx: CliContext, slug: str, seats: tuple[str, ...], folder: Path | None, by: str, as_json_: bool) -> int:
    """One PDF for each office: a cover sheet with counts, then the letters whose writers chose paper.

    Print it, hand it in, and say so: campaign packet delivered. Until then the same packet is printed again, marked as
    such; letters that came since make the next one. The files hold what people wrote: they are for you only, and who
    printed them is recorded (campaign packet access). Exit code 1: at least one packet could not be printed.
    """
    columns = (TextColumn("printing"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task("", total=None)
        made = print_packet.print_all(
            ctx.database,
            ctx.keys,
            ctx.settings,
            slug,
            seats=[seat.upper() for seat in seats],
            to=folder,
            by=by,
            tell=lambda done, total: progress.update(bar, completed=done, total=total),
        )
    if as_json_:
        as_json(asdict(made))
        return 1 if made.failed else 0
    if made.papers:
        rows = table(f"Packets of {slug}", "seat", "for", "packet", "letters", "file")
        for column in (rows.columns[1], rows.columns[-1]):
            column.justify, column.overflow = "left", "fold"
        for one in made.papers:
            again = " (again)" if one.again else ""
            rows.add_row(one.seat, escape(one.name), f"{one.number}{again}", f"{one.letters:,}", escape(str(one.file)))
        out.print(rows)
    elif not made.failed:
        out.print("Nothing is to be printed: no letter waits for a packet, and none is to be handed in.")
    if gone := sum(one.missing for one in made.papers):
        out.print(f"  {gone:,} letter(s) of people who were erased since are not there any more.")
    if made.early:
        out.print(f"  {made.early:,} more can still be taken back by their writers: print again later.")
    if made.held:
        out.print(
            f"  {made.held:,} stay here: their text is not true any more, or somebody else holds the seat.",
            style="yellow",
        )
    for paper in made.papers:
        if paper.replaced:
            letters = ", ".join(map(str, paper.replaced))
            out.print(
                f"  {paper.seat}, packet {paper.number}: {sum(paper.replaced.values()):,} character(s) that no font has"
                f" are printed as words in brackets, in letter {letters}. Check them before you hand it in.",
                style="yellow",
            )
    for failed in made.failed:
        which = f", packet {failed.number}" if failed.number else ""
        out.print(f"[bold red]not printed[/]  {failed.seat}{which}: {escape(failed.why)}", soft_wrap=True)
    if made.papers:
        out.print(f"Who printed them is recorded: campaign packet access {slug}")
        out.print(f"When one is handed in: campaign packet delivered {slug} SEAT --on DAY --by NAME")
    return 1 if made.failed else 0


@packet.command("access")
@campaigns.slug_argument
@json_option
@click.pass_obj
def show_access(ctx: CliContext, slug: str, as_json_: bool) -> None:
    """Who printed or exported letters, and when. Sending letters, and showing them to their writers, is not listed."""
    with ctx.database.read() as conn:
        found = access.list_access(conn, drives.get(conn, slug).id)
    if as_json_:
        as_json([asdict(one) for one in found])
        return
    if not found:
        out.print("No command has shown the text of a letter to anyone.")
        return
    rows = table(f"Who read letters of {slug}", "when", "what", "seat", "letters", "account", "name given")
    for column in (rows.columns[1], rows.columns[2], *rows.columns[4:]):
        column.justify, column.overflow = "left", "fold"
    for one in found:
        cells = (when(one.at), access.MEANING[one.what], one.seat)
        rows.add_row(*map(escape, cells), f"{one.letters:,}", escape(one.account), escape(one.by))
    out.print(rows)


@packet.command()
@campaigns.slug_argument
@click.argument("seat")
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day on which it was handed in."
)
@click.option("--by", required=True, help="Who handed it in.")
@json_option
@click.pass_obj
def delivered(ctx: CliContext, slug: str, seat: str, day: datetime, by: str, as_json_: bool) -> None:
    """Write down that the printed packets for SEAT were handed in. Their writers are told so, in those words."""
    done = print_packet.hand_in(ctx.database, slug, seat.upper(), on=day.date(), by=by)
    if as_json_:
        as_json(asdict(done))
        return
    numbers = ", ".join(map(str, done.numbers))
    out.print(f"Packet {numbers} for {done.seat}: {done.letters:,} letter(s) count as handed in, as you say.")
