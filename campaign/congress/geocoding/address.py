"""A street address, and what a source says of it: the House seat of one Congress, or why there is none.

Nothing here guesses. A `Geocoder` may be any function of this shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Why = Literal["no-match", "several", "post-box", "no-district", "other-congress", "unreadable", "down", "off"]

SENTENCES: dict[str, str] = {
    "no-match": "the address is not known there (new streets and rural routes often are not)",
    "several": "it may be several places",
    "post-box": "a post box is not where somebody lives: the street is needed",
    "no-district": "no House district is defined there",
    "other-congress": "the answer was for the districts of another Congress, and was refused",
    "unreadable": "the answer could not be read",
    "down": "no answer came",
    "off": "looking up addresses is switched off",
}

_BOX = re.compile(
    r"\b(?:(?:p\W{0,2}o\W{0,2}|post\s*office\s*|postal\s*)(?:box|drawer)|apartado(?:\s+postal)?)\W*[0-9]"
    r"|\bgeneral\s+delivery\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody lives. `zip`: five digits, or nine as "28205-1234" where they were given."""

    street: str
    zip: str

    @property
    def line(self) -> str:
        """On one line, as the post writes it."""
        return f"{self.street}, {self.zip}"


@dataclass(frozen=True, slots=True)
class FoundAddress:
    """The House seat in which a source puts an address, by the lines of `congress`. `point`: longitude, latitude."""

    seat: str
    congress: int
    source: str
    vintage: str
    point: tuple[str, str]


@dataclass(frozen=True, slots=True)
class NotFound:
    """No seat: `why`, and in `detail` what an operator should know."""

    why: Why
    source: str
    detail: str = ""

    @property
    def sentence(self) -> str:
        said = SENTENCES[self.why]
        return f"{said}: {self.detail}" if self.detail else said


Answer = FoundAddress | NotFound
Geocoder = Callable[[Address, int], Answer]  # an address, and the Congress whose lines are wanted


def is_box(street: str) -> bool:
    """Whether this is a post box, which lies in no district."""
    return bool(_BOX.search(street))
