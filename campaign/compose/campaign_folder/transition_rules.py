"""Rules in campaign.toml for seats that change hands and for seats in an election.

A campaign writes to the current holder of a seat. `[transition]` decides about letters when the holder is about to
change; `[[candidate]]` gives the days on which a member who is running isn't thanked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from campaign.compose.campaign_folder.toml import Toml

OUTGOING, INCOMING, BOTH = "outgoing", "incoming", "both"
RULES = (OUTGOING, INCOMING, BOTH)

_SEAT = re.compile(r"H:[A-Z]{2}:(0|[1-9][0-9]?)|S:[A-Z]{2}:[123]")
_CODES = "Write a seat as H:NC:12 (district; 0: at large) or S:OH:3 (class)."


@dataclass(frozen=True, slots=True)
class Transition:
    """`outgoing`: letters go to the member until that member's term ends. `incoming`: letters wait if the term ends
    within the campaign. `both`: as outgoing, and writers hear when another member takes the seat.
    """

    default: str = OUTGOING
    seats: Mapping[str, str] = field(default_factory=dict)

    def of(self, seat: str) -> str:
        return self.seats.get(seat, self.default)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A seat whose holder runs for office: thanks wait from `opens` until `closes` (ms); letters that ask don't."""

    seat: str
    opens: int
    closes: int


def transition(file: Toml) -> Transition:
    """The table [transition], or the default."""
    rules = {key: file.choice("transition", key, RULES) for key in file.keys_of("transition")}
    for key in rules.keys() - {"default"}:
        if not _SEAT.fullmatch(key):
            file.wrong("transition", key, "is not a seat", f'{_CODES} All others: default = "outgoing"')
    return Transition(rules.pop("default", OUTGOING), rules)


def candidates(file: Toml) -> tuple[Candidate, ...]:
    return tuple(_candidate(file, table) for table in file.rows("candidate"))


def _candidate(file: Toml, table: str) -> Candidate:
    file.only(table, {"seat", "from", "to"})
    seat = file.text(table, "seat", hint=_CODES)
    if seat and not _SEAT.fullmatch(seat):
        file.wrong(table, "seat", f"is {seat!r}", _CODES)
    opens, closes = file.instant(table, "from"), file.instant(table, "to", end=True)
    if opens and closes and closes <= opens:
        file.wrong(table, "to", "is before from", "Give the first day and the last day.")
    return Candidate(seat, opens, closes)
