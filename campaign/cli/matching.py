"""Commands that match supporters to districts: by ZIP code, and by street where [matching] is on."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import rich_click as click

from campaign.cli.app import CliContext, as_json, err, with_json
from campaign.cli.lists import lists
from campaign.cli.output import count, say, show_table, warn
from campaign.config import Matching
from campaign.congress import roster
from campaign.congress.census_codes import ordinal
from campaign.congress.geocoding import agreement, blocks
from campaign.congress.geocoding.address import Address
from campaign.congress.geocoding.agreement import Agreement
from campaign.congress.roster import Roster
from campaign.errors import CampaignError
from campaign.formats import ZIP_CODE
from campaign.model import Match
from campaign.outreach.action_page import street_lookup
from campaign.outreach.lists import coverage, street_batches
from campaign.outreach.lists.coverage import Coverage
from campaign.outreach.lists.street_batches import BatchCounts
from campaign.store import engine

_ENDS = re.compile(rf"^(.*?)[,\s]+({ZIP_CODE.pattern})$")
NOTICE = "The street is sent to census.gov, a federal server."


@lists.command("match")
@click.option("--streets", "look_up", is_flag=True, help="Look up streets on file at census.gov, a federal server.")
@with_json
def match_lists(ctx: CliContext, look_up: bool, as_json_: bool) -> int:
    """Show how many supporters are matched to a House district, and how many must choose.

    With --streets, it looks up the streets of supporters whose ZIP code covers several districts.
    It sends streets without names, keeps only the seat, and needs [matching] and the block file of this Congress.
    """
    done = _looked(ctx) if look_up else None
    with ctx.database.read() as conn:
        found = coverage.measure(conn, engine.now(conn))
    if as_json_:
        as_json(asdict(found) | {"streets": done})
    else:
        _show(found, done)
    return 1 if done and done.down else 0


def _looked(ctx: CliContext) -> BatchCounts:
    with err.status("looking up streets at census.gov") as bar:

        def show_progress(done: BatchCounts) -> None:
            bar.update(f"{done.asked:,} streets looked up, {done.proved:,} proved")

        settings = ctx.settings
        return street_batches.look_up(ctx.database, ctx.keys, settings.matching, settings.home, progress=show_progress)


def _show(found: Coverage, done: BatchCounts | None) -> None:
    rows = [
        ("ZIP code", found.by_zip),
        ("street", found.by_street),
        ("their own choice", found.several),
        *([("no map yet", found.unmapped)] if found.unmapped else []),
        ("unknown ZIP code", found.unknown),
        ("total", found.people),
    ]
    show_table("Supporters by House district match", ("matched by", "supporters"), rows)
    if done is None:
        return
    say(
        f"{count(done.streets, 'street')} on file: {done.needless:,} not needed, {done.known:,} looked up before, "
        f"{done.asked:,} looked up now, {done.proved:,} proved."
    )
    for why, number in done.unproved.most_common():
        say(f"  Not proved: {number:,} ({agreement.SENTENCES[why]})")
    if done.down:
        warn(f"census.gov: {done.down}. Earlier batches were stored. Run the command again later.", to=err)


@click.command("blocks")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--congress", "number", type=click.IntRange(100, 199), help="Its Congress. [default: the current one]")
@with_json
def load_blocks(ctx: CliContext, file: Path, number: int | None, as_json_: bool) -> None:
    """Load the Census block equivalency file of a Congress: NationalCD119.txt, or its .zip file.

    campaign lists match --streets needs it. A file that lacks a district of a state is rejected.
    """
    with ctx.database.read() as conn:
        known = roster.at(conn, engine.now(conn))
    with err.status("reading") as bar:
        built = blocks.build(
            file,
            ctx.settings.home,
            number or known.congress,
            known,
            progress=lambda count: bar.update(f"reading: {count:,} blocks"),
        )
    if as_json_:
        as_json(built)
        return
    places = f"{count(built.states, 'state')}, {count(built.seats, 'district')}"
    say(f"{built.blocks:,} blocks ({places}) of the {ordinal(built.congress)} Congress, stored in {built.path}")


def parsed(text: str, zip_: str) -> Address:
    """A street and its ZIP code, which may end `text`. Raises CampaignError."""
    ends = _ENDS.match(text.strip())
    if ends:
        return Address(ends[1], ends[2])
    if zip_:
        return Address(text.strip(), zip_)
    raise CampaignError(
        "the address does not end with a ZIP code", where="--address", do='Write: --address "100 Main Street, 28205"'
    )


def asked(matching: Matching, known: Roster, found: Match, place: Address) -> Agreement:
    """Look up an address at two sources, without storing it. Raises CampaignError while [matching] is off."""
    if not matching.geocoder:
        raise CampaignError(
            "looking up addresses is switched off",
            where="config.toml [matching] geocoder",
            do=f'Write: geocoder = "census". {NOTICE}',
        )
    say(f"[dim]{NOTICE}[/]", to=err)
    first, second = street_lookup.ask(matching, place, known.congress)
    return agreement.agree(known.seats, found, first, second)


def as_dict(lookup: Agreement) -> dict[str, Any]:
    """The result of an address lookup, for --json."""
    return {"proved": bool(lookup.seat), **asdict(lookup), "sentence": lookup.sentence}
