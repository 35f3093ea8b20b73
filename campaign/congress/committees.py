"""Who sits on which committee: from the snapshot in force, for the Congress of which it was taken.

A code is the one that unitedstates/congress-legislators uses: HSJU the House's committee on the Judiciary, HSJU01 its
subcommittee 01, S and J in front for the Senate's and the joint ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from campaign.congress.roster import Roster


class Committee(msgspec.Struct, frozen=True):
    """`members` are bioguide ids, in the order of the list: by party and rank."""

    code: str
    name: str
    members: tuple[str, ...]


class PublishedCommittee(msgspec.Struct, rename={"code": "thomas_id"}):
    """A committee as committees-current.yaml lists it, or one of its subcommittees."""

    name: str
    code: str
    subcommittees: list[PublishedCommittee] = []


class CommitteeSeat(msgspec.Struct):
    """A member as committee-membership-current.yaml lists them."""

    bioguide: str


def join(listed: Iterable[PublishedCommittee], sit: Mapping[str, Iterable[CommitteeSeat]]) -> list[Committee]:
    """The committees that have members, by code; a subcommittee bears its committee's name before its own."""
    names = {one.code: one.name for one in listed}
    names |= {one.code + sub.code: f"{one.name}: {sub.name}" for one in listed for sub in one.subcommittees}
    return [
        Committee(code, names.get(code, code), tuple(dict.fromkeys(one.bioguide for one in sit[code])))
        for code in sorted(sit)
        if sit[code]
    ]


def of(roster: Roster) -> Mapping[str, Committee]:
    """The committees of its snapshot, by code; none when their Congress has ended."""
    return {} if ended(roster) else _parsed(roster.book.committees)


def ended(roster: Roster) -> bool:
    """Whether the Congress of these committees is history."""
    return roster.congress > roster.book.congress


@lru_cache(maxsize=4)
def _parsed(text: str) -> Mapping[str, Committee]:
    return {one.code: one for one in msgspec.json.Decoder(Committee).decode_lines(text)}


def seats(roster: Roster, codes: Iterable[str]) -> frozenset[str]:
    """The seats whose holder sits on one of these committees; none when their Congress has ended."""
    known = of(roster)
    members = {bioguide for code in codes if code in known for bioguide in known[code].members}
    return frozenset(seat.code for seat in roster.seats.values() if seat.holder and seat.holder.bioguide in members)
