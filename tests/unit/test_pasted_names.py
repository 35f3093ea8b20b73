"""Names as they are copied from a bill's page, and sponsors.toml after they were put into it."""

from __future__ import annotations

import tomllib

import pytest

from campaign.compose.campaign_folder import pasted_names, sponsors_edit
from campaign.errors import CampaignError
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


def test_new_names_change_their_lines_and_no_others() -> None:
    source = SHIPPED.files["sponsors.toml"]
    said = {"A000370": "Alma S. Adams, NC-12"}
    made = sponsors_edit.edit(source, "bill", "Q000023", ["A000370", "J000298"], "2026-11-28", said, "seen")
    before, after = source.splitlines(), made.splitlines()
    assert '  "A000370",            # Alma S. Adams, NC-12' in after
    assert '  "J000298",            # Pramila Jayapal, WA-7' in after  # as it stood there
    assert after[:8] == before[:8]
    assert (
        after[
            after.index(
                "[precedent]             # the Senate's bill of an earlier Congress; none was found in the 119th"
            ) :
        ]
        == before[
            before.index(
                "[precedent]             # the Senate's bill of an earlier Congress; none was found in the 119th"
            ) :
        ]
    )
    bill = tomllib.loads(made)["bill"]
    assert (bill["cosponsors"], str(bill["checked"]), bill["number"]) == (
        ["A000370", "J000298"],
        "2026-11-28",
        "H.R. 6890",
    )
    none = sponsors_edit.edit(made, "bill", "Q000023", [], "2026-11-29", {}, "seen")
    assert "cosponsors" not in tomllib.loads(none)["bill"]
    again = sponsors_edit.edit(none, "bill", "Q000023", ["A000370"], "2026-11-29", {}, "seen")
    assert tomllib.loads(again)["bill"]["cosponsors"] == ["A000370"]


def test_a_file_that_only_a_person_can_edit_is_left_alone() -> None:
    inline = (
        'bill = { number = "H.R. 1", year = 2025, sponsor = "Q000023", checked = 2025-01-01, page = "", source = "" }\n'
    )
    with pytest.raises(CampaignError, match="only a person can edit"):
        sponsors_edit.edit(inline, "bill", "Q000023", ["A000370"], "2026-11-28", {}, "seen")
