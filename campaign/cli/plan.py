"""`campaign plan`: which channel letters would use, before a launch."""

from __future__ import annotations

from collections.abc import Iterator

import rich_click as click
from rich.markup import escape

from campaign.cli import campaigns
from campaign.cli.app import CliContext, as_json, root, with_json
from campaign.cli.output import count, say, show_table
from campaign.outreach.launch import plan as plans
from campaign.outreach.launch.plan import Plan, PlannedOffice
from campaign.outreach.reports.channel_rates import Rate
from campaign.outreach.routing import registry
from campaign.store import engine


@root.command()
@campaigns.slug_argument
@click.option("--offices", "each", is_flag=True, help="List every office.")
@with_json
def plan(ctx: CliContext, slug: str, each: bool, as_json_: bool) -> None:
    """Show which channel letters to each office would use and why, and what supporters must enter."""
    with ctx.database.read() as conn:
        found = plans.plan(conn, ctx.settings.templates, slug, engine.now(conn))
    if as_json_:
        as_json(plans.numbers(found))
        return
    _channels(found)
    for line in _lines(found):
        say(f"  {escape(line)}")
    if found.rates.all:
        _rates(found)
    if each:
        _offices(found)
    else:
        say(f"To list every office: campaign plan {slug} --offices")


def _channels(found: Plan) -> None:
    columns = ("channel", "why", "offices", "letters if all write")
    rows = [(channel or "none", why, offices, people) for (channel, why), (offices, people) in found.ways.items()]
    show_table(f"{found.slug}: channels of letters", columns, [*rows, ("total", "", len(found.offices), "")])


def _lines(found: Plan) -> Iterator[str]:
    contacts, reached = found.contacts, found.reached()
    yield campaigns.coverage(found)
    unused = {channel.name for channel in registry.channels() if channel.optional and not found.reached(channel.name)}
    for channel, label in registry.labels().items():
        if channel in unused:
            continue
        yield f"{found.reached(channel):,} of {count(reached, 'office')} get letters {label}."
        if channel == "website" and found.reached(channel):
            yield "  To look for those forms: campaign congress forms --check"
        if channel == "email":
            loaded = count(contacts["loaded"], "contact")
            yield f"  {loaded} on file: {contacts['answered']:,} said how they want letters, {contacts['off']:,} off."
    letters = ", ".join(f"{name} to {count(offices, 'office')}" for name, offices in found.letters.items())
    yield f"Letter variants: {letters or 'none'}."
    for order, offices in found.orders.items():
        fallback = f"; if it fails, {', then '.join(order[1:])}" if order[1:] else " only"
        yield f"{order[0]}{fallback}: {count(offices, 'office')}"
    for route in registry.labels():
        if asked := found.asked(route):
            whose = "offices with only a website" if route == "website" else route
            yield f"For {whose}, our page asks for {_fields(asked, 'page', found.reached(route))}."
            if typed := _fields(asked, "office", 0):
                yield f"  The office's form asks for {typed}."
            if limits := found.limits(route):
                listed = ", ".join(f"{most:,} characters ({count(n, 'office')})" for most, n in limits.items())
                yield f"  Length limits: {listed}."
    for (beside, works, why), offices in found.beside.items():
        yield f"{'Also' if works else 'No'} {beside}: {why} ({count(offices, 'office')})"


def _fields(asked: dict[tuple[str, str], int], asker: str, all_: int) -> str:
    fields = [(name.replace("_", " "), offices) for (name, by), offices in asked.items() if by == asker]
    return ", ".join(name if offices == all_ else f"{name} ({count(offices, 'office')})" for name, offices in fields)


def _rates(found: Plan) -> None:
    rows = [(channel, str(rate.letters), _proved(rate)) for channel, rate in found.rates.all.items()]
    show_table(
        "Letters so far, on this installation, by each channel tried", ("channel", "letters", "what is proved"), rows
    )


def _proved(rate: Rate) -> str:
    return ", ".join(f"{word} {cell}" for word, cell in rate.proofs.items())


def _offices(found: Plan) -> None:
    columns = ("seat", "name", "channel", "why", "fallback", "supporters", "must choose", "so far")
    rows = [
        (
            office.seat,
            office.name or "unknown",
            office.channel or "none",
            office.why,
            ", ".join(office.then),
            office.people,
            office.perhaps,
            _so_far(office),
        )
        for office in found.offices
    ]
    show_table("Offices", columns, rows)


def _so_far(office: PlannedOffice) -> str:
    return "; ".join(
        f"{channel} {rate.letters}" + (f": {proved}" if (proved := _proved(rate)) else "")
        for channel, rate in office.rates.items()
    )
