"""`check` reads letters, digests and every file of the folder before an office gets one."""

from __future__ import annotations

import importlib.metadata
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import ask_checks, call_checks, letter_checks, receipt_checks
from campaign.compose.lint.ask_checks import Check
from campaign.compose.rendering import language, message_file, release, render
from campaign.errors import Problems
from tests.unit.checked import errors
from tests.unit.compose_samples import (
    ASK,
    BEFORE,
    LETTER,
    SHIPPED,
    ask,
    message,
    small,
)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("I ask for", "I ask at https://example.test for"), "letter/house.en.txt line 5: has the link"),
        (("I ask for", "I ask at example.org for"), "letter/house.en.txt line 5: has the link"),
        (("I ask for", "I ask Señor for"), "letter/house.en.txt line 5: has the sign 'ñ'"),
        (("Please listen", "Please “listen”"), "letter/house.en.txt line 10: has the sign '“'"),
        (
            ("Statement by {{ organization.legal_name }}:", "We say"),
            "letter/house.en.txt line 6: the label names no organization",
        ),
        (("Please answer.", " "), "letter/house.en.txt: has nothing in its block 'reply'"),
        (("block label", "block lable"), "letter/house.en.txt: has nothing in its block 'label'"),
        (("block reference", "block refrence"), "letter/house.en.txt line 17: no block is called 'refrence'"),
        (
            ("{% block reply", "Also this.\n{% block reply"),
            "letter/house.en.txt line 11: has words outside of its blocks",
        ),
        (
            ("{% block reply", "{{ bill.number }}{% block reply"),
            "letter/house.en.txt line 11: has words outside of its",
        ),
        (
            ("{% block close", "\n{% block state %}\nb\nc\nd\ne\n{% endblock %}\n{% block close"),
            "letter/house.en.txt line 7: has 5 facts",
        ),
        (("Please listen.", "word " * 150), "letter/house.en.txt line 6: the statement has 1"),
        (
            ("for {{ bill.number }}.{% endblock", "for it in the next Congress.{% endblock"),
            "letter/house.en.txt line 5: says",
        ),
        (("subject: A bill\n", ""), "letter/house.en.txt line 1: has no front matter"),
        (("A bill", "x" * 61), "letter/house.en.txt line 2: the subject has 61 characters"),
        (("A bill", "A {{ bil }}"), "letter/house.en.txt line 2: no name is called 'bil'"),
        (("Please answer.\n{% endblock", "{% endblock"), "letter/house.en.txt: has one line in its block 'short'"),
        (
            ("Please answer.\n{% endblock", "a\nb\nc\n{% endblock"),
            "letter/house.en.txt line 13: the short letter has 4",
        ),
        (("{{ bill.number }}", "H.R. 1"), "letter/house.en.txt line 5: types the number '1.'"),
        (("{{ bill.number }}", "{{ greeting }}"), "letter/house.en.txt line 5: no name is called 'greeting'"),
        (
            ("{{ bill.number }}", "{{ precedent.number }}"),
            "letter/house.en.txt line 5: names precedent.number, and there is",
        ),
    ],
)
def test_a_letter_that_an_office_would_not_take_is_an_error(change: tuple[str, str], says: str) -> None:
    assert change[0] in LETTER
    assert any(line.startswith(says) for line in errors(small({"letter/house.en.txt": LETTER.replace(*change)})))


def test_a_leaving_member_is_not_asked_about_the_next_congress() -> None:
    asks = LETTER.replace("for {{ bill.number }}.", "for {{ bill.number }} in the next Congress.")
    guarded = asks.replace(
        " in the next Congress", "{% if not member.leaving and not member.opposed %} in the next Congress{% endif %}"
    )
    (wrong,) = errors(small({"letter/house.en.txt": asks}))
    assert wrong == "letter/house.en.txt line 5: says 'next Congress' to a member who is leaving or opposed"
    assert errors(small({"letter/house.en.txt": guarded})) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("{towns}.", "{town}."), "office/digest-lines.toml line 2 towns: is "),
        (("{number} letters", "{number letters"), "office/digest-lines.toml line 12 count_many: is "),
        (("{number} letters", "{number:,} letters"), "office/digest-lines.toml line 12 count_many: is "),
        (('spanish = "(written in Spanish)"', ""), "office/digest-lines.toml spanish: is missing"),
        (("quotes =", "quoted ="), "office/digest-lines.toml line 4 quoted: is not a known key"),
    ],
)
def test_a_sentence_of_the_digest_has_just_its_own_fields(change: tuple[str, str], says: str) -> None:
    path = "office/digest-lines.toml"
    assert change[0] in SHIPPED.files[path]
    assert any(line.startswith(says) for line in errors(small({path: SHIPPED.files[path].replace(*change)})))


@pytest.mark.parametrize(
    "path",
    [
        *("sponsors.toml", "letter/after.en.txt", "receipt/words.toml", "receipt/moved.en.md", "office/digest.en.txt"),
        *("office/invitation.en.txt", "office/digest-lines.toml"),
    ],
)
def test_a_part_of_letters_or_receipts_that_is_missing_is_an_error(path: str) -> None:
    assert f"{path}: is missing" in errors(small({path: None}))


def test_templates_are_checked_even_when_a_toml_file_cannot_be_read() -> None:
    files = {**small(ask("{{ nobody }}")).files, "campaign.toml": "a ="}
    with pytest.raises(Problems) as error:
        ask_checks.parse("small", files)
    assert [problem.where for problem in error.value.problems] == ["campaign.toml", "ask/first.en.md line 5"]


def test_one_template_that_cannot_be_read_hides_nothing_of_the_others() -> None:
    files = {ASK: "no front matter", "receipt/moved.en.md": message("{{ greeting }}")}
    found = errors(small(files))
    assert found[0] == "ask/first.en.md line 1: has no front matter"
    assert "receipt/moved.en.md: does not show '482913'" in found
    assert not any(line.startswith("ask/") for line in found[1:])


def test_an_edit_has_one_kind_of_message_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    for module in (receipt_checks, letter_checks, call_checks):

        def counted(folder: Folder, now: int, *, check: Check = module.check, name: str = module.__name__) -> Any:
            checked.append(name.rpartition(".")[2])
            return check(folder, now)

        monkeypatch.setattr(module, "check", counted)
    ask_checks._checked.cache_clear()
    before = ask_checks.check(SHIPPED, BEFORE)
    assert checked == ["receipt_checks", "letter_checks", "call_checks"]
    path = "letter/house.en.txt"
    edited = replace(SHIPPED, files={**SHIPPED.files, path: SHIPPED.files[path] + "\nRead http://example.org\n"})
    after = ask_checks.check(edited, BEFORE)
    assert checked[3:] == ["letter_checks"]
    assert {str(error) for error in after.errors} > {str(error) for error in before.errors}


def test_package_versions_and_template_language_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    parsed: list[str] = []
    version, check = importlib.metadata.version, language._check

    def counted_version(name: str) -> str:
        read.append(name)
        return version(name)

    def counted_check(path: str, *arguments: Any, **options: Any) -> Any:
        parsed.append(path)
        return check(path, *arguments, **options)

    monkeypatch.setattr("campaign.compose.rendering.release.version", counted_version)
    monkeypatch.setattr(language, "_check", counted_check)
    kept = (release.versions, language._findings, render.language_problems, render._environment, ask_checks._checked)
    for cached in kept:
        cached.cache_clear()
    ask_checks.check(SHIPPED, BEFORE)
    assert sorted(read) == ["babel", "jinja2", "markdown-it-py", "markupsafe", "pyyaml"]
    parts = {path: len(message_file.parts(path, source)) for path, source in SHIPPED.templates.items()}
    assert Counter(parsed) == parts
