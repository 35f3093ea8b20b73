"""Commands about a campaign: check, preview, launch, and what became of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import rich_click as click
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from campaign import clock
from campaign.cli import account as account_commands
from campaign.cli.app import CliContext, as_json, err, json_option, out, table
from campaign.delivery import campaigns, outbox
from campaign.errors import CampaignError
from campaign.outreach.launch import launch as launches
from campaign.outreach.launch import live_safety
from campaign.outreach.launch import plan as plans
from campaign.outreach.launch import preview as previews
from campaign.outreach.lists import pull as pulls
from campaign.outreach.reports import ask_counts as reports
from campaign.outreach.reports import health as healths
from campaign.outreach.sending import drain as sending
from campaign.outreach.sending import lost_answers
from campaign.states import State
from campaign.store import engine
from campaign.tasks import open_sender

slug_argument = click.argument("slug")
wave_option = click.option("--wave", default=launches.FIRST, show_default=True, help="Which round of asks.")


def register(root: click.Group) -> None:
    for command in (check, preview, launch, republish, pause, resume, cancel, send, status, explain, settle):
        root.add_command(command)


def when(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%a %Y-%m-%d %H:%M UTC")


def _now() -> int:
    return clock.now()


@click.command()
@slug_argument
@click.option("--live", "account", is_flag=True, help="Look at the account at SendGrid too.")
@json_option
@click.pass_obj
def check(ctx: CliContext, slug: str, account: bool, as_json_: bool) -> int:
    """Tell everything that is wrong with a campaign's templates, facts and settings."""
    found = launches.check(ctx.database, ctx.settings, slug, _now())
    with ctx.database.read() as conn:
        planned = plans.plan(conn, ctx.settings.templates, slug, _now())
    if as_json_:
        rule = {"seats": len(planned.offices), "vacant": planned.vacant, **planned.people}
        told = {"rule": rule, "readers": dict(found.readers)}
        told |= {"errors": [str(e) for e in found.errors], "warnings": [str(w) for w in found.warnings]}
        seen = account_commands.findings(ctx, slug) if account else []
        as_json(told | ({"account": [asdict(finding) for finding in seen]} if account else {}))
        return 1 if found.errors or not all(finding.ok for finding in seen) else 0
    for error in found.errors:
        out.print(f"[bold red]error[/]   {escape(str(error))}", soft_wrap=True)
    for warning in found.warnings:
        out.print(f"[yellow]look[/]    {escape(str(warning))}", soft_wrap=True)
    for locale, who in found.readers.items():
        out.print(f"[green]read[/]    the texts in {locale} by {escape(who)}", soft_wrap=True)
    people = planned.people
    out.print(
        f"The rule names {len(planned.offices):,} seats, {planned.vacant:,} of them vacant. Of {people['all']:,} people"
        f" {people['reach']:,} reach one for sure, {people['perhaps']:,} after they chose: campaign plan {slug}"
    )
    verdict = "cannot be launched" if found.errors else "can be launched"
    out.print(f"{slug} {verdict}: {len(found.errors)} error(s), {len(found.warnings)} thing(s) to look at.")
    bad = account_commands.show(ctx, slug) if account else 0
    return 1 if found.errors or bad else 0


@click.command()
@slug_argument
@wave_option
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Where to write. [default: HOME/preview/SLUG]")
@click.pass_obj
def preview(ctx: CliContext, slug: str, wave: str, folder: Path | None) -> None:
    """Write every text in each language: asks for odd people (no name, very long ...), letters, receipts."""
    folder = folder or ctx.settings.home / "preview" / slug
    folder.mkdir(parents=True, exist_ok=True)
    made = previews.odd_recipients(launches.load_folder(ctx.settings.templates, slug), wave=wave, now=_now())
    for found in made:
        name = "-".join(filter(None, [found.kind, found.locale, found.variant, found.who.replace(" ", "-")]))
        (folder / f"{name}.html").write_text(found.text.html, encoding="utf-8")
        (folder / f"{name}.txt").write_text(f"Subject: {found.text.subject}\n\n{found.text.text}", encoding="utf-8")
    out.print(f"{len(made)} texts, each as .html and .txt, in {folder}", soft_wrap=True)


@click.command()
@slug_argument
@wave_option
@click.option("--by", default="", metavar="NAME", help="Who launches it; it stands in the record.")
@click.option("--dry-run", is_flag=True, help="Only show who would get what, and when.")
@json_option
@click.pass_obj
def launch(ctx: CliContext, slug: str, wave: str, by: str, dry_run: bool, as_json_: bool) -> None:
    """Freeze the texts and queue an ask for everybody who may be asked."""
    planned = launches.plan(ctx.database, ctx.settings, slug, wave=wave)
    with err.status("queueing"):
        number = 0 if dry_run else launches.launch(ctx.database, ctx.settings, slug, wave=wave, by=by)
    if as_json_:
        shown = asdict(planned) | {
            "asks": [{"locale": key[0], "variant": key[1], "people": n} for key, n in planned.asks.items()],
            "warnings": [str(warning) for warning in planned.warnings],
            "launched": number,
        }
        as_json(shown)
        return
    rows = table(f"{slug}, wave {wave}", "language", "variant", "people")
    for (locale, variant), people in sorted(planned.asks.items()):
        rows.add_row(locale, variant, f"{people:,}")
    rows.add_row("all", "", f"{planned.total:,}")
    out.print(rows)
    for reason, people in planned.excluded.items():
        out.print(f"  not asked: {people:,} on the suppression list ({reason})")
    pace = f"{ctx.settings.campaign.per_hour:,} an hour" if ctx.settings.campaign.per_hour else "as fast as it goes"
    out.print(f"  {planned.requests:,} requests, {pace}; the last ask is due {when(planned.last_at)}")
    for warning in planned.warnings:
        out.print(f"[yellow]look[/]    {escape(str(warning))}", soft_wrap=True)
    if dry_run:
        out.print(f"Nothing was queued: this was a dry run. Which way letters will go: campaign plan {slug}")
    else:
        out.print(f"[bold]{number:,} asks are queued.[/] A worker sends them; see: campaign status {slug}")


@click.command()
@slug_argument
@click.pass_obj
def republish(ctx: CliContext, slug: str) -> None:
    """Freeze mended texts for all that no worker has claimed yet."""
    made = launches.republish(ctx.database, ctx.settings, slug)
    out.print(f"Release {made[:12]} serves what is still queued.")


@click.command()
@slug_argument
@click.option("--reason", default="paused by a person", show_default=True)
@click.pass_obj
def pause(ctx: CliContext, slug: str, reason: str) -> None:
    """Stop sending asks, letters and receipts. What is already on its way goes; nothing else does."""
    with ctx.database.begin() as conn:
        found = campaigns.get(conn, slug)
        new = campaigns.pause(conn, found.id, reason, engine.now(conn))
    now = _report(ctx, slug)
    gone = sum(wave.states.get("accepted", 0) + wave.states.get("sending", 0) for wave in now.waves)
    held = sum(wave.states.get("queued", 0) + wave.states.get("claimed", 0) for wave in now.waves)
    verb = "is paused" if new else f"was paused already ({found.reason})"
    out.print(f"{slug} {verb}: {gone:,} asks are gone or on their way, {held:,} wait.")


@click.command()
@slug_argument
@click.option(
    "--requeue-refused", is_flag=True, help="Also requeue requests that SendGrid refused as a whole: none was sent."
)
@click.pass_obj
def resume(ctx: CliContext, slug: str, requeue_refused: bool) -> None:
    """Go on sending."""
    with ctx.database.begin() as conn:
        found = campaigns.get(conn, slug)
        at = engine.now(conn)
        again = outbox.requeue_refused(conn, found.id, at) if requeue_refused else 0
        changed = campaigns.resume(conn, found.id, at)
    out.print(f"{slug} goes on." if changed else f"{slug} was not paused.")
    if requeue_refused:
        out.print(f"{again:,} refused messages are queued again.")


@click.command()
@slug_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--reason", default="taken back by a person", show_default=True)
@click.pass_obj
def cancel(ctx: CliContext, slug: str, yes: bool, reason: str) -> None:
    """Take back for ever what has not left: asks, and also letters that their writers have confirmed.

    A message that is being sent may still arrive; if it was not sent, it stays canceled.
    """
    with ctx.database.read() as conn:
        found = campaigns.get(conn, slug)
    if not yes:
        click.confirm(f"Take back everything of {slug} that has not left? This cannot be undone.", abort=True)
    with ctx.database.begin() as conn:
        number = outbox.cancel_all(conn, found.id, reason)
    out.print(f"{number:,} mails were taken back.")
    going = sum(wave.states.get(state, 0) for wave in _report(ctx, slug).waves for state in ("sending", "unknown"))
    if going:
        out.print(f"{going:,} asks may already have been sent. Any that were not stay canceled.")


@click.command()
@slug_argument
@click.pass_obj
def send(ctx: CliContext, slug: str) -> None:
    """Send what is due now, in this process: works without worker and broker."""
    live_safety.refuse_sending(ctx.database, ctx.settings, slug)
    me = open_sender(ctx.settings)
    before = _report(ctx, slug)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task("sending", total=before.moving)
        while True:
            lost_answers.settle_unknown(me, slug)
            sent = sending.drain(me, slug, seconds=1)
            now = _report(ctx, slug)
            progress.update(bar, completed=before.moving - now.moving)
            if not sent.accepted + sent.other:
                break
    me.close()
    show(now)


@click.command()
@click.argument("slug", required=False)
@json_option
@click.pass_obj
def status(ctx: CliContext, slug: str | None, as_json_: bool) -> None:
    """Where every ask is now: what we did, and what others told us."""
    with ctx.database.read() as conn:
        slugs = [slug] if slug else [found.slug for found in campaigns.every(conn)]
        found = [reports.report(conn, one) for one in slugs]
        health = healths.health(conn, engine.now(conn))
    if as_json_:
        as_json([reports.numbers(one) | healths.numbers(health) for one in found])
        return
    if not found:
        out.print("Nothing was launched here yet. Begin with: campaign lists pull NAME, then campaign launch SLUG")
    for one in found:
        show(one)
    for source in () if slug else ctx.settings.lists:
        last = pulls.last_pull(ctx.database, source.name)
        if last is not None and last.problem:
            problem = f"The last pull of the list {source.name} failed: {last.problem}"
            err.print(f"[yellow]warning[/] {escape(problem)}", soft_wrap=True)
    show_health(health)


@click.command()
@click.argument("delivery_id", type=int)
@json_option
@click.pass_obj
def explain(ctx: CliContext, delivery_id: int, as_json_: bool) -> None:
    """One delivery's whole history, without the person."""
    with ctx.database.read() as conn:
        found = reports.explain(conn, delivery_id)
    if as_json_:
        as_json(asdict(found))
        return
    way = f"It goes in request {found.request_id} of {found.size}, attempt {found.attempt}."
    if not found.request_id:
        way = "No request carries it: its writer sends it with the office's form, or it is printed."
    out.print(f"Delivery {delivery_id}: {found.kind} {found.wave}, [bold]{found.state}[/], fate {found.fate}. {way}")
    for step in found.steps:
        out.print(f"  {when(step.at)}  {step.what}  {escape(step.detail)}", soft_wrap=True)


@click.command()
@click.argument("request_id", type=int)
@click.option("--resend", "decision", flag_value="resend", required=True, help="It did not go out: send it again.")
@click.option("--by", required=True, help="Who decides; it is kept.")
@click.option("--why", required=True, help="What shows that it did not go out; it is kept.")
@click.pass_obj
def settle(ctx: CliContext, request_id: int, decision: str, by: str, why: str) -> None:
    """Decide about an unknown request by evidence. Most of them did arrive: sending again may mail people twice."""
    assert decision == "resend"
    with ctx.database.begin() as conn:
        now = outbox.resend(conn, request_id, by=by, why=why, now=engine.now(conn))
    if now is None:
        raise CampaignError(f"request {request_id} is not unknown", do="Ids stand in: campaign explain DELIVERY")
    if now is State.CANCELLED:
        out.print(f"Request {request_id} was canceled while it was being sent. It will not be sent again.")
    else:
        out.print(f"Request {request_id} is queued again, under a new id.")


def _report(ctx: CliContext, slug: str) -> reports.Report:
    with ctx.database.read() as conn:
        return reports.report(conn, slug)


def show_health(found: healths.Health) -> None:
    """Show what needs an operator's attention; nothing when all is well."""
    if found.set_aside.number:
        out.print(
            f"[bold yellow]Events from SendGrid that could not be applied: {found.set_aside.number:,}.[/] "
            f"They were set aside. Newest reason: {escape(found.set_aside.reason)}. List them: campaign events",
            soft_wrap=True,
        )
    if found.set_aside.garbled:
        out.print(
            f"[bold yellow]Events from SendGrid with bytes that are not UTF-8: {found.set_aside.garbled:,}.[/] "
            "They were applied, and those bytes were replaced. List them: campaign events",
            soft_wrap=True,
        )
    if found.late and found.oldest is not None:
        out.print(
            f"[bold yellow]Events from SendGrid have been waiting since {when(found.oldest)}[/] "
            f"(batches: {found.waiting:,}). Is a worker running? If so, its log says what is failing.",
            soft_wrap=True,
        )
    for step in found.failing:
        out.print(
            f"[bold red]Failing[/] since {when(step.since)}, last at {when(step.at)}: {escape(step.name)}. "
            f"{escape(step.reason)}. The worker's log has the details.",
            soft_wrap=True,
        )


def show(found: reports.Report) -> None:
    if found.campaign.paused:
        out.print(f"[bold yellow]{found.campaign.slug} is paused:[/] {escape(found.campaign.reason)}", soft_wrap=True)
    for wave in found.waves:
        rows = table(f"{found.campaign.slug}, wave {wave.name}: {wave.launched:,} launched", "what we did", "asks")
        for state, number in wave.states.items():
            rows.add_row(state, f"{number:,}")
        rows.add_row("sum", f"{sum(wave.states.values()):,}" + ("" if wave.adds_up else "  does not add up"))
        out.print(rows)
        if wave.fates:
            told = table("", "what others told us", "asks")
            for fate, number in wave.fates.items():
                told.add_row(fate, f"{number:,}")
            out.print(told)
        for why, number in wave.reasons.items():
            out.print(f"  {number:,} {escape(why)}", soft_wrap=True)
    if found.oldest_unknown:
        out.print(f"  The oldest unknown request went out {when(found.oldest_unknown)}; events usually settle it.")
