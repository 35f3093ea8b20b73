"""Commands about supporters: pull a list, suppress addresses, erase a supporter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import rich_click as click
from rich.markup import escape

from campaign.cli.app import CliContext, as_json, err, root, with_json
from campaign.cli.output import count, say, show_table, warn
from campaign.config import ListSource
from campaign.errors import CampaignError
from campaign.outreach.action_page import unsubscribe
from campaign.outreach.lists import pull
from campaign.outreach.lists.pull import Pulled


@root.group()
def lists() -> None:
    """Import supporter lists and match supporters to districts."""


@lists.command("pull")
@click.argument("name")
@click.option("--path", type=click.Path(path_type=Path), help="Read this file instead of the one in config.toml.")
@click.option("--consent", help="How and when the supporters agreed to be emailed, if the file has no such column.")
@click.option("--map", "pairs", multiple=True, metavar="OURS=THEIRS", help="Read the file's column THEIRS as OURS.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="Skip this column: it doesn't say who may be emailed.")
@with_json
def pull_list(
    ctx: CliContext,
    name: str,
    *,
    path: Path | None,
    consent: str | None,
    pairs: tuple[str, ...],
    ignore: tuple[str, ...],
    as_json_: bool,
) -> None:
    """Import the list NAME of config.toml.

    Good rows are stored. Rejected rows are written to a file, each with the reason.
    """
    known = {source.name for source in ctx.settings.lists}
    if path and name not in known and pull.last_pull(ctx.database, name) is None:
        listed = f" (it has: {', '.join(sorted(known))})" if known else ""
        warn(f"config.toml has no list {name!r}{listed}. The supporters are stored as a new list.", to=err)
    source = _with_columns(ListSource(name, str(path.resolve())) if path else ctx.settings.list_named(name), pairs)
    source = replace(source, consent=consent or source.consent, ignore=(*source.ignore, *ignore))
    with err.status("pulling") as bar:
        done = pull.pull(
            ctx.database,
            ctx.keys,
            source,
            home=ctx.settings.home,
            by="the command line",
            progress=lambda rows: bar.update(f"pulling: {rows:,} rows"),
        )
    if as_json_:
        as_json(done)
    else:
        show(done)


def _with_columns(source: ListSource, pairs: tuple[str, ...]) -> ListSource:
    """The list with the columns of --map. Raises CampaignError."""
    for pair in pairs:
        ours, sign, theirs = (part.strip() for part in pair.partition("="))
        if not sign:
            raise CampaignError(f"{pair!r} is not OURS=THEIRS", where="--map", do='Write: --map "zip=Postal Code 2"')
        if ours == "status":  # several columns may decide
            source = replace(source, status=(*source.status, theirs))
        else:
            source = replace(source, map={**source.map, ours: theirs})
    return source


def show(done: Pulled) -> None:
    rows = {name: getattr(done, name) for name in ("read", "imported", "updated", "unchanged", "rejected")}
    emailed = done.emailed
    if emailed is not None:
        rows["of these, may not be emailed"] = sum(line.rows for line in emailed.left_out)
        rows["newly suppressed"] = emailed.newly_suppressed
    show_table(f"{done.list}, pulled by {done.by}", ("rows", ""), rows.items())
    if emailed is not None and emailed.columns:
        say(f"  Columns that say who may be emailed: {escape(', '.join(emailed.columns))}")
    if emailed is not None and emailed.left_out:
        lines = [(line.column, line.rows, line.why) for line in emailed.left_out]
        show_table("may not be emailed, by column", ("column", "rows", "why"), lines)
    if done.mended:
        say(f"  Restored the leading zero of {count(done.mended, 'ZIP code')}.")
    if done.suppressed:
        say(f"  On the suppression list, never emailed: {done.suppressed:,}.")
    if done.rejected_path:
        say(f"  Rejected rows, each with its reason: {done.rejected_path}")
    elif done.imported + done.updated == 0:
        say("  Nothing has changed since the last pull.")


@root.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_json
def suppress(ctx: CliContext, file: Path, as_json_: bool) -> int:
    """Never email the addresses in FILE again.

    FILE is another tool's export of unsubscribes, as CSV, or a text file with one address on each line. Exit code 1:
    some lines have no email address.
    """
    done = pull.suppress_file(ctx.database, ctx.keys, file)
    if as_json_:
        as_json(done)
    else:
        say(f"{count(done.read, 'row')}: {done.new:,} added to the suppression list, {done.known:,} already on it.")
        for line, reason in done.bad:
            warn(f"{file.name} line {line}: {reason}", to=err)
    return 1 if done.bad else 0


@root.command()
@click.argument("email")
@click.pass_obj
def erase(ctx: CliContext, email: str) -> None:
    """Erase a supporter's data and never email them again, even if a list names them later."""
    known = unsubscribe.erase(ctx.database, ctx.keys, email)
    say("Erased; unsent messages were canceled." if known else "This address was not on file.")
    say("A keyed hash of the address keeps it on the suppression list.")
