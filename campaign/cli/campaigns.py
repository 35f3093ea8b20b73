"""Commands that run a campaign: check, preview, launch, pause, send."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import rich_click as click
from rich.markup import escape

from campaign import clock
from campaign.cli import account as account_commands
from campaign.cli import status
from campaign.cli.app import CliContext, as_json, err, root, with_json
from campaign.cli.output import count, say, show_table, warn
from campaign.compose.campaign_folder import disk
from campaign.compose.rendering import frame
from campaign.delivery import campaigns, outbox
from campaign.outreach.launch import launch as launches
from campaign.outreach.launch import live_safety
from campaign.outreach.launch import plan as plans
from campaign.outreach.launch import preview as previews
from campaign.outreach.reports.markdown import when
from campaign.outreach.sending import drain as sending
from campaign.outreach.sending import lost_answers
from campaign.store import engine
from campaign.tasks import open_sender

slug_argument = click.argument("slug")
wave_option = click.option("--wave", default=launches.FIRST, show_default=True, help="Which wave of asks.")


@root.command()
@slug_argument
@click.option("--live", "account", is_flag=True, help="Also check your SendGrid account.")
@with_json
def check(ctx: CliContext, slug: str, account: bool, as_json_: bool) -> int:
    """Check a campaign's messages, facts and settings, and list every problem.

    Errors block a launch and make the exit code 1. Warnings don't.
    """
    report = launches.check(ctx.database, ctx.settings, slug, clock.now())
    with ctx.database.read() as conn:
        planned = plans.plan(conn, ctx.settings.templates, slug, clock.now())
    if as_json_:
        rule = {"seats": len(planned.offices), "vacant": planned.vacant, **planned.people}
        shown = {"rule": rule, "readers": dict(report.readers)}
        shown |= {"errors": [str(e) for e in report.errors], "warnings": [str(w) for w in report.warnings]}
        results = account_commands.check_account(ctx, slug) if account else []
        as_json(shown | ({"account": [asdict(result) for result in results]} if account else {}))
        return 1 if report.errors or not all(result.ok for result in results) else 0
    for error in report.errors:
        say(f"[bold red]error[/]   {escape(str(error))}")
    for warning in report.warnings:
        warn(str(warning))
    for locale, reader in report.readers.items():
        say(f"[green]ok[/]      the {locale} messages were reviewed by {escape(reader)}")
    say(f"{slug} targets {count(len(planned.offices), 'seat')}, {planned.vacant:,} of them vacant.")
    say(f"{coverage(planned)} Details: campaign plan {slug}")
    verdict = "cannot be launched" if report.errors else "can be launched"
    say(f"{slug} {verdict}: {count(len(report.errors), 'error')}, {count(len(report.warnings), 'warning')}.")
    failed = account_commands.show_account(ctx, slug) if account else 0
    return 1 if report.errors or failed else 0


def coverage(planned: plans.Plan) -> str:
    """How many supporters have an office, in a sentence."""
    people = planned.people
    have = f"{people['reach']:,} of {count(people['all'], 'supporter')} have at least one office"
    return f"{have}; {people['choose']:,} must choose their district first."


@root.command()
@slug_argument
@wave_option
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Where to write. [default: HOME/preview/SLUG]")
@click.pass_obj
def preview(ctx: CliContext, slug: str, wave: str, folder: Path | None) -> None:
    """Write every message to files, in each language: asks, letters, receipts, office mail.

    The asks include recipients with unusual names: none at all, very long, right to left, with markup.
    """
    folder = folder or ctx.settings.home / "preview" / slug
    folder.mkdir(parents=True, exist_ok=True)
    site = ctx.settings.web.site
    made = previews.odd_recipients(disk.load(ctx.settings.templates, slug), wave=wave, now=clock.now())
    for message in made:
        parts = [message.kind, message.locale, message.variant, message.who.replace(" ", "-")]
        name = "-".join(filter(None, parts))
        (folder / f"{name}.html").write_text(frame.at_site(message.text.html, site), encoding="utf-8")
        (folder / f"{name}.txt").write_text(f"Subject: {message.text.subject}\n\n{message.text.text}", encoding="utf-8")
    say(f"Wrote {count(len(made), 'message')}, each as .html and .txt, to {folder}")


@root.command()
@slug_argument
@wave_option
@click.option("--by", default="", metavar="NAME", help="Who launches it (recorded).")
@click.option("--dry-run", is_flag=True, help="Show who would get which message and when. Queue nothing.")
@with_json
def launch(ctx: CliContext, slug: str, *, wave: str, by: str, dry_run: bool, as_json_: bool) -> None:
    """Freeze a campaign's messages and queue one ask for each eligible supporter."""
    planned = launches.plan(ctx.database, ctx.settings, slug, wave=wave)
    with err.status("queueing"):
        launched = 0 if dry_run else launches.launch(ctx.database, ctx.settings, slug, wave=wave, by=by)
    if as_json_:
        asks = [{"locale": key[0], "variant": key[1], "people": number} for key, number in planned.asks.items()]
        warnings = [str(warning) for warning in planned.warnings]
        as_json(asdict(planned) | {"asks": asks, "warnings": warnings, "launched": launched})
        return
    rows = [(locale, variant, people) for (locale, variant), people in sorted(planned.asks.items())]
    show_table(f"{slug}, wave {wave}", ("language", "variant", "supporters"), [*rows, ("total", "", planned.total)])
    for reason, people in planned.excluded.items():
        say(f"  Not asked: {people:,} on the suppression list ({reason})")
    per_hour = ctx.settings.campaign.per_hour
    pace = f"{per_hour:,} asks an hour" if per_hour else "no hourly limit"
    say(f"  {count(planned.requests, 'request')}, {pace}. The last ask is due {when(planned.last_at)}.")
    for warning in planned.warnings:
        warn(str(warning))
    if dry_run:
        say(f"Dry run: nothing was queued. To see which channel each letter would use: campaign plan {slug}")
    else:
        say(
            f"[bold]Queued {count(launched, 'ask')}.[/] A worker sends them. To follow progress: campaign status {slug}"
        )


@root.command()
@slug_argument
@click.pass_obj
def republish(ctx: CliContext, slug: str) -> None:
    """Replace the messages of everything that is still queued with the edited ones."""
    made = launches.republish(ctx.database, ctx.settings, slug)
    say(f"Release {made[:12]} now serves everything that is still queued.")


@root.command()
@slug_argument
@click.option("--reason", default="paused by an operator", show_default=True)
@click.pass_obj
def pause(ctx: CliContext, slug: str, reason: str) -> None:
    """Stop sending asks, letters and receipts.

    Requests that are being sent still complete. To continue: campaign resume SLUG
    """
    with ctx.database.begin() as conn:
        campaign = campaigns.get(conn, slug)
        new = campaigns.pause(conn, campaign.id, reason, engine.now(conn))
    waves = status.report(ctx, slug).waves
    sent = sum(wave.states.get(state, 0) for wave in waves for state in ("accepted", "sending"))
    queued = sum(wave.states.get(state, 0) for wave in waves for state in ("queued", "claimed"))
    verb = "is paused" if new else f"was already paused ({escape(campaign.reason)})"
    say(f"{slug} {verb}: {count(sent, 'ask')} sent or being sent, {queued:,} queued.")


@root.command()
@slug_argument
@click.option(
    "--requeue-refused",
    is_flag=True,
    help="Also queue again the requests that SendGrid refused as a whole. None of their messages were sent.",
)
@click.pass_obj
def resume(ctx: CliContext, slug: str, requeue_refused: bool) -> None:
    """Resume sending after a pause."""
    with ctx.database.begin() as conn:
        campaign = campaigns.get(conn, slug)
        at = engine.now(conn)
        again = outbox.requeue_refused(conn, campaign.id, at) if requeue_refused else 0
        changed = campaigns.resume(conn, campaign.id, at)
    say(f"{slug} is sending again." if changed else f"{slug} was not paused.")
    if requeue_refused:
        say(f"{count(again, 'refused message')} queued again.")


@root.command()
@slug_argument
@click.option("--yes", is_flag=True, help="Don't ask for confirmation.")
@click.option("--reason", default="canceled by an operator", show_default=True)
@click.pass_obj
def cancel(ctx: CliContext, slug: str, yes: bool, reason: str) -> None:
    """Cancel every unsent message for good, including letters that supporters have confirmed.

    A message that is being sent may still arrive; if it was not sent, it stays canceled.
    """
    with ctx.database.read() as conn:
        campaign = campaigns.get(conn, slug)
    if not yes:
        click.confirm(f"Cancel every unsent message of {slug}? You cannot undo this.", abort=True)
    with ctx.database.begin() as conn:
        number = outbox.cancel_all(conn, campaign.id, reason)
    say(f"Canceled {count(number, 'message')}.")
    waves = status.report(ctx, slug).waves
    going = sum(wave.states.get(state, 0) for wave in waves for state in ("sending", "unknown"))
    if going:
        say(f"{count(going, 'ask')} may already have been sent. Any that were not stay canceled.")


@root.command()
@slug_argument
@click.pass_obj
def send(ctx: CliContext, slug: str) -> None:
    """Send what is due now from this process, without a worker or a broker."""
    live_safety.refuse_sending(ctx.database, ctx.settings, slug)
    sender = open_sender(ctx.settings)
    before = now = status.report(ctx, slug)
    with err.status("sending") as bar:
        while True:
            lost_answers.settle_unknown(sender, slug)
            sent = sending.drain(sender, slug, seconds=1)
            now = status.report(ctx, slug)
            bar.update(f"sent {before.moving - now.moving:,} of {before.moving:,}")
            if not sent.accepted + sent.other:
                break
    sender.close()
    status.show(now)
