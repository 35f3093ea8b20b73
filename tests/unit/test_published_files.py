"""The list of members in each form in which it is published, and how two lists differ."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import yaml

from campaign.congress import snapshot
from campaign.congress.snapshot import Snapshot
from campaign.congress.sync import build
from campaign.errors import CampaignError
from tests import congress
from tests.congress import Person

START = snapshot.packaged()
COLUMNS = [
    "last_name",
    "first_name",
    "full_name",
    "gender",
    "type",
    "state",
    "district",
    "senate_class",
    "party",
    "url",
]
COLUMNS += ["address", "phone", "contact_form", "bioguide_id"]


def as_csv(folder: Path, people: dict[str, Person]) -> Path:
    """The columns of legislators-current.csv that are read: it has no days."""
    folder.mkdir()
    with (folder / "legislators-current.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, COLUMNS)
        rows.writeheader()
        for one in people.values():
            last = one["terms"][-1]
            rows.writerow(
                {
                    key: last.get(key, "")
                    for key in ("type", "state", "district", "party", "url", "phone", "contact_form")
                }
                | {"senate_class": last.get("class", ""), "gender": one["bio"]["gender"]}
                | {"last_name": one["name"]["last"], "first_name": one["name"]["first"]}
                | {"full_name": one["name"]["official_full"], "bioguide_id": one["id"]["bioguide"]}
            )
    return folder


def as_yaml(folder: Path, people: dict[str, Person]) -> Path:
    folder.mkdir()
    text = yaml.safe_dump(json.loads(json.dumps(list(people.values()))))
    (folder / "legislators-current.yaml").write_text(text, encoding="utf-8")
    return folder


def sat(made: Snapshot) -> dict[str, list[tuple[str, str, str]]]:
    return {code: [(one.bioguide, one.since, one.ends) for one in held] for code, held in made.holders.items()}


def test_yaml_json_and_csv_say_the_same_of_those_who_sat_before(tmp_path: Path) -> None:
    people = congress.listed()
    made = [
        build.make(folder, START, as_of="2026-11-28")
        for folder in (
            congress.write(tmp_path / "json", people),
            as_yaml(tmp_path / "yaml", people),
            as_csv(tmp_path / "csv", people),
        )
    ]
    assert sat(made[0]) == sat(made[1]) == sat(made[2]) == sat(START)


def test_somebody_new_in_the_csv_sits_from_that_day_until_the_seats_term_ends(tmp_path: Path) -> None:
    people = congress.listed()
    for number, code in enumerate(("S:OH:3", "H:NC:12", "S:NC:2")):
        del people[congress.at(people, code)["id"]["bioguide"]]
        people[f"N00000{number}"] = congress.person(f"N00000{number}", "New", congress.term(code, "", ""))
    made = sat(build.make(as_csv(tmp_path / "csv", people), START, as_of="2026-11-28"))
    assert [made[code][-1][1:] for code in ("S:OH:3", "H:NC:12", "S:NC:2")] == [
        ("2026-11-28", "2029-01-03"),
        ("2026-11-28", "2027-01-03"),
        ("2026-11-28", "2027-01-03"),
    ]


def test_what_the_folder_does_not_have_stays(tmp_path: Path) -> None:
    made = build.make(congress.write(tmp_path / "a", congress.listed()), START, as_of="2026-11-28")
    assert (made.maps, made.places, made.committees) == (START.maps, START.places, START.committees)
    assert snapshot.unpack(snapshot.pack(made)).holders == made.holders
    adams = made.holders["H:AL:4"][-1]
    assert (adams.form_needs, adams.form) == (START.holders["H:AL:4"][-1].form_needs, START.holders["H:AL:4"][-1].form)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("start", "2027-13-01", "a term from"),
        ("start", "2028-01-03", "a term from"),
        ("state", "N", "no seat"),
        ("type", "king", "no seat"),
    ],
)
def test_a_member_that_makes_no_sense_is_named(key: str, value: str, told: str, tmp_path: Path) -> None:
    people = congress.listed()
    adams = congress.at(people, "H:NC:12")
    adams["terms"][-1][key] = value
    with pytest.raises(CampaignError, match=f"Adams .*{told}"):
        build.make(congress.write(tmp_path / "a", people), START, as_of="2026-11-28")
