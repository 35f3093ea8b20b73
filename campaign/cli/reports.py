"""Read-only commands: a campaign's report and its counsel record."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import rich_click as click
from rich.markup import escape

from campaign import links
from campaign.cli import campaigns, status
from campaign.cli.app import CliContext, as_json, root, with_json
from campaign.cli.output import count, say, show_table
from campaign.errors import CampaignError
from campaign.outreach.reports import ask_counts as reports
from campaign.outreach.reports import channel_rates, letter_funnel, markdown
from campaign.outreach.reports import counsel_record as records
from campaign.outreach.reports.letter_funnel import Letters
from campaign.outreach.reports.open_page_counts import OpenPageCounts
from campaign.store import engine

BAR = 30  # characters


@root.command()
@campaigns.slug_argument
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for a spreadsheet instead.")
@with_json
def report(ctx: CliContext, slug: str, as_json_: bool, as_csv: bool) -> None:
    """Report asks and letters, with the address of the report page to share with your board."""
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
    status.show(found)
    show_sources(found.opened)
    if found.answers:
        of = f"{found.answers['yes']:,} of {count(sum(found.answers.values()), 'writer')} said yes"
        say(f"Heard back from an office: {of}, {found.answers['not_yet']:,} not yet")
    say(f"Report page (read-only; anyone with this address can open it): {address}")


@root.command("counsel-record")
@campaigns.slug_argument
@click.option("--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file.")
@with_json
def record(ctx: CliContext, slug: str, file: Path | None, as_json_: bool) -> None:
    """Write the record for lawyers: who was asked what, with which messages, facts and consent. No personal data."""
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
    say(f"Wrote the counsel record of {slug} to {file}")


def show_sources(found: OpenPageCounts) -> None:
    """What people on the open page did, by the link that led them there. Nothing without a visit."""
    if found.sources:
        words = [status.EVENTS[event][1] for event in found.events]
        rows = [
            (source or "no source", *(str(cells.get(event, 0)) for event in found.events))
            for source, cells in found.sources.items()
        ]
        show_table("Open page, by source", ("source", *words), rows)


def show_letters(slug: str, found: Letters) -> None:
    """Letters by channel and proof, then supporters by step."""
    proofs = [(channel, proof, number) for channel, each in found.proofs.items() for proof, number in each.items()]
    rows: list[tuple[str, str | int]] = [(f"{channel}: {proof}", number) for channel, proof, number in proofs]
    rows += [(f"withdrawn: {reason}", number) for reason, number in found.withdrawn.items()]
    rows += [("total", found.confirmed if found.adds_up else "does not add up")]
    show_table(f"{slug}: {count(found.confirmed, 'letter')} confirmed", ("channel: proof", "letters"), rows)
    offices = found.offices
    say(f"  By email: {offices['email']:,} of {count(offices['written'], 'office')}")
    if found.proofs.get("packet"):
        say(f"  Printed and hand-delivered: {offices['handed_in']:,} of {count(offices['written'], 'office')}")
    for reports_of, numbers in (("Calls", found.calls), ("Offices' forms", found.forms)):
        if numbers:
            outcomes = ", ".join(f"{word} {number:,}" for word, number in numbers.items())
            say(f"  {reports_of}, as reported by supporters: {outcomes}")
    if found.joined["letters"]:
        say(f"  From people who joined on the open page: {count(found.joined['letters'], 'letter')}")
    if found.moved:
        say(f"  Could not be emailed, now for the office's form: {count(found.moved, 'letter')}")
    for seat, why in found.off.items():
        say(f"  The contact of {seat} is off: {escape(why)}")
    top = max(*found.people.values(), 1)
    steps = [(step, number, "█" * (number * BAR // top)) for step, number in found.people.items()]
    show_table("Supporters", ("step", "supporters", ""), steps)
