"""The commands about Congress, as a person and as a script would use them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from campaign.config import ROOT
from campaign.congress import contacts, roster
from tests.contract.cli_home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


TODAY = ("--on", "2026-11-24")


def who(home: Home, zip_: str, *day: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(home.works("congress", "who", "--zip", zip_, "--json", *(day or TODAY)))
    return found


def test_a_zip_names_its_members_with_phone_form_and_source(home: Home) -> None:
    holders = [roster.load().seats[code].holder for code in ("H:NC:12", "S:NC:2", "S:NC:3")]
    shown = home.works("congress", "who", "--zip", "28205", *TODAY)
    for holder in holders:
        assert holder
        assert holder.name in shown
        assert holder.phone in shown
        assert (holder.form or holder.url) in shown
    for source in roster.load().snapshot.sources:
        assert f"{source.name} {source.version} of {source.date} ({source.licence})" in shown
    seats = who(home, "28205-1234")["seats"]
    adams = seats[0]
    assert (adams["form"], adams["website"]) == ("", "https://adams.house.gov"), "a home page is no form"
    assert [(one["seat"], one["why"]) for one in seats] == [
        ("H:NC:12", "representative"),
        ("S:NC:2", "senator"),
        ("S:NC:3", "senator"),
    ]


def test_a_split_zip_offers_names_and_says_what_is_vacant(home: Home) -> None:
    shown = home.works("congress", "who", "--zip", "30093", *TODAY)
    assert "One of these members represents you" in shown
    assert "H:GA:13 is vacant" in shown
    seats = who(home, "30093")["seats"]
    assert [(one["seat"], one["why"], one["vacant"]) for one in seats][:2] == [
        ("H:GA:4", "candidate", False),
        ("H:GA:13", "candidate", True),
    ]


@pytest.mark.parametrize(("zip_", "place", "role"), [("20002", "DC", "delegate"), ("00926", "PR", "resident comm")])
def test_a_place_without_senators_says_so(home: Home, zip_: str, place: str, role: str) -> None:
    found = who(home, zip_)
    assert f"{place} has no senators." in found["notes"]
    (one,) = found["seats"]
    assert one["role"].startswith(role)


def test_a_passed_term_is_shown_as_something_to_check(home: Home) -> None:
    seats = {one["seat"]: one for one in who(home, "43215")["seats"]}
    assert seats["S:OH:3"]["warning"] == "its term ended on 2026-11-03: check who holds it"
    assert not seats["S:OH:3"]["vacant"]


def test_after_the_congress_nothing_is_said_of_the_house(home: Home) -> None:
    found = who(home, "28205", "--on", "2027-01-03")
    assert [(one["seat"], one["known"]) for one in found["seats"]] == [("S:NC:2", False), ("S:NC:3", True)]
    assert found["notes"][0].startswith("The data does not have all new members from NC yet: 0 of 14 seats")
    assert found["notes"][1].startswith("The district lines of NC changed on 2027-01-03: load a ZIP map")


@pytest.mark.parametrize(
    ("zip_", "told"),
    [
        ("2820", "5-digit ZIP code"),
        ("Charlotte", "5-digit ZIP code"),
        ("00000", "no active ZIP code"),
        ("09012", "military ZIP code"),
        ("96960", "represented in the U.S. Congress"),
    ],
)
def test_what_is_no_zip_is_told(home: Home, zip_: str, told: str) -> None:
    assert told in home.fails("congress", "who", "--zip", zip_)


def test_a_post_box_proves_its_state_and_offers_names(home: Home) -> None:
    found = who(home, "28302")
    assert found["states"] == ["NC"]
    assert [one["why"] for one in found["seats"]] == ["candidate"] * 14 + ["senator"] * 2
    assert "This ZIP code shows only the state. NC has 14 House seats." in found["notes"]


@pytest.mark.deep
def test_a_map_that_loses_states_is_built_only_with_a_reason_and_a_name(home: Home, tmp_path: Path) -> None:
    shared = ROOT.parent / "shared" / "data"
    if not shared.is_dir():
        pytest.skip("the data sets are not beside the project (../shared/data)")
    folder, made = tmp_path / "sets", tmp_path / "made"
    shutil.copytree(shared, folder, ignore=shutil.ignore_patterns("sendgrid-openapi"))
    (folder / "zccd.csv").chmod(0o644)
    rows = (folder / "zccd.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    crossing = ("46,SD,57638,0", "8,CO,81120,3", "08,CO,81120,3")
    kept = [row for row in rows if not row.startswith(crossing)]
    assert len(rows) - len(kept) == 2
    (folder / "zccd.csv").write_text("".join(kept), encoding="utf-8")
    build = ("congress", "build", "--from", str(folder), "--to", str(made))
    told = home.fails(*build)
    assert "57638 (SD), 81120 (CO)" in told
    assert not made.exists()
    assert "Give both" in home.fails(*build, "--accept-lost-states", "redrawn")
    done = json.loads(home.works(*build, "--accept-lost-states", "redrawn", "--by", "Ana Ruiz", "--json"))
    assert done["accepted"] == 2
    (accepted,) = json.loads((made / "sources.json").read_text(encoding="utf-8"))["accepted"]
    assert (accepted["reason"], accepted["by"]) == ("redrawn", "Ana Ruiz")
    assert accepted["zips"] == ["57638 SD", "81120 CO"]


def test_a_build_from_nowhere_is_told(home: Home) -> None:
    told = home.fails("congress", "build", "--from", str(home.path), "--to", str(home.path / "made"))
    assert "README.md" in told


def test_the_demos_contacts_are_loaded_twice_and_listed(home: Home) -> None:
    file = str(ROOT / "examples" / "offices.csv")
    first = json.loads(home.works("offices", "load", file, "--json"))
    assert first["new"] == first["read"] > 200
    assert (first["rejected"], first["rejected_path"]) == (0, "")
    again = json.loads(home.works("offices", "load", file, "--json"))
    assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, first["read"])
    listed = json.loads(home.works("offices", "list", "--json"))
    assert listed["each"] + listed["daily"] == first["read"]
    assert listed["daily"] > 50
    assert listed["off"] == 0
    assert "H:NC:12" in {one["seat"] for one in listed["contacts"]}


def test_bad_rows_come_back_and_the_list_says_what_is_used(home: Home) -> None:
    assert "offices load" in home.works("offices", "list")
    (home.path / "own.csv").write_text(
        "seat,email,wants,given_by,answered_on,reason\n"
        "H:NC:12,a@example.org,each,[their] office,2026-11-10,\n"
        "S:NC:2,b@example.org,daily,their office,2026-11-11,\n"
        "S:NC:3,c@example.org,each,a friend,,\n"
        "H:NC:99,d@example.org,each,a friend,,\n",
        encoding="utf-8",
    )
    told = home.works("offices", "load", str(home.path / "own.csv"))
    assert "3 new" in told
    rejected = home.path / "home" / "offices" / "rejected.csv"
    assert str(rejected) in told
    assert "there is no seat H:NC:99" in rejected.read_text(encoding="utf-8-sig")
    listed = home.works("offices", "list")
    for words in (
        "[their] office",
        "2026-11-10",
        contacts.UNANSWERED,
        "3 contacts: 1 for each letter, 1 for one digest a day, 1 off.",
    ):
        assert words in listed


def test_an_unreadable_file_of_contacts_is_told(home: Home) -> None:
    assert "cannot be read" in home.fails("offices", "load", str(home.path / "nowhere.csv"))


def test_help_says_that_members_publish_no_address(home: Home) -> None:
    shown = " ".join(home.works("offices", "load", "--help").split())
    assert "don't publish email addresses" in shown
