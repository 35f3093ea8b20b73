"""positions.toml: where members stand on what the campaign asks, as an organizer found it in a source and approved it.

A position belongs to a person (bioguide id), never to a seat. It decides whether that person is asked, thanked, or left
alone. Who put their name to a bill stands in sponsors.toml and needs no row here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from campaign.compose.campaign_folder.sponsors import BIOGUIDE
from campaign.compose.campaign_folder.toml import Toml

NAME = "positions.toml"
Treatment = Literal["ask", "thank", "hold"]
TREATMENTS = ("ask", "thank", "hold")
BY_STANCE: Mapping[str, Treatment] = {"supports": "thank", "undecided": "ask", "opposes": "ask"}


@dataclass(frozen=True, slots=True)
class Position:
    """What one member said or did, where that stands, the day of it (ms), and whose yes it has."""

    bioguide: str
    stance: str
    source: str
    date: int
    approved_by: str
    where: str


@dataclass(frozen=True, slots=True)
class Positions:
    """The rows of the file by person, and what each stance gets."""

    rows: Mapping[str, Position] = field(default_factory=dict)
    by_stance: Mapping[str, Treatment] = field(default_factory=lambda: BY_STANCE)

    def treatment(self, bioguide: str) -> Treatment:
        """What this person gets: a letter that asks, one that thanks, or none (hold)."""
        row = self.rows.get(bioguide)
        return self.by_stance[row.stance] if row else "ask"


def parse(file: Toml) -> Positions:
    """What the file says; its faults are kept in it. A row without a source, a day or an organizer's yes is one."""
    file.only("", {*BY_STANCE, "position"})
    by_stance = {stance: _treatment(file, stance, usual) for stance, usual in BY_STANCE.items()}
    rows: dict[str, Position] = {}
    for table in file.rows("position"):
        file.only(table, {"bioguide", "stance", "source", "date", "approved_by"})
        one = Position(
            bioguide=file.text(table, "bioguide", hint=_HINT),
            stance=file.choice(table, "stance", tuple(BY_STANCE)),
            source=file.text(table, "source", hint="Say where it stands: title, publisher and day, or an address."),
            date=file.instant(table, "date"),
            approved_by=file.text(table, "approved_by", hint="The name of the organizer who opened the source."),
            where=file.where(table),
        )
        if one.bioguide and not BIOGUIDE.fullmatch(one.bioguide):
            file.wrong(table, "bioguide", f"is {one.bioguide!r}", _HINT)
        if one.bioguide in rows:
            file.wrong(table, "bioguide", f"{one.bioguide} has another row", "Keep the newer one.")
        rows[one.bioguide] = one
    return Positions(rows, by_stance)


_HINT = "The end of the address of that person's page on congress.gov: a letter and six digits."


def _treatment(file: Toml, stance: str, usual: Treatment) -> Treatment:
    if stance not in file.keys_of(""):
        return usual
    found = file.choice("", stance, TREATMENTS)
    if found == "thank" and stance != "supports":
        file.wrong("", stance, "is 'thank'", "Only who supports it is thanked: write ask, or hold.")
    return cast("Treatment", found)
