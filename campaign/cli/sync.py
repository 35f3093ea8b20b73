"""Commands that put another snapshot of Congress in force, or return to an earlier one."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import rich_click as click
from rich.markup import escape

from campaign.cli.app import CliContext, as_json, err, json_option, out, table
from campaign.cli.congress import accept_of, accept_options, congress
from campaign.congress.sync import download, store
from campaign.congress.sync.changes import Change
from campaign.outreach.transition import sync as steps
from campaign.outreach.transition.sync import SyncResult

SHOWN = 40


def register(_root: click.Group) -> None:
    for command in (sync, snapshots, restore):
        congress.add_command(command)


@click.command()
@click.option("--from", "source", type=click.Path(path_type=Path), help="A folder with the published files.")
@click.option("--url", default=download.URL, show_default=True, help="Where they are published.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@accept_options
@json_option
@click.pass_obj
def sync(
    ctx: CliContext, source: Path | None, url: str, dry_run: bool, accept: str, accepted_by: str, as_json_: bool
) -> None:
    """Take the published list of members, and maps of a Congress, after checking them; and say what that changes.

    legislators-current (.yaml, .json or .csv) is enough. Beside it, where given: legislators-historical (who left, and
    when), legislators-district-offices, committees-current with committee-membership-current, office-forms.csv. Maps
    come from a folder only: the Census's tab20_cd..._zcta520_natl.txt, or NationalCD120.txt with
    tab20_zcta520_tabblock20_natl.txt beside it. What is not given stays as it was.

    A file that lost more seats than a day could change is refused, and the snapshot in force stays. So is a map that
    takes a ZIP code out of a state, unless you say why (--accept-lost-states).

    After a new Congress begins, the output names the states whose House seats get no letters yet, and why.
    """
    accepted = accept_of(accept, accepted_by)
    with tempfile.TemporaryDirectory() as made, err.status("reading") as bar:
        if source is None:
            source = Path(made)
            download.fetch(url, source, lambda name: bar.update(f"fetching {name}"))
            bar.update("reading")
        found = steps.sync(ctx.database, ctx.settings.templates, source, dry_run=dry_run, accept=accepted)
    _show(found, as_json_)


@click.command()
@json_option
@click.pass_obj
def snapshots(ctx: CliContext, as_json_: bool) -> None:
    """The snapshots on file; the last one is in force."""
    with ctx.database.read() as conn:
        found = store.list_snapshots(conn)
    if as_json_:
        as_json({"in_force": found[-1].number if found else 0, "snapshots": [asdict(one) for one in found]})
        return
    rows = table("Snapshots of Congress", "number", "in force since", "by")
    rows.columns[1].justify = rows.columns[2].justify = "left"
    rows.add_row("0", "", "the package's own")
    for one in found:
        rows.add_row(str(one.number), f"{datetime.fromtimestamp(one.at / 1000, UTC):%Y-%m-%d %H:%M} UTC", one.how)
    out.print(rows)


@click.command()
@click.argument("number", type=click.IntRange(min=0))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@json_option
@click.pass_obj
def restore(ctx: CliContext, number: int, dry_run: bool, as_json_: bool) -> None:
    """Return to snapshot NUMBER of `campaign congress snapshots`; 0 is the package's own."""
    _show(steps.restore(ctx.database, ctx.settings.templates, number, dry_run=dry_run), as_json_)


def _show(found: SyncResult, as_json_: bool) -> None:
    if as_json_:
        as_json(asdict(found))
        return
    if found.changes:
        rows = table("Seats that changed hands", "seat", "before", "now")
        for column in rows.columns:
            column.justify, column.overflow = "left", "fold"
        for one in found.changes[:SHOWN]:
            rows.add_row(*map(escape, (one.seat, one.before, one.after)))
        out.print(rows)
    out.print(_sentence(found.changes))
    if found.coming:
        out.print(f"  {found.coming:,} seats have somebody who is not sworn in yet.")
    if found.vacant:
        out.print(f"Vacant: {', '.join(found.vacant)}.", soft_wrap=True)
    if found.unknown:
        out.print(f"[yellow]look[/]    who holds {_some(found.unknown)} is not known.", soft_wrap=True)
    if found.overdue:
        out.print(
            f"[yellow]look[/]    the terms of {_some(found.overdue)} have ended: check who holds them.", soft_wrap=True
        )
    out.print(f"{found.letters:,} letters that have not left were written to somebody who holds that seat no more.")
    out.print(f"{found.supporters:,} supporters to match again: {found.zips:,} ZIPs touch other districts than before.")
    if found.accepted:
        out.print(f"{found.accepted:,} ZIP codes were taken out of a state, with the reason given.")
    if found.closed:
        out.print(f"[yellow]look[/]    letters to the House are closed in {len(found.closed)} states and territories.")
        for line in found.why_closed:
            out.print(f"  {escape(line)}", soft_wrap=True)
    for line in found.templates:
        out.print(f"[yellow]look[/]    templates: {escape(line)}", soft_wrap=True)
    last = "Nothing was changed: this was a look." if found.number is None else f"In force as number {found.number}."
    out.print(f"The House of the {found.congress}th Congress, as of {found.as_of}. {last}")


def _sentence(changes: tuple[Change, ...]) -> str:
    more = len(changes) - SHOWN
    return f"... and {more:,} more seats." if more > 0 else f"{len(changes):,} seats changed hands."


def _some(codes: tuple[str, ...]) -> str:
    return ", ".join(codes[:12]) + (f" and {len(codes) - 12:,} more" if len(codes) > 12 else "")
