"""The texts of the open page: as the organizer wrote them, and never a sentence that has become false."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markupsafe import Markup

from campaign.compose.lint import ask_checks
from campaign.compose.messages import open_page
from campaign.compose.rendering.release import from_folder
from tests.unit.compose_samples import BEFORE, FACTS_TOML, FILES, PAGE, SHIPPED, SWITCH, ms, small


def problems(text: str, now: int = BEFORE) -> list[str]:
    report = ask_checks.check(small({PAGE: text}), now)
    return [f"{problem.where}: {problem.what}" for problem in (*report.errors, *report.warnings)]


def test_the_page_changes_by_itself_when_the_bill_expires() -> None:
    made = from_folder(small())
    before, after = (open_page.texts(made, at)["en"] for at in (SWITCH - 1, SWITCH))
    assert before == open_page.PageText(
        title="Ask for a small bill",
        lead=Markup("H.R.&nbsp;1 would do it."),
        questions=(
            (Markup("What is it?"), Markup("It is small. We are neighbors.")),
            (Markup("By when?"), Markup("By January 3, for H.R.&nbsp;1. One &amp; only, 7 of 9.")),
        ),
        description="Ask for a small bill. All you need is a ZIP code.",
        message="I asked for a small bill. You can too at",
        subject="Would you ask too?",
    )
    assert after.lead == "Congress can do it."
    assert after.questions == ((Markup("What is it?"), Markup("It is small. We are neighbors.")),)


def test_the_shipped_page_names_its_bill_only_while_it_lives() -> None:
    made = from_folder(SHIPPED)
    for at, alive in ((BEFORE, True), (SWITCH, False)):
        for page in open_page.texts(made, at).values():
            assert ("6890" in str(page)) is alive
            assert len(page.questions) == (3 if alive else 2)
            assert page.title
            assert page.description
            assert page.message


def test_what_the_organizer_writes_is_text_and_the_bills_title_is_english_in_spanish() -> None:
    odd = FILES[PAGE].replace("It is small.", "<b>Small</b> & {{ bill.title }}")
    (_, answer), *_ = open_page.texts(from_folder(small({PAGE: odd})), BEFORE)["en"].questions
    assert answer == "&lt;b&gt;Small&lt;/b&gt; &amp; A Bill We are neighbors."
    spanish = dict(open_page.texts(from_folder(SHIPPED), BEFORE)["es"].questions)
    assert '<span lang="en">PROTECT Immigration Act of 2025</span>' in spanish[Markup("¿Quién decide?")]


def test_a_text_that_is_not_true_any_more_leaves_only_the_title() -> None:
    dead = small({PAGE: FILES[PAGE].replace("Congress can do it.", "Ask for {{ bill.number }}.")})
    made = from_folder(dead)
    assert open_page.texts(made, BEFORE)["en"].lead
    assert open_page.texts(made, SWITCH)["en"] == open_page.PageText("Small")
    expired = FACTS_TOML.replace('use = "letter"', 'use = "letter"\nexpires = "2026-12-01"')
    made = from_folder(small({"facts.toml": expired}))
    assert open_page.texts(made, BEFORE)["en"].questions
    assert open_page.texts(made, ms(2026, 12, 15))["en"] == open_page.PageText("Small")
    assert open_page.texts(made, SWITCH)["en"].questions, "the fact is not quoted any more"


def test_a_campaign_without_the_file_shows_its_title_and_check_says_so() -> None:
    folder = small({PAGE: None})
    assert open_page.texts(from_folder(folder), BEFORE) == {"en": open_page.PageText("Small")}
    report = ask_checks.check(folder, BEFORE)
    assert [str(warning).partition("\n")[0] for warning in report.warnings] == [
        "page/open.en.md: is missing, so the open page shows only the title"
    ]
    assert report.errors == ()


def test_a_page_in_one_of_two_languages_is_an_error() -> None:
    files = {path: text for path, text in SHIPPED.files.items() if path != "page/open.es.md"}
    errors = ask_checks.check(replace(SHIPPED, files=files), BEFORE).errors
    assert [str(error).partition("\n")[0] for error in errors] == ["page/open.es.md: is missing"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("Congress can do it.", "Ask for {{ bill.number }}.", "page/open.en.md line 10: names H.R. 1, which died"),
        ("It is small.", "It is **small**.", "page/open.en.md line 15: would show the sign '**'"),
        ("It is small.", "See [this](https://x.test).", "page/open.en.md line 15: would show the sign ']('"),
        ("It is small.", "- It is small.", "page/open.en.md line 15: would show the sign '- '"),
        ("It is small.", "It costs 7 dollars.", "page/open.en.md line 15: types the number '7'"),
        ("It is small.", "{{ fact.two }}", "page/open.en.md line 15: no fact is called 'two'"),
        ("It is small.", "{{ first_name }}", "page/open.en.md line 15: no name is called 'first_name'"),
        ("We are neighbors.", "## And then?", "page/open.en.md line 17: 'And then?' has no answer"),
        ("You can too at", "Go to www.small.test", "page/open.en.md line 4: has the link 'www.'"),
        ("You can too at", "You can too, " * 25, "page/open.en.md line 4: message has "),
        (
            "message: I asked for a small bill. You can too at",
            "message: ''",
            "page/open.en.md line 4: message is empty",
        ),
        ("subject: Would you ask too?\n", "", "page/open.en.md: has no subject in its front matter"),
        ("{{ bill.number }} would do it.", "", "page/open.en.md: has no introduction"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(before: str, after: str, told: str) -> None:
    found = problems(FILES[PAGE].replace(before, after, 1))
    assert any(problem.startswith(told) for problem in found), found
