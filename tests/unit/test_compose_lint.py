"""`check` finds all of it at once, before anyone gets an email; and the shipped texts keep their promises."""

from __future__ import annotations

import re

import pytest

from campaign.compose.campaign_folder import folder as folders
from campaign.compose.lint import ask_checks
from campaign.compose.rendering import render
from campaign.compose.rendering.release import from_folder
from tests.unit.checked import HEAD, errors, warnings
from tests.unit.compose_samples import (
    ACTS_TOML,
    ASK,
    BEFORE,
    BODY,
    CAMPAIGN_TOML,
    FACTS_TOML,
    LETTER,
    SHIPPED,
    SWITCH,
    ask,
    message,
    ms,
    small,
)


def test_a_sound_folder_has_nothing_to_tell() -> None:
    assert ask_checks.check(small(), BEFORE, live=True) == ask_checks.CheckReport((), (), {})


def test_the_shipped_folder_warns_of_its_placeholders_and_of_its_spanish() -> None:
    report = ask_checks.check(SHIPPED, BEFORE)
    assert report.errors == ()
    assert {problem.where.split(" ", 3)[-1] for problem in report.warnings} == {
        *(f"[organization] {name}" for name in ("legal_name", "postal_address", "sender_email", "offices_email")),
        "[organization] sender_name",
        "[organization] reply_to",
        "[organization] signer_name",
        "[meta] language_review_es",
        *("[bill]", "[precedent]", "[opposite.house]", "[opposite.senate]"),
    }


def test_who_read_the_spanish_stands_in_the_check_with_the_day() -> None:
    def told(said: str) -> tuple[list[str], dict[str, str]]:
        facts = SHIPPED.files["facts.toml"].replace('language_review_es = "not done"', said)
        report = ask_checks.check(folders.parse("end-287g", {**SHIPPED.files, "facts.toml": facts}), BEFORE)
        return [one.what for one in report.warnings if "meta" in one.where], dict(report.readers)

    assert told('language_review_es = "Rosa Díaz, 2026-11-20"') == ([], {"es": "Rosa Díaz, 2026-11-20"})
    assert told("") == (["no native speaker has read the 'es' texts"], {})
    for said in ("done", "2026-11-20", "Rosa Díaz"):
        what = f"language_review_es does not say who read, and when: {said!r}"
        assert told(f'language_review_es = "{said}"') == ([what], {})


def test_a_placeholder_is_an_error_when_the_mail_would_leave() -> None:
    report = ask_checks.check(SHIPPED, BEFORE, live=True)
    assert any(error.what == "still a placeholder" and "sender_email" in error.where for error in report.errors)
    assert len(report.errors) == 7


def test_letters_to_offices_from_the_address_of_the_asks_warn() -> None:
    toml = small().files["campaign.toml"].replace("offices_email", "# offices_email")
    (told,) = warnings(small({"campaign.toml": toml}))
    assert "letters to offices come from action@neighbors.test too" in told


def test_a_review_that_is_due_warns() -> None:
    assert not any("reviewed" in line for line in warnings(SHIPPED, ms(2026, 12, 15, 23)))
    assert len([line for line in warnings(SHIPPED, ms(2026, 12, 16, 12)) if "is past its review date" in line]) == 3


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{{ greeting }}", "has no link to action_url"),
        ("[a]({{ action_url }})", "has no link to unsubscribe_url"),
        ("[a]({{ action_url }}) [b]({{ unsubscribe_url }})", "does not show the postal address"),
        (HEAD + "{{ sponsor }}", "no name is called 'sponsor'"),
        (HEAD + "{% if first_name %}x{% endif %}", "branches on first_name"),
        (HEAD + "{{ bill.number }}", "names H.R. 1, which died with the 119th Congress"),
        (HEAD + "\n2,589 agreements", "types the number '2,589'"),
        (HEAD + "H.R. 6890", "types the number '6890'"),
        (HEAD + "x" * 64 * 1024, "is larger than 64 KiB"),
    ],
)
def test_what_a_body_lacks_or_says_wrongly_is_an_error(body: str, says: str) -> None:
    found = errors(small(ask(body)))
    assert any(line.startswith(ASK) and says in line for line in found)


def test_all_problems_come_at_once() -> None:
    moved = "receipt/moved.en.md"
    files = {**ask("{{ nobody }}\n42"), moved: None, "facts.toml": FACTS_TOML.replace("Somebody", "")}
    assert errors(small(files)) == [
        "ask/first.en.md line 5: no name is called 'nobody'",
        "facts.toml line 2 [fact.one]: one has no source",
        "ask/first.en.md line 6: types the number '42'",
        "receipt/moved.en.md: is missing",
    ]


def test_entities_links_and_the_name_of_the_law_are_no_numbers() -> None:
    assert errors(small(ask(BODY + "\n287(g)&#8203; [Es]({{ action_url }}?lang=es2)"))) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('confidence = "confirmed"', 'confidence = "unconfirmed"'), "one is unconfirmed"),
        (('use = "letter"', 'use = "background"'), "for use as 'background'"),
        (("https://example.test/", ""), "one has no source"),
        (('text_en = "One & only, 7 of 9."', ""), "one has no text in 'en'"),
        (('use = "letter"', 'use = "letter"\nexpires = "2026-11-01"'), "quotes one, which expired on 2026-11-01"),
    ],
)
def test_a_fact_that_must_not_be_quoted_is_an_error(change: tuple[str, str], says: str) -> None:
    assert any(says in line for line in errors(small({"facts.toml": FACTS_TOML.replace(*change)})))


def test_a_fact_that_will_expire_while_the_campaign_runs_warns() -> None:
    facts = FACTS_TOML.replace('use = "letter"', 'use = "letter"\nexpires = "2026-12-20"')
    folder = small({"facts.toml": facts})
    assert errors(folder) == []
    assert "ask/first.en.md line 14: quotes one, which expired on 2026-12-20" in warnings(folder)


def test_a_part_or_locale_that_is_missing_is_an_error() -> None:
    campaign = CAMPAIGN_TOML.replace('["en"]', '["en", "es"]')
    found = errors(small({"campaign.toml": campaign}))
    assert "ask/first.es.md: is missing" in found
    assert {f"receipt/{name}.es.md: is missing" for name in ("sent", "waiting", "moved")} <= {*found}
    assert {f"letter/{name}.es.txt: is missing" for name in ("house", "thanks-house", "after")} <= {*found}
    assert not any(".en.md" in line or "senate" in line for line in found)


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        ("Two\nlines", "not one line"),
        ("", "not one line"),
        ("Ana’s letter", "curly quotes"),
    ],
)
def test_a_bad_subject_is_an_error(subject: str, says: str) -> None:
    assert any(says in line for line in errors(small({ASK: message(BODY, subject=subject)})))


@pytest.mark.parametrize(
    "subject", ["URGENT: your letter", "Final notice", "Donate now", "Carta urgente", "Dona ya", "x" * 61]
)
def test_a_pushy_or_long_subject_warns(subject: str) -> None:
    folder = small({ASK: message(BODY, subject=subject)})
    assert errors(folder) == []
    assert any("the subject" in line for line in warnings(folder))


@pytest.mark.parametrize("subject", ["Donde va su carta", "It is done: your letter"])
def test_a_plain_subject_does_not_warn(subject: str) -> None:
    assert warnings(small({ASK: message(BODY, subject=subject)})) == []


def test_html_that_gmail_would_cut_off_is_an_error() -> None:
    fact = FACTS_TOML.replace("One & only, 7 of 9.", "word " * 21_000 + "end.")
    assert any("Gmail" in line for line in errors(small({"facts.toml": fact})))


def test_odd_people_are_odd_in_both_languages() -> None:
    people = {locale: dict(ask_checks.odd_people(locale)) for locale in ("en", "es")}
    assert people["en"]["no name"]["greeting"] == "Hello,"
    assert people["es"]["no name"]["greeting"] == "Hola:"
    assert people["en"]["line breaks in the name"]["greeting"] == "Hi Ana Bcc: all,"
    assert len(people["en"]) == 11


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("now", [BEFORE, SWITCH])
@pytest.mark.parametrize("variant", ["plain", "representative", "signed_on"])
def test_the_ask_is_short_and_in_usted(locale: str, now: int, variant: str) -> None:
    person = dict(ask_checks.odd_people(locale))["an ordinary name"]
    email = render.plain(from_folder(SHIPPED), locale, variant, "first", now, person=person)
    body = email.text.split("\n--\n")[0]
    words = re.sub(r"https?://\S+", "", body.split("\nGracias,")[0].split("\nThank you,")[0]).split()
    assert 90 <= len([word for word in words if word != "-"]) <= 140
    assert len(email.subject.replace("Example", "")) <= 50
    assert not re.search(r"\b(tú|tu|tus|ti|te|puedes|vosotros)\b", email.text, re.I)


def test_only_those_whose_language_is_unknown_are_offered_the_other_one() -> None:
    person = dict(ask_checks.odd_people("en"))["no name"]
    for variant, offered in (("plain", False), ("plain unknown-locale", True), ("signed_on unknown-locale", True)):
        mail = render.plain(from_folder(SHIPPED), "en", variant, "first", BEFORE, person=person)
        assert mail.text.startswith("Léalo en español: https://") is offered
        assert (f'{person["action_url"]}?lang=es"' in mail.html) is offered


@pytest.mark.parametrize("field", ["representative", "representative_short"])
@pytest.mark.parametrize(
    "condition", ["", 'variant == "plain"', "bill.alive", 'variant != "plain"', 'variant == "representative"']
)
def test_a_representative_is_named_only_where_one_is_known_and_the_bill_lives(field: str, condition: str) -> None:
    printed = f"{{{{ {field} }}}}"
    body = BODY + (f"{{% if {condition} %}}{printed}{{% endif %}}" if condition else printed)
    assert "ask/first.en.md line 18: names a representative where none is known" in errors(small(ask(body)))


def test_a_living_bills_representative_may_be_named_where_one_is_known() -> None:
    body = BODY + '{% if bill.alive and variant == "representative" %}{{ representative }}{% endif %}'
    assert errors(small(ask(body))) == []


def test_the_reminder_is_a_message_of_its_own() -> None:
    person = dict(ask_checks.odd_people("en"))["no name"]
    for variant in render.VARIANTS:
        email = render.plain(from_folder(SHIPPED), "en", variant, "reminder", BEFORE, person=person)
        waits = variant.startswith("waiting")
        asks = "Your letter on 287(g) is waiting for you" if waits else "Could you make one call about 287(g)?"
        assert email.subject == asks
        assert ("Your letter is written and confirmed." in email.text) is waits
        assert ("Enter your ZIP code" in email.text) is not waits


def test_the_small_print_says_how_and_when_they_agreed() -> None:
    person = dict(ask_checks.odd_people("en"))["no name"]
    email = render.plain(from_folder(SHIPPED), "en", "plain", "first", BEFORE, person=person)
    for part in (email.text, email.html):
        assert "You're on our list “petition” (petition page, September 12, 2026)." in part.replace("&#39;", "'")


def test_cosponsors_that_nobody_looked_at_for_a_month_warn_with_the_page() -> None:
    day = 24 * 3600 * 1000
    checked = SHIPPED.acts.every[0].checked
    assert not any("H.R. 6890: cosponsors" in line for line in warnings(SHIPPED, checked + 30 * day))
    (told,) = (
        problem
        for problem in ask_checks.check(SHIPPED, checked + 31 * day).warnings
        if "H.R. 6890: cosp" in problem.what
    )
    assert told.what == "H.R. 6890: cosponsors last checked on 2025-12-18"
    assert "https://www.congress.gov/bill/119th-congress/house-bill/6890/cosponsors" in told.do
    assert not any("cosponsors" in line for line in warnings(SHIPPED, SWITCH))  # the bill is dead


def test_names_that_cannot_change_any_more_warn_no_more() -> None:
    acts = ACTS_TOML.replace("year = 2025", "year = 2021").replace("2026-11-20", "2023-02-01")
    assert not any("cosponsors" in line for line in warnings(small({"sponsors.toml": acts})))


def test_a_letter_after_the_bill_expires_that_names_it_is_an_error() -> None:
    found = errors(small({"letter/after.en.txt": LETTER}))
    assert found == ["letter/after.en.txt line 5: names H.R. 1, which died with the 119th Congress"]


def test_a_sign_from_a_fact_is_reported_with_the_line_of_the_fact() -> None:
    found = errors(small({"facts.toml": FACTS_TOML.replace("7 of 9", "7 de 9, ¿no?")}))
    assert found == ["facts.toml line 3: has the sign '¿'"]


def test_names_may_have_accents() -> None:
    campaign = CAMPAIGN_TOML.replace("Neighbors & Friends", "Coalición de Vecinos").replace("Rosa O'Neil", "Rosa Núñez")
    assert errors(small({"campaign.toml": campaign})) == []
