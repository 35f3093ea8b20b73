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

# ANSI state codes (formerly FIPS 5-2) of the 50 states, DC and the territories: census.gov, "ANSI Codes for States"
_STATES = (
    "01AL 02AK 04AZ 05AR 06CA 08CO 09CT 10DE 11DC 12FL 13GA 15HI 16ID 17IL 18IN 19IA 20KS 21KY 22LA 23ME 24MD 25MA "
    "26MI 27MN 28MS 29MO 30MT 31NE 32NV 33NH 34NJ 35NM 36NY 37NC 38ND 39OH 40OK 41OR 42PA 44RI 45SC 46SD 47TN 48TX "
    "49UT 50VT 51VA 53WA 54WV 55WI 56WY 60AS 66GU 69MP 72PR 78VI"
)
STATES = {entry[:2]: entry[2:] for entry in _STATES.split()}
_AT_LARGE = ("00", "98")  # the whole state; a delegate or resident commissioner
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


def seat(state: str, district: str) -> str | None:
    """ "37", "12" -> "H:NC:12"; None where no district is defined (ZZ), or the codes are none."""
    if state not in STATES or not re.fullmatch(r"[0-9]{2}", district):
        return None
    return f"H:{STATES[state]}:{0 if district in _AT_LARGE else int(district)}"


def ordinal(number: int) -> str:
    """119 -> "119th", 121 -> "121st"."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def layer(congress: int) -> str:
    """How the Census calls the districts of a Congress. Its numbers for layers change; this name does not."""
    return f"{ordinal(congress)} Congressional Districts"
