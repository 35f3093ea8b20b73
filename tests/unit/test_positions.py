"""A position needs a source, a day and an organizer's yes; it decides who is asked, thanked or left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.compose.campaign_folder import folder, positions, toml
from campaign.compose.campaign_folder.positions import Positions
from campaign.compose.lint import ask_checks
from campaign.compose.messages import letter
from campaign.compose.rendering import release
from campaign.errors import Problems
from campaign.model import Member, Seat
from tests.unit.compose_samples import SHIPPED

NOW = SHIPPED.campaign.opens + 30 * 24 * 3600 * 1000
SPONSOR, OTHER = "Q000023", "A000370"  # Mike Quigley, the sponsor; Alma Adams, who has not signed it
ROW = """
[[position]]
bioguide = "A000370"
stance = "{stance}"
source = "A public statement, 2026-11-20"
date = 2026-11-20
approved_by = "Alex Example"
"""


def read(text: str) -> Positions:
    file = toml.read(positions.NAME, text)
    found = positions.parse(file)
    if file.problems:
        raise Problems(file.problems, what="positions")
    return found


def seat(bioguide: str, code: str = "H:NC:12") -> Seat:
    return Seat(code, Member(bioguide, "Alma Example", "Example", "F", "", "", "", ""))


def having(text: str) -> folder.Folder:
    return folder.parse(SHIPPED.slug, {**SHIPPED.files, positions.NAME: text})


def test_the_shipped_file_has_no_position_and_so_everybody_is_asked() -> None:
    assert SHIPPED.positions.rows == {}
    assert SHIPPED.positions.treatment(OTHER) == "ask"
    assert (
        folder.parse("x", {name: text for name, text in SHIPPED.files.items() if name != positions.NAME}).positions.rows
        == {}
    )


@pytest.mark.parametrize("missing", ["bioguide", "stance", "source", "date", "approved_by"])
def test_a_row_without_any_part_is_refused_by_its_line(missing: str) -> None:
    second = "".join(
        line
        for line in ROW.format(stance="opposes").replace(OTHER, SPONSOR).splitlines(keepends=True)
        if not line.startswith(missing)
    )
    with pytest.raises(Problems) as told:
        read(ROW.format(stance="supports") + second)
    (problem,) = told.value.problems
    assert problem.where == f"positions.toml line 9 [position.2] {missing}"
    assert problem.what == "is missing"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (ROW.format(stance="loves it"), "is 'loves it'"),
        (ROW.format(stance="opposes").replace("A000370", "a370"), "is 'a370'"),
        (ROW.format(stance="opposes") * 2, "A000370 has another row"),
        ('opposes = "thank"', "is 'thank'"),
        ('supports = "praise"', "is 'praise'"),
        ("position = 3", "is not a list of tables"),
        ("[position]\nbioguide = 1", "is not a list of tables"),
        ('[[position]]\ncolour = "red"', "is not a known key"),
    ],
)
def test_what_is_no_position_is_told(text: str, what: str) -> None:
    with pytest.raises(Problems) as told:
        read(text)
    assert any(what in problem.what for problem in told.value.problems), told.value


STANCE = st.sampled_from(["supports", "opposes", "undecided"])


@given(
    STANCE,
    st.sampled_from(["ask", "hold"]),
    st.sampled_from(["ask", "hold"]),
    st.sampled_from(["ask", "thank", "hold"]),
)
def test_each_stance_gets_what_the_file_says_and_only_support_is_thanked(
    stance: str, opposes: str, undecided: str, supports: str
) -> None:
    wanted = {"opposes": opposes, "undecided": undecided, "supports": supports}
    found = having("".join(f'{key} = "{value}"\n' for key, value in wanted.items()) + ROW.format(stance=stance))
    whom = seat(OTHER)
    assert found.positions.treatment(OTHER) == wanted[stance]
    assert letter.is_on_hold(found, whom) == (wanted[stance] == "hold")
    if wanted[stance] == "thank":
        assert letter.variant(found, whom, NOW) == "thanks-house"
        assert letter.ask_variant(found, whom, NOW) == "", "an ask that names her would ask for what she does"
    elif wanted[stance] == "ask":
        assert letter.variant(found, whom, NOW) == "house"
        assert letter.ask_variant(found, whom, NOW) == "representative"
    assert not letter.is_on_hold(found, seat("B000000")), "of nobody else anything is said"
    assert letter.variant(found, whom, found.campaign.bill.expires) == "after"


@pytest.mark.parametrize("code", ["H:NC:12", "S:NC:2"])
@pytest.mark.parametrize("locale", ["en", "es"])
def test_thanks_for_a_position_say_nothing_of_a_bill_that_was_not_signed(code: str, locale: str) -> None:
    found = having(ROW.format(stance="supports"))
    made = release.from_folder(found)
    text = letter.draft(made, letter.variant(found, seat(OTHER, code), NOW), locale, seat(OTHER, code), NOW)
    whole = letter.full_text(text, "", "en")
    assert "thank you for supporting an end to the 287(g) program" in text.english.ask
    assert "sponsoring" not in whole
    assert "introducing" not in whole
    assert text.subject == "Thank you for supporting an end to 287(g)"
    assert ask_checks.check(found, NOW).errors == ()


def test_a_sponsor_may_be_held_and_then_no_ask_names_them() -> None:
    found = having('supports = "hold"\n' + ROW.format(stance="supports").replace(OTHER, SPONSOR))
    assert letter.is_on_hold(found, seat(SPONSOR))
    assert letter.ask_variant(found, seat(SPONSOR), NOW) == ""
    assert not letter.ask_still_true(found, "signed_on", seat(SPONSOR), NOW)
    assert letter.ask_still_true(SHIPPED, "signed_on", seat(SPONSOR), NOW)


def test_old_future_and_contradicting_sources_are_told_by_their_line() -> None:
    later = ROW.format(stance="undecided").replace("date = 2026-11-20", "date = 2026-12-24")
    assert any("in the future" in str(one) for one in ask_checks.check(having(later), NOW).errors)
    old = ROW.format(stance="undecided").replace("date = 2026-11-20", "date = 2026-01-20")
    assert any("days old" in str(one) for one in ask_checks.check(having(old), NOW).warnings)
    against = ROW.format(stance="opposes").replace(OTHER, SPONSOR)
    (told,) = [one for one in ask_checks.check(having(against), NOW).warnings if "signed H.R. 6890" in str(one)]
    assert told.where == "positions.toml line 2 [position.1]"
    assert replace(SHIPPED, positions=Positions()).positions.treatment(SPONSOR) == "ask"
