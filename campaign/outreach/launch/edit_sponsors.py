"""The sponsors and cosponsors of each bill in sponsors.toml, and pasted names matched to the members of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from campaign.compose.campaign_folder import facts_review, pasted_names, sponsors_edit
from campaign.compose.campaign_folder import folder as folders
from campaign.compose.campaign_folder.folder import CampaignBill, Folder
from campaign.compose.campaign_folder.pasted_names import Pasted, Unread
from campaign.compose.campaign_folder.sponsors import Sponsorship
from campaign.compose.campaign_folder.sponsors_edit import NAME
from campaign.compose.campaign_folder.toml import WASHINGTON
from campaign.congress import roster
from campaign.errors import CampaignError
from campaign.model import Seat

STALE_DAYS = 30
SOURCE = "its list of sponsor and cosponsors, as pasted by somebody who looked on"


@dataclass(frozen=True, slots=True)
class MatchedName:
    """Somebody whose name stands under a bill. `seat` is "" for who holds none now: an act leaves with its person."""

    bioguide: str
    did: str  # sponsor or cosponsor
    name: str
    seat: str


@dataclass(frozen=True, slots=True)
class ListedSponsor:
    """One bill of sponsors.toml. `checked` (ISO day): when somebody last looked; `stale`: longer than a month ago."""

    table: str
    number: str
    year: int
    checked: str
    stale: bool
    page: str
    names: tuple[MatchedName, ...]


@dataclass(frozen=True, slots=True)
class SavedSponsors:
    """What pasted names changed: ids that came in and went out, and lines that were not taken."""

    number: str
    table: str
    names: int
    added: tuple[MatchedName, ...]
    removed: tuple[MatchedName, ...]
    rejected: tuple[Unread, ...]


def listed(conn: Connection, templates: Path, slug: str, now: int) -> list[ListedSponsor]:
    """The bills of a campaign's sponsors.toml with their names, as they are now. Raises CampaignError, Problems."""
    folder = folders.named(templates, slug)
    seats = roster.at(conn, now).seats.values()
    holders = _holders(seats)
    return [
        ListedSponsor(
            table,
            act.number,
            act.year,
            f"{datetime.fromtimestamp(act.checked / 1000, WASHINGTON):%Y-%m-%d}",
            now - act.checked > STALE_DAYS * 24 * 3600 * 1000 and act.checked < act.final,
            act.page,
            tuple(_named(one, act.sponsor, holders) for one in (act.sponsor, *act.cosponsors)),
        )
        for table, act in tables(folder)
    ]


def tables(folder: Folder) -> list[tuple[str, Sponsorship]]:
    """(table of sponsors.toml, what stands in it), in the file's own order of importance."""
    acts = folder.acts
    own = [("bill", acts.bill), ("successor", acts.successor), ("precedent", acts.precedent)]
    found = [(table, act) for table, act in own if act is not None]
    return [*found, *((act.where.split("[", 1)[-1].rstrip("]"), act) for act in acts.opposite)]


def set_names(
    conn: Connection, templates: Path, slug: str, number: str, text: str, checked: date, now: int
) -> SavedSponsors:
    """Put the pasted names under the bill of this number: they take the place of its cosponsors.

    A line that begins with `Sponsor:` names the sponsor; without one it stays. Good names go in, the rest comes back.
    Raises CampaignError, and then nothing was written.
    """
    folder = folders.named(templates, slug)
    if checked > datetime.fromtimestamp(now / 1000, WASHINGTON).date():
        raise CampaignError(f"{checked} has not come yet", where="--checked", do="Give the day on which you looked.")
    seats = roster.at(conn, now).seats
    people, rejected = pasted_names.read(text)
    found = dict[str, Pasted]()
    house = _of_house(number)
    for one in people:
        who = one.bioguide or _find(one, seats, house=house)
        if isinstance(who, Unread):
            rejected.append(who)
        else:
            found.setdefault(who, one)
    if not found:
        do = "Copy the list of cosponsors, one a line: Rep. Adams, Alma S. [D-NC-12]"
        raise CampaignError("none of these lines names a member", where="--from", do=do)
    source = folder.files[NAME]
    table, act, source = _table(folder, number, source, next((id_ for id_, one in found.items() if one.sponsor), ""))
    sponsor = next((id_ for id_, one in found.items() if one.sponsor), act.sponsor)
    cosponsors = [id_ for id_ in found if id_ != sponsor]
    holders = _holders(seats.values())
    said = {id_: _said(holders[id_]) for id_ in (sponsor, *cosponsors) if id_ in holders}
    made = sponsors_edit.edit(
        source, table, sponsor, cosponsors, checked.isoformat(), said, f"{act.number}: {SOURCE} {checked}"
    )
    folders.parse(slug, {**folder.files, NAME: made})
    facts_review.put(templates / slug / NAME, made)
    before, after = dict.fromkeys((act.sponsor, *act.cosponsors)), dict.fromkeys((sponsor, *cosponsors))
    return SavedSponsors(
        act.number,
        table,
        len(after),
        tuple(_named(one, sponsor, holders) for one in after if one not in before),
        tuple(_named(one, act.sponsor, holders) for one in before if one and one not in after),
        tuple(sorted(rejected, key=lambda one: one.line)),
    )


def _table(folder: Folder, number: str, source: str, sponsor: str) -> tuple[str, Sponsorship, str]:
    """The table of this bill, what stands in it, and the file; a new one for a successor that has none."""
    for table, act in tables(folder):
        if _bare(act.number) == _bare(number):
            return table, act, source
    after = folder.campaign.bill.successor
    if after is None or _bare(after.number) != _bare(number):
        known = ", ".join(act.number for _, act in tables(folder))
        raise CampaignError(
            f"{folder.slug} has no bill {number!r} (it has: {known})",
            where=NAME,
            do="A new bill is named first in campaign.toml: [bill.successor]",
        )
    if not sponsor:
        do = "Begin with a line like: Sponsor: Rep. Quigley, Mike [D-IL-5]"
        raise CampaignError(f"nothing says who sponsors {after.number}", where="--from", do=do)
    act = _new(after, sponsor)
    return "successor", act, sponsors_edit.append(source, "successor", act, "2000-01-01")


def _bare(number: str) -> str:
    """A bill's number as everybody writes it: HR6890."""
    return "".join(sign for sign in number.upper() if sign.isalnum())


def _new(bill: CampaignBill, sponsor: str) -> Sponsorship:
    year = 1787 + 2 * bill.congress
    kind = "house" if _of_house(bill.number) else "senate"
    digits = "".join(sign for sign in bill.number if sign.isdigit())
    page = f"https://www.congress.gov/bill/{bill.congress}th-congress/{kind}-bill/{digits}/cosponsors"
    return Sponsorship(bill.number, year, sponsor, (), 0, page, f"{bill.number}: its page", "")


def _of_house(number: str) -> bool:
    return _bare(number).startswith("H")


def _find(one: Pasted, seats: Mapping[str, Seat], *, house: bool) -> str | Unread:
    """The id of whom a line names: who holds that seat, when the name fits; a senator by name in the state.

    Only members of its own chamber (`house`) sponsor a bill.
    """
    if house != (one.district is not None):
        return Unread(one.line, one.text, f"a bill of the {'House' if house else 'Senate'} has no such sponsors")
    state = [seat for seat in seats.values() if seat.state == one.state and seat.house == (one.district is not None)]
    if not state:
        return Unread(one.line, one.text, f"there is no such seat in {one.state}")
    held = [seat for seat in state if seat.holder and _fits(one, seat)]
    own = [seat for seat in held if one.district is None or seat.district == one.district]
    chosen = own or held  # lines are drawn anew, and members run elsewhere: the name decides within a state
    if len(chosen) == 1 and chosen[0].holder is not None:
        return chosen[0].holder.bioguide
    if chosen:
        return Unread(one.line, one.text, f"several members of {one.state} have that name: paste the id instead")
    there = next((seat for seat in state if one.district is not None and seat.district == one.district), None)
    if there is None:
        who = f"nobody of that name sits for {one.state}"
    else:
        who = f"{there.code} is held by {there.holder.name}" if there.holder else f"{there.code} is vacant"
    return Unread(one.line, one.text, f"{who}; for somebody who has left paste the id instead")


def _fits(one: Pasted, seat: Seat) -> bool:
    """Whether the line's last name is the holder's, as far as either is written in full."""
    assert seat.holder is not None
    last, written = (f" {pasted_names.folded(name)} " for name in (one.last_name, seat.holder.last_name))
    return bool(last.strip()) and (
        last in written or (written in last and last in f" {pasted_names.folded(seat.holder.name)} ")
    )


def _holders(seats: Iterable[Seat]) -> dict[str, Seat]:
    return {seat.holder.bioguide: seat for seat in seats if seat.holder is not None}


def _named(bioguide: str, sponsor: str, holders: Mapping[str, Seat]) -> MatchedName:
    seat = holders.get(bioguide)
    name = seat.holder.name if seat is not None and seat.holder is not None else ""
    return MatchedName(bioguide, "sponsor" if bioguide == sponsor else "cosponsor", name, seat.code if seat else "")


def _said(seat: Seat) -> str:
    """Who it is, for the comment beside an id: Alma S. Adams, NC-12."""
    assert seat.holder is not None
    place = seat.state if not seat.house or seat.district == 0 else f"{seat.state}-{seat.district}"
    return f"{seat.holder.name}, {place}"
