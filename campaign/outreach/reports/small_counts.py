"""Suppress small counts by place, plus one more wherever subtraction would reveal them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

LEAST = 5  # people: a smaller count might identify them

Key = TypeVar("Key")


class Count(NamedTuple):
    letters: int
    people: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A count as published. `letters` is None if it is hidden: it is `small` (fewer than LEAST people), or would reveal
    a small one.
    """

    letters: int | None
    small: bool = False

    def __str__(self) -> str:
        if self.letters is None:
            return f"<{LEAST}" if self.small else "–"
        return str(self.letters)


def places(seats: Mapping[str, Count], states: Mapping[str, Count]) -> tuple[dict[str, Cell], dict[str, Cell]]:
    """The counts by seat and by state. Their total is published, so it is one of the sums that could reveal a count."""
    found = {**{("seat", code): count for code, count in seats.items()}, **{("state", c): n for c, n in states.items()}}
    sums = [{("state", code) for code in states}]
    sums += [{("state", code), *(("seat", seat) for seat in seats if seat[2:4] == code)} for code in states]
    shown = cells(found, hide(found, sums))
    return {code: shown["seat", code] for code in seats}, {code: shown["state", code] for code in states}


def split(numbers: Mapping[tuple[str, str], int], hidden: Collection[str]) -> dict[str, dict[str, Cell]]:
    """(seat, word) -> letters, as seat -> word -> cell. A seat whose own count is hidden is left out."""
    found = {key: Count(number, number) for key, number in numbers.items()}
    sums: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for seat, word in found:  # the totals by seat and by word are published too
        sums.setdefault(("seat", seat), set()).add((seat, word))
        sums.setdefault(("word", word), set()).add((seat, word))
    suppressed = hide(found, sums.values(), {key for key in found if key[0] in hidden})
    published: dict[str, dict[str, Cell]] = {}
    for (seat, word), cell in cells(found, suppressed).items():
        if seat not in hidden:
            published.setdefault(seat, {})[word] = cell
    return published


def hide(
    counts: Mapping[Key, Count], sums: Iterable[Collection[Key]], gone: Collection[Key] = frozenset()
) -> frozenset[Key]:
    """The keys to hide: `gone`, small counts, and more until no sum has exactly one hidden count.

    Each of `sums` is a group of counts whose total is published. If a group has only one count, nothing more is hidden.
    """
    hidden = set(gone) | {key for key, count in counts.items() if count.people < LEAST}
    groups = [sorted(group, key=lambda key: (counts[key].letters, repr(key))) for group in sums]
    before = -1
    while len(hidden) != before:
        before = len(hidden)
        for group in groups:
            if sum(key in hidden for key in group) == 1:
                hidden.update([key for key in group if key not in hidden][:1])
    return frozenset(hidden)


def cells(counts: Mapping[Key, Count], hidden: Collection[Key]) -> dict[Key, Cell]:
    """The counts as published, given the keys that `hide` found."""
    return {
        key: Cell(None, count.people < LEAST) if key in hidden else Cell(count.letters) for key, count in counts.items()
    }
