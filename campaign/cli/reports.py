"""Commands that only look: the report of a campaign, and its record for counsel."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import rich_click as click
from rich.markup import escape

from campaign import links
from campaign.cli import campaigns
from campaign.cli.app import CliContext, as_json, json_option, out, table
from campaign.errors import CampaignError
from campaign.outreach.reports import ask_counts as reports
from campaign.outreach.reports import channel_rates, letter_funnel, markdown
from campaign.outreach.reports import counsel_record as records
from campaign.outreach.reports.letter_funnel import Letters
from campaign.store import engine

BAR = 30  # characters


def register(root: click.Group) -> None:
    root.add_command(report)
    root.add_command(record)


@click.command()
@campaigns.slug_argument
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print a table for a spreadsheet instead.")
@click.pass_obj
def report(ctx: CliContext, slug: str, as_json_: bool, as_csv: bool) -> None:
    """What became of asks and letters, for a board, and the address of the page that shows it."""
    with ctx.database.read() as conn:
        found = reports.report(conn, slug)
        letters = letter_funnel.letters(conn, found.campaign.id)
        tried = channel_rates.rates(conn, found.campaign.id)
    address = f"{ctx.settings.web.base_url}/report/{slug}/{links.organizer_token(ctx.keys.organizer, slug)}"
    if as_json_:
        as_json(reports.numbers(found, letters, tried) | {"page": address})
        return
    if as_csv:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(reports.rows(found, letters, tried))
        click.echo(text.getvalue(), nl=False)
        return
    show_letters(slug, letters)
    campaigns.show(found)
    out.print(f"As a page (read-only; whoever has this address may look): {address}", soft_wrap=True)


@click.command("counsel-record")
@campaigns.slug_argument
@click.option("--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
@json_option
@click.pass_obj
def record(ctx: CliContext, slug: str, file: Path | None, as_json_: bool) -> None:
    """What was asked of whom, on which texts, facts and consent: one file for counsel, without personal data."""
    with ctx.database.read() as conn:
        found = records.record(conn, slug, engine.now(conn))
    if as_json_:
        as_json(markdown.numbers(found))
        return
    text = markdown.markdown(found)
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CampaignError(f"cannot be written: {error.strerror}", where=str(file)) from None
    out.print(f"The record of {slug} is in {file}", soft_wrap=True)


def show_letters(slug: str, found: Letters) -> None:
    """The letters by channel and what is proved of them, then the people by step."""
    rows = table(f"{slug}: {found.confirmed:,} letters confirmed", "what is proved", "letters")
    for channel, proofs in found.proofs.items():
        for proof, number in proofs.items():
            rows.add_row(f"{channel}: {proof}", f"{number:,}")
    for reason, number in found.withdrawn.items():
        rows.add_row(f"withdrawn: {reason}", f"{number:,}")
    rows.add_row("sum", f"{found.confirmed:,}" if found.adds_up else "does not add up")
    out.print(rows)
    offices = found.offices
    out.print(f"  through SendGrid: {offices['email']:,} of {offices['written']:,} offices")
    if found.proofs.get("packet"):
        out.print(f"  on paper, handed in: {offices['handed_in']:,} of {offices['written']:,} offices")
    if found.calls:
        told = ", ".join(f"{word} {number:,}" for word, number in found.calls.items())
        out.print(f"  calls, as the callers say: {told}")
    if found.moved:
        out.print(f"  {found.moved:,} could not go by e-mail and wait for their writers, with the office's form")
    for seat, why in found.off.items():
        out.print(f"  the contact of {seat} is not used: {escape(why)}", soft_wrap=True)
    steps = table("people", "step", "people", "")
    steps.columns[-1].justify = "left"
    top = max(*found.people.values(), 1)
    for step, number in found.people.items():
        steps.add_row(step, f"{number:,}", "█" * (number * BAR // top))
    out.print(steps)
