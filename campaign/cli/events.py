"""Events from SendGrid that were set aside: list and retry them."""

from __future__ import annotations

import rich_click as click
from rich.markup import escape

from campaign.cli.app import CliContext, as_json, json_option, root, with_json
from campaign.cli.output import say
from campaign.delivery.sendgrid import set_aside_batches
from campaign.outreach.reports.markdown import when
from campaign.outreach.sending import webhook_events


@root.group(invoke_without_command=True)
@json_option
@click.pass_context
def events(click_ctx: click.Context, as_json_: bool) -> None:
    """List the SendGrid events that could not be read or applied. Addresses are not shown."""
    if click_ctx.invoked_subcommand is not None:
        return
    ctx: CliContext = click_ctx.obj
    with ctx.database.read() as conn:
        found = set_aside_batches.every(conn)
    if as_json_:
        as_json(found)
        return
    for batch in found:
        say(f"{batch.id}  received {when(batch.received_at)}  {escape(batch.reason)}")
    if found:
        say("Everything else was applied. After an upgrade, try these again: campaign events retry")
        say("Each is deleted 30 days after it was received, because it may contain an email address.")
    else:
        say("No events are set aside.")


@events.command()
@with_json
def retry(ctx: CliContext, as_json_: bool) -> None:
    """Retry every event that was set aside, for example after an upgrade."""
    tried, left = webhook_events.retry(ctx.database, ctx.keys)
    if as_json_:
        as_json({"tried": tried, "set_aside": left})
        return
    say(f"{tried:,} tried again; {left:,} set aside now.")
