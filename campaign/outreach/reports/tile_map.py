"""A tile map of the states: the place and shade of each tile, and the steps of the legend. No markup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, log10

from campaign.outreach.reports.small_counts import LEAST, Cell

SHADES = 5
# The place of each state in a grid of 11 by 9: neighbors close to each other, territories in the last row.
GRID = """
AK .. .. .. .. .. .. .. .. .. ME
.. .. .. .. .. .. .. .. .. VT NH
WA ID MT ND MN IL WI MI NY RI MA
OR NV WY SD IA IN OH PA NJ CT ..
CA UT CO NE MO KY WV VA MD DE ..
.. AZ NM KS AR TN NC SC DC .. ..
.. .. .. OK LA MS AL GA .. .. ..
HI .. .. TX .. .. .. .. FL .. ..
GU MP AS .. .. .. .. .. .. PR VI
"""


@dataclass(frozen=True, slots=True)
class Shade:
    """A step of the legend: from `low` to `high` letters."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Tile:
    """`shade`: 0 without letters, 1 to SHADES, or -1 if the count is hidden."""

    code: str
    column: int
    row: int
    cell: Cell
    shade: int


def shades(numbers: Mapping[str, Cell]) -> tuple[Shade, ...]:
    """At most five steps of growing width, for the counts that are not hidden."""
    top = max((cell.letters or 0 for cell in numbers.values()), default=0)
    if not top:
        return ()
    low = min(LEAST, top)
    lows = sorted({_round(low * (top / low) ** (step / SHADES)) for step in range(SHADES)})
    return tuple(
        Shade(first, after - 1) for first, after in zip(lows, [*lows[1:], top + 1], strict=True) if first < after
    )


def _round(number: float) -> int:
    """Rounded to one significant digit, below 100 to two."""
    unit = int(10 ** max(floor(log10(number)) - (number < 100), 0))
    return max(round(number / unit) * unit, 1)


def tiles(numbers: Mapping[str, Cell], steps: tuple[Shade, ...]) -> tuple[Tile, ...]:
    return tuple(
        Tile(code, column, row, numbers.get(code, Cell(0)), _shade(numbers.get(code, Cell(0)), steps))
        for row, line in enumerate(GRID.split("\n")[1:-1])
        for column, code in enumerate(line.split())
        if code != ".."
    )


def _shade(cell: Cell, steps: tuple[Shade, ...]) -> int:
    if cell.letters is None:
        return -1
    return sum(step.low <= cell.letters for step in steps) if cell.letters else 0
