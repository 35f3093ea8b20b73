"""Published maps: which House districts each ZIP touches, in the shapes in which they are published.

- zccd.csv `state_fips,state_abbr,zcta,cd` (OpenSourceActivismTech/us-zipcodes-congress, from Census files); it does
  not say of which Congress, README.md does
- tab20_cd12020_zcta520_natl.txt: the Census's relationship file, ZCTA by district, separated by `|`
- NationalCD120.txt `GEOID,CDFP`: the Census's block equivalency file, with tab20_zcta520_tabblock20_natl.txt (which
  block lies in which ZCTA, 1 GB) beside it

All are public domain. A ZCTA is what the Census draws for a ZIP; ZIPs of post boxes alone have none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from campaign.congress import census_codes
from campaign.congress.geocoding import blocks
from campaign.congress.sync import published_files
from campaign.errors import CampaignError

_RELATION = re.compile(r"tab20_cd[0-9]+_zcta520_natl\.txt")
_BLOCKS = re.compile(r"NationalCD([0-9]+)\.txt")
BLOCK_ZIPS = "tab20_zcta520_tabblock20_natl.txt"
_BLOCK_ZIP = ("GEOID_ZCTA5_20", "GEOID_TABBLOCK_20")


def find_maps(folder: Path) -> Iterator[tuple[int, str, dict[str, set[str]]]]:
    """Every map in the folder: its Congress, the file, and the House seats of each ZIP. The finest comes last."""
    if (folder / published_files.ZIP_MAP).is_file():
        congress = published_files.congress_of_the_map(published_files.read(folder / published_files.README))
        yield congress, published_files.ZIP_MAP, _zccd(folder / published_files.ZIP_MAP)
    for path in sorted(folder.iterdir()):
        if _RELATION.fullmatch(path.name):
            congress, zips = _relation(path)
            yield congress, path.name, zips
    for path in sorted(folder.iterdir()):
        if (name := _BLOCKS.fullmatch(path.name)) and (folder / BLOCK_ZIPS).is_file():
            congress = int(name[1])
            yield congress, path.name, _by_block(path, congress, folder / BLOCK_ZIPS)


def _zccd(path: Path) -> dict[str, set[str]]:
    zips: dict[str, set[str]] = defaultdict(set)
    for row in published_files.rows(path, "state_abbr", "zcta", "cd"):
        if not re.fullmatch(r"[0-9]{5}", row["zcta"]) or not row["cd"].isdigit():
            raise CampaignError(
                f"ZIP {row['zcta']!r}, district {row['cd']!r}", where=path.name, do="Is the file whole?"
            )
        zips[row["zcta"]].add(f"H:{row['state_abbr']}:{int(row['cd'])}")
    return zips


def _relation(path: Path) -> tuple[int, dict[str, set[str]]]:
    zips: dict[str, set[str]] = defaultdict(set)
    with path.open(encoding="utf-8-sig") as file:
        header = file.readline().rstrip("\n").split("|")
        district = next((name for name in header if re.fullmatch(r"GEOID_CD[0-9]+_20", name)), "")
        if not district or "GEOID_ZCTA5_20" not in header:
            raise CampaignError("its first line names no GEOID_CD..._20 and GEOID_ZCTA5_20", where=str(path))
        which, where = header.index(district), header.index("GEOID_ZCTA5_20")
        for number, line in enumerate(file, start=2):
            cells = line.rstrip("\n").split("|")
            if len(cells) != len(header):
                raise CampaignError(f"it has {len(cells)} columns, not {len(header)}", where=f"{path} line {number}")
            if (code := census_codes.seat(cells[which][:2], cells[which][2:])) and cells[where]:
                zips[cells[where]].add(code)
    return int(district[8:-3]), zips


def _by_block(path: Path, congress: int, where: Path) -> dict[str, set[str]]:
    blocks_, zips = blocks.published(path, congress), defaultdict[str, set[str]](set)
    with where.open(encoding="utf-8-sig") as file:
        header = file.readline().rstrip("\n").split("|")
        if missing := [name for name in _BLOCK_ZIP if name not in header]:
            raise CampaignError(f"its first line names no {', '.join(missing)}", where=str(where))
        zip_, block = (header.index(name) for name in _BLOCK_ZIP)
        for line in file:
            cells = line.rstrip("\n").split("|")
            if cells[zip_] and (code := blocks_.seat(cells[block])):
                zips[cells[zip_]].add(code)
    return zips
