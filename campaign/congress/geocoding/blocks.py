"""From a Census block to its House district, by the block equivalency file of a Congress (GEOID,CDFP).

Files: census.gov, "Congressional District Block Equivalency Files". NationalCD119.txt has 8.1 million blocks of 2020.
Our copy is small: one line per tract that is in one district; block by block only for the others.
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

TRACT = 11  # the first digits of a block's 15
_FILE = re.compile(r"NationalCD([0-9]{3})\.txt", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The districts of one Congress. `seats`: by tract, or by block if a tract is in several."""

    congress: int
    seats: Mapping[str, str]

    def seat(self, block: str) -> str | None:
        """The House seat of a block; None if the file does not have it."""
        return self.seats.get(block[:TRACT]) or self.seats.get(block)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltBlocks:
    """Counts for one file. `lines`: of our copy."""

    congress: int
    blocks: int
    states: int
    seats: int
    lines: int
    path: Path


def path(home: Path, congress: int) -> Path:
    """The block file of a Congress in the state folder."""
    return home / "blocks" / f"{congress}.txt"


def build(
    source: Path, home: Path, congress: int, roster: Roster, progress: Callable[[int], None] = lambda _: None
) -> BuiltBlocks:
    """Copy the blocks of a published file (.txt, or the .zip it comes in). Raises CampaignError unless each state in it
    has all its House districts and no other.
    """
    published_blocks, count = _read(source, congress, progress)
    lines = published_blocks.seats
    seats = set(lines.values())
    states = {seat[2:4] for seat in seats}
    known = {code for code in roster.seats if code.startswith("H:") and code[2:4] in states}
    if not seats or seats != known:
        odd = ", ".join(sorted(seats ^ known)[:5])
        raise CampaignError(
            f"its districts are not those of the House: {odd or 'there are none'}",
            where=str(source),
            do="Download the file again from census.gov. Nothing was changed.",
        )
    target = path(home, congress)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    draft.write_text("".join(f"{place} {seat}\n" for place, seat in sorted(lines.items())), encoding="ascii")
    draft.replace(target)
    return BuiltBlocks(
        congress=congress, blocks=count, states=len(states), seats=len(seats), lines=len(lines), path=target
    )


def published(source: Path, congress: int) -> Blocks:
    """The blocks of a published file (.txt, or the .zip it comes in). Raises CampaignError if it cannot be read."""
    return _read(source, congress, lambda _: None)[0]


def _read(source: Path, congress: int, progress: Callable[[int], None]) -> tuple[Blocks, int]:
    seats: dict[str, str] = {}
    done, count = set[str](), 0
    with _open(source, congress) as lines:
        for tract, rows in groupby(_rows(lines, source), key=lambda row: row[0][:TRACT]):
            blocks = dict(rows)
            count += len(blocks)
            if tract in done:
                raise CampaignError(f"tract {tract} is in two places", where=str(source), do="Sort it by GEOID.")
            done.add(tract)
            if len(set(blocks.values())) == 1:
                blocks = {tract: next(iter(blocks.values()))}
            seats |= {place: seat for place, seat in blocks.items() if seat}
            progress(count)
    return Blocks(congress, seats), count


def load(home: Path, congress: int) -> Blocks | None:
    """Our copy of a Congress's blocks; None if there is none."""
    file = path(home, congress)
    if not file.exists():
        return None
    with file.open(encoding="ascii") as lines:
        return Blocks(congress, dict(line.split() for line in lines))


def _rows(lines: Iterable[str], source: Path) -> Iterator[tuple[str, str]]:
    """(block, seat); "" for areas without a district, such as water."""
    rows = csv.reader(lines)
    if [name.strip().upper() for name in next(rows, [])][:2] != ["GEOID", "CDFP"]:
        raise CampaignError("its first line is not GEOID,CDFP", where=str(source), do="Use NationalCD119.txt.")
    for number, row in enumerate(rows, start=2):
        block, district = (*row, "", "")[:2]
        seat = census_codes.seat(block[:2], district)
        if len(block) != 15 or not (block.isascii() and block.isdigit()) or (seat is None and district != "ZZ"):
            raise CampaignError(f"{','.join(row)!r} is not a block and district", where=f"{source} line {number}")
        yield block, seat or ""


@contextmanager
def _open(source: Path, congress: int) -> Iterator[Iterable[str]]:
    try:
        if source.suffix.lower() != ".zip":
            _check_congress(source.name, source, congress)
            with source.open(encoding="ascii", newline="") as file:
                yield file
            return
        with zipfile.ZipFile(source) as archive:
            name = next((file for file in archive.namelist() if _FILE.fullmatch(Path(file).name)), None)
            if name is None:
                raise CampaignError("has no NationalCD file", where=str(source), do="Use NationalCD119.txt.")
            _check_congress(Path(name).name, source, congress)
            with archive.open(name) as inner, io.TextIOWrapper(inner, encoding="ascii", newline="") as text:
                yield text
    except FileNotFoundError:
        raise CampaignError("there is no such file", where=str(source)) from None
    except (UnicodeDecodeError, zipfile.BadZipFile) as error:
        raise CampaignError(f"cannot be read: {error}", where=str(source)) from None


def _check_congress(name: str, source: Path, congress: int) -> None:
    match = _FILE.fullmatch(name)
    if match and int(match[1]) != congress:
        what = f"{name} is for the {ordinal(int(match[1]))} Congress, not the {ordinal(congress)}"
        raise CampaignError(what, where=str(source), do=f"Use --congress {match[1]}, or the other file.")
