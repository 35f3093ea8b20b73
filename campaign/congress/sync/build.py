"""A book of Congress from a folder of published files (`published`, `mapfiles`), checked against the book before it.

What the folder does not have stays as it was: the list of sitting members alone is enough. The same files give the
same book. A file that lost more than any day could is refused, and nothing is changed.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from campaign.congress import committees, districts, roster, terms, websites, zip_states
from campaign.congress import snapshot as books
from campaign.congress.field_offices import FieldOffice, FieldOffices
from campaign.congress.snapshot import DATA, AcceptedLoss, Snapshot, Source
from campaign.congress.sync import published_files, published_maps, validate
from campaign.congress.sync.published_files import Legislator, PublishedOffice, PublishedOffices, Term
from campaign.errors import CampaignError, Problems
from campaign.model import Member

KEPT_DAYS = 365  # how long somebody who left is kept
_SENATOR = "sen"
_GITHUB, _CENSUS = "https://github.com/", "US Census Bureau"
_CURRENT = f"{published_files.CURRENT}.yaml"
_LEGISLATORS, _FORMS = "unitedstates/congress-legislators", "unitedstates/contact-congress"


@dataclass(frozen=True, slots=True)
class Built:
    """What a snapshot holds."""

    folder: Path
    members: int
    vacant: tuple[str, ...]
    zips: int
    split: int
    bytes: int
    states: int  # ZIPs whose state was read from the package; 0: it is not installed, and the file is unchanged
    accepted: int  # ZIPs taken out of a state, with a reason


@dataclass(frozen=True, slots=True)
class Accept:
    """A person's decision that a map may take ZIPs out of a state they were in."""

    reason: str
    by: str


def build(source: Path, target: Path = DATA, *, accept: Accept | None = None) -> Built:
    """Write the snapshot of the files in `source` into `target`. Raises Problems, and then writes nothing, when they
    do not look like a Congress, or lost too much against the snapshot that is there.
    """
    readme = published_files.read(source / published_files.README)
    told = {
        name: published_files.source(readme, name)
        for name in (_CURRENT, published_files.ZIP_MAP, published_files.FORMS)
    }
    for name, source_ in told.items():
        if source_ is None:
            raise CampaignError(
                f"it does not say where {name} comes from",
                where=published_files.README,
                do=f"Write a line: | `{name}` | what it is | OWNER/NAME, COMMIT of YYYY-MM-DD | licence |",
            )
    day = next(one.date for one in told.values() if one)
    old = books.read(target if (target / books.MEMBERS).exists() else DATA)
    made = make(source, old, as_of=day, accept=accept)
    files, states = {}, zip_states.from_package()
    if states is not None:
        others = tuple(one for one in made.sources if one.name != zip_states.SOURCE.name)
        made = replace(made, sources=(*others, zip_states.SOURCE))
        files[zip_states.FILE] = zip_states.write(states)
    target.mkdir(parents=True, exist_ok=True)
    files |= books.files(made)
    written = sum((target / name).write_bytes(text.encode()) for name, text in files.items())
    newest = made.maps[max(made.maps)]
    split = sum(len(codes) > 1 for codes in newest.values())
    seats = roster.view(made, terms.noon(day)).seats.values()
    members, vacant = sum(bool(seat.holder) for seat in seats), tuple(seat.code for seat in seats if seat.vacant)
    accepted = sum(len(one.zips) for one in made.accepted[len(old.accepted) :])
    return Built(target, members, vacant, len(newest), split, written, len(states or ()), accepted)


def day_of(folder: Path) -> str:
    """The day of the list of members, as README.md beside it says; "" where it does not."""
    current = published_files.find(folder, published_files.CURRENT, "yaml", "json", "csv")
    if current is None or not (folder / published_files.README).is_file():
        return ""
    source = published_files.source(published_files.read(folder / published_files.README), current.name)
    return source.date if source else ""


def make(folder: Path, old: Snapshot, *, as_of: str, accept: Accept | None = None) -> Snapshot:
    """The book that these files make on that ISO day. Raises CampaignError or Problems when it is not to be trusted.

    A map that takes a ZIP out of a state is refused unless `accept` says why; the reason becomes part of the book.
    """
    people, former, offices = (
        published_files.sitting(folder),
        published_files.former(folder),
        published_files.offices(folder),
    )
    forms = published_files.forms(folder) or _forms(old)
    if faults := list(validate.people(people)):
        raise Problems(faults, what=f"The files in {folder} were not taken.")
    horizon = (date.fromisoformat(as_of) - timedelta(days=KEPT_DAYS)).isoformat()
    listed = _by_seat(((one, one.terms[-1]) for one in people), forms, old, as_of)
    ended = [(one, term) for one in people for term in one.terms[:-1]]
    ended += [(one, term) for one in former or () for term in one.terms]
    gone = _by_seat(((one, term) for one, term in ended if term.end >= horizon), {}, old, as_of)
    given = _maps(folder, people, offices, old)
    lines = {**old.maps, **{congress: zips for congress, (_, zips) in given.items()}}
    lost = {one: districts.lost_states(districts.lines(old.maps, one), districts.lines(lines, one)) for one in given}
    accepted = tuple(_accepted(congress, zips, accept, as_of) for congress, zips in lost.items() if zips and accept)
    codes = {*old.holders, *listed, *(code for zips in lines.values() for codes in zips.values() for code in codes)}
    holders = {}
    for code in sorted(codes, key=districts.order):
        found = terms.line(
            listed.get(code, ()),
            [replace(one, left=one.ends) for one in gone.get(code, ())],
            old.holders.get(code, ()),
            as_of=as_of,
            old_as_of=old.as_of,
        )
        holders[code] = tuple(one for one in found if (one.left or one.ends) >= horizon)
    places = old.places if offices is None else _places(people, offices)
    sits = _committees(folder)
    known_from = as_of if former is None else horizon
    made = books.made(
        holders,
        lines,
        places,
        sits or old.committees,
        _sources(folder, old, as_of, {one: name for one, (name, _) in given.items()}),
        as_of=as_of,
        known_from=known_from,
        accepted=(*old.accepted, *accepted),
    )
    if not sits and made.congress > old.congress:
        made = replace(made, committees="")  # theirs have ended
    unexplained = {} if accept else lost
    if faults := [*validate.seats(made, listed), *validate.lost(old, made), *validate.lost_states(unexplained)]:
        raise Problems(faults, what=f"The files in {folder} were not taken.")
    return made


def _accepted(congress: int, lost: Mapping[str, Collection[str]], accept: Accept, as_of: str) -> AcceptedLoss:
    zips = tuple(f"{zip_} {state}" for zip_, states in lost.items() for state in states)
    return AcceptedLoss(congress, accept.reason, accept.by, as_of, zips)


def _by_seat(
    found: Iterable[tuple[Legislator, Term]], forms: Mapping[str, Mapping[str, str]], old: Snapshot, as_of: str
) -> dict[str, list[Member]]:
    seats: dict[str, list[Member]] = defaultdict(list)
    for one, term in found:
        seats[term.seat].append(_member(one, _dated(one, term, old, as_of), forms.get(one.id.bioguide, {})))
    return seats


def _dated(one: Legislator, term: Term, old: Snapshot, as_of: str) -> Term:
    """The term with its days, which a CSV leaves out: those known before, else from this day to the seat's next end."""
    if term.seat == terms.COMMISSIONER and term is one.terms[-1] and term.start:
        return msgspec.structs.replace(term, end=terms.term_end(term.seat, term.start))  # the list gives two years
    if term.start:
        return term
    for span in old.spans.get(term.seat, ()):
        if span.member.bioguide == one.id.bioguide and span.start <= terms.noon(as_of) < span.end:
            known = span.member
            return msgspec.structs.replace(term, start=known.since, end=known.ends, how=known.how)
    return msgspec.structs.replace(term, start=as_of, end=terms.term_end(term.seat, as_of))


def _member(one: Legislator, term: Term, form: Mapping[str, str]) -> Member:
    name = one.name
    url, page, known = _web(term.url), _web(form.get("form_url", "")), bool(form)
    if term.kind == _SENATOR:
        page = websites.form(_web(term.contact_form), url) or page
    else:  # many of the House's are old: some now lead to anybody's site, some would send a street in clear
        host = urlsplit(page).hostname or ""
        known = host.endswith(".house.gov") or (bool(host) and host == urlsplit(url).hostname)
        known = known and page.startswith("https://")
        page = page if known else ""
    return Member(
        bioguide=one.id.bioguide,
        name=name.official_full or f"{name.first} {name.last}",
        last_name=name.last,
        gender=one.bio.gender,
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
    """How somebody came by the seat, where the data says so or the law leaves one way: a vacancy of the House is filled
    by election (Constitution, article I, section 2), so a term that begins in its course began with a special one.
    """
    begins = date.fromisoformat(term.start)
    late = begins > date(begins.year - (begins.year + 1) % 2, 1, 3) + timedelta(days=60)
    return term.how or ("special-election" if late and term.kind != _SENATOR else "")


def _web(address: str) -> str:
    """A web address, with a slip in the data ("hhttps://") mended; "" for what is none."""
    address = re.sub(r"^h+ttp", "http", address.strip())
    return address if re.match(r"https?://[^/\s\[\]]+\.[a-z]{2,}(/|$)", address, re.IGNORECASE) else ""


def _forms(old: Snapshot) -> dict[str, dict[str, str]]:
    """What the old book knows of members' forms, as a file would say it."""
    return {
        one.bioguide: {
            "form_url": one.form,
            "required": " ".join(one.form_needs),
            "immigration_topic": one.form_topic,
            "message_max": str(one.form_limit),
        }
        for held in old.holders.values()
        for one in held
        if one.form or one.form_needs
    }


def _maps(
    folder: Path, people: Iterable[Legislator], offices: Iterable[PublishedOffices] | None, old: Snapshot
) -> dict[int, tuple[str, districts.Zips]]:
    """The maps in the folder, by Congress. A state that a map leaves out keeps its ZIPs from the map in force, so
    that maps may arrive state by state.
    """
    made: dict[int, tuple[str, districts.Zips]] = {}
    for congress, name, zips in published_maps.find_maps(folder):
        mapped = {code for codes in zips.values() for code in codes}
        for zip_, code in _islands(people, offices or (), mapped):
            zips[zip_].add(code)
        mapped |= {code for codes in zips.values() for code in codes}
        states = set(districts.states_of(mapped))
        for zip_, codes in old.maps.get(congress, {}).items():
            if kept := [code for code in codes if code[2:4] not in states]:
                zips[zip_].update(kept)
        if odd := [zip_ for zip_ in zips if not (zip_.isdigit() and len(zip_) == 5)]:
            raise CampaignError(f"{odd[0]!r} is no ZIP", where=name, do="Is the file whole?")
        made[congress] = name, {zip_: tuple(sorted(zips[zip_], key=districts.order)) for zip_ in sorted(zips)}
    return made


def _islands(
    people: Iterable[Legislator], offices: Iterable[PublishedOffices], mapped: set[str]
) -> Iterator[tuple[str, str]]:
    """ZIPs of at-large seats that a map leaves out (four delegates' islands): those of their offices at home."""
    left_out = {one.id.bioguide: seat for one in people if (seat := one.terms[-1].seat) not in mapped}
    for one in offices:
        seat = left_out.get(one.id.bioguide, "")
        yield from ((str(office.zip)[:5], seat) for office in one.offices if seat == f"H:{office.state}:0")


def _places(people: list[Legislator], offices: list[PublishedOffices]) -> str:
    """Of each sitting member: the room in Washington, and the offices at home that have a phone."""
    home = {one.id.bioguide: one.offices for one in offices}
    found = []
    for one in sorted(people, key=lambda one: one.id.bioguide):
        places = (_place(office) for office in home.get(one.id.bioguide, ()))
        found.append(
            FieldOffices(one.id.bioguide, one.terms[-1].office, tuple(place for place in places if place.phone))
        )
    return "".join(msgspec.json.encode(one).decode() + "\n" for one in found)


def _committees(folder: Path) -> str:
    """Who sits on which committee; "" where the files are not given."""
    listed, sit = published_files.committees(folder)
    return "".join(msgspec.json.encode(one).decode() + "\n" for one in committees.join(listed, sit))


def _place(one: PublishedOffice) -> FieldOffice:
    phone = one.phone if re.fullmatch(r"[0-9]{3}-[0-9]{3}-[0-9]{4}", one.phone) else ""
    address = ", ".join(filter(None, (one.address, str(one.suite), one.building)))
    return FieldOffice(one.city, one.state, str(one.zip)[:5], phone, address, " ".join(one.hours.split()))


def _sources(folder: Path, old: Snapshot, as_of: str, lines: Mapping[int, str]) -> tuple[Source, ...]:
    """Where the parts come from: as README.md says, else by the digest of the file. What was not given stays."""
    readme = (
        published_files.read(folder / published_files.README) if (folder / published_files.README).is_file() else ""
    )
    current = published_files.find(folder, published_files.CURRENT, "yaml", "json", "csv")
    given = {current.name: _LEGISLATORS} if current else {}
    given |= {name: f"{_CENSUS}, districts of the {congress}th Congress" for congress, name in lines.items()}
    given |= {published_files.FORMS: _FORMS} if (folder / published_files.FORMS).is_file() else {}
    found = {one.name: one for one in old.sources}
    for file, name in given.items():
        source = published_files.source(readme, file)
        if source is None:
            url, licence = (
                ("https://www2.census.gov/", "US government work") if _CENSUS in name else (_GITHUB + name, "CC0")
            )
            source = Source(name, _digest(folder / file), as_of, licence, url)
        found[source.name] = source
    return tuple(found.values())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
