"""From a Census block to its House district, by a block equivalency file of one Congress (GEOID,CDFP).

Files: census.gov, "Congressional District Block Equivalency Files": NationalCD119.txt has 8.1 million blocks of 2020.
Kept small: a tract that lies in one district is one line, only of the others each block is named.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from campaign.congress import census_codes
from campaign.congress.census_codes import ordinal
from campaign.congress.roster import Roster
from campaign.errors import CampaignError

TRACT = 11  # of the 15 digits of a block
_FILE = re.compile(r"NationalCD([0-9]{3})\.txt", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The districts of one Congress: `seats` by tract, or by block where a tract lies in several."""

    congress: int
    seats: Mapping[str, str]

    def seat(self, block: str) -> str | None:
        """The House seat of a block; None when the file does not know it."""
        return self.seats.get(block[:TRACT]) or self.seats.get(block)


@dataclass(frozen=True, slots=True)
class BuiltBlocks:
    """What a file held: `lines` is what is kept of its `blocks`."""

    congress: int
    blocks: int
    states: int
    seats: int
    lines: int
    path: Path


def path(home: Path, congress: int) -> Path:
    """Where the blocks of a Congress are kept in the state folder."""
    return home / "blocks" / f"{congress}.txt"


def build(
    source: Path, home: Path, congress: int, roster: Roster, progress: Callable[[int], None] = lambda _: None
) -> BuiltBlocks:
    """Keep the blocks of a published file (.txt, or the .zip it comes in). Raises CampaignError for one to doubt:
    each state in it must have all its House districts, and no other.
    """
    read, count = _read(source, congress, progress)
    kept = read.seats
    seats = set(kept.values())
    states = {seat[2:4] for seat in seats}
    known = {code for code in roster.seats if code.startswith("H:") and code[2:4] in states}
    if not seats or seats != known:
        odd = ", ".join(sorted(seats ^ known)[:5])
        raise CampaignError(
            f"its districts are not those of the House: {odd or 'there are none'}",
            where=str(source),
            do="Take the file again from census.gov; nothing was changed.",
        )
    target = path(home, congress)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    draft.write_text("".join(f"{place} {seat}\n" for place, seat in sorted(kept.items())), encoding="ascii")
    draft.replace(target)
    return BuiltBlocks(congress, count, len(states), len(seats), len(kept), target)


def published(source: Path, congress: int) -> Blocks:
    """The blocks of a published file (.txt, or the .zip it comes in). Raises CampaignError when it is none."""
    return _read(source, congress, lambda _: None)[0]


def _read(source: Path, congress: int, progress: Callable[[int], None]) -> tuple[Blocks, int]:
    kept: dict[str, str] = {}
    done, count = set[str](), 0
    with _open(source, congress) as lines:
        for tract, rows in groupby(_rows(lines, source), key=lambda row: row[0][:TRACT]):
            blocks = dict(rows)
            if tract in done:
                raise CampaignError(f"tract {tract} stands in two places", where=str(source), do="Sort it by GEOID.")
            done.add(tract)
            kept |= _short(tract, blocks)
            count += len(blocks)
            progress(count)
    return Blocks(congress, kept), count


def load(home: Path, congress: int) -> Blocks | None:
    """The blocks that were kept; None when there are none of this Congress."""
    file = path(home, congress)
    if not file.exists():
        return None
    with file.open(encoding="ascii") as lines:
        return Blocks(congress, dict(line.split() for line in lines))


def _short(tract: str, blocks: Mapping[str, str]) -> dict[str, str]:
    """One line for a tract in one district; else its blocks, without those of no district."""
    if len(set(blocks.values())) == 1:
        blocks = {tract: next(iter(blocks.values()))}
    return {place: seat for place, seat in blocks.items() if seat}


def _rows(lines: Iterable[str], source: Path) -> Iterator[tuple[str, str]]:
    """(block, seat); "" where no district is defined, as for water."""
    rows = csv.reader(lines)
    if [name.strip().upper() for name in next(rows, [])][:2] != ["GEOID", "CDFP"]:
        raise CampaignError("its first line is not GEOID,CDFP", where=str(source), do="Take NationalCD119.txt.")
    for number, row in enumerate(rows, start=2):
        block, district = (*row, "", "")[:2]
        seat = census_codes.seat(block[:2], district)
        if len(block) != 15 or not (block.isascii() and block.isdigit()) or (seat is None and district != "ZZ"):
            raise CampaignError(f"{','.join(row)!r} is no block and district", where=f"{source} line {number}")
        yield block, seat or ""


@contextmanager
def _open(source: Path, congress: int) -> Iterator[Iterable[str]]:
    try:
        if source.suffix.lower() != ".zip":
            _same(source.name, source, congress)
            with source.open(encoding="ascii", newline="") as file:
                yield file
            return
        with zipfile.ZipFile(source) as archive:
            name = next((one for one in archive.namelist() if _FILE.fullmatch(Path(one).name)), None)
            if name is None:
                raise CampaignError("it holds no NationalCD file", where=str(source), do="Take NationalCD119.txt.")
            _same(Path(name).name, source, congress)
            with archive.open(name) as inner, io.TextIOWrapper(inner, encoding="ascii", newline="") as text:
                yield text
    except FileNotFoundError:
        raise CampaignError("there is no such file", where=str(source)) from None
    except (UnicodeDecodeError, zipfile.BadZipFile) as error:
        raise CampaignError(f"it cannot be read: {error}", where=str(source)) from None


def _same(name: str, source: Path, congress: int) -> None:
    found = _FILE.fullmatch(name)
    if found and int(found[1]) != congress:
        raise CampaignError(
            f"{name} is for the {ordinal(int(found[1]))} Congress, not the {ordinal(congress)}",
            where=str(source),
            do=f"Say --congress {found[1]}, or take the other file.",
        )
