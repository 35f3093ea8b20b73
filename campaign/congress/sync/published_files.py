"""The published files on Congress, as they are: what stands in which, and nothing that we made of it.

- legislators-current.yaml, .json or .csv: who sits where (unitedstates/congress-legislators); the CSV has no days
- legislators-historical.yaml or .json: who left, and when (same)
- legislators-district-offices.yaml or .json: offices at home with their phones (same)
- committees-current.yaml or .json, committee-membership-current: committees, and who sits on them (same)
- office-forms.csv: what each office's own form asks for (derived from unitedstates/contact-congress)
- README.md: beside each file's name its repository, version, date and licence
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
    """The file of that name in the folder, in the first of these kinds that is there."""
    return next((path for kind in kinds if (path := folder / f"{stem}.{kind}").is_file()), None)


def sitting(folder: Path) -> list[Legislator]:
    """Who sits. From the CSV, terms have no days ("")."""
    path = find(folder, CURRENT, "yaml", "json", "csv")
    if path is None:
        raise CampaignError(f"it has no {CURRENT}.yaml, .json or .csv: it cannot be read", where=str(folder))
    return [_row(path, row) for row in rows(path, *_ROW)] if path.suffix == ".csv" else _many(path, list[Legislator])


def former(folder: Path) -> list[Legislator] | None:
    """Who sat once; None where the file is not given."""
    path = find(folder, HISTORICAL, "json", "yaml")  # it is long: YAML takes many times as long
    return _many(path, list[Legislator]) if path else None


def offices(folder: Path) -> list[PublishedOffices] | None:
    """Offices at home; None where the file is not given."""
    path = find(folder, OFFICES, "yaml", "json")
    return _many(path, list[PublishedOffices]) if path else None


def committees(folder: Path) -> tuple[list[PublishedCommittee], dict[str, list[CommitteeSeat]]]:
    """The committees, and who sits on each; both empty where one of the two files is not given."""
    listed, sits = (find(folder, stem, "yaml", "json") for stem in (LISTED, SITS))
    return (
        (_many(listed, list[PublishedCommittee]), _many(sits, dict[str, list[CommitteeSeat]]))
        if listed and sits
        else ([], {})
    )


def forms(folder: Path) -> dict[str, dict[str, str]] | None:
    """What each office's form asks, by bioguide id; None where the file is not given."""
    path = folder / FORMS
    return {row["bioguide"]: row for row in rows(path, *_FORM)} if path.is_file() else None


def _row(path: Path, row: dict[str, str]) -> Legislator:
    district, class_ = row["district"] or "0", row["senate_class"] or "0"
    if not (district.isdigit() and class_.isdigit()):
        raise CampaignError(f"{row['full_name']}: district {district!r}, class {class_!r}", where=str(path))
    party, phone, url, form, office = (row.get(one, "") for one in ("party", "phone", "url", "contact_form", "address"))
    term = Term(row["type"], "", "", row["state"], int(district), int(class_), party, phone, url, form, office)
    name = Name(row["first_name"], row["last_name"], row["full_name"])
    return Legislator(Id(row["bioguide_id"]), name, [term], Bio(row["gender"]))


def read(path: Path) -> str:
    """The text of a file. Raises CampaignError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CampaignError(f"it cannot be read: {error}", where=str(path)) from None


def rows(path: Path, *columns: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file that has these columns."""
    found = csv.DictReader(read(path).splitlines())
    if missing := set(columns) - set(found.fieldnames or ()):
        raise CampaignError(f"it has no column {', '.join(sorted(missing))}", where=str(path))
    yield from found


def _many(path: Path, kind: Any) -> Any:
    decode = msgspec.json.decode if path.suffix == ".json" else msgspec.yaml.decode
    try:
        return decode(read(path), type=kind)
    except msgspec.DecodeError as error:
        raise CampaignError(f"it is not the file that was expected: {error}", where=str(path)) from None


def congress_of_the_map(readme: str) -> int:
    """Of which Congress the ZIP map is, which the file itself does not say."""
    found = re.search(rf"^.*{re.escape(ZIP_MAP)}.*?(\d+)(?:st|nd|rd|th) Congress", readme, re.MULTILINE)
    if not found:
        raise CampaignError(
            "it does not say which Congress's districts these are",
            where=README,
            do=f"Write on the line of {ZIP_MAP}: 119th Congress.",
        )
    return int(found[1])


def source(readme: str, name: str) -> Source | None:
    """Where a file comes from: `| file | what it is | OWNER/NAME, COMMIT of DATE ... | licence |`; None where no line
    says so.
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
