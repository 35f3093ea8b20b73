"""Call scripts: short, true at the time, and with the member's name and title in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import call_checks, letter_checks
from campaign.compose.messages import call_script
from campaign.compose.rendering import fields
from campaign.compose.rendering.release import from_folder
from campaign.model import Seat
from tests.unit.compose_samples import BEFORE, SHIPPED, seat

AFTER = SHIPPED.campaign.bill.expires


def problems(path: str, text: str | None) -> list[str]:
    """The findings for the shipped campaign with this file, or without it."""
    files = {name: old for name, old in SHIPPED.files.items() if name != path}
    made: Folder = replace(SHIPPED, files=files if text is None else {**files, path: text})
    return [str(problem) for problem in call_checks.check(made, BEFORE)]


def test_the_shipped_scripts_have_no_problems() -> None:
    assert list(call_checks.check(SHIPPED, BEFORE)) == []


@pytest.mark.parametrize("now", [BEFORE, AFTER])
def test_every_kind_of_member_is_named_and_asked_in_both_languages(now: int) -> None:
    for who, one in letter_checks.samples(SHIPPED):
        spanish = call_script.script(from_folder(SHIPPED), "es", one, now)
        english = call_script.script(from_folder(SHIPPED), "en", one, now)
        assert spanish is not None, who
        assert english is not None, who
        assert english.english == ()
        assert spanish.english == english.own
        for said, locale in ((spanish.own, "es"), (english.own, "en")):
            assert len(said) == 3, (who, said)
            assert len(" ".join(said).split()) <= 70, (who, said)
            assert fields.spoken(one, locale) in said[1], (who, said)
            assert ("6890" in " ".join(said)) <= (now < AFTER), (who, said)
            assert " de el " not in f" {' '.join(said)} ", said
            assert " a el " not in f" {' '.join(said)} ", said


def test_the_zip_code_that_was_typed_is_filled_in() -> None:
    script = call_script.script(from_folder(SHIPPED), "es", seat("H:NC:12"), BEFORE, zip="28205")
    assert script is not None
    assert "en (su ciudad), código postal 28205." in script.own[0]
    assert "in (your city), ZIP code 28205." in script.english[0]


def test_spanish_says_who_it_is_by_gender() -> None:
    woman, man = (seat("S:NC:2", name="Alex Ruiz", gender=gender) for gender in "FM")
    assert [fields.spoken(who, "es") for who in (woman, man)] == ["la senadora Ruiz", "el senador Ruiz"]
    assert fields.spoken(Seat("H:PR:0", woman.holder), "en") == "Resident Commissioner Ruiz"


def test_problems_are_reported_with_file_and_line() -> None:
    assert any("call/house.es.txt: is missing" in one for one in problems("call/house.es.txt", None))
    assert any("call/after.en.txt: has 131 words" in one for one in problems("call/after.en.txt", "word " * 131))
    assert any("call/after.en.txt: has no words" in one for one in problems("call/after.en.txt", "\n"))
    link = problems("call/house.en.txt", "Hello.\n\nGo to https://example.org")
    assert any(one.startswith("call/house.en.txt line 3: has the link") for one in link)
    path = "call/thanks-house.en.txt"
    always = SHIPPED.files[path].replace("{% if not member.leaving %}", "").replace("Congress.{% endif %}", "Congress.")
    assert any(
        f"{path} line 3: says 'next Congress' to a member who is leaving" in one for one in problems(path, always)
    )


def test_a_campaign_without_scripts_shows_numbers_only() -> None:
    none = replace(SHIPPED, files={name: text for name, text in SHIPPED.files.items() if not name.startswith("call/")})
    assert list(call_checks.check(none, BEFORE)) == []
    assert call_script.script(from_folder(none), "es", seat("H:NC:12"), BEFORE) is None
