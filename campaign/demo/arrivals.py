"""Arrivals: what reached an office, per 1,000 asks. Opened links are counted apart: they reach no office."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

WIDTH = 40  # of all bars together
NAMES = {
    "letters": "letters delivered by email",
    "forms": "forms finished",
    "calls": "calls, as callers say",
}


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Counts; `asks` were sent, and `opened` is the number of supporters who opened the link in theirs."""

    asks: int
    opened: int
    letters: int
    forms: int
    calls: int

    def per_thousand(self, number: int) -> float:
        return round(1000 * number / self.asks, 1)

    @property
    def arrived(self) -> int:
        return self.letters + self.forms + self.calls

    def counts(self) -> dict[str, Any]:
        return {**asdict(self), "per_1000_asks": self.per_thousand(self.arrived)}

    def chart(self) -> Table:
        """One bar for each way, then the sum."""
        rows = Table(box=None, show_header=False, pad_edge=False)
        rows.add_column(justify="right", style="bold")
        rows.add_column(style="cyan", width=WIDTH, no_wrap=True)
        rows.add_column()
        for number, name in self._bars():
            longest = max(self.arrived, 1)
            rows.add_row(f"{self.per_thousand(number):.1f}", "█" * round(WIDTH * number / longest), name)
        rows.add_row(f"{self.per_thousand(self.arrived):.1f}", "", "[bold]arrivals per 1,000 asks[/]")
        return rows

    def _bars(self) -> Iterator[tuple[int, str]]:
        for name, words in NAMES.items():
            yield getattr(self, name), words
