"""Commands to run before a launch: the SendGrid account, a test message, the sources of the facts."""

from __future__ import annotations

from datetime import UTC, datetime

import rich_click as click
from rich.markup import escape

from campaign import clock
from campaign.cli.app import CliContext, as_json, root, with_json
from campaign.cli.output import count, say
from campaign.compose.campaign_folder import disk
from campaign.compose.campaign_folder import facts_review as reviews
from campaign.outreach.launch import provider_check

DEFAULT_SLUG = "end-287g"


def check_account(ctx: CliContext, slug: str) -> list[provider_check.CheckResult]:
    return provider_check.check(ctx.database, ctx.keys, ctx.settings, slug)


def show_account(ctx: CliContext, slug: str) -> int:
    """Print the state of the SendGrid account; returns the number of failed checks."""
    results = check_account(ctx, slug)
    failed = sum(not result.ok for result in results)
    for result in results:
        say(f"{'[green]ok[/]    ' if result.ok else '[bold red]failed[/]'}  {escape(result.what)}")
        if result.do:
            say(f"        {escape(result.do)}")
    verdict = "is ready" if not failed else f"is not ready: {count(failed, 'check')} failed"
    say(f"The account at {ctx.settings.sendgrid.url} {verdict}.")
    return failed


@root.command("test-send")
@click.argument("slug")
@click.option("--to", required=True, metavar="ADDRESS", help="The email address that gets it.")
@click.option("--locale", default="", help="Its language. [default: the campaign's first]")
@click.option(
    "--kind", type=click.Choice(provider_check.KINDS), default="ask", show_default=True, help="Which message."
)
@click.pass_obj
def test_send(ctx: CliContext, slug: str, to: str, locale: str, kind: str) -> None:
    """Send one message, marked [TEST], to one address.

    Its links don't work, and it is not counted in any report.
    """
    accepted = provider_check.send_test(ctx.settings, slug, to=to, locale=locale, kind=kind, now=clock.now())
    provider = "SendGrid" if ctx.settings.live else ctx.settings.sendgrid.url
    say(f"{provider} accepted it as message {accepted}. Check the inbox of {escape(to)}.")


@root.group()
def facts() -> None:
    """List a campaign's facts and record reviews of their sources."""


@facts.command("list")
@click.argument("slug")
@with_json
def list_facts(ctx: CliContext, slug: str, as_json_: bool) -> None:
    """List each fact with its source, its next review date, and its last reviewer."""
    found = reviews.list_facts(disk.read(disk.place(ctx.settings.templates, slug)), clock.now())
    if as_json_:
        as_json(found)
        return
    for fact in found:
        due = "[bold yellow]review is due[/]" if fact.due else f"review by {day(fact.review_by - 24 * 3_600_000)}"
        ends = f", expires on {day(fact.expires)}" if fact.expires is not None else ""
        reviewed = f", last reviewed by {escape(fact.reviewed)}" if fact.reviewed else ""
        say(f"[bold]{escape(fact.key)}[/]  {due}{ends}{reviewed}")
        say(f"  {escape(fact.text)}\n  {escape(fact.source)}")


@facts.command("reviewed")
@click.argument("key")
@click.option("--by", required=True, help="Who compared the text with its source (recorded).")
@click.option("--slug", default=DEFAULT_SLUG, show_default=True, help="The campaign.")
@click.option("--days", default=30, show_default=True, help="Days until the next review.")
@click.pass_obj
def reviewed(ctx: CliContext, key: str, by: str, slug: str, days: int) -> None:
    """Record in facts.toml that a fact is still true, who checked it, and when."""
    folder = disk.place(ctx.settings.templates, slug)
    files = disk.read(folder)
    reviewed, made = reviews.mark_reviewed(files, key, by=by, days=days, now=clock.now())
    disk.save(folder, files, reviewed)
    say(f"{key}: reviewed by {escape(made.reviewed_by)} on {made.reviewed_on}; next review by {made.review_by}.")


def day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d")
