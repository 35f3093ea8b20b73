"""Commands about bills: their sponsors and cosponsors, and when the list was last checked."""

from __future__ import annotations

from datetime import datetime
from typing import IO

import rich_click as click
from rich.markup import escape

from campaign.cli.app import CliContext, as_json, root, with_json
from campaign.cli.output import count, say, show_table
from campaign.outreach.launch import edit_sponsors as editing
from campaign.outreach.launch.edit_sponsors import MatchedName
from campaign.store import engine


@root.group()
def sponsors() -> None:
    """List and update each bill's sponsor and cosponsors.

    The campaign thanks members who signed on and asks the others.
    """


@sponsors.command("list")
@click.argument("slug")
@click.option("--names", is_flag=True, help="Also list the names.")
@with_json
def list_sponsors(ctx: CliContext, slug: str, names: bool, as_json_: bool) -> None:
    """List the bills of sponsors.toml, and when each was last checked."""
    with ctx.database.read() as conn:
        bills = editing.listed(conn, ctx.settings.templates, slug, engine.now(conn))
    if as_json_:
        as_json(bills)
        return
    columns = ("bill", "year", "table", "names", "in office", "checked")
    rows = []
    for bill in bills:
        checked = f"{bill.checked} (check again)" if bill.stale else bill.checked
        in_office = sum(bool(name.seat) for name in bill.names)
        rows.append((bill.number, str(bill.year), bill.table, len(bill.names), in_office, checked))
    show_table(f"{slug}: sponsors and cosponsors", columns, rows)
    for bill in bills if names else ():
        say(f"[bold]{escape(bill.number)}[/], last checked on {bill.checked}: {escape(bill.page)}")
        for name in bill.names:
            say(f"  {name.did:<10} {_shown(name)}")
    if any(bill.stale for bill in bills):
        say(f"Copy the names from a bill's page, then: campaign sponsors set {slug} BILL --from FILE --checked DAY")


@sponsors.command("set")
@click.argument("slug")
@click.argument("bill")
@click.option("--from", "source", type=click.File(encoding="utf-8"), default="-", help="The pasted names. [default: -]")
@click.option("--checked", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day you checked the page.")
@with_json
def set_sponsors(ctx: CliContext, slug: str, bill: str, *, source: IO[str], checked: datetime, as_json_: bool) -> int:
    """Replace a bill's cosponsors with pasted names.

    Copy the list from the bill's page on congress.gov, one name on each line: "Rep. Adams, Alma S. [D-NC-12]". Names
    are matched to sitting members by name, state and district. A line "Sponsor: ..." replaces the sponsor. For someone
    who has left Congress, paste only the bioguide id (A000370). Unmatched lines are listed with the reason, and the
    exit code is 1.
    """
    text = source.read()
    with ctx.database.read() as conn:
        now = engine.now(conn)
        done = editing.set_names(
            conn, ctx.settings.templates, slug, number=bill, text=text, checked=checked.date(), now=now
        )
    if as_json_:
        as_json(done)
        return 1 if done.rejected else 0
    say(f"{done.number}: {count(done.names, 'name')} in sponsors.toml, checked on {checked:%Y-%m-%d}.")
    for sign, names in (("+", done.added), ("-", done.removed)):
        for name in names:
            say(f"  {sign} {_shown(name)}")
    for line in done.rejected:
        say(f"[yellow]unmatched[/] line {line.line}: {escape(line.text)}\n  {escape(line.why)}")
    say(f"Queued messages keep their text until you run: campaign republish {slug}")
    return 1 if done.rejected else 0


def _shown(name: MatchedName) -> str:
    return escape(f"{name.name}, {name.seat}" if name.seat else f"{name.bioguide}, no longer in office")
