"""Read published maps: which House districts each ZIP touches.

- zccd.csv `state_fips,state_abbr,zcta,cd` (OpenSourceActivismTech/us-zipcodes-congress, from Census files); README.md
  says for which Congress
- tab20_cd12020_zcta520_natl.txt: the Census's relationship file, ZCTA by district, separated by `|`
- NationalCD120.txt `GEOID,CDFP`: the Census's block equivalency file, together with
  tab20_zcta520_tabblock20_natl.txt (ZCTA by block, 1 GB)

All are public domain. A ZCTA is the Census's area for a ZIP; ZIPs with only PO boxes have none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from campaign.congress import census_codes, districts
from campaign.congress.geocoding import blocks
from campaign.congress.snapshot import Snapshot
from campaign.congress.sync import published_files
from campaign.congress.sync.published_files import Legislator, PublishedOffices
from campaign.errors import CampaignError

_RELATION = re.compile(r"tab20_cd[0-9]+_zcta520_natl\.txt")
_BLOCKS = re.compile(r"NationalCD([0-9]+)\.txt")
BLOCK_ZIPS = "tab20_zcta520_tabblock20_natl.txt"
_BLOCK_ZIP = ("GEOID_ZCTA5_20", "GEOID_TABBLOCK_20")


def find_maps(folder: Path) -> Iterator[tuple[int, str, dict[str, set[str]]]]:
    """Every map in the folder: its Congress, the file, and the House seats of each ZIP. The most detailed is last."""
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


def complete_maps(
    folder: Path, people: Iterable[Legislator], offices: Iterable[PublishedOffices], old: Snapshot
) -> dict[int, tuple[str, districts.Zips]]:
    """The maps in the folder, by Congress: (file, ZIPs). A state that a map leaves out keeps its ZIPs from the map in
    `old`, so maps may arrive state by state.
    """
    maps: dict[int, tuple[str, districts.Zips]] = {}
    for congress, name, zips in find_maps(folder):
        mapped = {code for codes in zips.values() for code in codes}
        for zip_, code in _islands(people, offices, mapped):
            zips[zip_].add(code)
            mapped.add(code)
        states = set(districts.states_of(mapped))
        for zip_, codes in old.maps.get(congress, {}).items():
            if kept := [code for code in codes if code[2:4] not in states]:
                zips[zip_].update(kept)
        if odd := [zip_ for zip_ in zips if not (zip_.isdigit() and len(zip_) == 5)]:
            raise CampaignError(f"{odd[0]!r} is not a ZIP", where=name, do="Is the file whole?")
        maps[congress] = name, {zip_: tuple(sorted(zips[zip_], key=districts.order)) for zip_ in sorted(zips)}
    return maps


def _islands(
    people: Iterable[Legislator], offices: Iterable[PublishedOffices], mapped: set[str]
) -> list[tuple[str, str]]:
    """ZIPs of at-large seats that the map leaves out (four delegates' islands): those of their offices at home."""
    missing = {member.id.bioguide: seat for member in people if (seat := member.terms[-1].seat) not in mapped}
    return [
        (str(office.zip)[:5], seat)
        for member in offices
        if (seat := missing.get(member.id.bioguide, ""))
        for office in member.offices
        if seat == f"H:{office.state}:0"
    ]


def _zccd(path: Path) -> dict[str, set[str]]:
    zips: dict[str, set[str]] = defaultdict(set)
    for row in published_files.rows(path, "state_abbr", "zcta", "cd"):
        if not re.fullmatch(r"[0-9]{5}", row["zcta"]) or not row["cd"].isdigit():
            what = f"ZIP {row['zcta']!r}, district {row['cd']!r}"
            raise CampaignError(what, where=path.name, do="Is the file whole?")
        zips[row["zcta"]].add(f"H:{row['state_abbr']}:{int(row['cd'])}")
    return zips


def _relation(path: Path) -> tuple[int, dict[str, set[str]]]:
    zips: dict[str, set[str]] = defaultdict(set)
    with path.open(encoding="utf-8-sig") as file:
        header = file.readline().rstrip("\n").split("|")
        district = next((name for name in header if re.fullmatch(r"GEOID_CD[0-9]+_20", name)), "")
        if not district or "GEOID_ZCTA5_20" not in header:
            raise CampaignError("its first line does not name GEOID_CD..._20 and GEOID_ZCTA5_20", where=str(path))
        which, where = header.index(district), header.index("GEOID_ZCTA5_20")
        for number, line in enumerate(file, start=2):
            cells = line.rstrip("\n").split("|")
            if len(cells) != len(header):
                raise CampaignError(f"has {len(cells)} columns, not {len(header)}", where=f"{path} line {number}")
            if (code := census_codes.seat(cells[which][:2], cells[which][2:])) and cells[where]:
                zips[cells[where]].add(code)
    return int(district[8:-3]), zips


def _by_block(path: Path, congress: int, where: Path) -> dict[str, set[str]]:
    blocks_, zips = blocks.published(path, congress), defaultdict[str, set[str]](set)
    with where.open(encoding="utf-8-sig") as file:
        header = file.readline().rstrip("\n").split("|")
        if missing := [name for name in _BLOCK_ZIP if name not in header]:
            raise CampaignError(f"its first line does not name {', '.join(missing)}", where=str(where))
        zip_, block = (header.index(name) for name in _BLOCK_ZIP)
        for line in file:
            cells = line.rstrip("\n").split("|")
            if cells[zip_] and (code := blocks_.seat(cells[block])):
                zips[cells[zip_]].add(code)
    return zips
