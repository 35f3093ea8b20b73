"""List the sponsors of each bill in sponsors.toml, and update them from pasted names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from campaign.clock import WASHINGTON
from campaign.compose.campaign_folder import disk, pasted_names, sponsors_edit
from campaign.compose.campaign_folder import folder as folders
from campaign.compose.campaign_folder.folder import CampaignBill, Folder
from campaign.compose.campaign_folder.pasted_names import Pasted, Unread
from campaign.compose.campaign_folder.sponsors import Sponsorship
from campaign.compose.campaign_folder.sponsors_edit import NAME, NewNames
from campaign.congress import roster
from campaign.errors import CampaignError
from campaign.model import Seat

SOURCE = "sponsor and cosponsors, pasted from its page on"


@dataclass(frozen=True, slots=True)
class MatchedName:
    """A sponsor or cosponsor. `seat`: "" for someone who has left Congress."""

    bioguide: str
    did: str  # sponsor or cosponsor
    name: str
    seat: str


@dataclass(frozen=True, slots=True)
class ListedBill:
    """One bill of sponsors.toml. `checked`: ISO day of the last check; `stale`: it is due again."""

    table: str
    number: str
    year: int
    checked: str
    stale: bool
    page: str
    names: tuple[MatchedName, ...]


@dataclass(frozen=True, slots=True)
class SavedSponsors:
    """What pasted names changed, and the lines that match no member."""

    number: str
    table: str
    names: int
    added: tuple[MatchedName, ...]
    removed: tuple[MatchedName, ...]
    rejected: tuple[Unread, ...]


def listed(conn: Connection, templates: Path, slug: str, now: int) -> list[ListedBill]:
    """The bills of a campaign's sponsors.toml with their names, as they are now. Raises CampaignError, Problems."""
    folder = disk.load(templates, slug)
    seats = roster.at(conn, now).seats.values()
    holders = _holders(seats)
    return [
        ListedBill(
            table=table,
            number=bill.number,
            year=bill.year,
            checked=f"{datetime.fromtimestamp(bill.checked / 1000, WASHINGTON):%Y-%m-%d}",
            stale=bill.is_stale(now),
            page=bill.page,
            names=tuple(_named(id_, bill.sponsor, holders) for id_ in (bill.sponsor, *bill.cosponsors)),
        )
        for table, bill in tables(folder)
    ]


def tables(folder: Folder) -> list[tuple[str, Sponsorship]]:
    """(table of sponsors.toml, its bill), the campaign's own bill first."""
    return [(bill.where.split("[", 1)[-1].rstrip("]"), bill) for bill in folder.acts.every]


def set_names(
    conn: Connection, templates: Path, slug: str, *, number: str, text: str, checked: date, now: int
) -> SavedSponsors:
    """Replace the cosponsors of the bill with this number by the pasted names.

    A line that begins with `Sponsor:` replaces the sponsor. Matched names are saved, and the others are returned.
    Raises CampaignError, and then nothing was saved.
    """
    folder = disk.load(templates, slug)
    if checked > datetime.fromtimestamp(now / 1000, WASHINGTON).date():
        raise CampaignError(f"{checked} is in the future", where="--checked", do="Give the day you checked the page.")
    seats = roster.at(conn, now).seats
    people, rejected = pasted_names.read(text)
    found = dict[str, Pasted]()
    house = _of_house(number)
    for person in people:
        member = person.bioguide or _find(person, seats, house=house)
        if isinstance(member, Unread):
            rejected.append(member)
        else:
            found.setdefault(member, person)
    if not found:
        do = "Copy the list of cosponsors, one on each line: Rep. Adams, Alma S. [D-NC-12]"
        raise CampaignError("none of these lines names a member", where="--from", do=do)
    named = next((id_ for id_, person in found.items() if person.sponsor), "")
    table, bill, source = _table(folder, number, named)
    sponsor = named or bill.sponsor
    after = dict.fromkeys((sponsor, *found))
    holders = _holders(seats.values())
    names = NewNames(
        sponsor=sponsor,
        cosponsors=tuple(id_ for id_ in found if id_ != sponsor),
        checked=checked,
        source=f"{bill.number}: {SOURCE} {checked}",
    )
    notes = {id_: _note(holders[id_]) for id_ in after if id_ in holders}
    made = sponsors_edit.edit(source, table, names, notes)
    edited = {**folder.files, NAME: made}
    folders.parse(slug, edited)
    disk.save(disk.place(templates, slug), folder.files, edited)
    before = dict.fromkeys((bill.sponsor, *bill.cosponsors))
    return SavedSponsors(
        number=bill.number,
        table=table,
        names=len(after),
        added=tuple(_named(id_, sponsor, holders) for id_ in after if id_ not in before),
        removed=tuple(_named(id_, bill.sponsor, holders) for id_ in before if id_ and id_ not in after),
        rejected=tuple(sorted(rejected, key=lambda line: line.line)),
    )


def _table(folder: Folder, number: str, sponsor: str) -> tuple[str, Sponsorship, str]:
    """The table of this bill, its content, and the file: with a new table for a successor that has none."""
    source = folder.files[NAME]
    for table, bill in tables(folder):
        if _bare(bill.number) == _bare(number):
            return table, bill, source
    successor = folder.campaign.bill.successor
    if successor is None or _bare(successor.number) != _bare(number):
        known = ", ".join(bill.number for _, bill in tables(folder))
        raise CampaignError(
            f"{folder.slug} has no bill {number!r} (it has: {known})",
            where=NAME,
            do="First name a new bill in campaign.toml: [bill.successor]",
        )
    if not sponsor:
        do = "Begin with a line like: Sponsor: Rep. Quigley, Mike [D-IL-5]"
        raise CampaignError(f"no line names the sponsor of {successor.number}", where="--from", do=do)
    bill = _new(successor, sponsor)
    return "successor", bill, sponsors_edit.append(source, "successor", bill, date(2000, 1, 1))


def _bare(number: str) -> str:
    """A bill's number without spaces and periods: HR6890."""
    return "".join(sign for sign in number.upper() if sign.isalnum())


def _new(bill: CampaignBill, sponsor: str) -> Sponsorship:
    year = 1787 + 2 * bill.congress
    kind = "house" if _of_house(bill.number) else "senate"
    digits = "".join(sign for sign in bill.number if sign.isdigit())
    page = f"https://www.congress.gov/bill/{bill.congress}th-congress/{kind}-bill/{digits}/cosponsors"
    return Sponsorship(
        number=bill.number,
        year=year,
        sponsor=sponsor,
        cosponsors=(),
        checked=0,
        page=page,
        source=f"{bill.number}: its page",
        where="",
    )


def _of_house(number: str) -> bool:
    return _bare(number).startswith("H")


def _find(person: Pasted, seats: Mapping[str, Seat], *, house: bool) -> str | Unread:
    """The id of the member that a line names: by seat and name, or a senator by state and name.

    Only members of the bill's own chamber (`house`) sponsor it.
    """

    def unread(why: str) -> Unread:
        return Unread(person.line, person.text, why)

    if house != (person.district is not None):
        return unread(f"only members of the {'House' if house else 'Senate'} sponsor this bill")
    state = [seat for seat in seats.values() if seat.state == person.state and seat.house == house]
    if not state:
        return unread(f"there is no such seat in {person.state}")
    held = [seat for seat in state if seat.holder and _fits(person, seat)]
    own = [seat for seat in held if person.district is None or seat.district == person.district]
    chosen = own or held  # districts are redrawn, and members run elsewhere: the name decides within a state
    if len(chosen) == 1 and chosen[0].holder is not None:
        return chosen[0].holder.bioguide
    if chosen:
        return unread(f"several members of {person.state} have that name: paste the id instead")
    seat = next((seat for seat in state if house and seat.district == person.district), None)
    if seat is None:
        why = f"no member of that name represents {person.state}"
    else:
        why = f"{seat.code} is held by {seat.holder.name}" if seat.holder else f"{seat.code} is vacant"
    return unread(f"{why}; for someone who has left Congress, paste the id instead")


def _fits(person: Pasted, seat: Seat) -> bool:
    """Whether the last names match; either may be a part of the other."""
    assert seat.holder is not None
    last, written = (f" {pasted_names.folded(name)} " for name in (person.last_name, seat.holder.last_name))
    return bool(last.strip()) and (
        last in written or (written in last and last in f" {pasted_names.folded(seat.holder.name)} ")
    )


def _holders(seats: Iterable[Seat]) -> dict[str, Seat]:
    return {seat.holder.bioguide: seat for seat in seats if seat.holder is not None}


def _named(bioguide: str, sponsor: str, holders: Mapping[str, Seat]) -> MatchedName:
    seat = holders.get(bioguide)
    name = seat.holder.name if seat is not None and seat.holder is not None else ""
    return MatchedName(bioguide, "sponsor" if bioguide == sponsor else "cosponsor", name, seat.code if seat else "")


def _note(seat: Seat) -> str:
    """The comment beside an id: Alma S. Adams, NC-12."""
    assert seat.holder is not None
    place = seat.state if not seat.house or seat.district == 0 else f"{seat.state}-{seat.district}"
    return f"{seat.holder.name}, {place}"
