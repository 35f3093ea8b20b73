"""Values that packages pass to each other through outreach. Frozen, and without behavior."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

# Territories and DC: their one House member has no vote.
DELEGATES: Mapping[str, Literal["delegate", "commissioner"]] = {
    **dict.fromkeys(("AS", "DC", "GU", "MP", "VI"), "delegate"),
    "PR": "commissioner",
}
FIRST_WAVE = "first"  # the other waves are reminders: to supporters who were asked and have not acted

ChannelName = Literal["cwc", "email", "form", "call", "packet"]  # how a letter, or a call, reaches an office


class Kind(StrEnum):
    """What a request or a delivery is."""

    ASK = "ask"
    LETTER = "letter"
    DIGEST = "daily"  # one email with an office's letters of a day; each of its deliveries is a letter
    INVITE = "invite"  # asks an office how it wants letters
    RECEIPT = "receipt"
    CONFIRM = "confirm"  # the code for a supporter who moved to another ZIP code
    REMINDER = "reminder"  # reminds a supporter, once, of a letter they saved for later
    QUESTION = "question"  # asks a supporter, six weeks after a letter, whether the office answered
    JOIN = "join"  # asks a stranger to confirm a sign-up; its wave is the sign-up's nonce, and no supporter has it

    @property
    def to_office(self) -> bool:
        return self in (Kind.LETTER, Kind.DIGEST, Kind.INVITE)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One delivery and its supporter, as a worker reads them to render."""

    delivery_id: int
    request_id: int
    supporter_id: int
    email: str
    first_name: str
    last_name: str
    zip: str
    nonce: bytes
    list: str
    consent: str = ""  # how and when they agreed to be emailed, as the list says
    discreet: bool = False  # they asked for subjects that name no topic


@dataclass(frozen=True, slots=True)
class Claimed:
    """A request that this worker holds. `fence` tells its claim from every other worker's."""

    id: int
    token: str
    fence: int
    attempt: int
    kind: Kind
    wave: str
    locale: str
    variant: str
    size: int


@dataclass(frozen=True, slots=True)
class Text:
    """A rendered message."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Member:
    """Who holds a seat. `ends` (ISO day) may have passed: that is a warning to check, and no vacancy."""

    bioguide: str
    name: str  # as the House and Senate write it: Alma S. Adams
    last_name: str
    gender: str  # F or M
    party: str
    phone: str
    url: str  # of the website
    form: str  # of the office's own contact form; "" where only the website is known
    form_needs: tuple[str, ...] = ()  # what its form requires: phone, prefix, subject, topic, zip4
    form_topic: str = ""  # the form's own name for immigration
    form_limit: int = 0  # characters that its message may have; 0: not known
    since: str = ""  # ISO day of swearing in
    ends: str = ""
    how: str = ""  # appointment or special-election; "": a general election
    left: str = ""  # ISO day of leaving; "" while the list of sitting members has them


@dataclass(frozen=True, slots=True)
class Seat:
    """What a letter is addressed to: `H:NC:12` (district 0: at large, or a delegate), `S:OH:3` (class)."""

    code: str
    holder: Member | None  # None: vacant, or not known
    warning: str = ""  # what a person should check, in English
    known: bool = True  # False: its holder isn't known yet (`warning` says why); not a vacancy

    @property
    def vacant(self) -> bool:
        return self.holder is None and self.known

    @property
    def house(self) -> bool:
        return self.code.startswith("H:")

    @property
    def state(self) -> str:
        return self.code.split(":")[1]

    @property
    def district(self) -> int:
        """Of a House seat; 0 at large. Of a Senate seat its class."""
        return int(self.code.split(":")[2])


@dataclass(frozen=True, slots=True)
class Match:
    """Who represents a ZIP code, or an address in it. Only what it proves: one of several districts is never guessed.

    `states` is empty for a ZIP that is not known. `candidates` are the House seats that may be its people's. What is
    said of the House holds `until` (ms), when other lines begin; 0: nothing is said of it.
    """

    zip: str
    states: tuple[str, ...] = ()
    representative: Seat | None = None
    candidates: tuple[Seat, ...] = ()
    senators: tuple[Seat, ...] = field(default=())
    how: Literal["zip", "address"] = "zip"
    until: int = 0
    zip4: str = ""  # the last four of nine digits, where they were given: no open list tells their district
    statewide: bool = False  # only the state is known: `candidates` are all its House seats

    @property
    def whole_zip(self) -> str:
        """As it was given: five digits, or nine as "28205-1234"."""
        return f"{self.zip}-{self.zip4}" if self.zip4 else self.zip

    def proves(self, code: str) -> bool:
        """Whether this shows that the person is represented by that seat."""
        sure = (self.representative, *self.senators)
        return any(seat is not None and seat.code == code for seat in sure)

    def offers(self, code: str) -> bool:
        """Whether a person of this ZIP may name that seat as their own, among several."""
        return any(seat.code == code for seat in self.candidates)
