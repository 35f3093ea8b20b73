"""Names as they are copied from a bill's page, and sponsors.toml after they were put into it."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from campaign.compose.campaign_folder import pasted_names, sponsors_edit
from campaign.compose.campaign_folder.sponsors import Sponsorship
from campaign.compose.campaign_folder.sponsors_edit import NewNames
from tests.unit.compose_samples import SHIPPED

LINES = """
Cosponsor	Date Cosponsored
Sponsor: Rep. Quigley, Mike [D-IL-5] (Introduced 12/18/2025)
Rep. Adams, Alma S. [D-NC-12]*	12/18/2025
Del. Norton, Eleanor Holmes [D-DC-At Large]
Sen. Booker, Cory A. [D-NJ]
Resident Commissioner Hernández, Pablo Jose [D-PR-At Large]
Rep. Gone, Ann [D-NC-1] (Withdrawn 01/02/2026)
A000370
"""


def test_a_pasted_list_is_read_line_by_line() -> None:
    good, bad = pasted_names.read(LINES)
    seen = [(one.last_name or one.bioguide, one.state, one.district, one.sponsor) for one in good]
    assert seen == [
        ("Quigley", "IL", 5, True),
        ("Adams", "NC", 12, False),
        ("Norton", "DC", 0, False),
        ("Booker", "NJ", None, False),
        ("Hernández", "PR", 0, False),
        ("A000370", "", None, False),
    ]
    assert [(one.line, one.why) for one in bad] == [
        (2, "it has no party and state in brackets, like [D-NC-12]"),
        (8, "it says that this person withdrew"),
    ]
    assert pasted_names.folded("Velázquez, Jr.") == "velazquez jr"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Adams, Alma S. [D-NC-12]", "it does not begin with Rep., Sen. or Del."),
        ("Rep. Adams [D-NC-12]", "the name is not written as last name, comma, first name"),
        ("Rep. Adams, Alma [D-NC]", "it names no district: nothing after the state"),
    ],
)
def test_a_line_that_is_no_name_says_why(line: str, why: str) -> None:
    assert [one.why for one in pasted_names.read(line)[1]] == [why]


def names(*cosponsors: str, day: int = 28) -> NewNames:
    return NewNames("Q000023", cosponsors, date(2026, 11, day), "seen")


def test_new_names_change_their_lines_and_no_others() -> None:
    source = SHIPPED.files["sponsors.toml"]
    made = sponsors_edit.edit(source, "bill", names("A000370", "J000298"), {"A000370": "Alma S. Adams, NC-12"})
    before, after = source.splitlines(), made.splitlines()
    assert '  "A000370",            # Alma S. Adams, NC-12' in after
    assert '  "J000298",            # Pramila Jayapal, WA-7' in after, "it keeps its comment"
    assert 'sponsor = "Q000023"     # Mike Quigley, IL-5' in after
    assert after[:8] == before[:8]
    following = next(line for line in before if line.startswith("[precedent]"))
    assert after[after.index(following) :] == before[before.index(following) :]
    bill = tomllib.loads(made)["bill"]
    assert (bill["cosponsors"], str(bill["checked"]), bill["number"]) == (
        ["A000370", "J000298"],
        "2026-11-28",
        "H.R. 6890",
    )
    none = sponsors_edit.edit(made, "bill", names(day=29), {})
    assert "cosponsors" not in tomllib.loads(none)["bill"]
    again = sponsors_edit.edit(none, "bill", names("A000370", day=29), {})
    assert tomllib.loads(again)["bill"]["cosponsors"] == ["A000370"]


def test_a_new_sponsor_does_not_keep_the_comment_of_the_old_one() -> None:
    new = NewNames("A000370", (), date(2026, 11, 28), "seen")
    made = sponsors_edit.edit(SHIPPED.files["sponsors.toml"], "opposite.house", new, {})
    assert tomllib.loads(made)["opposite"]["house"]["sponsor"] == "A000370"
    assert 'sponsor = "A000370"\n' in made
    assert "Michael Cloud" not in made


def test_a_successor_gets_a_table_at_the_end() -> None:
    source = SHIPPED.files["sponsors.toml"]
    bill = Sponsorship("H.R. 1", 2027, "Q000023", (), checked=0, page="https://x", source="its page", where="")
    made = sponsors_edit.append(source, "successor", bill, date(2000, 1, 1))
    assert made.startswith(source)
    assert tomllib.loads(made)["successor"]["number"] == "H.R. 1"


def test_an_inline_table_is_edited_too() -> None:
    inline = (
        'bill = { number = "H.R. 1", year = 2025, sponsor = "Q000023", checked = 2025-01-01, page = "", source = "" }\n'
    )
    bill = tomllib.loads(sponsors_edit.edit(inline, "bill", names("A000370"), {}))["bill"]
    assert (bill["cosponsors"], bill["source"]) == (["A000370"], "seen")
