"""Names as people copy them from a bill's list of cosponsors: `Rep. Adams, Alma S. [D-NC-12]*	12/18/2025`. Pure.

The form is congress.gov's (Library of Congress): title, last name, first names, then party, state and for the House the
district in brackets; `At Large` for a state's only seat. An asterisk marks an original cosponsor.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_BRACKETS = re.compile(r"\[\s*(?P<party>[A-Za-z]+)\s*-\s*(?P<state>[A-Z]{2})\s*(?:-\s*(?P<place>[^\]]+?)\s*)?\]")
_TITLE = re.compile(
    r"^\W*(?:(?P<lead>sponsor|cosponsors?)\s*:?\s+)?"
    r"(?P<title>rep(?:resentative)?|sen(?:ator)?|del(?:egate)?|com|res(?:ident)?\.? comm(?:issioner|r)?)\b\.?\s*",
    re.I,
)
_ID = re.compile(r"^\W*(?:(?P<lead>sponsor)\s*:?\s+)?(?P<id>[A-Z]\d{6})\b")
_LEFT = re.compile(r"\bwithdrew|\bwithdrawn", re.I)


@dataclass(frozen=True, slots=True)
class Pasted:
    """One line that names a member. `district` is None for a senator, 0 at large; `bioguide` where an id was pasted."""

    line: int
    text: str
    last_name: str = ""
    first_name: str = ""
    state: str = ""
    district: int | None = None
    sponsor: bool = False
    bioguide: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A line whose name we couldn't match to a member, and why."""

    line: int
    text: str
    why: str


def read(text: str) -> tuple[list[Pasted], list[Unread]]:
    """The names in a text, one a line, and the lines that are none. Blank lines are skipped."""
    good, bad = list[Pasted](), list[Unread]()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = " ".join(raw.split())
        if not line:
            continue
        found = _line(number, line)
        if isinstance(found, Pasted):
            good.append(found)
        else:
            bad.append(Unread(number, line, found))
    return good, bad


def _line(number: int, line: str) -> Pasted | str:
    if found := _ID.match(line):
        return Pasted(number, line, sponsor=bool(found["lead"]), bioguide=found["id"])
    place = _BRACKETS.search(line)
    if place is None:
        return "it has no party and state in brackets, like [D-NC-12]"
    if _LEFT.search(line):
        return "it says that this person withdrew"
    title = _TITLE.match(line)
    if title is None:
        return "it does not begin with Rep., Sen. or Del."
    last, comma, first = line[title.end() : place.start()].partition(",")
    if not last.strip() or not comma:
        return "the name is not written as last name, comma, first name"
    senator = title["title"].lower().startswith("sen")
    district = None if senator else _district(place["place"] or "")
    if not senator and district is None:
        return f"it names no district: {place['place'] or 'nothing after the state'}"
    lead = (title["lead"] or "").lower() == "sponsor"
    return Pasted(number, line, last.strip(), first.strip(), place["state"], district, lead)


def _district(place: str) -> int | None:
    if place.isdecimal():
        return int(place)
    return 0 if re.fullmatch(r"at[ -]?large", place, re.I) else None


def folded(name: str) -> str:
    """A name without accents, case, points and hyphens: what two ways to write it have in common."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z ]", " ", plain.lower().replace("'", "")).split())
