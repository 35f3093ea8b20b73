"""Read the published files on Congress.

From unitedstates/congress-legislators:
- legislators-current.yaml, .json or .csv: sitting members; the CSV has no dates
- legislators-historical.yaml or .json: former members
- legislators-district-offices.yaml or .json: offices at home with their phones
- committees-current.yaml or .json, committee-membership-current: committees and their members

Ours:
- office-forms.csv: what each office's web form asks for (derived from unitedstates/contact-congress)
- README.md: the repository, version, date and license of each file
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import msgspec.yaml

from campaign.congress.committees import CommitteeSeat, PublishedCommittee
from campaign.congress.snapshot import Source
from campaign.errors import CampaignError

CURRENT, HISTORICAL, OFFICES = "legislators-current", "legislators-historical", "legislators-district-offices"
LISTED, SITS = "committees-current", "committee-membership-current"
FORMS, ZIP_MAP, README = "office-forms.csv", "zccd.csv", "README.md"
_FORM = ("bioguide", "form_url", "required", "immigration_topic", "message_max")
_ROW = ("bioguide_id", "type", "state", "district", "senate_class", "full_name", "first_name", "last_name", "gender")


class Id(msgspec.Struct):
    bioguide: str


class Name(msgspec.Struct):
    first: str
    last: str
    official_full: str = ""


class Bio(msgspec.Struct, frozen=True):
    gender: str = ""


class Term(msgspec.Struct, rename={"kind": "type", "class_": "class"}):
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
    how: str = ""

    @property
    def seat(self) -> str:
        return f"S:{self.state}:{self.class_}" if self.kind == "sen" else f"H:{self.state}:{self.district}"


class Legislator(msgspec.Struct):
    id: Id
    name: Name
    terms: list[Term]
    bio: Bio = Bio()


class PublishedOffice(msgspec.Struct):
    city: str = ""
    state: str = ""
    zip: str | int = ""
    phone: str = ""
    address: str = ""
    suite: str | int = ""
    building: str = ""
    hours: str = ""


class PublishedOffices(msgspec.Struct):
    id: Id
    offices: list[PublishedOffice]


def find(folder: Path, stem: str, *kinds: str) -> Path | None:
    """The first of these kinds of file that the folder has under this name."""
    return next((path for kind in kinds if (path := folder / f"{stem}.{kind}").is_file()), None)


def sitting(folder: Path) -> list[Legislator]:
    """The sitting members. Terms from the CSV have no dates ("")."""
    path = find(folder, CURRENT, "yaml", "json", "csv")
    if path is None:
        raise CampaignError(f"cannot be read: there is no {CURRENT}.yaml, .json or .csv", where=str(folder))
    return [_row(path, row) for row in rows(path, *_ROW)] if path.suffix == ".csv" else _many(path, list[Legislator])


def former(folder: Path) -> list[Legislator] | None:
    """The former members; None without the file."""
    path = find(folder, HISTORICAL, "json", "yaml")  # a long file: YAML is much slower
    return _many(path, list[Legislator]) if path else None


def offices(folder: Path) -> list[PublishedOffices] | None:
    """Offices at home; None without the file."""
    path = find(folder, OFFICES, "yaml", "json")
    return _many(path, list[PublishedOffices]) if path else None


def committees(folder: Path) -> tuple[list[PublishedCommittee], dict[str, list[CommitteeSeat]]]:
    """The committees and the members of each; both empty without both files."""
    listed, sits = (find(folder, stem, "yaml", "json") for stem in (LISTED, SITS))
    if not (listed and sits):
        return [], {}
    return _many(listed, list[PublishedCommittee]), _many(sits, dict[str, list[CommitteeSeat]])


def forms(folder: Path) -> dict[str, dict[str, str]] | None:
    """What each office's form asks for, by Bioguide ID; None without the file."""
    path = folder / FORMS
    return {row["bioguide"]: row for row in rows(path, *_FORM)} if path.is_file() else None


def _row(path: Path, row: dict[str, str]) -> Legislator:
    district, class_ = row["district"] or "0", row["senate_class"] or "0"
    if not (district.isdigit() and class_.isdigit()):
        raise CampaignError(f"{row['full_name']}: district {district!r}, class {class_!r}", where=str(path))
    optional = {name: row.get(name, "") for name in ("party", "phone", "url", "contact_form")}
    term = Term(
        kind=row["type"],
        start="",
        end="",
        state=row["state"],
        district=int(district),
        class_=int(class_),
        office=row.get("address", ""),
        **optional,
    )
    name = Name(row["first_name"], row["last_name"], row["full_name"])
    return Legislator(Id(row["bioguide_id"]), name, [term], Bio(row["gender"]))


def read(path: Path) -> str:
    """The text of a file. Raises CampaignError if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CampaignError(f"cannot be read: {error}", where=str(path)) from None


def rows(path: Path, *columns: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file. Raises CampaignError if it lacks one of these columns."""
    reader = csv.DictReader(read(path).splitlines())
    if missing := set(columns) - set(reader.fieldnames or ()):
        raise CampaignError(f"has no column {', '.join(sorted(missing))}", where=str(path))
    yield from reader


def _many(path: Path, kind: Any) -> Any:
    decode = msgspec.json.decode if path.suffix == ".json" else msgspec.yaml.decode
    try:
        return decode(read(path), type=kind)
    except msgspec.DecodeError as error:
        raise CampaignError(f"does not have the expected content: {error}", where=str(path)) from None


def congress_of_the_map(readme: str) -> int:
    """The Congress of the ZIP map, which the file itself does not say."""
    match = re.search(rf"^.*{re.escape(ZIP_MAP)}.*?(\d+)(?:st|nd|rd|th) Congress", readme, re.MULTILINE)
    if not match:
        do = f"Write on the line of {ZIP_MAP}: 119th Congress."
        raise CampaignError("does not say which Congress's districts these are", where=README, do=do)
    return int(match[1])


def source(readme: str, name: str) -> Source | None:
    """A file's source, from the line `| file | what it is | OWNER/NAME, COMMIT of DATE ... | license |`; None without
    such a line.
    """
    line = re.search(
        rf"^\| `{re.escape(name)}`.*?([\w.-]+/[\w.-]+), ([0-9a-f]{{7,40}}) of ([\d-]{{10}})[^|]*\| ([^|]+) \|",
        readme,
        re.MULTILINE,
    )
    if not line:
        return None
    repository, version, date, licence = line.groups()
    return Source(repository, version, date, licence, f"https://github.com/{repository}")
