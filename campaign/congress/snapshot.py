"""A snapshot of Congress: who holds each seat and when, the district lines of each Congress, and offices at home.

A snapshot is a few small text files. Those in `data/` come with the package (`campaign congress build`); a synced
snapshot is in the database, its files packed into one value.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
KNOWN_HOUSE = 0.96  # with so many House seats filled at the start of a Congress, the data is of that Congress
# Written even if empty: they have no default in model.Member.
_KEPT = {"bioguide", "name", "last_name", "gender", "party", "phone", "url", "form"}


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of a part of the snapshot."""

    name: str
    version: str
    date: str
    licence: str
    url: str


@dataclass(frozen=True, slots=True)
class AcceptedLoss:
    """An accepted map that took ZIPs out of a state. `on`: an ISO day. `zips`: "57638 SD"."""

    congress: int
    reason: str
    by: str
    on: str
    zips: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Snapshot:
    """Members, maps and offices. `holders`: by seat, in the order of swearing in; empty for a seat without any."""

    holders: Mapping[str, tuple[Member, ...]]
    maps: Mapping[int, Zips]  # by Congress
    places: str  # JSON lines of `field_offices`
    committees: str  # JSON lines of `committees`
    sources: tuple[Source, ...]
    as_of: str  # ISO day
    known_from: str  # ISO day from which a seat without a holder was vacant; before it, nothing is known
    spans: Mapping[str, tuple[Span, ...]]
    congress: int  # the last one whose House it has
    accepted: tuple[AcceptedLoss, ...] = ()


class _Row(msgspec.Struct):
    code: str
    holders: tuple[Member, ...]


class _About(msgspec.Struct):
    as_of: str
    known_from: str
    sources: tuple[Source, ...]
    accepted: tuple[AcceptedLoss, ...] = ()


def create(
    holders: Mapping[str, tuple[Member, ...]],
    maps: Mapping[int, Zips],
    *,
    places: str,
    committees: str,
    sources: tuple[Source, ...],
    as_of: str,
    known_from: str,
    accepted: tuple[AcceptedLoss, ...] = (),
) -> Snapshot:
    """A snapshot, with `spans` and `congress` worked out and home pages removed from the members' forms."""
    holders = {code: tuple(websites.check_forms(member) for member in members) for code, members in holders.items()}
    spans = {code: terms.spans(members) for code, members in holders.items()}
    return Snapshot(
        holders=holders,
        maps=maps,
        places=places,
        committees=committees,
        sources=sources,
        as_of=as_of,
        known_from=known_from,
        spans=spans,
        congress=_congress(spans, as_of),
        accepted=accepted,
    )


def _congress(spans: Mapping[str, tuple[Span, ...]], as_of: str) -> int:
    house = [held for code, held in spans.items() if code.startswith("H:")]
    day = terms.noon(as_of)
    latest = terms.congress_at(day) + 1
    for congress in (latest, latest - 1):
        at = max(day, terms.noon(terms.last_day(congress - 1)))
        if sum(any(span.start <= at < span.end for span in held) for held in house) >= KNOWN_HOUSE * len(house):
            return congress
    return latest - 2


@lru_cache(maxsize=1)
def packaged() -> Snapshot:
    """The snapshot that comes with the package."""
    return read(DATA)


def read(folder: Path) -> Snapshot:
    """The snapshot in a folder."""
    maps = (path.name for path in folder.iterdir() if _ZIPS.fullmatch(path.name))
    names = (MEMBERS, PLACES, COMMITTEES, SOURCES, *maps)
    return parse({name: (folder / name).read_text(encoding="utf-8") for name in names})


def parse(files: Mapping[str, str]) -> Snapshot:
    """The snapshot in these files, by name."""
    rows = msgspec.json.Decoder(_Row).decode_lines(files[MEMBERS])
    about = msgspec.json.decode(files[SOURCES], type=_About)
    maps = {int(match[1]): districts.parse(text) for name, text in files.items() if (match := _ZIPS.fullmatch(name))}
    holders = {row.code: row.holders for row in rows}
    return create(holders, maps, places=files[PLACES], committees=files[COMMITTEES], **msgspec.structs.asdict(about))


def files(snapshot: Snapshot) -> dict[str, str]:
    """The snapshot's files, the same for the same snapshot, with a line per seat and per ZIP for readable diffs."""
    rows = (
        {"code": code, "holders": [_compact(member) for member in snapshot.holders[code]]}
        for code in sorted(snapshot.holders, key=districts.order)
    )
    about: dict[str, Any] = {"as_of": snapshot.as_of, "known_from": snapshot.known_from}
    about["sources"] = [asdict(source) for source in snapshot.sources]
    if snapshot.accepted:
        about["accepted"] = [asdict(loss) for loss in snapshot.accepted]
    return {
        MEMBERS: "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows),
        PLACES: snapshot.places,
        COMMITTEES: snapshot.committees,
        SOURCES: json.dumps(about, indent=2, ensure_ascii=False) + "\n",
        **{f"zips-{congress}.txt": districts.write(snapshot.maps[congress]) for congress in sorted(snapshot.maps)},
    }


def _compact(member: Member) -> dict[str, Any]:
    values = ((key, getattr(member, key)) for key in Member.__slots__)
    return {key: value for key, value in values if value or key in _KEPT}


def pack(snapshot: Snapshot) -> bytes:
    """The files as one value for the database."""
    return zlib.compress(msgspec.json.encode(files(snapshot)), 6)


def unpack(body: bytes) -> Snapshot:
    """The snapshot in a value that `pack` returned."""
    return parse(msgspec.json.decode(zlib.decompress(body), type=dict[str, str]))
