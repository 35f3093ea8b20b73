"""Build a snapshot of Congress from a folder of published files, checked against the snapshot before.

The list of sitting members alone is enough: parts that the folder lacks stay as they were. The same files always give
the same snapshot. Files that lost more than one day could explain are refused, and nothing is changed.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from campaign.congress import committees, districts, roster, terms, websites, zip_states
from campaign.congress import snapshot as snapshots
from campaign.congress.field_offices import FieldOffice, FieldOffices
from campaign.congress.snapshot import DATA, AcceptedLoss, Snapshot, Source
from campaign.congress.sync import published_files, published_maps, validate
from campaign.congress.sync.published_files import Legislator, PublishedOffice, PublishedOffices, Term
from campaign.errors import CampaignError, Problems
from campaign.model import Member

KEPT_DAYS = 365  # how long former members are kept
_SENATOR = "sen"
_GITHUB, _CENSUS = "https://github.com/", "US Census Bureau"
_LEGISLATORS, _FORMS = "unitedstates/congress-legislators", "unitedstates/contact-congress"


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """Counts for a snapshot."""

    folder: Path
    members: int
    vacant: tuple[str, ...]
    zips: int
    split: int
    bytes: int
    states: int  # ZIPs whose state came from the `zipcodes` package; 0: not installed, the file is unchanged
    accepted: int  # ZIPs taken out of a state, with a reason


@dataclass(frozen=True, slots=True)
class Accept:
    """An operator's decision to accept a map that takes ZIPs out of their state."""

    reason: str
    by: str


def build(folder: Path, target: Path = DATA, *, accept: Accept | None = None) -> Built:
    """Write the snapshot of the files in `folder` into `target`. Raises CampaignError or Problems, and writes nothing,
    for files that fail the checks (see `make`).
    """
    readme = published_files.read(folder / published_files.README)
    days = []
    for name in (f"{published_files.CURRENT}.yaml", published_files.ZIP_MAP, published_files.FORMS):
        if (source := published_files.source(readme, name)) is None:
            raise CampaignError(
                f"does not say where {name} comes from",
                where=published_files.README,
                do=f"Write a line: | `{name}` | what it is | OWNER/NAME, COMMIT of YYYY-MM-DD | license |",
            )
        days.append(source.date)
    old = snapshots.read(target if (target / snapshots.MEMBERS).exists() else DATA)
    new = make(folder, old, as_of=days[0], accept=accept)
    files, states = {}, zip_states.from_package()
    if states is not None:
        others = tuple(source for source in new.sources if source.name != zip_states.SOURCE.name)
        new = replace(new, sources=(*others, zip_states.SOURCE))
        files[zip_states.FILE] = zip_states.write(states)
    target.mkdir(parents=True, exist_ok=True)
    files |= snapshots.files(new)
    written = sum((target / name).write_bytes(text.encode()) for name, text in files.items())
    newest = new.maps[max(new.maps)]
    seats = roster.view(new, terms.noon(days[0])).seats.values()
    return Built(
        folder=target,
        members=sum(bool(seat.holder) for seat in seats),
        vacant=tuple(seat.code for seat in seats if seat.vacant),
        zips=len(newest),
        split=sum(len(codes) > 1 for codes in newest.values()),
        bytes=written,
        states=len(states or ()),
        accepted=sum(len(loss.zips) for loss in new.accepted[len(old.accepted) :]),
    )


def day_of(folder: Path) -> str:
    """The day of the list of members, from the folder's README.md, or ""."""
    current = published_files.find(folder, published_files.CURRENT, "yaml", "json", "csv")
    source = published_files.source(_readme(folder), current.name) if current else None
    return source.date if source else ""


def _readme(folder: Path) -> str:
    path = folder / published_files.README
    return published_files.read(path) if path.is_file() else ""


def make(folder: Path, old: Snapshot, *, as_of: str, accept: Accept | None = None) -> Snapshot:
    """The snapshot of these files on that ISO day. Raises CampaignError or Problems for files that fail the checks.

    A map that takes a ZIP out of its state is refused unless `accept` gives a reason, which the snapshot then records.
    """
    people, former = published_files.sitting(folder), published_files.former(folder)
    offices, committee_lines = published_files.offices(folder), _committees(folder)
    forms = published_files.forms(folder) or _forms(old)
    if faults := list(validate.people(people)):
        raise Problems(faults, what=f"The files in {folder} were not taken.")
    horizon = (date.fromisoformat(as_of) - timedelta(days=KEPT_DAYS)).isoformat()
    sitting = _by_seat(((person, person.terms[-1]) for person in people), forms, old, as_of)
    ended = [(person, term) for person in people for term in person.terms[:-1]]
    ended += [(person, term) for person in former or () for term in person.terms]
    gone = _by_seat(((person, term) for person, term in ended if term.end >= horizon), {}, old, as_of)
    given = published_maps.complete_maps(folder, people, offices or (), old)
    maps = {**old.maps, **{congress: zips for congress, (_, zips) in given.items()}}
    lost = {
        congress: districts.lost_states(districts.lines(old.maps, congress), districts.lines(maps, congress))
        for congress in given
    }
    codes = {*old.holders, *sitting, *(code for zips in maps.values() for codes in zips.values() for code in codes)}
    holders = {}
    for code in sorted(codes, key=districts.order):
        members = terms.holders_in_order(
            sitting.get(code, ()),
            [replace(member, left=member.ends) for member in gone.get(code, ())],
            old.holders.get(code, ()),
            as_of=as_of,
            old_as_of=old.as_of,
        )
        holders[code] = tuple(member for member in members if (member.left or member.ends) >= horizon)
    new = snapshots.create(
        holders,
        maps,
        places=old.places if offices is None else _places(people, offices),
        committees=committee_lines or old.committees,
        sources=_sources(folder, old, as_of, {congress: name for congress, (name, _) in given.items()}),
        as_of=as_of,
        known_from=as_of if former is None else horizon,
        accepted=(*old.accepted, *(_accepted_losses(lost, accept, as_of) if accept else ())),
    )
    if not committee_lines and new.congress > old.congress:
        new = replace(new, committees="")  # those of the old Congress have ended
    unexplained = {} if accept else lost
    if faults := [*validate.seats(new, sitting), *validate.lost(old, new), *validate.lost_states(unexplained)]:
        raise Problems(faults, what=f"The files in {folder} were not taken.")
    return new


def _accepted_losses(
    lost: Mapping[int, Mapping[str, Iterable[str]]], accept: Accept, as_of: str
) -> Iterable[AcceptedLoss]:
    for congress, zips in lost.items():
        if zips:
            named = tuple(f"{zip_} {state}" for zip_, states in zips.items() for state in states)
            yield AcceptedLoss(congress=congress, reason=accept.reason, by=accept.by, on=as_of, zips=named)


def _by_seat(
    served: Iterable[tuple[Legislator, Term]], forms: Mapping[str, Mapping[str, str]], old: Snapshot, as_of: str
) -> dict[str, list[Member]]:
    seats: dict[str, list[Member]] = defaultdict(list)
    for person, term in served:
        form = forms.get(person.id.bioguide, {})
        seats[term.seat].append(_member(person, _dated(person, term, old, as_of), form))
    return seats


def _dated(person: Legislator, term: Term, old: Snapshot, as_of: str) -> Term:
    """The term with its days. The CSV has none: then those in the old snapshot, else from `as_of` to the seat's next
    end of a term.
    """
    if term.seat == terms.COMMISSIONER and term is person.terms[-1] and term.start:
        return msgspec.structs.replace(term, end=terms.term_end(term.seat, term.start))  # the list gives two years
    if term.start:
        return term
    for span in old.spans.get(term.seat, ()):
        if span.member.bioguide == person.id.bioguide and span.start <= terms.noon(as_of) < span.end:
            known = span.member
            return msgspec.structs.replace(term, start=known.since, end=known.ends, how=known.how)
    return msgspec.structs.replace(term, start=as_of, end=terms.term_end(term.seat, as_of))


def _member(person: Legislator, term: Term, form: Mapping[str, str]) -> Member:
    name = person.name
    url, page, known = _web(term.url), _web(form.get("form_url", "")), bool(form)
    if term.kind == _SENATOR:
        page = websites.form(_web(term.contact_form), url) or page
    else:  # many House forms are old: some now lead to other sites, some would send a street unencrypted
        host = urlsplit(page).hostname or ""
        own_site = host.endswith(".house.gov") or (bool(host) and host == urlsplit(url).hostname)
        known = own_site and page.startswith("https://")
        page = page if known else ""
    return Member(
        bioguide=person.id.bioguide,
        name=name.official_full or f"{name.first} {name.last}",
        last_name=name.last,
        gender=person.bio.gender,
        party=term.party,
        phone=term.phone,
        url=url,
        form=page,
        form_needs=tuple(form["required"].split()) if known else (),
        form_topic=form["immigration_topic"] if known else "",
        form_limit=int(form["message_max"] or 0) if known else 0,
        since=term.start,
        ends=term.end,
        how=_how(term),
    )


def _how(term: Term) -> str:
    """How the member came to the seat, if the data says so, or by law: House vacancies are filled by election
    (Constitution, article I, section 2), so a House term that begins late began with a special election.
    """
    begins = date.fromisoformat(term.start)
    late = begins > date(begins.year - (begins.year + 1) % 2, 1, 3) + timedelta(days=60)
    return term.how or ("special-election" if late and term.kind != _SENATOR else "")


def _web(address: str) -> str:
    """A web address, with a typo in the data ("hhttps://") fixed; "" if it is not one."""
    address = re.sub(r"^h+ttp", "http", address.strip())
    return address if re.match(r"https?://[^/\s\[\]]+\.[a-z]{2,}(/|$)", address, re.IGNORECASE) else ""


def _forms(old: Snapshot) -> dict[str, dict[str, str]]:
    """The forms of the old snapshot, in the shape of office-forms.csv."""
    return {
        member.bioguide: {
            "form_url": member.form,
            "required": " ".join(member.form_needs),
            "immigration_topic": member.form_topic,
            "message_max": str(member.form_limit),
        }
        for members in old.holders.values()
        for member in members
        if member.form or member.form_needs
    }


def _places(people: Iterable[Legislator], offices: Iterable[PublishedOffices]) -> str:
    """JSON lines: each sitting member's room in Washington, and their offices at home that have a phone."""
    home = {member.id.bioguide: member.offices for member in offices}
    lines = []
    for person in sorted(people, key=lambda person: person.id.bioguide):
        places = (_place(office) for office in home.get(person.id.bioguide, ()))
        with_phone = tuple(place for place in places if place.phone)
        lines.append(FieldOffices(person.id.bioguide, person.terms[-1].office, with_phone))
    return _json_lines(lines)


def _committees(folder: Path) -> str:
    """JSON lines: the committees and their members; "" without the files."""
    return _json_lines(committees.join(*published_files.committees(folder)))


def _json_lines(rows: Iterable[msgspec.Struct]) -> str:
    return "".join(msgspec.json.encode(row).decode() + "\n" for row in rows)


def _place(office: PublishedOffice) -> FieldOffice:
    return FieldOffice(
        city=office.city,
        state=office.state,
        zip=str(office.zip)[:5],
        phone=office.phone if re.fullmatch(r"[0-9]{3}-[0-9]{3}-[0-9]{4}", office.phone) else "",
        address=", ".join(filter(None, (office.address, str(office.suite), office.building))),
        hours=" ".join(office.hours.split()),
    )


def _sources(folder: Path, old: Snapshot, as_of: str, maps: Mapping[int, str]) -> tuple[Source, ...]:
    """The sources of the parts: from README.md, else with the file's digest as version. Other parts keep theirs."""
    readme = _readme(folder)
    current = published_files.find(folder, published_files.CURRENT, "yaml", "json", "csv")
    given = {current.name: _LEGISLATORS} if current else {}
    given |= {name: f"{_CENSUS}, districts of the {congress}th Congress" for congress, name in maps.items()}
    given |= {published_files.FORMS: _FORMS} if (folder / published_files.FORMS).is_file() else {}
    sources = {source.name: source for source in old.sources}
    for file, name in given.items():
        source = published_files.source(readme, file) or _unlisted_source(folder / file, name, as_of)
        sources[source.name] = source
    return tuple(sources.values())


def _unlisted_source(path: Path, name: str, day: str) -> Source:
    with path.open("rb") as file:
        version = hashlib.file_digest(file, "sha256").hexdigest()[:12]
    if name.startswith(_CENSUS):
        return Source(name, version, day, licence="US government work", url="https://www2.census.gov/")
    return Source(name, version, day, licence="CC0", url=_GITHUB + name)
