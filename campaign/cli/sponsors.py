"""Commands about bills: who put their name to which, and when somebody last looked."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import IO

import rich_click as click
from rich.markup import escape

from campaign.cli.app import CliContext, as_json, json_option, out, table
from campaign.outreach.launch import edit_sponsors as listing
from campaign.outreach.launch.edit_sponsors import MatchedName
from campaign.store import engine


def register(root: click.Group) -> None:
    root.add_command(sponsors)


@click.group()
def sponsors() -> None:
    """Who introduced or cosponsored which bill: it decides who is asked, and who is thanked."""


@sponsors.command("list")
@click.argument("slug")
@click.option("--names", is_flag=True, help="Each name, too.")
@json_option
@click.pass_obj
def list_sponsors(ctx: CliContext, slug: str, names: bool, as_json_: bool) -> None:
    """Each bill of sponsors.toml: how many names, how many of them sit today, and when it was last checked."""
    with ctx.database.read() as conn:
        found = listing.listed(conn, ctx.settings.templates, slug, engine.now(conn))
    if as_json_:
        as_json([asdict(one) for one in found])
        return
    rows = table(f"{slug}: bills and who put their name to them", "bill", "year", "is", "names", "sit today", "checked")
    for one in found:
        checked = f"[yellow]{one.checked}, look again[/]" if one.stale else one.checked
        sit = sum(bool(name.seat) for name in one.names)
        rows.add_row(escape(one.number), str(one.year), one.table, f"{len(one.names):,}", f"{sit:,}", checked)
    out.print(rows)
    for one in found if names else ():
        out.print(f"[bold]{escape(one.number)}[/], last checked on {one.checked}: {escape(one.page)}", soft_wrap=True)
        for name in one.names:
            out.print(f"  {name.did:<10} {_who(name)}", soft_wrap=True)
    if any(one.stale for one in found):
        out.print(
            f"Copy the names from a bill's page, then: campaign sponsors set {slug} BILL --from FILE --checked DAY"
        )


@sponsors.command("set")
@click.argument("slug")
@click.argument("bill")
@click.option("--from", "source", type=click.File(encoding="utf-8"), default="-", help="The pasted names. [default: -]")
@click.option("--checked", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day on which you looked.")
@json_option
@click.pass_obj
def set_sponsors(ctx: CliContext, slug: str, bill: str, source: IO[str], checked: datetime, as_json_: bool) -> int:
    """Put pasted names under a bill, in the place of its cosponsors.

    Copy the list from the bill's page at congress.gov, one name a line: "Rep. Adams, Alma S. [D-NC-12]". Each is
    matched to who sits in Congress by name, state and district. A line "Sponsor: ..." names the sponsor; without one
    the sponsor stays. For somebody who has left Congress paste the id alone (A000370). What fits nobody comes back with
    the reason, and the exit code is 1.
    """
    text = source.read()
    with ctx.database.read() as conn:
        now = engine.now(conn)
        done = listing.set_names(conn, ctx.settings.templates, slug, bill, text, checked.date(), now)
    if as_json_:
        as_json(asdict(done))
        return 1 if done.rejected else 0
    out.print(f"{done.number}: {done.names:,} names in sponsors.toml, checked on {checked:%Y-%m-%d}.")
    for sign, names in (("+", done.added), ("-", done.removed)):
        for name in names:
            out.print(f"  {sign} {_who(name)}", soft_wrap=True)
    for line in done.rejected:
        out.print(f"[yellow]not taken[/] line {line.line}: {escape(line.text)}\n  {escape(line.why)}", soft_wrap=True)
    out.print(f"What is queued keeps its text until you run: campaign republish {slug}")
    return 1 if done.rejected else 0


def _who(name: MatchedName) -> str:
    return escape(f"{name.name}, {name.seat}" if name.seat else f"{name.bioguide}, who holds no seat now")
