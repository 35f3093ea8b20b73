"""Commands that update the snapshot of Congress, or restore an earlier one."""

from __future__ import annotations

import tempfile
from pathlib import Path

import rich_click as click
from rich.markup import escape

from campaign.cli.app import CliContext, as_json, err, with_json
from campaign.cli.congress import accept_of, accept_options, congress
from campaign.cli.output import count, say, show_table, warn
from campaign.congress.census_codes import ordinal
from campaign.congress.sync import download, store
from campaign.congress.sync.changes import Change
from campaign.outreach.reports.markdown import when
from campaign.outreach.transition import sync as steps
from campaign.outreach.transition.sync import SyncResult

SHOWN = 40


@congress.command()
@click.option("--from", "source", type=click.Path(path_type=Path), help="A folder with the published files.")
@click.option("--url", default=download.URL, show_default=True, help="Where the files are published.")
@click.option("--dry-run", is_flag=True, help="Show what would change. Change nothing.")
@accept_options
@with_json
def sync(
    ctx: CliContext, *, source: Path | None, url: str, dry_run: bool, accept: str, accepted_by: str, as_json_: bool
) -> None:
    """Update members and district maps from published files, after sanity checks, and list the changes.

    Only legislators-current (.yaml, .json or .csv) is required. Optional: legislators-historical, which says who left
    and when; legislators-district-offices; committees-current with committee-membership-current; office-forms.csv. Maps
    come only from a folder: the Census file tab20_cd..._zcta520_natl.txt, or NationalCD120.txt with
    tab20_zcta520_tabblock20_natl.txt. Without a file, its data stays unchanged.

    A file that lost more seats than could change in one day is rejected. So is a map that removes ZIP codes from a
    state, unless you give --accept-lost-states.

    After a new Congress begins, the output lists the states whose House seats get no letters yet, and why.
    """
    accepted = accept_of(accept, accepted_by)
    with tempfile.TemporaryDirectory() as made, err.status("reading") as bar:
        if source is None:
            source = Path(made)
            download.fetch(url, source, lambda name: bar.update(f"downloading {name}"))
            bar.update("reading")
        found = steps.sync(ctx.database, ctx.settings.templates, source, dry_run=dry_run, accept=accepted)
    _show(found, as_json_)


@congress.command()
@with_json
def snapshots(ctx: CliContext, as_json_: bool) -> None:
    """List the stored snapshots. The last one is in use."""
    with ctx.database.read() as conn:
        found = store.list_snapshots(conn)
    if as_json_:
        as_json({"in_force": found[-1].number if found else 0, "snapshots": found})
        return
    rows = [("0", "", "the package"), *((str(stored.number), when(stored.at), stored.how) for stored in found)]
    show_table("Snapshots of Congress", ("number", "in use since", "from"), rows)


@congress.command()
@click.argument("number", type=click.IntRange(min=0))
@click.option("--dry-run", is_flag=True, help="Show what would change. Change nothing.")
@with_json
def restore(ctx: CliContext, number: int, dry_run: bool, as_json_: bool) -> None:
    """Restore snapshot NUMBER from `campaign congress snapshots`. Number 0 comes with the package."""
    _show(steps.restore(ctx.database, ctx.settings.templates, number, dry_run=dry_run), as_json_)


def _show(found: SyncResult, as_json_: bool) -> None:
    if as_json_:
        as_json(found)
        return
    if found.changes:
        rows = [(change.seat, change.before, change.after) for change in found.changes[:SHOWN]]
        show_table("Seats that changed hands", ("seat", "before", "now"), rows)
    say(_sentence(found.changes))
    if found.coming:
        say(f"  Not sworn in yet: the next holders of {count(found.coming, 'seat')}.")
    if found.vacant:
        say(f"Vacant: {', '.join(found.vacant)}.")
    if found.unknown:
        warn(f"Unknown holder: {_some(found.unknown)}.")
    if found.overdue:
        warn(f"Term has ended, check who holds the seat: {_some(found.overdue)}.")
    say(f"Unsent letters to a former holder: {found.letters:,}.")
    say(f"Supporters to match again: {found.supporters:,}. {count(found.zips, 'ZIP code')} changed districts.")
    if found.accepted:
        say(f"Removed from a state, with the reason given: {count(found.accepted, 'ZIP code')}.")
    if found.closed:
        places = count(len(found.closed), "state or territory", "states and territories")
        warn(f"Letters to the House are closed in {places}.")
        for line in found.why_closed:
            say(f"  {escape(line)}")
    for line in found.templates:
        warn(f"templates: {line}")
    last = "Dry run: nothing changed." if found.number is None else f"In use as snapshot {found.number}."
    say(f"House of the {ordinal(found.congress)} Congress, as of {found.as_of}. {last}")


def _sentence(changes: tuple[Change, ...]) -> str:
    more = len(changes) - SHOWN
    return f"... and {count(more, 'more seat')}." if more > 0 else f"{count(len(changes), 'seat')} changed hands."


def _some(codes: tuple[str, ...]) -> str:
    return ", ".join(codes[:12]) + (f" and {len(codes) - 12:,} more" if len(codes) > 12 else "")
