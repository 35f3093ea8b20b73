"""A street address, and a source's answer: the House seat in one Congress, or why there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Why = Literal["no-match", "several", "post-box", "no-district", "other-congress", "unreadable", "down", "off"]

SENTENCES: dict[str, str] = {
    "no-match": "the source does not know the address (common for new streets and rural routes)",
    "several": "the address matches several places",
    "post-box": "a PO box has no district: the street address is needed",
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
    """A home address. `zip`: "28205" or "28205-1234"."""

    street: str
    zip: str

    @property
    def line(self) -> str:
        """The address on one line."""
        return f"{self.street}, {self.zip}"


@dataclass(frozen=True, slots=True)
class FoundAddress:
    """The House seat of an address by one source and the lines of `congress`. `point`: longitude, latitude."""

    seat: str
    congress: int
    source: str
    vintage: str
    point: tuple[str, str]


@dataclass(frozen=True, slots=True)
class NotFound:
    """No seat, and why. `detail` is for operators."""

    why: Why
    source: str
    detail: str = ""

    @property
    def sentence(self) -> str:
        sentence = SENTENCES[self.why]
        return f"{sentence}: {self.detail}" if self.detail else sentence


Answer = FoundAddress | NotFound


def is_box(street: str) -> bool:
    """Whether this is a PO box, which has no district."""
    return bool(_BOX.search(street))
