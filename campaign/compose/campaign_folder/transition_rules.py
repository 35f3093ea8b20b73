"""What campaign.toml says of seats that change hands, and of those that somebody runs for.

A campaign writes to whoever holds a seat. `[transition]` says what becomes of letters when that is about to change,
`[[candidate]]` in which days nobody in a race is thanked.
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
    """`outgoing`: letters go to the member as long as that one sits. `incoming`: they wait where the member's term ends
    within the campaign. `both`: as outgoing, and those who wrote are told when somebody else holds the seat.
    """

    default: str = OUTGOING
    seats: Mapping[str, str] = field(default_factory=dict)

    def of(self, seat: str) -> str:
        """The rule for this seat."""
        return self.seats.get(seat, self.default)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A seat whose holder runs for office: thanks wait from `opens` until `closes` (ms), what is asked does not."""

    seat: str
    opens: int
    closes: int


def transition(file: Toml) -> Transition:
    """The table [transition], or the default."""
    table = "transition"
    found = {key: file.choice(table, key, RULES) for key in file.keys_of(table)}
    for key in found:
        if key != "default" and not _SEAT.fullmatch(key):
            file.wrong(table, key, "is no seat", f'{_CODES} All others: default = "outgoing"')
    default = found.pop("default", OUTGOING)
    return Transition(default, found)


def candidates(file: Toml) -> tuple[Candidate, ...]:
    """The tables [[candidate]], in their order."""
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
