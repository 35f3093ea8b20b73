"""`campaign congress outlook`: what seats, lines and bills that change will do to a campaign."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import rich_click as click
from rich.markup import escape

from campaign.cli.app import CliContext, as_json, json_option, out
from campaign.cli.congress import congress
from campaign.compose.campaign_folder.toml import WASHINGTON
from campaign.outreach.transition import outlook as outlooks
from campaign.outreach.transition.outlook import SeatOutlook
from campaign.store import engine

SEATS = 6  # named, if there are no more


def register(_root: click.Group) -> None:
    congress.add_command(outlook)


@click.command()
@click.argument("slug")
@json_option
@click.pass_obj
def outlook(ctx: CliContext, slug: str, as_json_: bool) -> None:
    """What will happen to a campaign: the House, senators' terms, the bill, what is queued; and what to do by when."""
    with ctx.database.read() as conn:
        found = outlooks.outlook(conn, ctx.settings.templates, slug, engine.now(conn))
    if as_json_:
        as_json(asdict(found))
        return
    where = "as launched" if found.launched else "not launched yet: counts of people only"
    out.print(f"[bold]{slug}[/], {where}; closes {_when(found.closes)}. Counts are of today.\n", soft_wrap=True)
    for turn in found.turns:
        when = _when(turn.at) if turn.at is not None else "any day"
        out.print(f"[bold cyan]{when}[/]  [bold]{escape(turn.what)}[/]", soft_wrap=True)
        out.print(f"  {escape(turn.means)}", soft_wrap=True)
        if touched := _touched(turn):
            out.print(f"  touches {touched}", soft_wrap=True)
        if turn.do:
            by = f" (by {_when(turn.do_by)})" if turn.do_by is not None else ""
            out.print(f"  [yellow]do[/]{by}: {escape(turn.do)}", soft_wrap=True)


def _touched(turn: SeatOutlook) -> str:
    seats = ", ".join(turn.seats) if len(turn.seats) <= SEATS else f"{len(turn.seats)} seats"
    counts = (
        (turn.waiting, "letters that have not left"),
        (turn.with_writers, "letters with their writers, for a form"),
        (turn.asks, "asks in the queue"),
        (turn.people, "supporters"),
    )
    return "; ".join(filter(None, (seats, *(f"{number:,} {name}" for number, name in counts if number))))


def _when(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, WASHINGTON):%a %Y-%m-%d %H:%M} Washington"
