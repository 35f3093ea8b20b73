"""Commands that match people to districts: by ZIP at once for everybody, by street where that is switched on."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import rich_click as click
from rich.progress import Progress, SpinnerColumn, TextColumn

from campaign.cli.app import CliContext, as_json, err, json_option, out, table
from campaign.config import Matching
from campaign.congress import roster
from campaign.congress.geocoding import agreement, blocks
from campaign.congress.geocoding.address import Address, ordinal
from campaign.congress.geocoding.agreement import Agreement
from campaign.congress.roster import Roster
from campaign.errors import CampaignError
from campaign.model import Match
from campaign.outreach.action_page import street_lookup
from campaign.outreach.lists import coverage, street_batches
from campaign.outreach.lists.coverage import Coverage
from campaign.outreach.lists.street_batches import BatchCounts
from campaign.store import engine

_ENDS = re.compile(r"^(.*?)[,\s]+([0-9]{5}(?:-[0-9]{4})?)$")
GOES = "The street goes to census.gov, a federal server."


def register(root: click.Group) -> None:
    groups = root.commands
    lists, congress = groups["lists"], groups["congress"]
    assert isinstance(lists, click.Group)
    assert isinstance(congress, click.Group)
    lists.add_command(match_lists)
    congress.add_command(load_blocks)


@click.command("match")
@click.option("--streets", "look_up", is_flag=True, help="Look up streets on file at census.gov, a federal server.")
@json_option
@click.pass_obj
def match_lists(ctx: CliContext, look_up: bool, as_json_: bool) -> int:
    """Who represents the people on file: how many by ZIP, how many must choose by name.

    With --streets, those whose ZIP does not tell it are looked up by the street that a list brought, 10,000 at a time:
    only if [matching] is on, without names, and only the seat is kept. It needs the Congress's block file.
    """
    done = _looked(ctx) if look_up else None
    with ctx.database.read() as conn:
        found = coverage.measure(conn, engine.now(conn))
    if as_json_:
        as_json(asdict(found) | {"streets": asdict(done) if done else None})
    else:
        _show(found, done)
    return 1 if done and done.down else 0


def _looked(ctx: CliContext) -> BatchCounts:
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task("looking up streets at census.gov", total=None)

        def tell(done: BatchCounts) -> None:
            progress.update(bar, description=f"{done.asked:,} streets asked of census.gov, {done.proved:,} proved")

        return street_batches.look_up(ctx.database, ctx.keys, ctx.settings.matching, ctx.settings.home, progress=tell)


def _show(found: Coverage, done: BatchCounts | None) -> None:
    rows = table("People who may be written to, and who represents them in the House", "people", "")
    rows.add_row("their ZIP tells it", f"{found.by_zip:,}")
    rows.add_row("their street tells it", f"{found.by_street:,}")
    rows.add_row("they choose by name", f"{found.several:,}")
    if found.unmapped:
        rows.add_row("not known: new lines", f"{found.unmapped:,}")
    rows.add_row("unknown ZIP", f"{found.unknown:,}")
    rows.add_row("all", f"{found.people:,}")
    out.print(rows)
    if done is None:
        return
    out.print(
        f"{done.streets:,} streets on file: {done.needless:,} not needed, {done.known:,} looked up before, "
        f"{done.asked:,} asked, {done.proved:,} proved."
    )
    for why, number in done.unproved.most_common():
        out.print(f"  {number:,} not: {agreement.SENTENCES[why]}", soft_wrap=True)
    if done.down:
        err.print(
            f"[yellow]look[/]    census.gov: {done.down}. What came before is kept; run it again.", soft_wrap=True
        )


@click.command("blocks")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--congress", "number", type=click.IntRange(100, 199), help="[default: the one that sits]")
@json_option
@click.pass_obj
def load_blocks(ctx: CliContext, file: Path, number: int | None, as_json_: bool) -> None:
    """Keep the Census's block equivalency file of a Congress: NationalCD119.txt, or the .zip that it comes in.

    Streets that are looked up in batches need it. Each state in it must have all its districts, else it is refused.
    """
    with ctx.database.read() as conn:
        known = roster.at(conn, engine.now(conn))
    columns = (SpinnerColumn(), TextColumn("reading {task.description}: {task.completed:,} blocks"))
    with Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task(file.name, total=None)
        built = blocks.build(
            file,
            ctx.settings.home,
            number or known.congress,
            known,
            progress=lambda count: progress.update(bar, completed=count),
        )
    if as_json_:
        as_json(asdict(built))
        return
    out.print(
        f"{built.blocks:,} blocks of {built.states} state(s) and {built.seats} districts of the "
        f"{ordinal(built.congress)} Congress, kept in {built.lines:,} lines: {built.path}",
        soft_wrap=True,
    )


def parsed(text: str, zip_: str) -> Address:
    """A street and its ZIP, which may stand at the end of `text`. Raises CampaignError."""
    ends = _ENDS.match(text.strip())
    if ends:
        return Address(ends[1], ends[2])
    if zip_:
        return Address(text.strip(), zip_)
    raise CampaignError(
        "the address has no ZIP at its end", where="--address", do='Write: --address "100 Main Street, 28205"'
    )


def asked(matching: Matching, known: Roster, found: Match, place: Address) -> Agreement:
    """What two sources say of an address, asked now and kept nowhere. Raises CampaignError while it is off."""
    if not matching.geocoder:
        raise CampaignError(
            "looking up addresses is switched off",
            where="config.toml [matching] geocoder",
            do=f'Write: geocoder = "census". {GOES}',
        )
    err.print(f"[dim]{GOES}[/]", soft_wrap=True)
    first, second = street_lookup.ask(matching, place, known.congress)
    return agreement.agree(known.seats, found, first, second)


def as_dict(said: Agreement) -> dict[str, Any]:
    """For --json: what was proved of an address, and by whom."""
    return {"proved": bool(said.seat), **asdict(said), "sentence": said.sentence}
