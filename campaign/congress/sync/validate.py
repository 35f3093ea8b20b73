"""What no Congress looks like, and what no day could change: a file that does is broken, and is refused."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from campaign.congress import districts as district_maps
from campaign.congress import terms
from campaign.congress.snapshot import Snapshot
from campaign.congress.sync.published_files import Legislator
from campaign.errors import CampaignError
from campaign.model import Member

MAY_LOSE = 20  # seats without a member more than before
MAY_LOSE_ZIPS = 300
SHOWN = 12
SHOWN_ZIPS = 100


def people(listed: Iterable[Legislator]) -> Iterator[CampaignError]:
    """Members who stand twice, or without a seat, a name or days that make sense."""
    seen = set[str]()
    for one in listed:
        if one.id.bioguide in seen:
            yield CampaignError(f"{one.id.bioguide} stands twice in the list of members")
        seen.add(one.id.bioguide)
        who = f"{one.name.first} {one.name.last} ({one.id.bioguide})"
        if not re.fullmatch(r"[A-Z][0-9]{6}", one.id.bioguide) or not one.name.last or one.bio.gender not in ("F", "M"):
            yield CampaignError(f"{who} has no bioguide id, last name, or gender (F or M)")
        if not one.terms:
            yield CampaignError(f"{who} has no terms")
        for term in one.terms[-1:]:
            if term.kind not in ("sen", "rep") or not re.fullmatch(r"H:[A-Z]{2}:[0-9]+|S:[A-Z]{2}:[123]", term.seat):
                yield CampaignError(f"{who} has no seat: {term.kind} {term.seat}")
            days = [term.start, term.end]
            if any(days) and not (all(map(terms.is_day, days)) and term.start <= term.end):
                yield CampaignError(f"{who} has a term from {term.start!r} to {term.end!r}")


def seats(book: Snapshot, listed: Mapping[str, Sequence[Member]]) -> Iterator[CampaignError]:
    """Seats that no state has, and two members in one."""
    for code, members in listed.items():
        for one, following in pairwise(sorted((one for one in members if not one.left), key=lambda one: one.since)):
            if one.ends > following.since:
                yield CampaignError(f"{code} has two members: {one.name} and {following.name}")
    states: dict[str, list[int]] = defaultdict(list)
    senators: dict[str, list[int]] = defaultdict(list)
    for code in book.holders:
        chamber, state, number = code.split(":")
        (states if chamber == "H" else senators)[state].append(int(number))
    for name, districts in states.items():
        if districts not in ([0], [*range(1, len(districts) + 1)]):
            yield CampaignError(f"{name} has the House districts {districts}", do="A state has 1 to N, or 0 alone.")
    for name, classes in senators.items():
        if len(classes) != 2 or name not in states:
            yield CampaignError(
                f"{name} has {len(classes)} Senate seats", do="A state has two; a delegate's area none."
            )
    for congress, zips in book.maps.items():
        mapped = {code for codes in zips.values() for code in codes}
        house = {code for code in book.holders if code.startswith("H:")}
        if congress - 1 in book.maps:  # then a state may wait for its new lines; but no map has only part of a state
            drawn = district_maps.states_of(mapped)
            house = {code for code in house if code[2:4] in drawn}
        if off := sorted(house - mapped):
            yield CampaignError(f"the map of the {congress}th Congress does not have {_some(off)}")


def lost(old: Snapshot, new: Snapshot) -> Iterator[CampaignError]:
    """Members and ZIPs that are gone, beyond what a day could change."""
    day = terms.noon(new.as_of)
    gone = sorted(_held(old, day) - _held(new, day))
    if len(gone) > MAY_LOSE:
        do = "Is the file whole?"
        house = [
            one for code, members in new.holders.items() if code.startswith("H:") for one in members if not one.left
        ]
        if sum(one.ends <= new.as_of for one in house) > len(house) / 2:
            do = f"It lists the House of the {new.congress}th Congress, which is over."
        yield CampaignError(
            f"{len(gone)} seats lost their member, and more than {MAY_LOSE} at once is a broken file: {_some(gone)}",
            do=do,
        )
    for congress in old.maps.keys() & new.maps.keys():
        if (zips := len(old.maps[congress].keys() - new.maps[congress].keys())) > MAY_LOSE_ZIPS:
            yield CampaignError(f"{zips} ZIPs are gone; more than {MAY_LOSE_ZIPS} at once is a broken file")


def lost_states(lost: Mapping[int, Mapping[str, Sequence[str]]]) -> Iterator[CampaignError]:
    """ZIPs that a map takes out of a state they were in (by Congress): refused unless a person says why."""
    for congress, zips in lost.items():
        if zips:
            named = [f"{zip_} ({', '.join(states)})" for zip_, states in zips.items()]
            more = f" and {len(named) - SHOWN_ZIPS} more" if len(named) > SHOWN_ZIPS else ""
            yield CampaignError(
                f"the map of the {congress}th Congress takes {len(named)} ZIP codes out of a state they were in: "
                f"{', '.join(named[:SHOWN_ZIPS])}{more}",
                do='Check the file. If it is right, say why: --accept-lost-states "REASON" --by NAME',
            )


def _held(book: Snapshot, at: int) -> set[str]:
    return {code for code, spans in book.spans.items() if any(one.start <= at < one.end for one in spans)}


def _some(codes: Sequence[str]) -> str:
    return ", ".join(codes[:SHOWN]) + (f" and {len(codes) - SHOWN} more" if len(codes) > SHOWN else "")
