"""Commands about people: pull a list, keep people out, forget a person."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import rich_click as click
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn

from campaign.cli.app import CliContext, as_json, err, json_option, out, table
from campaign.config import ListSource
from campaign.errors import CampaignError
from campaign.outreach.action_page import unsubscribe
from campaign.outreach.lists import pull
from campaign.outreach.lists.pull import Pulled


def register(root: click.Group) -> None:
    root.add_command(lists)
    root.add_command(suppress)
    root.add_command(erase)


@click.group()
def lists() -> None:
    """The supporter lists of config.toml."""


@lists.command("pull")
@click.argument("name")
@click.option("--path", type=click.Path(path_type=Path), help="Another file than the one in config.toml.")
@click.option("--consent", help="How and when they agreed, for a file without that column.")
@click.option("--map", "pairs", multiple=True, metavar="OURS=THEIRS", help="Which of their columns is ours.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="A column that does not say who may be emailed.")
@json_option
@click.pass_obj
def pull_list(
    ctx: CliContext,
    name: str,
    path: Path | None,
    consent: str | None,
    pairs: tuple[str, ...],
    ignore: tuple[str, ...],
    as_json_: bool,
) -> None:
    """Read a list: the good rows go in, the bad ones come back in a file with the reason beside each."""
    source = ListSource(name, str(path.resolve())) if path else ctx.settings.list_named(name)
    if consent:
        source = replace(source, consent=consent)
    for pair in pairs:
        ours, sign, theirs = pair.partition("=")
        if not sign:
            raise CampaignError(f"{pair!r} is not OURS=THEIRS", where="--map", do='Write: --map "zip=Postal Code 2"')
        if ours.strip() == "status":  # several columns may decide
            source = replace(source, status=(*source.status, theirs.strip()))
        else:
            source = replace(source, map={**source.map, ours.strip(): theirs.strip()})
    source = replace(source, ignore=(*source.ignore, *ignore))
    columns = (SpinnerColumn(), TextColumn("pulling {task.description}: {task.completed:,} rows"))
    with Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task(name, total=None)
        done = pull.pull(
            ctx.database,
            ctx.keys,
            source,
            home=ctx.settings.home,
            by="the command line",
            progress=lambda rows: progress.update(bar, completed=rows),
        )
    if as_json_:
        as_json(asdict(done))
    else:
        show(done)


def show(done: Pulled) -> None:
    rows = table(f"{done.list}, pulled by {done.by}", "rows", "")
    for name in ("read", "imported", "updated", "unchanged", "rejected"):
        rows.add_row(name, f"{getattr(done, name):,}")
    emailed = done.emailed
    if emailed is not None:
        rows.add_row("left out: may not be emailed", f"{sum(one.rows for one in emailed.left_out):,}")
        rows.add_row("added to the suppression list", f"{emailed.newly_suppressed:,}")
    out.print(rows)
    if emailed is not None and emailed.columns:
        names = ", ".join(emailed.columns)
        out.print(f"  Columns that decided who may be emailed: {escape(names)}", soft_wrap=True)
    if emailed is not None and emailed.left_out:
        columns = table("left out, by column", "column", "rows", "why")
        columns.columns[2].justify = "left"
        for one in emailed.left_out:
            columns.add_row(escape(one.column), f"{one.rows:,}", one.why)
        out.print(columns)
    if done.mended:
        out.print(f"  {done.mended:,} ZIP codes had lost their leading zero; it was put back.")
    if done.suppressed:
        out.print(f"  {done.suppressed:,} of them are on the suppression list and get nothing.")
    if done.rejected_path:
        out.print(f"  Rejected rows, each with its reason: {done.rejected_path}", soft_wrap=True)
    elif done.imported + done.updated == 0:
        out.print("  Nothing has changed since the last pull.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def suppress(ctx: CliContext, file: Path, as_json_: bool) -> int:
    """Write no more to the addresses in FILE: another tool's unsubscribes, as CSV or one address a line."""
    done = pull.suppress_file(ctx.database, ctx.keys, file)
    if as_json_:
        as_json(asdict(done))
    else:
        out.print(f"{done.read:,} rows: {done.new:,} added to the suppression list, {done.known:,} were there already.")
        for line, reason in done.bad:
            err.print(f"[yellow]look[/]    {file.name} line {line}: {escape(reason)}", soft_wrap=True)
    return 1 if done.bad else 0


@click.command()
@click.argument("email")
@click.pass_obj
def erase(ctx: CliContext, email: str) -> None:
    """Forget a person, and keep them out: also when a list brings them back."""
    known = unsubscribe.erase(ctx.database, ctx.keys, email)
    what = "was erased; what had not left was taken back" if known else "was not on file"
    out.print(f"This address {what}. A keyed hash keeps it out for ever.")
