"""Build the roster's snapshot from public data sets: compact, one line a seat and one a ZIP, so that a diff shows what
changed. The same files give the same bytes.

- legislators-current.yaml: who sits where, until when, office phone, website (unitedstates/congress-legislators)
- legislators-district-offices.yaml: offices at home with their phones; and the ZIPs of four delegates', whose islands
  the ZIP map leaves out (same)
- committees-current.yaml, committee-membership-current.yaml: the committees, and who sits on them (same)
- zccd.csv: which House districts a ZIP touches (OpenSourceActivismTech/us-zipcodes-congress, from Census files)
- office-forms.csv: what each office's own form asks for (derived from unitedstates/contact-congress)
- README.md: beside each file's name its repository, version, date and licence
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import msgspec.yaml

from campaign.congress import committees
from campaign.congress.committees import Committee
from campaign.congress.local import Place, Places
from campaign.congress.roster import COMMITTEES, DATA, MEMBERS, PLACES, SOURCES, ZIPS, Roster, Source, last_day, read
from campaign.errors import CampaignError, Problems
from campaign.model import Member, Seat

LEGISLATORS, OFFICES = "legislators-current.yaml", "legislators-district-offices.yaml"
ZIP_MAP, FORMS = "zccd.csv", "office-forms.csv"
LISTED, SITS = "committees-current.yaml", "committee-membership-current.yaml"
DELEGATES = frozenset(("AS", "DC", "GU", "MP", "PR", "VI"))  # each sends one delegate, and no senators
HOUSE, SENATE = 435 + len(DELEGATES), 100
MAY_LOSE = 20  # seats without a member more than before: beyond that a file is broken
MAY_LOSE_ZIPS = 300
_FORM = ("bioguide", "form_url", "required", "immigration_topic", "message_max")


class _Id(msgspec.Struct):
    bioguide: str


class _Name(msgspec.Struct):
    first: str
    last: str
    official_full: str = ""


class _Bio(msgspec.Struct):
    gender: str


class _Term(msgspec.Struct, rename={"kind": "type", "class_": "class"}):
    kind: str
    start: str
    end: str
    state: str
    district: int = 0
    class_: int = 0
    party: str = ""
    phone: str = ""
    url: str = ""
    contact_form: str = ""
    office: str = ""

    @property
    def seat(self) -> str:
        return f"S:{self.state}:{self.class_}" if self.kind == "sen" else f"H:{self.state}:{self.district}"


class _Legislator(msgspec.Struct):
    id: _Id
    name: _Name
    bio: _Bio
    terms: list[_Term]


class _Office(msgspec.Struct):
    city: str = ""
    state: str = ""
    zip: str | int = ""
    phone: str = ""
    address: str = ""
    suite: str | int = ""
    building: str = ""
    hours: str = ""


class _Offices(msgspec.Struct):
    id: _Id
    offices: list[_Office]


@dataclass(frozen=True, slots=True)
class Built:
    """What a snapshot holds."""

    folder: Path
    members: int
    vacant: tuple[str, ...]
    zips: int
    split: int
    bytes: int


def build(source: Path, target: Path = DATA) -> Built:
    """Write the snapshot of the files in `source` into `target`. Raises Problems, and then writes nothing, when they
    do not look like a Congress, or lost too much against the snapshot that is there.
    """
    old = read(target if (target / MEMBERS).exists() else DATA) if (DATA / MEMBERS).exists() else None
    readme = _text(source, "README.md")
    congress, sources = _congress(readme), _sources(readme)
    legislators: list[_Legislator] = _yaml(source, LEGISLATORS, list[_Legislator])
    forms = {row["bioguide"]: row for row in _csv(source, FORMS, *_FORM)}
    offices: list[_Offices] = _yaml(source, OFFICES, list[_Offices])
    zips = _zips(source, legislators, offices)
    holders: dict[str, Member] = {}
    problems = []
    for one in legislators:
        code = one.terms[-1].seat
        if code in holders:
            problems.append(CampaignError(f"{code} has two members: {holders[code].name} and {one.name.last}"))
        holders[code] = _member(one, forms.get(one.id.bioguide, {}))
    # no file names a vacant seat: the ZIP map knows most of the House's, the snapshot before it the others
    codes = {*holders, *(code for codes in zips.values() for code in codes)}
    codes |= {code for code in (old.seats if old else ()) if code.startswith("S:") or code[2:4] in DELEGATES}
    seats = [Seat(code, holders.get(code)) for code in sorted(codes, key=_order)]
    problems += [*_wrong(seats, congress), *_lost(old, seats, zips)]
    if problems:
        raise Problems(problems, what=f"The files in {source} were not taken.")
    places = _places(legislators, offices)
    sits = committees.join(
        _yaml(source, LISTED, list[committees.Listed]), _yaml(source, SITS, dict[str, list[committees.Sits]])
    )
    written = _write(target, seats, zips, places, sits, {"congress": congress, "sources": sources})
    vacant = tuple(seat.code for seat in seats if seat.holder is None)
    return Built(target, len(holders), vacant, len(zips), sum(len(codes) > 1 for codes in zips.values()), written)


def _member(one: _Legislator, form: Mapping[str, str]) -> Member:
    term, name = one.terms[-1], one.name
    url, page, known = _web(term.url), _web(form.get("form_url", "")), bool(form)
    if term.kind == "sen":
        page = _web(term.contact_form) or page
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
        form=page or url,
        form_needs=tuple(form["required"].split()) if known else (),
        form_topic=form["immigration_topic"] if known else "",
        form_limit=int(form["message_max"] or 0) if known else 0,
        since=term.start,
        ends=term.end,
    )


def _web(address: str) -> str:
    """A web address, with a slip in the data ("hhttps://") mended; "" for what is none."""
    address = re.sub(r"^h+ttp", "http", address.strip())
    return address if re.match(r"https?://[^/\s]+\.[a-z]{2,}(/|$)", address, re.IGNORECASE) else ""


def _zips(source: Path, legislators: list[_Legislator], offices: list[_Offices]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in _csv(source, ZIP_MAP, "state_abbr", "zcta", "cd"):
        if not re.fullmatch(r"[0-9]{5}", row["zcta"]) or not row["cd"].isdigit():
            raise CampaignError(f"ZIP {row['zcta']!r}, district {row['cd']!r}", where=ZIP_MAP, do="Is the file whole?")
        found[row["zcta"]].add(f"H:{row['state_abbr']}:{int(row['cd'])}")
    mapped = {code for codes in found.values() for code in codes}
    left_out = {one.id.bioguide: seat for one in legislators if (seat := one.terms[-1].seat) not in mapped}
    for one in offices:
        seat = left_out.get(one.id.bioguide, "")
        for office in one.offices:
            if seat == f"H:{office.state}:0":
                found[str(office.zip)[:5]].add(seat)
    return {zip_: sorted(found[zip_], key=_order) for zip_ in sorted(found)}


def _places(legislators: list[_Legislator], offices: list[_Offices]) -> Iterator[Places]:
    """Of each sitting member: the room in Washington, and the offices at home that have a phone."""
    home = {one.id.bioguide: one.offices for one in offices}
    for one in sorted(legislators, key=lambda one: one.id.bioguide):
        found = (_place(office) for office in home.get(one.id.bioguide, ()))
        yield Places(one.id.bioguide, one.terms[-1].office, tuple(place for place in found if place.phone))


def _place(one: _Office) -> Place:
    phone = one.phone if re.fullmatch(r"[0-9]{3}-[0-9]{3}-[0-9]{4}", one.phone) else ""
    address = ", ".join(filter(None, (one.address, str(one.suite), one.building)))
    return Place(one.city, one.state, str(one.zip)[:5], phone, address, " ".join(one.hours.split()))


def _wrong(seats: list[Seat], congress: int) -> Iterator[CampaignError]:
    """What no Congress looks like."""
    states: dict[str, list[int]] = defaultdict(list)
    senators: dict[str, list[int]] = defaultdict(list)
    for seat in seats:
        (states if seat.house else senators)[seat.state].append(seat.district)
    for name, districts in states.items():
        if districts not in ([0], [*range(1, len(districts) + 1)]) or (name in DELEGATES and districts != [0]):
            yield CampaignError(f"{name} has the House districts {districts}", do="A state has 1 to N, or 0 alone.")
    for name, classes in senators.items():
        if len(classes) > 2 or name in DELEGATES or name not in states:
            yield CampaignError(f"{name} has {len(classes)} Senate seats")
    for chamber, is_house, many in (("House", True, HOUSE), ("Senate", False, SENATE)):
        if (count := sum(seat.house == is_house for seat in seats)) != many:
            yield CampaignError(f"there are {count} seats of the {chamber}; there should be {many}")
    ends = last_day(congress)
    if (other := sum(bool(seat.house and seat.holder and seat.holder.ends != ends) for seat in seats)) > MAY_LOSE:
        yield CampaignError(
            f"{other} terms of the House do not end on {ends}, like the {congress}th Congress of the map"
        )


def _lost(old: Roster | None, seats: list[Seat], zips: Mapping[str, list[str]]) -> Iterator[CampaignError]:
    if old is None:
        return
    held = {seat.code for seat in seats if seat.holder}
    if (lost := sum(seat.holder is not None and code not in held for code, seat in old.seats.items())) > MAY_LOSE:
        yield CampaignError(f"{lost} seats lost their member; more than {MAY_LOSE} at once is a broken file")
    if (lost := len(old.zips.keys() - zips.keys())) > MAY_LOSE_ZIPS:
        yield CampaignError(f"{lost} ZIPs are gone; more than {MAY_LOSE_ZIPS} at once is a broken file")


def _write(
    target: Path,
    seats: list[Seat],
    zips: Mapping[str, list[str]],
    places: Iterator[Places],
    sits: list[Committee],
    about: Mapping[str, Any],
) -> int:
    members = ({"code": seat.code, "holder": _compact(seat.holder)} for seat in seats)
    files = {
        MEMBERS: "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in members),
        ZIPS: "".join(f"{zip_} {' '.join(code[2:] for code in codes)}\n" for zip_, codes in zips.items()),
        PLACES: "".join(msgspec.json.encode(one).decode() + "\n" for one in places),
        COMMITTEES: "".join(msgspec.json.encode(one).decode() + "\n" for one in sits),
        SOURCES: json.dumps(about, indent=2, ensure_ascii=False) + "\n",
    }
    target.mkdir(parents=True, exist_ok=True)
    return sum((target / name).write_bytes(text.encode()) for name, text in files.items())


def _compact(member: Member | None) -> dict[str, Any] | None:
    return {key: value for key, value in asdict(member).items() if value or key in _KEPT} if member else None


_KEPT = {
    "bioguide",
    "name",
    "last_name",
    "gender",
    "party",
    "phone",
    "url",
    "form",
}  # without a default in model.Member


def _order(code: str) -> tuple[str, str, int]:
    chamber, state, number = code.split(":")
    return chamber, state, int(number)


def _congress(readme: str) -> int:
    found = re.search(rf"^.*{re.escape(ZIP_MAP)}.*?(\d+)(?:st|nd|rd|th) Congress", readme, re.MULTILINE)
    if not found:
        raise CampaignError(
            "it does not say which Congress's districts these are",
            where="README.md",
            do=f"Write on the line of {ZIP_MAP}: 119th Congress.",
        )
    return int(found[1])


def _sources(readme: str) -> list[dict[str, str]]:
    """Where the files come from, each repository once: `| file | what | OWNER/NAME, COMMIT of DATE ... | licence |`."""
    found = {}
    for name in (LEGISLATORS, ZIP_MAP, FORMS):
        line = re.search(
            rf"^\| `{re.escape(name)}`.*?([\w.-]+/[\w.-]+), ([0-9a-f]{{7,40}}) of ([\d-]{{10}})[^|]*\| ([^|]+) \|",
            readme,
            re.MULTILINE,
        )
        if not line:
            raise CampaignError(
                f"it does not say where {name} comes from",
                where="README.md",
                do=f"Write a line: | `{name}` | what it is | OWNER/NAME, COMMIT of YYYY-MM-DD | licence |",
            )
        repository, version, date, licence = line.groups()
        found[repository] = asdict(Source(repository, version, date, licence, f"https://github.com/{repository}"))
    return list(found.values())


def _text(source: Path, name: str) -> str:
    try:
        return (source / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CampaignError(f"it cannot be read: {error}", where=str(source / name)) from None


def _csv(source: Path, name: str, *columns: str) -> Iterator[dict[str, str]]:
    rows = csv.DictReader(_text(source, name).splitlines())
    if missing := set(columns) - set(rows.fieldnames or ()):
        raise CampaignError(f"it has no column {', '.join(sorted(missing))}", where=str(source / name))
    yield from rows


def _yaml(source: Path, name: str, kind: Any) -> Any:
    text = _text(source, name)
    try:
        return msgspec.yaml.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise CampaignError(f"it is not the file that was expected: {error}", where=str(source / name)) from None
