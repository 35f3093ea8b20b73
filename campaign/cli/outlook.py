"""`campaign congress outlook`: what seats, lines and bills that change will do to a campaign."""

from __future__ import annotations

from datetime import datetime

import rich_click as click
from rich.markup import escape

from campaign.cli.app import CliContext, as_json, with_json
from campaign.cli.congress import congress
from campaign.cli.output import count, say
from campaign.clock import WASHINGTON
from campaign.outreach.transition import outlook as outlooks
from campaign.outreach.transition.outlook import SeatOutlook
from campaign.store import engine

SEATS = 6  # listed by code up to this many


@congress.command()
@click.argument("slug")
@with_json
def outlook(ctx: CliContext, slug: str, as_json_: bool) -> None:
    """List the coming changes in Congress that affect a campaign, and what to do by when."""
    with ctx.database.read() as conn:
        found = outlooks.outlook(conn, ctx.settings.templates, slug, engine.now(conn))
    if as_json_:
        as_json(found)
        return
    state = "launched" if found.launched else "not launched yet"
    say(f"[bold]{slug}[/], {state}, closes {_when(found.closes)}. Counts are as of today.\n")
    for turn in found.turns:
        when = _when(turn.at) if turn.at is not None else "any day"
        say(f"[bold cyan]{when}[/]  [bold]{escape(turn.what)}[/]")
        say(f"  {escape(turn.means)}")
        if affected := _affected(turn):
            say(f"  Affects {affected}")
        if turn.do:
            by = f" (by {_when(turn.do_by)})" if turn.do_by is not None else ""
            say(f"  [yellow]To do[/]{by}: {escape(turn.do)}")


def _affected(turn: SeatOutlook) -> str:
    seats = ", ".join(turn.seats) if len(turn.seats) <= SEATS else f"{len(turn.seats)} seats"
    counts = (
        (turn.waiting, "unsent letter", ""),
        (turn.with_writers, "letter to send by web form", "letters to send by web form"),
        (turn.asks, "queued ask", ""),
        (turn.people, "supporter", ""),
    )
    return "; ".join(filter(None, (seats, *(count(*each) for each in counts if each[0]))))


def _when(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, WASHINGTON):%a %Y-%m-%d %H:%M} Washington"
