"""The commands that match people and addresses, as a person and as a script would use them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.congress import terms
from campaign.congress.geocoding import blocks
from tests import censusgov
from tests.censusgov import CensusGov, Spot, block_file
from tests.contract.cli_home import Home

STREET, SPLIT, BLOCK = "100 Sample Street", "60632", "170310101001000"
TODAY = ("--on", "2026-11-24")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def gov() -> Iterator[CensusGov]:
    with censusgov.serve(streets={STREET: [Spot("17", "04", SPLIT, BLOCK)]}) as made:
        yield made


@pytest.fixture
def on(home: Home, gov: CensusGov) -> CensusGov:
    """Switched on, and its sources are on loopback."""
    text = home.config.read_text(encoding="utf-8")
    head, _, tail = text.partition("[matching]")
    for name, value in (("geocoder", "census"), ("url", f"{gov.url}/geocoder"), ("second_url", f"{gov.url}/MapServer")):
        tail = re.sub(rf'(?m)^{name} = ".*?"', f'{name} = "{value}"', tail)
    home.config.write_text(f"{head}[matching]{tail}", encoding="utf-8")
    return gov


def test_an_address_is_asked_of_nobody_while_it_is_off(home: Home, gov: CensusGov) -> None:
    failed = home.fails("congress", "who", "--address", f"{STREET}, {SPLIT}")
    assert "switched off" in failed
    assert "census.gov, a federal server" in failed
    assert gov.asked == []


def test_an_address_that_two_sources_prove_has_one_representative(home: Home, on: CensusGov) -> None:
    found = json.loads(home.works("congress", "who", "--address", f"{STREET}, {SPLIT}", "--json", *TODAY))
    assert [(one["seat"], one["why"]) for one in found["seats"]] == [
        ("H:IL:4", "representative"),
        ("S:IL:2", "senator"),
        ("S:IL:3", "senator"),
    ]
    said = found["address"]
    assert (said["proved"], said["source"], said["vintage"]) == (True, "census+tigerweb", "ACS2025_Current")
    shown = home.works("congress", "who", "--address", STREET, "--zip", SPLIT, *TODAY)
    assert "two sources agree" in shown
    assert "possible" not in shown


def test_an_address_that_is_not_proved_says_why_and_names_all(home: Home, on: CensusGov) -> None:
    on.vintages["ACS2025_Current"] = 120
    shown = home.works("congress", "who", "--address", f"{STREET}, {SPLIT}", *TODAY)
    assert "another Congress" in shown
    assert "One of these members represents you" in shown
    assert "PO Box" not in home.works("congress", "who", "--address", f"PO Box 3, {SPLIT}", *TODAY)
    assert "does not end with a ZIP code" in home.fails("congress", "who", "--address", STREET)
    assert "is not a 5-digit ZIP code" in home.fails("congress", "who")


def test_a_block_file_is_kept_and_a_broken_one_refused(home: Home, tmp_path: Path) -> None:
    source = tmp_path / "NationalCD119.txt"
    source.write_text(block_file({"500010001001000": "00", "110010001001000": "98"}))
    built = json.loads(home.works("congress", "blocks", str(source), "--congress", "119", "--json"))
    assert (built["blocks"], built["states"], built["seats"]) == (2, 2, 2)
    assert "2 blocks (2 states, 2 districts)" in home.works("congress", "blocks", str(source), "--congress", "119")
    source.write_text(block_file({"440010001001000": "01"}))
    assert "H:RI:2" in home.fails("congress", "blocks", str(source), "--congress", "119")
    assert blocks.path(Path(built["path"]).parent.parent, 119).read_text().count("\n") == 2


def test_who_represents_the_people_on_file(home: Home, on: CensusGov, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(
        "email,zip,street,consent\n"
        f'a@example.org,{SPLIT},"{STREET}",yes 2026\n'
        f"b@example.org,{SPLIT},,yes 2026\nc@example.org,28205,1 Main St,yes 2026\n"
    )
    home.works("lists", "pull", "town", "--path", str(people))
    found = json.loads(home.works("lists", "match", "--json"))
    assert (found["people"], found["by_zip"], found["several"], found["streets"]) == (3, 1, 2, None)
    assert on.asked == [], "without --streets nothing leaves"
    assert "no block file" in home.fails("lists", "match", "--streets")
    source = tmp_path / "blocks.txt"
    source.write_text(block_file({f"17{n:03d}0201001000": f"{n:02d}" for n in range(1, 18)} | {BLOCK: "04"}))
    home.works("congress", "blocks", str(source), "--congress", str(terms.congress_at(time.time_ns() // 1_000_000)))
    done = json.loads(home.works("lists", "match", "--streets", "--json"))
    assert (done["by_zip"], done["by_street"], done["several"]) == (1, 1, 1)
    assert (done["streets"]["asked"], done["streets"]["needless"], done["streets"]["proved"]) == (1, 1, 1)
    assert done["seats"] == {"H:IL:4": 1, "H:NC:12": 1}
    shown = home.works("lists", "match")
    assert "street" in shown
    on.status = 503
    people.write_text(f"email,zip,street,consent\nd@example.org,{SPLIT},9 New Road,yes 2026\n")
    home.works("lists", "pull", "town", "--path", str(people))
    failed = home.fails("lists", "match", "--streets")
    assert "it answered with status 503" in failed
