"""Commands about the addresses of offices' own contact forms: check members' websites, correct one by hand, list."""

from __future__ import annotations

from dataclasses import asdict

import rich_click as click
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from campaign.cli.app import CliContext, as_json, err, json_option, with_json
from campaign.cli.congress import congress
from campaign.cli.output import count, say, show_table
from campaign.congress.form_check import AGENT, FormFinding, Result, SiteReader
from campaign.errors import CampaignError
from campaign.outreach.offices import correct_forms
from campaign.outreach.reports.markdown import when

_SUMMARY: dict[Result, str] = {
    "found": "form found",
    "same": "the form on file is right",
    "none": "no certain form: open the website, then: campaign congress forms set SEAT URL --by NAME",
    "down": "the website did not answer: run the command again later",
}


@congress.group(invoke_without_command=True)
@click.option("--check", is_flag=True, help="Look for forms on members' websites. Changes nothing without --apply.")
@click.option("--apply", "take", is_flag=True, help="With --check: use the forms that were found.")
@click.option("--all", "everything", is_flag=True, help="With --check: also check the forms on file.")
@click.option("--seat", "seats", multiple=True, metavar="SEAT", help="With --check: only this office. Repeatable.")
@click.option("--again", is_flag=True, help="With --check: recheck websites checked within a week.")
@json_option
@click.pass_context
def forms(
    context: click.RichContext,
    /,
    *,
    check: bool,
    take: bool,
    everything: bool,
    seats: tuple[str, ...],
    again: bool,
    as_json_: bool,
) -> None:
    """Find and correct the addresses of members' own contact forms.

    --check visits members' websites where only the home page is known. It sends one request a second, a few for each
    member, and only to house.gov and senate.gov. It shows what it found and why. A page counts only if it has fields
    for a message and an email address, asks for ZIP+4 first, or shows a known vendor's form. If you stop a check, the
    next one continues where it left off.

    Corrections stay in place when you sync, until someone else holds the seat. A check never changes a correction made
    by hand.
    """
    if context.invoked_subcommand:
        return
    if not check:
        if take or everything or seats or again:
            raise CampaignError("these options need --check", do="Write: campaign congress forms --check --apply")
        say(context.get_help())
        return
    ctx: CliContext = context.obj
    url = ctx.settings.web.base_url
    site = SiteReader(agent=f"{AGENT}; {url}" if url.startswith("https://") else AGENT)
    columns = (TextColumn("checking websites"), BarColumn(30), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task("")

        def tell(done: int, total: int, finding: FormFinding) -> None:
            progress.update(bar, completed=done, total=total, description=finding.name)

        findings = correct_forms.check(
            ctx.database,
            ctx.settings.home,
            site,
            seats=[seat.upper() for seat in seats],
            everything=everything,
            again=again,
            progress=tell,
        )
    taken = correct_forms.apply(ctx.database, findings) if take else 0
    if as_json_:
        as_json({"requests": site.requests, "applied": taken, "findings": findings})
        return
    _show(findings)
    say(f"{count(len(findings), 'website')}, {count(site.requests, 'request')}.")
    if take:
        say(f"Now in use: {count(taken, 'form')}. To see them: campaign congress forms list")
    elif any(finding.result == "found" for finding in findings):
        say("Nothing was changed. To use the forms that were found: campaign congress forms --check --apply")


def _show(findings: list[FormFinding]) -> None:
    for finding in findings:
        if finding.result == "same":
            continue
        say(f"[cyan]{finding.seat}[/] {escape(finding.name)}")
        say(f"  [red]-[/] {escape(finding.old or f'{finding.website} (website only)')}")
        if finding.new:
            say(f"  [green]+[/] {escape(finding.new)}")
        say(f"    {escape(finding.why)}")
    for result, words in _SUMMARY.items():
        if number := sum(finding.result == result for finding in findings):
            say(f"{number:,}: {words}")


@forms.command("set")
@click.argument("seat")
@click.argument("url")
@click.option("--by", required=True, metavar="NAME", help="Who opened the form (recorded).")
@with_json
def set_form(ctx: CliContext, seat: str, url: str, *, by: str, as_json_: bool) -> None:
    """Correct the address of SEAT's contact form by hand.

    Give the address of the member's website itself if it has no form, so that supporters are not sent to one.
    """
    made = correct_forms.set_form(ctx.database, seat.upper(), url, by=by)
    if as_json_:
        as_json(made)
        return
    say(f"{made.seat}: {escape(made.url or 'only the website is used')}. Corrected by {escape(made.by)}.")


@forms.command()
@click.argument("seat")
@click.option("--by", required=True, metavar="NAME", help="Who decided it (recorded).")
@with_json
def clear(ctx: CliContext, seat: str, *, by: str, as_json_: bool) -> None:
    """Remove the correction of SEAT's form, and use the published lists again."""
    made = correct_forms.clear(ctx.database, seat.upper(), by=by)
    if as_json_:
        as_json(made)
        return
    say(f"{made.seat}: the form of the published lists is used.")


@forms.command("list")
@with_json
def list_forms(ctx: CliContext, as_json_: bool) -> None:
    """List the corrected forms, and who corrected them."""
    found = correct_forms.corrections(ctx.database)
    if as_json_:
        as_json([asdict(one) | {"in_use": in_use} for one, in_use in found])
        return
    if not found:
        say("No form was corrected.")
        return
    rows = [
        (
            one.seat,
            one.url or "website only",
            f"{one.by}, by hand" if one.source == "hand" else f"check: {one.why}",
            when(one.at),
            "yes" if in_use else "no: the seat has another holder",
        )
        for one, in_use in found
    ]
    show_table("Corrected forms", ("seat", "form", "corrected by", "when", "in use"), rows)
