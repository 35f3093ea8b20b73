"""The snapshot built from the published files: what they say, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from campaign.config import ROOT
from campaign.congress import roster, snapshot, terms, zip_states
from campaign.congress.sync import build, validate
from campaign.congress.sync.published_files import FORMS, README, ZIP_MAP
from campaign.errors import CampaignError, Problems
from campaign.model import Seat

SHARED = ROOT.parent / "shared" / "data"
LEGISLATORS = "legislators-current.yaml"
FILES = (
    LEGISLATORS,
    "legislators-district-offices.yaml",
    "committees-current.yaml",
    "committee-membership-current.yaml",
    ZIP_MAP,
    FORMS,
    README,
)


NOW = terms.noon("2026-11-24")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data sets, to be spoilt."""
    if not SHARED.is_dir():
        pytest.skip("the data sets are not beside the project (../shared/data)")
    for name in FILES:
        shutil.copyfile(SHARED / name, tmp_path / name)
    return tmp_path


def _spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.deep
def test_the_snapshot_is_what_the_data_sets_say(folder: Path) -> None:
    built = build.build(folder, folder / "made")
    assert (built.members, built.split, built.vacant) == (537, 7327, ("H:CA:14", "H:FL:20", "H:GA:13", "H:TX:23"))
    for name in snapshot.files(snapshot.packaged()):
        assert (folder / "made" / name).read_bytes() == (snapshot.DATA / name).read_bytes(), name
    assert (folder / "made" / zip_states.FILE).read_bytes() == (snapshot.DATA / zip_states.FILE).read_bytes()


@pytest.mark.deep
def test_a_file_that_is_no_congress_is_refused_and_nothing_is_written(folder: Path) -> None:
    _spoil(folder / LEGISLATORS, "    state: NY\n", "    state: SC\n")
    lines = (folder / ZIP_MAP).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / ZIP_MAP).write_text("".join(lines[:-900]), encoding="utf-8")
    with pytest.raises(Problems) as error:
        build.build(folder, folder / "made")
    for words in ("H:SC:1 has two members", "SC has 3 Senate seats", "ZIPs are gone"):
        assert words in str(error.value)
    assert not (folder / "made").exists()


def _without(file: Path, leaves: Callable[[str], bool]) -> int:
    """Take legislators out of the file; how many."""
    people = file.read_text(encoding="utf-8").split("\n- id:\n")
    kept = [one for one in people if not leaves(one)]
    file.write_text("\n- id:\n".join(kept), encoding="utf-8")
    return len(people) - len(kept)


@pytest.mark.long
def test_losing_more_members_than_any_day_could_is_refused(folder: Path) -> None:
    texans = "type: rep\n    start: '2025-01-03'\n    end: '2027-01-03'\n    state: TX"
    lost = _without(folder / LEGISLATORS, lambda one: texans in one)
    assert lost > validate.MAY_LOSE
    with pytest.raises(Problems, match=f"{lost} seats lost their member"):
        build.build(folder, folder / "made")


@pytest.mark.deep
def test_a_senator_who_left_leaves_a_vacant_seat(folder: Path) -> None:
    assert _without(folder / LEGISLATORS, lambda one: "bioguide: H001104" in one) == 1
    assert "S:OH:3" in build.build(folder, folder / "made").vacant
    made = snapshot.read(folder / "made")
    assert roster.view(made, NOW).seats["S:OH:3"] == Seat("S:OH:3", None)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("README.md", "119th Congress", "Congress", "which Congress"),
        ("README.md", "dfa9622 of 2026-06-15", "today", LEGISLATORS),
        (ZIP_MAP, "state_fips,state_abbr,zcta,cd", "state_fips,state_abbr,zcta,district", "column cd"),
        (ZIP_MAP, "NC,28205,12", "NC,28205,XX", "28205"),
        (ZIP_MAP, "NC,28205,12", "NC,28205,99", "NC has the House districts"),
        (LEGISLATORS, "    gender: F\n", "    gender: [\n", "does not have the expected content"),
    ],
)
def test_a_faulty_data_set_is_named(folder: Path, name: str, old: str, new: str, told: str) -> None:
    _spoil(folder / name, old, new)
    with pytest.raises(CampaignError) as error:
        build.build(folder, folder / "made")
    assert told in str(error.value)


def test_a_folder_without_the_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match="cannot be read"):
        build.build(tmp_path, tmp_path / "made")
