"""`campaign demo`."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click
from rich.console import Console

from campaign.cli.app import CliContext, as_json, root
from campaign.errors import CampaignError


@root.command()
@click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="An empty folder, or an earlier demo's.")
@click.option("--exit", "leave", is_flag=True, help="Stop at the end instead of waiting for Ctrl-C.")
@click.option("--json", "as_json_", is_flag=True, help="Print one JSON object at the end.")
@click.option("--clock", metavar="TIME", help="Simulate the change of Congress: 2027-01-03T11:30-05:00. Needs --exit.")
@click.pass_obj
def demo(ctx: CliContext, home: Path | None, leave: bool, as_json_: bool, clock: str | None) -> int:
    """Run a whole campaign on this machine: import a list, send to a SendGrid simulator, confirm and deliver letters.

    Every supporter and office contact is made up, and nothing leaves this machine. Each demo has a home of its own.

    With --clock, all processes start at that time, shortly before a Congress ends at noon. The clock then jumps past
    noon, to the time when a made-up new House is known, and to the times when letters are sent. The end shows what
    happened to each letter that was not sent by noon.
    """
    from campaign.demo import congress_transition, run

    console = Console(stderr=as_json_, highlight=False, emoji=False)
    if clock is None:
        stay = not leave and not as_json_ and sys.stdout.isatty()
        result = run.run(home or ctx.home, console, stay=stay)
    elif leave:
        result = congress_transition.run(home or ctx.home, clock, console)
    else:
        raise CampaignError("a demo with --clock can't keep running", where="--clock", do="Add --exit.")
    if as_json_:
        as_json(result.counts)
    return 0 if result.good else 1
