"""Commands about Congress: build the snapshot, look up who represents a ZIP code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click
from rich.markup import escape

from campaign.cli import matching
from campaign.cli.app import CliContext, as_json, json_option, root, with_json
from campaign.cli.output import count, say, show_table, warn
from campaign.clock import WASHINGTON
from campaign.congress import new_congress, roster, terms, zip_match, zip_states
from campaign.congress.geocoding import agreement
from campaign.congress.roster import Roster
from campaign.congress.snapshot import DATA
from campaign.congress.sync import build as snapshot_build
from campaign.congress.sync.build import Accept
from campaign.errors import CampaignError
from campaign.model import DELEGATES, Match, Seat
from campaign.store import engine

_F = TypeVar("_F", bound=Callable[..., object])


@root.group()
def congress() -> None:
    """Look up and update who represents whom in Congress."""


congress.add_command(matching.load_blocks)


def accept_options(command: _F) -> _F:
    """Options to accept a map that removes ZIP codes from a state."""
    by = click.option("--by", "accepted_by", default="", metavar="NAME", help="Who accepts it (recorded).")
    reason = "Why a map may remove ZIP codes from a state (recorded)."
    return click.option("--accept-lost-states", "accept", default="", metavar="REASON", help=reason)(by(command))


def accept_of(reason: str, by: str) -> Accept | None:
    """The decision; None without a reason. Raises CampaignError for a reason without a name, or a name alone."""
    if bool(reason.strip()) != bool(by.strip()):
        raise CampaignError("a reason and a name go together", do='Give both: --accept-lost-states "REASON" --by NAME')
    return Accept(reason.strip(), by.strip()) if reason.strip() else None


@congress.command()
@click.option(
    "--from", "source", type=click.Path(path_type=Path), required=True, help="The folder with the data files."
)
@click.option(
    "--to", "target", type=click.Path(path_type=Path), default=DATA, help="[default: the package's data folder]"
)
@accept_options
@json_option
def build(source: Path, target: Path, accept: str, accepted_by: str, as_json_: bool) -> None:
    """Build the packaged snapshot of Congress from public data files.

    Files: legislators-current.yaml, legislators-district-offices.yaml, committees-current.yaml,
    committee-membership-current.yaml, zccd.csv, office-forms.csv, and README.md with their sources. The state of each
    ZIP code comes from the Python package zipcodes, if installed.

    The build rejects files that lost too much data. It also rejects a map that removes ZIP codes from a state, unless
    you give --accept-lost-states.
    """
    built = snapshot_build.build(source, target, accept=accept_of(accept, accepted_by))
    if as_json_:
        as_json(built)
        return
    say(f"{built.members} members; {count(built.zips, 'ZIP code')}, {built.split:,} of them in several districts.")
    say(f"Vacant: {', '.join(built.vacant) or 'no seat'}.")
    if built.accepted:
        say(f"Removed from a state, with the reason given: {count(built.accepted, 'ZIP code')}.")
    if built.states:
        say(f"States of {built.states:,} ZIP codes are from {zip_states.SOURCE.name} {zip_states.SOURCE.version}.")
    else:
        warn(f"{zip_states.SOURCE.name} is not installed: {zip_states.FILE} is unchanged.")
    say(f"Wrote {count(built.bytes, 'byte')} to {built.folder}")


@congress.command()
@click.option("--zip", "zip_", default="", help="A ZIP code, 28205 or 28205-1234, or a seat: H:NC:12, S:OH:3.")
@click.option("--address", default="", help='"100 Main Street, 28205". Sent to census.gov; needs [matching].')
@click.option("--on", "moment", help="Instead of now: 2027-01-03 (noon in Washington) or 2027-01-03T12:01-05:00.")
@with_json
def who(ctx: CliContext, zip_: str, address: str, moment: str | None, as_json_: bool) -> None:
    """Show who represents a ZIP code or an address.

    If a ZIP code covers several districts, all their members are listed. An address settles it if two sources name
    the same district and the ZIP code covers it. After a Congress ends, and until the new one is synced, only members
    whose terms continue are listed.
    """
    with ctx.database.read() as conn:
        now = _moment(moment) if moment else engine.now(conn)
        current = roster.at(conn, now)
    place = matching.parsed(address, zip_) if address else None
    zip_ = place.zip if place else zip_
    seat = current.seats.get(zip_.upper())
    match = _alone(seat) if seat else zip_match.by_zip(current, zip_, now)
    lookup = matching.asked(ctx.settings.matching, current, match, place) if place and match.zip else None
    if lookup and lookup.seat:
        match = agreement.match_by_address(current, match, lookup.seat)
    if not match.zip:
        raise CampaignError(
            f"{zip_!r} is not a 5-digit ZIP code or a seat",
            do='Write: --zip 28205, --zip S:OH:3, or --address "100 Main Street, 28205"',
        )
    if not match.states:
        raise _no_state(match.zip)
    seats = [_seat(seat, why) for why, seat in _places(match)]
    notes = [*([lookup.sentence] if lookup else []), *_notes(current, match)]
    sources = [
        f"{source.name} {source.version} of {source.date} ({source.licence})" for source in current.snapshot.sources
    ]
    if as_json_:
        shown = {"zip": match.zip, "states": match.states, "seats": seats, "notes": notes}
        address_result = {"address": matching.as_dict(lookup)} if lookup else {}
        as_json(shown | address_result | {"congress": current.congress, "until": current.until, "sources": sources})
        return
    title = f"{'' if seat else 'ZIP code '}{match.zip}, {', '.join(match.states)}"
    columns = ("name", "role", "seat", "phone")
    rows = [[office[column] for column in columns] for office in seats]
    show_table(f"{title}, on {terms.day_of(now)}", columns, rows)
    for office in seats:
        if page := office["form"] or office["website"]:
            say(f"  {office['seat']:<8} {escape(page)}")
    for note in notes:
        warn(note)
    say(f"[dim]Sources: {escape(', '.join(sources))}[/]")


def _no_state(zip_: str) -> CampaignError:
    postal = zip_match.state_without_members(zip_)
    if postal in zip_states.MILITARY:
        return CampaignError(
            f"{zip_} is a military ZIP code ({postal}), which is in no district",
            do="Use the ZIP code where the supporter is registered to vote.",
        )
    if postal:
        return CampaignError(f"{zip_} is in a country that isn't represented in the U.S. Congress ({postal})")
    return CampaignError(f"the data has no active ZIP code {zip_}", do="Check the five digits.")


def _moment(text: str) -> int:
    """In ms. A day means noon in Washington; a time without an offset is Washington's."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CampaignError(
            f"{text!r} is not a time", where="--on", do="Write: --on 2027-01-03, or --on 2027-01-03T12:01-05:00"
        ) from None
    if len(text) == len("2027-01-03"):
        return terms.noon(text)
    return int((found if found.tzinfo else found.replace(tzinfo=WASHINGTON)).timestamp()) * 1000


def _alone(seat: Seat) -> Match:
    """A match with one seat."""
    house, senators = (seat, ()) if seat.house else (None, (seat,))
    return Match(seat.code, (seat.state,), representative=house, senators=senators)


def _places(found: Match) -> Iterator[tuple[str, Seat]]:
    if found.representative:
        yield "representative", found.representative
    vacant = len(found.candidates) == 1 and found.candidates[0].vacant
    yield from (("representative" if vacant else "candidate", seat) for seat in found.candidates)
    yield from (("senator", seat) for seat in found.senators)


def _seat(seat: Seat, why: str) -> dict[str, Any]:
    holder = seat.holder
    return {
        "seat": seat.code,
        "why": why,
        "role": _role(seat) + (", possible" if why == "candidate" else ""),
        "name": holder.name if holder else "vacant" if seat.vacant else "unknown",
        **{name: getattr(holder, name, "") for name in ("since", "ends", "how", "party", "phone", "form")},
        "website": holder.url if holder else "",
        "vacant": seat.vacant,
        "known": seat.known,
        "warning": seat.warning,
    }


def _role(seat: Seat) -> str:
    if not seat.house:
        return "senator"
    office = DELEGATES.get(seat.state, "representative")
    return "resident commissioner" if office == "commissioner" else office


def _notes(known: Roster, found: Match) -> Iterator[str]:
    closed = new_congress.closed(known)
    yield from new_congress.sentences(
        {state: closed[state] for state in found.states if state in closed}, known.congress
    )
    if found.statewide:
        state = found.states[0]
        yield f"This ZIP code shows only the state. {state} has {count(len(found.candidates), 'House seat')}."
    elif found.candidates:
        yield f"This ZIP code covers {len(found.candidates)} House districts. One of these members represents you."
    if len(found.states) > 1:
        yield f"This ZIP code covers {', '.join(found.states)}, so it does not show which senators are yours."
    elif not any(f"S:{found.states[0]}:{number}" in known.seats for number in (1, 2, 3)):
        yield f"{found.states[0]} has no senators."
    for _, seat in _places(found):
        if seat.vacant:
            yield f"{seat.code} is vacant."
        elif seat.holder is None:
            yield f"{seat.code}: {seat.warning}."
        elif seat.warning:
            yield f"{seat.code}, {seat.holder.name}: {seat.warning}."
