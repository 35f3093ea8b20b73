"""Commands that show where messages are: status, explain, and settle for a request with an unknown outcome."""

from __future__ import annotations

from collections.abc import Mapping

import rich_click as click
from rich.markup import escape

from campaign.cli.app import CliContext, as_json, err, root, with_json
from campaign.cli.output import count, say, show_table, warn
from campaign.compose.campaign_folder import disk
from campaign.delivery import campaigns, outbox
from campaign.errors import CampaignError
from campaign.letters import promises
from campaign.outreach.lists import pull as pulls
from campaign.outreach.reports import ask_counts as reports
from campaign.outreach.reports import delivery_history
from campaign.outreach.reports import health as healths
from campaign.outreach.reports.markdown import when
from campaign.states import State
from campaign.store import engine
from campaign.supporters import segments

EVENTS: dict[str, tuple[str, str]] = {
    "zip": ("ZIP code entered", "ZIP codes entered"),
    "call_answered": ("call answered", "calls answered"),
    "call_voicemail": ("voicemail left", "voicemails left"),
    "call_busy": ("call not answered", "calls not answered"),
    "form_sent": ("form sent", "forms sent"),
    "form_failed": ("form that failed", "forms that failed"),
    "joined": ("person joined", "people joined"),
}


def report(ctx: CliContext, slug: str) -> reports.AskCounts:
    with ctx.database.read() as conn:
        return reports.report(conn, slug)


@root.command()
@click.argument("slug", required=False)
@with_json
def status(ctx: CliContext, slug: str | None, as_json_: bool) -> None:
    """Show how many asks are queued, sent and delivered, and what needs attention."""
    with ctx.database.read() as conn:
        if slug and not campaigns.find(conn, slug):
            disk.load(ctx.settings.templates, slug)  # a name without a folder cannot be launched either
        slugs = [slug] if slug else [campaign.slug for campaign in campaigns.every(conn)]
        found = [reports.report(conn, each) for each in slugs]
        now = engine.now(conn)
        health = healths.health(conn, now)
        packets = {
            each.campaign.slug: promises.visits(conn, each.campaign.slug, each.campaign.id, now).without_visit
            for each in found
        }
        eligible = 0 if found else sum(segments.by_zip(conn).values())
    if as_json_:
        as_json(
            [
                reports.numbers(each) | healths.numbers(health) | {"packets_without_visit": packets[each.campaign.slug]}
                for each in found
            ]
        )
        return
    if not found:
        do = "To start: campaign launch SLUG" if eligible else "First pull a list: campaign lists pull NAME"
        say(f"{count(eligible, 'supporter')} can be emailed. No campaign was launched yet. {do}")
    for each in found:
        show(each)
        say_without_visit(packets[each.campaign.slug])
    for source in () if slug else ctx.settings.lists:
        last = pulls.last_pull(ctx.database, source.name)
        if last is not None and last.problem:
            warn(f"The last pull of the list {source.name} failed: {last.problem}", to=err)
    show_health(health)


@root.command()
@click.argument("delivery_id", type=int)
@with_json
def explain(ctx: CliContext, delivery_id: int, as_json_: bool) -> None:
    """Show one delivery's full history, without personal data."""
    with ctx.database.read() as conn:
        history = delivery_history.explain(conn, delivery_id)
    if as_json_:
        as_json(history)
        return
    request = f"Request {history.request_id} ({count(history.size, 'message')}), attempt {history.attempt}."
    if not history.request_id:
        request = "No request: the supporter sends it with the office's form, or it is printed."
    what = f"{history.kind} {history.wave}, [bold]{history.state}[/], fate {history.fate}"
    say(f"Delivery {delivery_id}: {what}. {request}")
    for step in history.steps:
        say(f"  {when(step.at, seconds=True)}  {step.what}  {escape(step.detail)}")


@root.command()
@click.argument("request_id", type=int)
@click.option("--resend", "decision", flag_value="resend", required=True, help="It was not sent: send it again.")
@click.option("--by", required=True, help="Who decides (recorded).")
@click.option("--why", required=True, help="Evidence that it was not sent (recorded).")
@click.pass_obj
def settle(ctx: CliContext, request_id: int, decision: str, by: str, why: str) -> None:
    """Resend a request whose outcome is unknown, once you have evidence that it was not sent.

    Most unknown requests did arrive. Without evidence, a resend may email supporters twice.
    """
    assert decision == "resend"
    with ctx.database.begin() as conn:
        state = outbox.resend(conn, request_id, by=by, why=why, now=engine.now(conn))
    if state is None:
        do = "To find the id of a delivery's request: campaign explain DELIVERY_ID"
        raise CampaignError(f"request {request_id} does not have an unknown outcome", do=do)
    if state is State.CANCELLED:
        say(f"Request {request_id} was canceled while it was being sent. It will not be sent again.")
    else:
        say(f"Request {request_id} is queued again, under a new id.")


def say_without_visit(letters: Mapping[str, int]) -> None:
    """Name the offices for which letters wait in a packet, and no visit is promised."""
    for seat, number in letters.items():
        say(
            f"[bold yellow]{count(number, 'letter')} for {seat} in a packet, and no visit is promised.[/] "
            f"The letters stay. Promise one: campaign packet promise {seat} --by NAME --on DATE"
        )


def show_health(health: healths.Health) -> None:
    """Show what needs an operator's attention; nothing when all is well."""
    batches = health.set_aside
    if batches.number:
        say(
            f"[bold yellow]Events from SendGrid that could not be applied: {batches.number:,}.[/] "
            f"They were set aside. Newest reason: {escape(batches.reason)}. List them: campaign events"
        )
    if batches.garbled:
        say(
            f"[bold yellow]Events from SendGrid with bytes that are not UTF-8: {batches.garbled:,}.[/] "
            "They were applied, and those bytes were replaced. List them: campaign events"
        )
    if health.late and health.oldest is not None:
        say(
            f"[bold yellow]Events from SendGrid have been waiting since {when(health.oldest)}[/] "
            f"(batches: {health.waiting:,}). Is a worker running? If so, its log says what is failing."
        )
    for step in health.failing:
        say(
            f"[bold red]Failing[/] since {when(step.since)}, last at {when(step.at)}: {escape(step.name)}. "
            f"{escape(step.reason)}. The worker's log has the details."
        )


def show(report: reports.AskCounts) -> None:
    slug = report.campaign.slug
    if report.campaign.paused:
        say(f"[bold yellow]{slug} is paused:[/] {escape(report.campaign.reason)}")
    for wave in report.waves:
        total = sum(wave.states.values())
        last = ("total", total if wave.adds_up else f"{total:,}  does not add up")
        title = f"{slug}, wave {wave.name}: {wave.launched:,} launched"
        show_table(title, ("asks, by state", "asks"), [*wave.states.items(), last])
        if wave.fates:
            show_table("", ("reported by SendGrid", "asks"), wave.fates.items())
        for reason, number in wave.reasons.items():
            say(f"  {number:,} {escape(reason)}")
    if report.opened.events:
        say(f"  From the open page: {', '.join(count(n, *EVENTS[event]) for event, n in report.opened.events.items())}")
    if report.oldest_unknown:
        say(f"  The oldest unknown request was sent {when(report.oldest_unknown)}. Events usually settle it.")
