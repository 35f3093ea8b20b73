"""Block files: what is kept of them, and which ones are refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from campaign.congress import roster
from campaign.congress.geocoding import blocks
from campaign.errors import CampaignError
from tests.censusgov import block_file

ROSTER = roster.load()
RI = {
    "440010301001000": "01",
    "440010301001001": "01",
    "440010302001000": "01",
    "440010302001001": "02",
    "440070101011000": "02",
    "440059900000001": "ZZ",  # water
}


def source(folder: Path, rows: dict[str, str], name: str = "NationalCD119.txt") -> Path:
    path = folder / name
    path.write_text(block_file(rows))
    return path


def test_a_tract_in_one_district_is_one_line_and_nothing_is_invented(tmp_path: Path) -> None:
    built = blocks.build(source(tmp_path, RI), tmp_path, 119, ROSTER)
    assert (built.blocks, built.states, built.seats, built.lines) == (6, 1, 2, 4)
    found = blocks.load(tmp_path, 119)
    assert found is not None
    assert {block: found.seat(block) or "ZZ" for block in RI} == {
        block: f"H:RI:{int(district)}" if district != "ZZ" else "ZZ" for block, district in RI.items()
    }
    assert found.seat("440010302009999") is None, "a block that is not in the file, of a tract in two districts"
    assert found.seat("370010302001000") is None
    assert blocks.load(tmp_path, 120) is None


def test_at_large_states_and_delegates(tmp_path: Path) -> None:
    blocks.build(source(tmp_path, {"500010001001000": "00", "110010001001000": "98"}), tmp_path, 119, ROSTER)
    found = blocks.load(tmp_path, 119)
    assert found is not None
    assert (found.seat("500010001001000"), found.seat("110010001001000")) == ("H:VT:0", "H:DC:0")


def test_the_archive_as_it_is_published(tmp_path: Path) -> None:
    archive = tmp_path / "cd119.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("cd119/NationalCD119.txt", block_file(RI))
        file.writestr("readme.txt", "")
    assert blocks.build(archive, tmp_path, 119, ROSTER).blocks == 6
    with pytest.raises(CampaignError, match="for the 119th Congress, not the 120th"):
        blocks.build(archive, tmp_path, 120, ROSTER)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (block_file(RI | {"440010302001001": "01", "440070101011000": "01"}), "H:RI:2"),
        (block_file(RI | {"440070101011000": "03"}), "H:RI:3"),
        (block_file({}), "there are none"),
        ("BLOCK,CD\n", "not GEOID,CDFP"),
        ("GEOID,CDFP\n44001,01\n", "not a block and district"),
        ("GEOID,CDFP\n440010302001001,1\n", "not a block and district"),
        ("GEOID,CDFP\n440010301001000,01\n440010302001000,02\n440010301001001,01\n", "two places"),
    ],
)
def test_a_file_to_doubt_is_refused_and_the_one_before_stays(tmp_path: Path, text: str, said: str) -> None:
    blocks.build(source(tmp_path, RI), tmp_path, 119, ROSTER)
    bad = tmp_path / "other.txt"
    bad.write_text(text)
    with pytest.raises(CampaignError, match=said):
        blocks.build(bad, tmp_path, 119, ROSTER)
    found = blocks.load(tmp_path, 119)
    assert found is not None
    assert found.seat("440070101011000") == "H:RI:2"
    with pytest.raises(CampaignError, match="no such file"):
        blocks.build(tmp_path / "none.txt", tmp_path, 119, ROSTER)
