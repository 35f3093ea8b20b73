"""Seats that change hands, races, and bills with a successor: what campaign.toml may say of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaign.compose.campaign_folder import folder as folders
from campaign.compose.lint import ask_checks
from campaign.compose.messages import letter
from campaign.errors import Problems
from campaign.model import Member, Seat
from tests.unit.compose_samples import ACTS_TOML, CAMPAIGN_TOML, FACTS_TOML, SHIPPED

RULES = """
[transition]
default = "both"
"S:OH:3" = "incoming"

[[candidate]]
seat = "S:GA:2"
from = 2026-10-01
to = 2026-12-06

[[candidate]]
seat = "S:OH:3"
from = 2026-12-01
to = 2026-12-01
"""
SUCCESSOR = """
[bill.successor]
congress = 120
number = "H.R. 2"
title = "Another Bill"
expires = 2029-01-03T12:00:00-05:00
"""
NOON = 1_798_995_600_000  # 2027-01-03 in Washington
DAY = 24 * 3600 * 1000


def parsed(extra: str, acts: str = ACTS_TOML) -> folders.Folder:
    return folders.parse(
        "small", {"campaign.toml": CAMPAIGN_TOML + extra, "facts.toml": FACTS_TOML, "sponsors.toml": acts}
    )


def faults(extra: str) -> str:
    with pytest.raises(Problems) as found:
        parsed(extra)
    return str(found.value)


def test_each_seat_has_a_rule_and_a_race_has_days() -> None:
    campaign = parsed(RULES).campaign
    assert (campaign.transition.of("S:OH:3"), campaign.transition.of("H:NC:12")) == ("incoming", "both")
    assert [one.seat for one in campaign.candidates] == ["S:GA:2", "S:OH:3"]
    first, second = campaign.candidates
    assert first.closes - first.opens == 67 * DAY + 3_600_000  # the clock went back in between
    assert second.closes - second.opens == DAY
    assert SHIPPED.campaign.transition.of("H:NC:12") == "outgoing"


def test_what_is_wrong_with_a_rule_is_told_with_its_line() -> None:
    assert "campaign.toml line 27 [transition] S:OH:3: is 'later'" in faults('[transition]\n"S:OH:3" = "later"\n')
    assert "is not a seat" in faults('[transition]\nOhio = "both"\n')
    told = faults(RULES.replace("to = 2026-12-01\n", "to = 2026-11-01\n"))
    assert "line 39 [candidate.2] to: is before from" in told
    assert "is not a known key" in faults('[[candidate]]\nsaet = "S:GA:2"\n')
    assert "A successor is a bill of the 120th Congress" in faults(SUCCESSOR.replace("120", "119"))


def test_a_bill_of_a_past_congress_is_named_no_more_and_its_successor_is() -> None:
    folder = parsed(SUCCESSOR)
    assert folder.campaign.bill_at(NOON - 1).number == "H.R. 1"
    assert folder.campaign.bill_at(NOON).number == "H.R. 2"
    somebody = Seat("H:NC:12", Member("X000000", "Alex Example", "Example", "F", "", "", "", ""))
    assert letter.variant(folder, somebody, NOON) == "house"
    assert letter.variant(parsed(""), somebody, NOON) == "after"
    sponsor = SHIPPED.acts.bill
    assert sponsor is not None
    thanked = Seat("H:IL:5", Member(sponsor.sponsor, "Mike Quigley", "Quigley", "M", "", "", "", ""))
    assert letter.variant(SHIPPED, thanked, NOON - 1) == "thanks-house"
    new = replace(SHIPPED, campaign=replace(SHIPPED.campaign, bill=folder.campaign.bill))
    assert letter.variant(new, thanked, NOON) == "house"  # who sponsored the dead bill has not sponsored this one


def test_the_check_says_what_a_dead_bill_and_a_race_stop() -> None:
    warnings = "\n".join(str(one) for one in ask_checks.check(SHIPPED, NOON).warnings)
    assert "H.R. 6890 expired on 2027-01-03: no message names it now" in warnings
    race = replace(SHIPPED.campaign, candidates=parsed(RULES).campaign.candidates)
    shown = "\n".join(str(one) for one in ask_checks.check(replace(SHIPPED, campaign=race), NOON - 60 * DAY).warnings)
    assert "S:GA:2: thanks are held from 2026-10-01 until 2026-12-06; letters that ask are still sent" in shown
