"""One office: the ways to reach it, and a call."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from campaign.web import pages
from tests.contract.action_pages import (
    ADAMS,
    ASK,
    CALL,
    FIRST,
    MINUTE,
    NOON,
    SECOND,
    preview,
    visit,
)
from tests.contract.page_rules import words
from tests.contract.situations import BY_FORM, LANGUAGES, call, content, offer, primary, text


def ways(page: str) -> list[str]:
    """Where the choices lead, in their order."""
    return re.findall(r'<button class="choice" form="go" name="go" value="([^"]+)">', page)


def test_the_choices_are_equals_each_with_its_time() -> None:
    page = text("offices", "en")
    assert ways(page) == [f"call {BY_FORM.seat}", f"form {BY_FORM.seat}"]
    assert "Call her office about a minute Open now until 5 p.m. ET" in words(page)
    assert "Use her web form about 5 minutes Your letter is written." in words(page)
    assert primary(page) == [], "no choice stands out"
    assert "<h1>Ask Rep.\N{NO-BREAK SPACE}Example to cosponsor H.R.\N{NO-BREAK SPACE}6890</h1>" in page
    assert ASK in words(page)


def test_until_when_a_bill_can_pass_is_said_to_those_who_ask_for_it() -> None:
    assert "Expires January 3, 2027 (16 days left)" in words(text("offices", "en"))
    for name in ("offices, one to thank", "offices in January"):
        assert "Expires" not in words(text(name, "en")), name


def test_whoever_is_on_the_bill_is_thanked_in_the_title() -> None:
    assert "<h1>Thank Rep.\N{NO-BREAK SPACE}Example</h1>" in text("offices, one to thank", "en")
    assert "<h1>Dele las gracias a la representante Example</h1>" in text("offices, one to thank", "es")


def test_a_visit_comes_first_with_its_person_place_and_day() -> None:
    page = text("offices with a visit", "en")
    assert ways(page)[0] == "letter"
    assert "Dana Whitlock will take letters to the Charlotte office on Wednesday, December 16." in words(page)


def test_letters_that_we_deliver_are_offered_beside_an_office_with_a_form() -> None:
    page = text("offices beside letters", "en")
    assert ways(page) == ["letter", f"call {BY_FORM.seat}", f"form {BY_FORM.seat}"]
    assert "Send a letter to Sen. Example about a minute" in words(page)


def test_at_night_a_voicemail_is_offered_and_when_a_person_answers() -> None:
    page = words(text("offices at night", "en"))
    assert "Closed now. Leave a voicemail Any hour works. Or talk to a person Monday from 9 a.m. ET." in page
    assert "el lunes desde las 9 a. m., hora del Este" in words(text("offices at night", "es"))


def test_a_busy_line_leads_back_to_another_way_in_focus() -> None:
    page = text("offices after a busy call", "en")
    (note,) = re.findall(r'<p class="note" role="status" tabindex="-1" autofocus>(.*?)</p>', page)
    assert note.startswith("Busy? Try Charlotte, or use the form.")
    assert 'href="tel:+17045550112"' in note
    assert "Busy? Use the form" in words(text("offices after a busy call, no local office", "en"))
    only_phone = content(offer(visit("en"), news="busy", ways=("call",), form=None))
    assert "Busy? Another number or another hour may work." in words(only_phone)


@pytest.mark.parametrize(
    ("why", "title", "lead"),
    [
        ("signed_on", "Your representative is already on the bill. Ask Sen. Example next", "has already signed on"),
        ("supports", "Your representative already supports this. Ask Sen. Example next", "already supports this, so"),
        ("leaving", "Start with Sen. Example", "is leaving Congress"),
    ],
)
def test_why_a_senator_comes_first_is_said(why: str, title: str, lead: str) -> None:
    page = text(f"offices, senator first: {why}", "en")
    assert title in words(page)
    assert lead in words(page)
    assert ways(page)[0] == f"call {FIRST.seat}"
    assert ("Want to thank Rep. Example too?" in words(page)) == (why == "signed_on")


def test_only_a_representative_may_be_another_one() -> None:
    for name, said in (("offices", 1), ("offices, senator first: signed_on", 0), ("offices in January", 0)):
        assert text(name, "en").count("Not your representative?") == said, name


def test_a_vacant_or_closed_seat_is_explained_once_and_nobody_is_guessed() -> None:
    assert words(text("offices, vacant seat", "en")).count("vacant") == 1
    january = words(text("offices in January", "en"))
    assert "Start with Sen. Example" in january
    assert "January 3, 2027" in january
    assert "representative?" not in january
    unsure = text("offices, unsure", "en")
    assert "Senators represent everyone in North Carolina" in words(unsure)
    assert 'form="go" name="go" value="names">Know who represents you' in unsure


def test_a_stranger_is_told_that_nothing_is_known_of_them() -> None:
    assert "you tell us nothing about yourself" in words(text("offices of a stranger", "en"))
    assert "you tell us nothing about yourself" not in words(text("offices", "en"))


def test_after_opting_out_there_are_a_form_and_a_call_and_nothing_is_sent() -> None:
    page = text("offices after opting out", "en")
    assert ways(page) == [f"call {ADAMS.seat}", f"form {ADAMS.seat}"]
    assert "You’re unsubscribed, so we can’t send a letter for you." in words(page)
    steps = text("form after opting out", "en")
    assert "Our email to you bounced" in words(steps)
    assert 'value="save"' not in steps


def test_the_number_is_the_button_and_what_to_fill_in_is_marked() -> None:
    page = text("call", "en")
    assert primary(page) == ["Call 202-555-0112 Washington office"]
    assert 'class="button full dial" href="tel:+12025550112"' in page
    assert "<mark>(your name)</mark>" in page
    assert pages.placeholders("(your city) wants the 287(g) program <b>") == (
        "<mark>(your city)</mark> wants the 287(g) program &lt;b&gt;"
    )
    assert re.findall(r'name="outcome" value="(\w+)"', page) == ["answered", "voicemail", "busy"]
    assert re.findall(r'<li><a href="(tel:[^"]+)"', page) == [
        "tel:+17045550112",
        "tel:+19805550112",
        "tel:+19195550112",
    ]


def test_on_a_spanish_page_the_english_script_is_open_below_the_spanish_one() -> None:
    page = text("call", "es")
    spanish, english = page.index("Me llamo <mark>(su nombre)</mark>"), page.index("<mark>(your name)</mark>")
    assert spanish < english
    assert '<details open><summary>Lo mismo en inglés</summary><div class="letter" lang="en">' in page
    assert "<details open>" not in text("call", "en")


def test_where_only_voicemail_answers_nobody_is_asked_about_a_person() -> None:
    page = text("voicemail", "en")
    assert re.findall(r'name="outcome" value="(\w+)"', page) == ["voicemail", "busy"]
    assert "Closed now: 12 p.m. in Washington. Opens Monday at 9 a.m. ET." in words(page)
    assert "skip the question at the end" in words(page)


def test_a_call_says_what_is_noted_and_what_was_said_before() -> None:
    assert "We note only which button you press" in words(text("call", "en"))
    assert "this saves nothing about you" in words(text("call of a stranger", "en"))
    assert "You told us before: You left a voicemail." in words(text("call made before", "en"))
    failed = text("call after the form failed", "en")
    assert 'role="status" tabindex="-1" autofocus>Thanks for trying the form.' in failed


def test_a_call_shows_other_numbers_where_washington_has_none() -> None:
    local = replace(CALL, numbers=(*CALL.numbers[1:], *CALL.numbers[1:]))
    page = content(call(visit("en"), call=local))
    assert primary(page) == ["Call 704-555-0112 Charlotte office"]
    assert "More local offices" in words(page)
    assert "Try a local office" not in words(text("call without a script", "en"))


def test_names_and_times_read_as_people_write_them() -> None:
    adams, budd, nobody = ADAMS, FIRST, replace(ADAMS, gender="")
    puerto_rico = replace(FIRST, house=True, state="PR", district=0)
    english = [pages.short(office, "en", "of") for office in (adams, budd, puerto_rico)]
    assert [one.replace("\N{NO-BREAK SPACE}", " ") for one in english] == [
        "Rep. Example’s",
        "Sen. Example’s",
        "Resident Commissioner Example’s",
    ]
    assert pages.short(replace(adams, last_name="Adams"), "en", "of").endswith("Adams’")
    assert [pages.short(adams, "es", case) for case in ("", "to", "of")] == [
        "la representante Example",
        "a la representante Example",
        "de la representante Example",
    ]
    assert [pages.short(budd, "es", case) for case in ("", "to", "of")] == [
        "el senador Example",
        "al senador Example",
        "del senador Example",
    ]
    assert [pages.short(nobody, "es", case) for case in ("", "to", "of")] == [
        "Alma Example",
        "a Alma Example",
        "de Alma Example",
    ]
    assert pages.listed((adams, budd, SECOND), "es", "to") == (
        "a la representante Example, al senador Example y a la senadora Example"
    )
    assert [pages.clock(NOON + minutes * MINUTE, "en").replace("\xa0", " ") for minutes in (0, 65, -720)] == [
        "12 p.m.",
        "1:05 p.m.",
        "12 a.m.",
    ]
    assert [pages.clock(NOON + minutes * MINUTE, "es").replace("\xa0", " ") for minutes in (0, 65, -660)] == [
        "las 12 p. m.",
        "la 1:05 p. m.",
        "la 1 a. m.",
    ]
    assert [pages.postmark(NOON, lang) for lang in LANGUAGES] == ["DEC 18", "18 DIC"]


def test_an_office_without_a_letter_to_show_is_still_named() -> None:
    page = content(offer(visit("en"), preview=preview(FIRST), form=None, ways=("call",)))
    assert "<h1>Reach Rep.\N{NO-BREAK SPACE}Example</h1>" in page
    assert ways(page) == [f"call {BY_FORM.seat}"]
