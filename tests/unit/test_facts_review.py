"""A review of a fact changes its own three lines of facts.toml, and nothing else in the file."""

from __future__ import annotations

import difflib
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.compose.campaign_folder import disk, facts_review
from campaign.config import ROOT
from campaign.errors import CampaignError, Problems

SLUG = "end-287g"
NOW = 1_795_578_000_000  # 2026-11-25 03:40 UTC: still the 24th in Washington
SMALL = """\
[meta]
campaign = "tests"

# why this one matters
[fact.first]   # the first
text_en = "One [fact.second] of many."   # keep me
source_url = 'https://example.org/#part'
review_by = "2026-12-15"          # soon
note = "no line after this is mine"

[fact.second]
text_en = "Two."
review_by = 2026-12-01
"""


def copy(home: Path, text: str) -> Path:
    """A templates folder with this facts.toml; its path."""
    (home / SLUG).mkdir(parents=True, exist_ok=True)
    (home / SLUG / "campaign.toml").touch()
    (home / SLUG / "facts.toml").write_bytes(text.encode())
    return home


def shipped() -> str:
    return (ROOT / "templates" / SLUG / "facts.toml").read_text(encoding="utf-8")


def read(home: Path) -> str:
    return (home / SLUG / "facts.toml").read_bytes().decode()


def review(
    home: Path, key: str = "first", *, by: str = "Ana Ruiz", days: int = 30, now: int = NOW
) -> facts_review.Review:
    files = disk.read(home / SLUG)
    reviewed, made = facts_review.mark_reviewed(files, key, by=by, days=days, now=now)
    disk.save(home / SLUG, files, reviewed)
    return made


def differs(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def test_a_review_writes_who_when_and_until_when_and_leaves_the_rest(tmp_path: Path) -> None:
    home = copy(tmp_path, SMALL)
    assert review(home) == facts_review.Review("first", "Ana Ruiz", date(2026, 11, 24), date(2026, 12, 24))
    assert differs(SMALL, read(home)) == [
        '- review_by = "2026-12-15"          # soon',
        '+ review_by = "2026-12-24"          # soon',
        '+ reviewed_by = "Ana Ruiz"',
        '+ reviewed_on = "2026-11-24"',
    ]


def test_a_second_review_takes_the_place_of_the_first(tmp_path: Path) -> None:
    home = copy(tmp_path, SMALL)
    review(home)
    first = read(home)
    review(home, by='Bo "B" O\'Neil \\ Ñ', days=7, now=NOW + 86_400_000)
    assert len(read(home).splitlines()) == len(first.splitlines())
    assert tomllib.loads(read(home))["fact"]["first"] == {
        **tomllib.loads(SMALL)["fact"]["first"],
        "reviewed_by": 'Bo "B" O\'Neil \\ Ñ',
        "reviewed_on": "2026-11-25",
        "review_by": "2026-12-02",
    }


def test_every_fact_that_ships_can_be_reviewed(tmp_path: Path) -> None:
    before = tomllib.loads(shipped())
    home = copy(tmp_path, shipped())
    for key in before["fact"]:
        review(home, key)
    after = tomllib.loads(read(home))
    written = {"reviewed_by": "Ana Ruiz", "reviewed_on": "2026-11-24", "review_by": "2026-12-24"}
    assert after["fact"] == {key: {**fact, **written} for key, fact in before["fact"].items()}
    comments = [line for line in shipped().splitlines() if line.startswith("#")]
    assert [line for line in read(home).splitlines() if line.startswith("#")] == comments


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("first", SMALL.replace("\n", "\r\n")),
        ("first", SMALL.replace("[fact.first]", '[ fact . "first" ]')),
        ("first-not", SMALL.replace("[fact.second]", "[fact.first-not]")),
        ("second", SMALL.removesuffix("\n")),
    ],
)
def test_other_ways_to_write_the_same(tmp_path: Path, key: str, text: str) -> None:
    home = copy(tmp_path, text)
    review(home, key)
    assert tomllib.loads(read(home))["fact"][key]["reviewed_by"] == "Ana Ruiz"
    assert read(home).count("\r\n") in (0, len(read(home).splitlines()))


@pytest.mark.parametrize(
    "text",
    [
        '[fact]\nfirst = { text_en = "One", review_by = "2026-12-15" }\n',
        'fact.first.text_en = "One"\nfact.first.review_by = "2026-12-15"\n',
        '[fact.first]\ntext_en = "One"\n',
        '[fact.first]\nreview_by = """\n2026-12-15"""\n',
        '[fact.first]\ntext_en = """\n[fact.first]\nreview_by = "x"\n"""\nreview_by = "2026-12-15"\n',
    ],
)
def test_a_fact_in_any_toml_form_can_be_reviewed(tmp_path: Path, text: str) -> None:
    home = copy(tmp_path, text)
    review(home)
    written = {"reviewed_by": "Ana Ruiz", "reviewed_on": "2026-11-24", "review_by": "2026-12-24"}
    assert tomllib.loads(read(home))["fact"]["first"] == tomllib.loads(text)["fact"]["first"] | written
    assert {path.name for path in (home / SLUG).iterdir()} == {"campaign.toml", "facts.toml"}


def test_an_unknown_key_names_the_near_ones(tmp_path: Path) -> None:
    home = copy(tmp_path, SMALL)
    with pytest.raises(CampaignError, match="no fact 'frist'") as raised:
        review(home, "frist")
    assert raised.value.do == "Perhaps: first."
    assert read(home) == SMALL


@pytest.mark.parametrize("wrong", [{"by": " "}, {"by": "Ana\x07"}, {"days": 0}, {"days": 367}])
def test_a_review_without_a_name_or_an_end_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    home = copy(tmp_path, SMALL)
    with pytest.raises(CampaignError):
        review(home, **wrong)
    assert read(home) == SMALL


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_any_name_is_kept_as_it_is_or_refused(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    home = copy(tmp_path_factory.mktemp("facts"), SMALL)
    try:
        review(home, by=name)
    except CampaignError:
        assert read(home) == SMALL
        assert not (" ".join(name.split())).isprintable() or not name.strip()
    else:
        assert tomllib.loads(read(home))["fact"]["first"]["reviewed_by"] == " ".join(name.split())


def test_the_list_begins_with_what_is_due(tmp_path: Path) -> None:
    home = copy(tmp_path, SMALL)
    review(home)
    later = NOW + 20 * 86_400_000
    found = facts_review.list_facts(disk.read(home / SLUG), later)
    assert [(fact.key, fact.due, fact.reviewed) for fact in found] == [
        ("second", True, ""),
        ("first", False, "Ana Ruiz, 2026-11-24"),
    ]
    assert found[1].source == "https://example.org/#part"


def test_faults_of_the_file_and_an_unknown_campaign_are_told(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match="no campaign is called"):
        disk.read(ROOT / "templates" / "end-278g")
    with pytest.raises(CampaignError, match="not TOML"):
        review(copy(tmp_path, "[fact"))
    with pytest.raises(Problems, match="1 problem"):
        facts_review.list_facts({"facts.toml": '[fact.first]\nreview_by = "soon"\n'}, NOW)
