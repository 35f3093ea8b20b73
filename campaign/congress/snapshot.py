"""A snapshot of Congress: who holds each seat from when until when, the lines of each Congress, and offices at home.

It is a handful of small text files: those in `data/` are where an installation starts (`campaign congress build`); one
that was synced lives in the database, with the same files packed into one value.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from campaign.congress import districts, terms, websites
from campaign.congress.districts import Zips
from campaign.congress.terms import Span
from campaign.model import Member

DATA = Path(__file__).resolve().parent / "data"
MEMBERS, PLACES, COMMITTEES, SOURCES = "members.jsonl", "offices.jsonl", "committees.jsonl", "sources.json"
_ZIPS = re.compile(r"zips-([0-9]+)\.txt")
# This version of the map lacks 32 rows of areas that cross a state line. Snapshots that were synced may still hold it.
_FAULTY_MAP = ("OpenSourceActivismTech/us-zipcodes-congress", "1335b61")
HOUSE_STANDS = 0.96  # of the House's seats have somebody of a Congress: then the data is of that Congress
# Written even when they are empty: they have no default in model.Member.
_KEPT = {"bioguide", "name", "last_name", "gender", "party", "phone", "url", "form"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a part of the snapshot comes from."""

    name: str
    version: str
    date: str
    licence: str
    url: str


@dataclass(frozen=True, slots=True)
class AcceptedLoss:
    """An accepted map that took ZIPs out of a state: who accepted it, why, and on which ISO day. `zips`: "57638 SD"."""

    congress: int
    reason: str
    by: str
    on: str
    zips: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that is known. `holders`: by seat, in the order of swearing in; a seat with nobody has an empty tuple."""

    holders: Mapping[str, tuple[Member, ...]]
    maps: Mapping[int, Zips]  # by Congress
    places: str  # offices at home, as `local` reads them
    committees: str  # who sits on which, as `committees` reads them
    sources: tuple[Source, ...]
    as_of: str  # the ISO day of which it tells
    known_from: str  # the ISO day since which a seat without a holder was vacant; before it nothing is known of one
    spans: Mapping[str, tuple[Span, ...]]
    congress: int  # the last one of which it knows the House
    accepted: tuple[AcceptedLoss, ...] = ()


class _Row(msgspec.Struct):
    code: str
    holders: tuple[Member, ...]


class _About(msgspec.Struct):
    as_of: str
    known_from: str
    sources: tuple[Source, ...]
    accepted: tuple[AcceptedLoss, ...] = ()


def made(
    holders: Mapping[str, tuple[Member, ...]],
    lines: Mapping[int, Zips],
    places: str,
    committees: str,
    sources: tuple[Source, ...],
    *,
    as_of: str,
    known_from: str,
    accepted: tuple[AcceptedLoss, ...] = (),
) -> Snapshot:
    """A book of these. Every snapshot comes through here, so home pages that were stored as forms are corrected."""
    holders = {code: tuple(websites.check_forms(one) for one in members) for code, members in holders.items()}
    spans = {code: terms.spans(members) for code, members in holders.items()}
    congress = _congress(spans, as_of)
    return Snapshot(holders, lines, places, committees, sources, as_of, known_from, spans, congress, accepted)


def _congress(spans: Mapping[str, tuple[Span, ...]], as_of: str) -> int:
    house = [found for code, found in spans.items() if code.startswith("H:")]
    day = terms.noon(as_of)
    latest = terms.congress_at(day) + 1
    for congress in (latest, latest - 1):
        at = max(day, terms.noon(terms.last_day(congress - 1)))
        if sum(any(one.start <= at < one.end for one in found) for found in house) >= HOUSE_STANDS * len(house):
            return congress
    return latest - 2


@lru_cache(maxsize=1)
def start() -> Snapshot:
    """The snapshot that is part of the package."""
    return read(DATA)


def read(folder: Path) -> Snapshot:
    """The snapshot in a folder."""
    names = [
        MEMBERS,
        PLACES,
        COMMITTEES,
        SOURCES,
        *(path.name for path in folder.iterdir() if _ZIPS.fullmatch(path.name)),
    ]
    return parse({name: (folder / name).read_text(encoding="utf-8") for name in names})


def parse(files: Mapping[str, str]) -> Snapshot:
    """The snapshot in these files, by name."""
    rows = msgspec.json.Decoder(_Row).decode_lines(files[MEMBERS])
    about = msgspec.json.decode(files[SOURCES], type=_About)
    lines = {int(found[1]): districts.parse(text) for name, text in files.items() if (found := _ZIPS.fullmatch(name))}
    holders = {row.code: row.holders for row in rows}
    return made(
        holders,
        lines,
        files[PLACES],
        files[COMMITTEES],
        about.sources,
        as_of=about.as_of,
        known_from=about.known_from,
        accepted=about.accepted,
    )


def files(book: Snapshot) -> dict[str, str]:
    """The same book gives the same bytes: one line a seat and one a ZIP, so that a diff shows what changed."""
    rows = (
        {"code": code, "holders": [_compact(one) for one in book.holders[code]]}
        for code in sorted(book.holders, key=districts.order)
    )
    about: dict[str, Any] = {"as_of": book.as_of, "known_from": book.known_from}
    about["sources"] = [asdict(one) for one in book.sources]
    if book.accepted:
        about["accepted"] = [asdict(one) for one in book.accepted]
    return {
        MEMBERS: "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in rows),
        PLACES: book.places,
        COMMITTEES: book.committees,
        SOURCES: json.dumps(about, indent=2, ensure_ascii=False) + "\n",
        **{f"zips-{congress}.txt": districts.write(book.maps[congress]) for congress in sorted(book.maps)},
    }


def _compact(member: Member) -> dict[str, Any]:
    return {key: value for key, value in asdict(member).items() if value or key in _KEPT}


def pack(book: Snapshot) -> bytes:
    """The files as one value for the database."""
    return zlib.compress(msgspec.json.encode(files(book)), 6)


def unpack(body: bytes) -> Snapshot:
    """What `pack` made. A map that came from a faulty version of its source is replaced by the package's own."""
    found = parse(msgspec.json.decode(zlib.decompress(body), type=dict[str, str]))
    if not any((one.name, one.version) == _FAULTY_MAP for one in found.sources):
        return found
    ours = start()
    good = {one.name: one for one in ours.sources}
    sources = tuple(good.get(one.name, one) if one.name == _FAULTY_MAP[0] else one for one in found.sources)
    return replace(found, maps={**found.maps, 119: ours.maps[119]}, sources=sources)
