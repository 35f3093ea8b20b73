"""`campaign cwc`: Congress's own system for letters, for operators whom a chamber has approved."""

from __future__ import annotations

from collections import Counter
from contextlib import closing

import rich_click as click
from rich.markup import escape

from campaign.cli.app import CliContext, as_json, err, root, with_json
from campaign.cli.output import say, show_table
from campaign.config import Settings
from campaign.errors import CampaignError
from campaign.outreach.channels.cwc import from_letter as letters
from campaign.outreach.channels.cwc import served_offices
from campaign.store import engine
from campaign.tasks import open_sender


@root.group()
def cwc() -> None:
    """Use Congress's own system for letters (CWC), if a chamber has approved you. Off by default."""


@cwc.command()
@with_json
def check(ctx: CliContext, as_json_: bool) -> int:
    """Check whether each chamber accepts your key, and count the offices that take letters."""
    settings = _configured(ctx)
    _ = ctx.database
    with closing(open_sender(settings)) as sender:
        gateways = served_offices.refresh(sender, force=True)
    if as_json_:
        as_json({"gateways": gateways})
    else:
        for gateway in gateways:
            mark = "[red]failed[/]" if gateway.problem else "[green]ok[/]"
            result = gateway.problem or f"{gateway.offices} offices take letters"
            say(f"{mark} {gateway.chamber}, {gateway.environment}: {escape(result)}")
        if settings.cwc.environment == "uat":
            say(
                "These are the chambers' test gateways: no letters are sent to them. "
                'To send letters, set environment = "production".'
            )
    return 1 if any(gateway.problem for gateway in gateways) else 0


@cwc.command()
@with_json
def offices(ctx: CliContext, as_json_: bool) -> None:
    """Count the offices that CWC reaches, from the latest lists, and say why it doesn't reach the others."""
    with ctx.database.read() as conn:
        found = served_offices.list_served(conn)
    if as_json_:
        as_json({"offices": found})
        return
    sums = Counter((office.chamber, office.why) for office in found)
    rows = [(chamber, why, number) for (chamber, why), number in sorted(sums.items())]
    show_table("Congress's own system (CWC)", ("chamber", "status", "offices"), rows)


@cwc.command()
@click.option("--letter", type=int, required=True, help="Its number: after cwc- in what `campaign explain` shows.")
@click.option("--by", default="", metavar="NAME", help="Who reads it (recorded, with your account name).")
@click.pass_obj
def render(ctx: CliContext, letter: int, by: str) -> None:
    """Print the XML of one letter as it would be sent now. It contains a person's name, address and words.

    Each access is recorded. To see the list: campaign packet access SLUG
    """
    settings, keys = _configured(ctx), ctx.keys
    with ctx.database.begin() as conn:
        content = letters.render_for_operator(conn, keys, settings, letter, now=engine.now(conn), by=by)
    err.print("This is personal data: one person's name, address and words. Keep it private.", style="yellow")
    click.echo(content.decode(), nl=False)


def _configured(ctx: CliContext) -> Settings:
    if not ctx.settings.cwc.environment:
        do = 'Once a chamber has approved you, set environment = "uat" and the other lines of [cwc]; see docs/cwc.md.'
        raise CampaignError(
            "Congress's own system (CWC) is off", where=f"{ctx.settings.source} [cwc] environment", do=do
        )
    return ctx.settings
