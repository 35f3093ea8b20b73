"""Sanity checks: reject files that no real Congress could produce, or that change too much in one day."""

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

MAY_LOSE = 20  # seats that lose their member
MAY_LOSE_ZIPS = 300
SHOWN = 12
SHOWN_ZIPS = 100


def people(listed: Iterable[Legislator]) -> Iterator[CampaignError]:
    """Members who are listed twice, or without a valid seat, name or dates."""
    seen = set[str]()
    for member in listed:
        bioguide, name = member.id.bioguide, member.name
        if bioguide in seen:
            yield CampaignError(f"{bioguide} is in the list of members twice")
        seen.add(bioguide)
        who = f"{name.first} {name.last} ({bioguide})"
        if not re.fullmatch(r"[A-Z][0-9]{6}", bioguide) or not name.last or member.bio.gender not in ("F", "M"):
            yield CampaignError(f"{who} has no Bioguide ID, last name, or gender (F or M)")
        if not member.terms:
            yield CampaignError(f"{who} has no terms")
        for term in member.terms[-1:]:
            if term.kind not in ("sen", "rep") or not re.fullmatch(r"H:[A-Z]{2}:[0-9]+|S:[A-Z]{2}:[123]", term.seat):
                yield CampaignError(f"{who} has no seat: {term.kind} {term.seat}")
            days = [term.start, term.end]
            if any(days) and not (all(map(terms.is_day, days)) and term.start <= term.end):
                yield CampaignError(f"{who} has a term from {term.start!r} to {term.end!r}")


def seats(snapshot: Snapshot, listed: Mapping[str, Sequence[Member]]) -> Iterator[CampaignError]:
    """Seats that no state has, and seats with two members."""
    for code, members in listed.items():
        serving = sorted((member for member in members if not member.left), key=lambda member: member.since)
        for member, following in pairwise(serving):
            if member.ends > following.since:
                yield CampaignError(f"{code} has two members: {member.name} and {following.name}")
    states: dict[str, list[int]] = defaultdict(list)
    senators: dict[str, list[int]] = defaultdict(list)
    for code in snapshot.holders:
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
    for congress, zips in snapshot.maps.items():
        mapped = {code for codes in zips.values() for code in codes}
        house = {code for code in snapshot.holders if code.startswith("H:")}
        if congress - 1 in snapshot.maps:  # states may lack new lines, but not part of a state
            drawn = district_maps.states_of(mapped)
            house = {code for code in house if code[2:4] in drawn}
        if off := sorted(house - mapped):
            yield CampaignError(f"the map of the {congress}th Congress does not have {_some(off)}")


def lost(old: Snapshot, new: Snapshot) -> Iterator[CampaignError]:
    """More members or ZIPs lost than one day could explain."""
    day = terms.noon(new.as_of)
    gone = sorted(_filled_seats(old, day) - _filled_seats(new, day))
    if len(gone) > MAY_LOSE:
        do = "Is the file whole?"
        house = [members for code, members in new.holders.items() if code.startswith("H:")]
        ends = [member.ends for members in house for member in members if not member.left]
        if sum(end <= new.as_of for end in ends) > len(ends) / 2:
            do = f"It lists the House of the {new.congress}th Congress, which is over."
        what = f"{len(gone)} seats lost their member; more than {MAY_LOSE} at once means a broken file: {_some(gone)}"
        yield CampaignError(what, do=do)
    for congress in old.maps.keys() & new.maps.keys():
        if (zips := len(old.maps[congress].keys() - new.maps[congress].keys())) > MAY_LOSE_ZIPS:
            yield CampaignError(f"{zips} ZIPs are gone; more than {MAY_LOSE_ZIPS} at once means a broken file")


def lost_states(lost: Mapping[int, Mapping[str, Sequence[str]]]) -> Iterator[CampaignError]:
    """ZIPs that a map takes out of their state (by Congress): refused unless an operator gives a reason."""
    for congress, zips in lost.items():
        if zips:
            named = [f"{zip_} ({', '.join(states)})" for zip_, states in zips.items()]
            more = f" and {len(named) - SHOWN_ZIPS} more" if len(named) > SHOWN_ZIPS else ""
            yield CampaignError(
                f"the map of the {congress}th Congress takes {len(named)} ZIP codes out of their state: "
                f"{', '.join(named[:SHOWN_ZIPS])}{more}",
                do='Check the file. If it is right, give a reason: --accept-lost-states "REASON" --by NAME',
            )


def _filled_seats(snapshot: Snapshot, at: int) -> set[str]:
    return {code for code, spans in snapshot.spans.items() if any(span.start <= at < span.end for span in spans)}


def _some(codes: Sequence[str]) -> str:
    return ", ".join(codes[:SHOWN]) + (f" and {len(codes) - SHOWN} more" if len(codes) > SHOWN else "")
