"""positions.toml: where members stand on the campaign's request, from a source that an organizer opened and approved.

A position belongs to a person (bioguide id), never to a seat. It decides whether that person is asked, thanked or sent
nothing. Sponsors and cosponsors are in sponsors.toml and need no row here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from campaign.compose.campaign_folder.sponsors import BIOGUIDE, ID_HINT, person_id
from campaign.compose.campaign_folder.toml import Toml

NAME = "positions.toml"
Treatment = Literal["ask", "thank", "hold"]
BY_STANCE: Mapping[str, Treatment] = {"supports": "thank", "undecided": "ask", "opposes": "ask"}


@dataclass(frozen=True, slots=True)
class Position:
    """One member's position, with its source, the source's date (ms) and who approved it."""

    bioguide: str
    stance: str
    source: str
    date: int
    approved_by: str
    where: str


@dataclass(frozen=True, slots=True)
class Positions:
    """The rows of the file by person, what each stance gets, and who will not be in the next Congress."""

    rows: Mapping[str, Position] = field(default_factory=dict)
    by_stance: Mapping[str, Treatment] = field(default_factory=lambda: BY_STANCE)
    leaving: frozenset[str] = frozenset()

    def treatment(self, bioguide: str) -> Treatment:
        """Whether this person gets a letter that asks, one that thanks, or none (hold)."""
        row = self.rows.get(bioguide)
        return self.by_stance[row.stance] if row else "ask"


def parse(file: Toml) -> Positions:
    """Parse the file and keep its problems in it: a row needs a source, a date and an organizer's approval."""
    file.only("", {*BY_STANCE, "leaving", "position"})
    by_stance = {stance: _treatment(file, stance, usual) for stance, usual in BY_STANCE.items()}
    rows: dict[str, Position] = {}
    for table in file.rows("position"):
        file.only(table, {"bioguide", "stance", "source", "date", "approved_by"})
        row = Position(
            bioguide=person_id(file, table, "bioguide"),
            stance=file.choice(table, "stance", tuple(BY_STANCE)),
            source=file.text(table, "source", hint="Name it: title, publisher and date, or an address."),
            date=file.instant(table, "date"),
            approved_by=file.text(table, "approved_by", hint="The name of the organizer who opened the source."),
            where=file.where(table),
        )
        if row.bioguide in rows:
            file.wrong(table, "bioguide", f"{row.bioguide} has another row", "Keep the newer one.")
        rows[row.bioguide] = row
    leaving = (
        file.names("", "leaving", BIOGUIDE.fullmatch, f"A list. {ID_HINT}") if "leaving" in file.keys_of("") else ()
    )
    return Positions(rows, by_stance, frozenset(leaving))


def _treatment(file: Toml, stance: str, usual: Treatment) -> Treatment:
    if stance not in file.keys_of(""):
        return usual
    treatment = file.choice("", stance, get_args(Treatment))
    if treatment == "thank" and stance != "supports":
        file.wrong("", stance, "is 'thank'", "Only members who support it are thanked: write ask or hold.")
    return cast("Treatment", treatment)
