"""Who sits in Congress and which ZIP lies where: the snapshot in `data/`, made by `campaign congress build`.

Public data; `sources` tells whose. Nothing is fetched: it works offline, and a letter is matched by what was reviewed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection

from campaign.model import Seat

DATA = Path(__file__).resolve().parent / "data"
MEMBERS, ZIPS, PLACES, SOURCES = "members.jsonl", "zips.txt", "offices.jsonl", "sources.json"
COMMITTEES = "committees.jsonl"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a part of the snapshot comes from."""

    name: str
    version: str
    date: str
    licence: str
    url: str


@dataclass(frozen=True, slots=True)
class Roster:
    """All seats by code, vacant ones too, and the House seats that each known ZIP touches."""

    seats: Mapping[str, Seat]
    zips: Mapping[str, tuple[str, ...]]
    congress: int
    until: int  # ms; from then on its House districts are history
    sources: tuple[Source, ...]


class About(msgspec.Struct):
    """What `sources.json` holds."""

    congress: int
    sources: tuple[Source, ...]


def at(conn: Connection, now: int) -> Roster:  # noqa: ARG001 - until the database holds a snapshot
    """All seats with who holds them at `now` (ms), on the maps of the Congress of that time."""
    return load()


@lru_cache(maxsize=1)
def load() -> Roster:
    """The snapshot that is part of the package."""
    return read(DATA)


def read(folder: Path) -> Roster:
    """The snapshot in a folder."""
    seats = msgspec.json.Decoder(Seat).decode_lines((folder / MEMBERS).read_bytes())
    about = msgspec.json.decode((folder / SOURCES).read_bytes(), type=About)
    places: dict[str, tuple[str, ...]] = {}  # most ZIPs share theirs with many others
    zips = {}
    for line in (folder / ZIPS).read_text(encoding="ascii").splitlines():
        zip_, _, place = line.partition(" ")
        if place not in places:
            places[place] = tuple(f"H:{seat}" for seat in place.split())
        zips[zip_] = places[place]
    return Roster(
        {seat.code: seat for seat in seats}, zips, about.congress, noon(last_day(about.congress)), about.sources
    )


def last_day(congress: int) -> str:
    """The day on which a Congress ends: the 119th on 2027-01-03. The first met in 1789; each has two years."""
    return f"{1789 + 2 * congress}-01-03"


@lru_cache
def noon(day: str) -> int:
    """Noon in Washington on that ISO day, in ms: a term ends then (20th Amendment, section 1)."""
    return int(datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo("America/New_York")).timestamp()) * 1000
