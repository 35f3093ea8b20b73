"""`campaign plan`: before a launch, which way letters would go, and why."""

from __future__ import annotations

from collections.abc import Iterator

import rich_click as click
from rich.markup import escape

from campaign.cli import campaigns
from campaign.cli.app import CliContext, as_json, json_option, out, table
from campaign.outreach.launch import plan as plans
from campaign.outreach.launch.plan import Plan, PlannedWave
from campaign.outreach.reports.channel_rates import Rate
from campaign.outreach.routing import registry
from campaign.store import engine

BAR = 30  # characters


def register(root: click.Group) -> None:
    root.add_command(plan)


@click.command()
@campaigns.slug_argument
@click.option("--offices", "each", is_flag=True, help="List each office too.")
@json_option
@click.pass_obj
def plan(ctx: CliContext, slug: str, each: bool, as_json_: bool) -> None:
    """Which way letters go to each office and why, whom each has among your people, and what that asks of them."""
    with ctx.database.read() as conn:
        found = plans.plan(conn, ctx.settings.templates, slug, engine.now(conn))
    if as_json_:
        as_json(plans.numbers(found))
        return
    _ways(found)
    for line in _lines(found):
        out.print(escape(line), soft_wrap=True)
    if found.rates.all:
        _rates(found)
    if each:
        _offices(found)
    else:
        out.print(f"Each office: campaign plan {slug} --offices")


def _ways(found: Plan) -> None:
    rows = table(f"{found.slug}: which way letters go", "channel", "why", "offices", "letters if all write", "")
    rows.columns[1].justify = rows.columns[-1].justify = "left"
    top = max((offices for offices, _ in found.ways.values()), default=1)
    for (channel, why), (offices, people) in found.ways.items():
        rows.add_row(channel or "none", escape(why), f"{offices:,}", f"{people:,}", "█" * (offices * BAR // top))
    rows.add_row("all", "", f"{len(found.offices):,}", "", "")
    out.print(rows)


def _lines(found: Plan) -> Iterator[str]:
    people, contacts, reached = found.people, found.contacts, found.reached()
    yield (
        f"  {people['all']:,} people may be written to: {people['reach']:,} reach an office for sure,"
        f" {people['perhaps']:,} after they chose among the names of their ZIP code, {people['none']:,} reach none."
    )
    unused = {channel.name for channel in registry.channels() if channel.optional and not found.reached(channel.name)}
    for channel, label in registry.labels().items():
        if channel in unused:
            continue
        why = ""
        if channel == "email":
            why = (
                f", because you loaded {contacts['loaded']:,} contacts: {contacts['answered']:,} of these offices said"
                f" how they want letters, {contacts['off']:,} are off"
            )
        yield f"  {label}: {found.reached(channel):,} of {reached:,} offices{why}."
    yield f"  letters: {', '.join(f'{name} to {offices:,}' for name, offices in found.letters.items())}."
    for order, offices in found.orders.items():
        after = f"then {', then '.join(order[1:])}" if order[1:] else "nothing follows when it fails"
        yield f"  {order[0]}, {after}: {offices:,} offices"
    for route in registry.labels():
        if asked := found.asked(route):
            yield f"  {route} asks on your page for {_fields(asked, 'page', found.reached(route))}."
            if typed := _fields(asked, "office", 0):
                yield f"    The office's own form asks for {typed}."
            if limits := found.limits(route):
                yield f"    Short forms: {', '.join(f'{most:,} characters at {n:,}' for most, n in limits.items())}."
    for (beside, works, why), offices in found.beside.items():
        yield f"  beside it, {beside}: {'' if works else 'no, '}{why} ({offices:,} offices)"


def _fields(asked: dict[tuple[str, str], int], asker: str, all_: int) -> str:
    mine = [(name.replace("_", " "), offices) for (name, by), offices in asked.items() if by == asker]
    return ", ".join(name if offices == all_ else f"{name} ({offices:,} offices)" for name, offices in mine)


def _rates(found: Plan) -> None:
    rows = table("What became of letters here so far", "channel", "letters", "what is proved")
    rows.columns[-1].justify = "left"
    for channel, rate in found.rates.all.items():
        rows.add_row(channel, str(rate.letters), _proved(rate))
    out.print(rows)


def _proved(rate: Rate) -> str:
    return ", ".join(f"{word} {cell}" for word, cell in rate.proofs.items())


def _offices(found: Plan) -> None:
    rows = table("Offices", "seat", "name", "channel", "why", "then", "people", "perhaps", "so far")
    for column in (*rows.columns[1:5], rows.columns[-1]):
        column.justify, column.overflow = "left", "fold"
    for one in found.offices:
        cells = (one.seat, one.name or "nobody known", one.channel or "none", one.why, ", ".join(one.then))
        rows.add_row(*map(escape, cells), f"{one.people:,}", f"{one.perhaps:,}", escape(_so_far(one)))
    out.print(rows)


def _so_far(one: PlannedWave) -> str:
    return "; ".join(
        f"{channel} {rate.letters}" + (f": {proved}" if (proved := _proved(rate)) else "")
        for channel, rate in one.rates.items()
    )
