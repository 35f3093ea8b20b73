"""Committees and their members, from the snapshot in force.

Codes are those of unitedstates/congress-legislators: HSJU is the House Committee on the Judiciary, HSJU01 its
subcommittee 01. Senate codes begin with S, joint ones with J.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from campaign.congress.roster import Roster


class Committee(msgspec.Struct, frozen=True):
    """A committee. `members`: Bioguide IDs, by party and rank."""

    code: str
    name: str
    members: tuple[str, ...]


class PublishedCommittee(msgspec.Struct, rename={"code": "thomas_id"}):
    """A committee or subcommittee in committees-current.yaml."""

    name: str
    code: str
    subcommittees: list[PublishedCommittee] = []


class CommitteeSeat(msgspec.Struct):
    """A member in committee-membership-current.yaml."""

    bioguide: str


def join(listed: Iterable[PublishedCommittee], memberships: Mapping[str, Iterable[CommitteeSeat]]) -> list[Committee]:
    """The committees that have members, by code. A subcommittee's name begins with its committee's."""
    names = {main.code: main.name for main in listed}
    names |= {main.code + sub.code: f"{main.name}: {sub.name}" for main in listed for sub in main.subcommittees}
    return [
        Committee(code, names.get(code, code), tuple(dict.fromkeys(member.bioguide for member in members)))
        for code, members in sorted(memberships.items())
        if members
    ]


def of(roster: Roster) -> Mapping[str, Committee]:
    """The committees by code; none once their Congress has ended."""
    return {} if ended(roster) else _parsed(roster.snapshot.committees)


def ended(roster: Roster) -> bool:
    """Whether the Congress of these committees has ended."""
    return roster.congress > roster.snapshot.congress


@lru_cache(maxsize=4)
def _parsed(text: str) -> Mapping[str, Committee]:
    return {committee.code: committee for committee in msgspec.json.Decoder(Committee).decode_lines(text)}


def seats(roster: Roster, codes: Iterable[str]) -> frozenset[str]:
    """The seats whose holder is on one of these committees; none once their Congress has ended."""
    committees = of(roster)
    members = {bioguide for code in codes if code in committees for bioguide in committees[code].members}
    return frozenset(seat.code for seat in roster.seats.values() if seat.holder and seat.holder.bioguide in members)
