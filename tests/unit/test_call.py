"""What callers say: short, the ask first after the name, true at the time, with the member's name in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import letter_checks
from campaign.compose.messages import call_script
from campaign.compose.rendering import fields
from campaign.compose.rendering.release import from_folder
from campaign.model import Seat
from tests.unit.compose_samples import BEFORE, SHIPPED, seat

AFTER = SHIPPED.campaign.bill.expires


def told(path: str, text: str | None) -> list[str]:
    """What `check` says of the shipped campaign with this file, or without it."""
    files = {name: old for name, old in SHIPPED.files.items() if name != path}
    made: Folder = replace(SHIPPED, files=files if text is None else {**files, path: text})
    return [str(problem) for problem in call_script.check(made, BEFORE)]


def test_the_shipped_words_are_in_order() -> None:
    assert list(call_script.check(SHIPPED, BEFORE)) == []


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
            assert len(said) == 4, (who, said)
            assert fields.spoken(one, locale) in said[1] or "thank" in said[1], (who, said)
            assert ("6890" in " ".join(said)) <= (now < AFTER), (who, said)
            assert " de el " not in f" {' '.join(said)} ", said
            assert " a el " not in f" {' '.join(said)} ", said


def test_spanish_says_who_it_is_by_gender() -> None:
    woman, man = (seat("S:NC:2", name="Alex Ruiz", gender=gender) for gender in "FM")
    assert [fields.spoken(who, "es") for who in (woman, man)] == ["la senadora Ruiz", "el senador Ruiz"]
    assert fields.spoken(Seat("H:PR:0", woman.holder), "en") == "Resident Commissioner Ruiz"


def test_what_is_wrong_is_named_with_its_file() -> None:
    assert any("call/house/es.txt: is missing" in one for one in told("call/house/es.txt", None))
    assert any("has 131 words" in one for one in told("call/after/en.txt", "word " * 131))
    assert any("link" in one for one in told("call/house/en.txt", "Go to https://example.org"))


def test_a_campaign_without_words_has_numbers_alone() -> None:
    none = replace(SHIPPED, files={name: text for name, text in SHIPPED.files.items() if not name.startswith("call/")})
    assert list(call_script.check(none, BEFORE)) == []
    assert call_script.script(from_folder(none), "es", seat("H:NC:12"), BEFORE) is None
