"""Commands that look outside before a launch: the account at SendGrid, a test message, the sources of the facts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import rich_click as click
from rich.markup import escape

from campaign import clock
from campaign.cli.app import CliContext, as_json, json_option, out
from campaign.compose.campaign_folder import facts_review as reviews
from campaign.outreach.launch import provider_check

DEFAULT_SLUG = "end-287g"


def register(root: click.Group) -> None:
    root.add_command(test_send)
    root.add_command(facts)


def findings(ctx: CliContext, slug: str) -> list[provider_check.CheckResult]:
    """What the account at SendGrid says."""
    return provider_check.check(ctx.database, ctx.keys, ctx.settings, slug)


def show(ctx: CliContext, slug: str) -> int:
    """Print what the account at SendGrid says; how many things are to be mended."""
    found = findings(ctx, slug)
    bad = sum(not finding.ok for finding in found)
    for finding in found:
        out.print(f"{_mark(finding.ok)} {escape(finding.what)}", soft_wrap=True)
        if finding.do:
            out.print(f"         {escape(finding.do)}", soft_wrap=True)
    verdict = "is ready" if not bad else f"is not ready: {bad} thing(s) to mend"
    out.print(f"The account at {ctx.settings.sendgrid.url} {verdict}.", soft_wrap=True)
    return bad


def _mark(ok: bool) -> str:
    return "[green]good[/]    " if ok else "[bold red]mend[/]    "


@click.command("test-send")
@click.argument("slug")
@click.option("--to", required=True, metavar="ADDRESS", help="Who gets it.")
@click.option("--locale", default="", help="In which language. [default: the campaign's first]")
@click.option("--kind", type=click.Choice(provider_check.KINDS), default="ask", show_default=True, help="Which text.")
@click.pass_obj
def test_send(ctx: CliContext, slug: str, to: str, locale: str, kind: str) -> None:
    """Send one text to one address, marked [TEST]. Its links lead nowhere, and it is counted nowhere."""
    accepted = provider_check.send_test(ctx.settings, slug, to=to, locale=locale, kind=kind, now=_now())
    where = "SendGrid" if ctx.settings.live else ctx.settings.sendgrid.url
    out.print(f"{where} accepted it, as message {accepted}. Whether it arrives shows in that inbox.", soft_wrap=True)


@click.group()
def facts() -> None:
    """The facts that a campaign's texts quote."""


@facts.command("list")
@click.argument("slug")
@json_option
@click.pass_obj
def list_facts(ctx: CliContext, slug: str, as_json_: bool) -> None:
    """Each fact with its source, when somebody should look again, and who looked last."""
    found = reviews.list_facts(ctx.settings.templates, slug, _now())
    if as_json_:
        as_json([asdict(fact) for fact in found])
        return
    for fact in found:
        due = "[bold yellow]look now[/]" if fact.due else f"look again by {_last_day(fact.review_by)}"
        ends = f", cannot be quoted from {day(fact.expires)}" if fact.expires is not None else ""
        seen = f", reviewed by {escape(fact.reviewed)}" if fact.reviewed else ""
        out.print(f"[bold]{escape(fact.key)}[/]  {due}{ends}{seen}", soft_wrap=True)
        out.print(f"  {escape(fact.text)}\n  {escape(fact.source)}", soft_wrap=True)


@facts.command("reviewed")
@click.argument("key")
@click.option("--by", required=True, help="Who opened the source and read the text beside it; it is kept.")
@click.option("--slug", default=DEFAULT_SLUG, show_default=True, help="The campaign.")
@click.option("--days", default=30, show_default=True, help="After how many days somebody should look again.")
@click.pass_obj
def reviewed(ctx: CliContext, key: str, by: str, slug: str, days: int) -> None:
    """Write down that a fact still holds, by whom and when, in the campaign's facts.toml."""
    made = reviews.mark_reviewed(ctx.settings.templates, slug, key, by=by, days=days, now=_now())
    out.print(f"{key}: reviewed by {escape(made.reviewed_by)} on {made.reviewed_on}; again by {made.review_by}.")


def _now() -> int:
    return clock.now()


def day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d")


def _last_day(ms: int) -> str:
    """The day that ends at this instant."""
    return day(ms - 24 * 3_600_000)
