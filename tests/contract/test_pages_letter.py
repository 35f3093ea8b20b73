"""The page of the letters that we deliver: what it says, asks and keeps before one button confirms them."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from campaign.compose.messages import letter as letter_texts
from campaign.web import action_page, pages
from tests import offices
from tests.contract.action_pages import (
    ADAMS,
    ASK,
    DAY,
    ENGLISH,
    FIRST,
    NOON,
    SENATE_ASK,
    TEXT,
    letters_to,
    options,
    preview,
    visit,
)
from tests.contract.page_rules import words
from tests.contract.situations import LANGUAGES, TYPED, content, letter, primary, text

EMAILED = replace(FIRST, options=options(offices.EACH))


def fields(page: str) -> set[str]:
    """What the page asks for."""
    return set(re.findall(r'<(?:input|select|textarea)(?! type="hidden")[^>]* name="([\w-]+)"', page))


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


def test_one_page_writes_to_every_office_that_takes_letters_from_us() -> None:
    page = text("letter", "en")
    assert "<h1>Your letter to Rep.\N{NO-BREAK SPACE}Example and Sen.\N{NO-BREAK SPACE}Example</h1>" in page
    assert re.findall(r'name="seat" value="([^"]+)" checked>', page) == [ADAMS.seat, EMAILED.seat]
    assert {f"seen-{office.seat}": "5ee2" for office in (ADAMS, EMAILED)}.items() <= hidden(page).items()
    assert "go only through the office’s own web form" in words(page), "the second senator takes none from us"
    assert primary(page) == ["Send my letter"]


def test_every_letter_can_be_read_the_first_one_without_a_press() -> None:
    page = text("letter", "en")
    opened, folded = page.split("<details><summary>What’s different for", 1)
    for part in (ENGLISH.salutation, ASK, ENGLISH.facts[0], ENGLISH.reply, ENGLISH.closing):
        assert part in unescape(opened)
    assert SENATE_ASK not in unescape(opened)
    differs, whole = folded.split("Read the whole letter", 1)
    assert f"“{SENATE_ASK}”" in unescape(differs)
    assert ENGLISH.facts[0] not in unescape(differs), "only what differs"
    for part in ("Dear Senator Example,", SENATE_ASK, ENGLISH.facts[0], ENGLISH.closing):
        assert part in unescape(whole)


def test_a_letter_that_differs_in_nothing_says_so() -> None:
    same = (preview(), preview(EMAILED))
    page = content(letter(visit("es"), ADAMS, EMAILED, previews=same))
    assert "La misma carta, dirigida al senador Example." in words(page)


def test_own_words_stand_between_ask_and_statement_and_are_never_required() -> None:
    page = text("letter", "en")
    area = re.search(r"<textarea[^>]*>", page)
    assert area is not None
    assert "required" not in area[0]
    first, last = ASK.split(",")[0], ENGLISH.statement.splitlines()[-1]
    assert page.index(TEXT.subject) < page.index(first) < area.start() < page.index(last)
    assert "Leave out anyone’s immigration status." in words(page)


def test_a_spanish_reader_sees_what_the_english_says_and_an_english_one_does_not() -> None:
    spanish, english = text("letter", "es"), text("letter", "en")
    assert TEXT.translation is not None
    shown = f"{TEXT.translation.subject}\n{TEXT.translation.opening}\n{TEXT.translation.ending}"
    for part in filter(None, shown.splitlines()):
        assert part in words(spanish)
        assert part not in words(english)
    assert f'<b lang="en">{TEXT.subject}</b>' in spanish
    assert spanish.count("Así dice en español") == 4  # subject, opening, ending; the whole second letter
    assert 'class="gloss"' not in english
    for part in re.findall(r'<div class="letter"([^>]*)>', spanish):
        assert part == ' lang="en"'


def test_the_line_about_the_language_is_shown_before_it_is_chosen() -> None:
    for lang in LANGUAGES:
        page = text("letter", lang)
        assert letter_texts.summary(TEXT) in words(page)
        assert dict(re.findall(r'name="tongue" value="(\w+)"( checked)?', page))[lang] == " checked"


def test_only_what_the_offices_ask_for_is_asked() -> None:
    plain = {"seat", "first_name", "last_name", "story", "tongue", "city"}
    assert fields(text("letter")) == plain
    assert fields(text("letter to one office")) == plain - {"seat"}
    assert fields(text("letter handed in")) == plain - {"seat"}
    assert fields(text("letter that needs more")) == plain | {"prefix", "street", "phone"}
    assert fields(text("letter by the intake")) == plain - {"seat"} | {"prefix", "street", "response"}
    assert fields(text("letter in a summary")) == plain - {"seat"} | {"quote"}
    assert fields(text("letter of a stranger")) == plain | {"email", "age", "website"}
    for name, complete in (
        *(("first_name", "given-name"), ("last_name", "family-name"), ("city", "address-level2")),
        *(("street", "street-address"), ("phone", "tel"), ("email", "email")),
    ):
        assert re.search(rf'<input id="{name}"[^>]* autocomplete="{complete}"', text("mistakes")), name


def test_what_one_office_needs_is_said_to_be_for_that_office() -> None:
    page = words(text("letter that needs more", "en"))
    assert "Street and house number Required to write to Rep. Example." in page
    assert "No street address." not in page
    assert "No street address." in words(text("letter", "en"))
    assert "An office that requires more also sees: title, street and house number, phone." in page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["letter", "letter of a stranger", "mistakes", "guard"])
def test_the_enter_key_presses_a_disabled_button_that_stands_before_all_others(name: str, lang: str) -> None:
    """A browser presses the first button of a form, in the order of the page, for the Enter key in a field."""
    page = text(name, lang)
    start, end = page.index('<form method="post" action="?lang=' + lang + '" id="letter"'), page.index("</main>")
    buttons = re.finditer(r"<button[^>]*>", page)
    ours = [one[0] for one in buttons if 'form="letter"' in one[0] or (start < one.start() < end)]
    ours = [one for one in ours if 'form="go"' not in one and 'type="button"' not in one]
    assert re.fullmatch(r'<button class="vh" form="letter" disabled tabindex="-1" aria-hidden="true">', ours[0])
    other = "en" if lang == "es" else "es"
    assert 'name="step" value="keep"' in ours[1]  # what Chromium presses for Enter on a tick box: the same page again
    assert "formaction" not in ours[1]
    assert 'name="step" value="keep"' in ours[2]
    assert f'formaction="?lang={other}" formnovalidate' in ours[2]
    last = page.rindex('<input type="hidden" name="step" value="confirm">')
    assert all(page.index(one) < last for one in ours), "a button's own step comes first in the form that is sent"


def test_every_button_of_the_page_keeps_what_was_typed() -> None:
    page = text("letter", "en")
    form = page[page.index('id="letter"') : page.index("</main>")]
    assert re.findall(r'name="go" value="([^"]+)"', form) == [f"call {ADAMS.seat}", "names"]
    assert 'form="go"' not in form


def test_what_the_offices_see_and_what_is_kept_can_be_read_before_the_button_is_pressed() -> None:
    page = words(text("letter", "en"))
    assert "may deliver it to the offices you checked. Send my letter" in page
    assert "You have 15 minutes to take it back." in page
    assert "until 28 days after it’s sent" in page
    assert "email address, so it can answer you" in page
    assert "doesn’t show your street or email" not in page
    paper = words(text("letter handed in", "en"))
    assert "It doesn’t show your street or email." in paper
    assert "email address, so it can answer you" not in paper
    digest = words(text("letter in a summary", "en"))
    assert "only if you check the box under them" in digest
    assert "The summary may quote my own words" in digest


def test_a_promised_visit_names_the_person_the_place_and_the_day() -> None:
    page = words(text("letter handed in", "en"))
    assert "Dana Whitlock will take it to the Charlotte office on Wednesday, December 16." in page
    assert primary(text("letter handed in", "en")) == ["Have my letter hand-delivered"]
    assert "until it’s printed, and for at least 15 minutes" in page
    both = words(text("letter handed in and emailed", "es"))
    assert "la imprimimos y Dana Whitlock la entrega el miércoles 16 de diciembre" in both


def test_what_a_letter_says_has_an_end() -> None:
    first, *rest = letters_to("en", ADAMS)
    page = content(letter(visit("en"), ADAMS, previews=(replace(first, shown_until=NOON + 15 * DAY), *rest)))
    assert "current through January 2, 2027" in words(page)


def test_a_stranger_is_emailed_first_and_nothing_is_known_of_them() -> None:
    page = text("letter of a stranger", "en")
    assert "Ana" not in words(page)
    assert 'value="Ana"' not in page
    assert primary(page) == ["Email me the link"]
    assert "Nothing goes to an office until you press the button there." in words(page)
    assert "72 hours at most" in words(page)
    assert "15 minutes" not in words(page)


def test_a_mistake_is_told_on_top_and_at_its_field_and_nothing_typed_is_lost() -> None:
    page = text("mistakes", "en")
    assert "<title>Error: " in page
    summary = page[page.index('role="alert"') : page.index("<h1>")]
    linked = re.findall(r'href="#([\w-]+)"', summary)
    assert linked == ["to-1", "the-letter", "prefix", "last_name", "street", "city", "phone", "email", "age"]
    marked = re.findall(r'<(?:input|select)[^>]* id="([\w-]+)"[^>]* aria-invalid="true"', page)
    marked += re.findall(r'<select id="(\w+)"[^>]* aria-invalid="true"', page)
    assert set(re.findall(r'id="(\w+)"[^>]* aria-invalid="true"', page)) >= set(linked[3:])
    for name in linked[3:]:
        assert f'id="{name}-wrong"' in page
    assert 'name="first_name" value="Ana"' in page
    assert "&lt;b&gt;Mi&lt;/b&gt; vecino &#34;no&#34; volvió &amp; nadie llama.</textarea>" in page
    assert " checked> <span><b>" not in page, "no office was ticked"


def test_an_office_that_was_unticked_stays_unticked() -> None:
    page = content(letter(visit("en"), typed={**TYPED, "seat": EMAILED.seat}, faults={"city": "city"}))
    assert re.findall(r'name="seat" value="([^"]+)"( checked)?>', page) == [
        (ADAMS.seat, ""),
        (EMAILED.seat, " checked"),
    ]
    other = content(letter(visit("en"), typed={**TYPED, "seat": "H:PA:15"}))
    assert re.findall(r'name="seat" value="[^"]+"( checked)?>', other) == [" checked", " checked"]


def test_words_that_are_too_long_are_kept_and_measured() -> None:
    long = "á" * 2100
    many = tuple(replace(one, over=100) for one in letters_to("es", ADAMS, EMAILED))
    page = content(letter(visit(), faults={"story": "story-long"}, typed={"story": long}, previews=many))
    assert "Quite unos 100 caracteres" in words(page)
    assert long in page


def test_the_guard_asks_calmly_and_its_focus_is_on_changing_the_words() -> None:
    page = text("guard")
    assert "Esto puede revelar la situación migratoria de alguien" in words(page)
    assert 'role="alert"' not in page
    assert '<a class="button quiet" href="#story" autofocus>Cambiarlo</a>' in page
    assert '<button class="quiet" name="guard" value="keep">Dejarlo como está</button>' in page
    assert "guard" not in hidden(page)
    kept = content(letter(visit(), faults={"city": "city"}, typed={"story": "x", "guard": "keep"}))
    assert hidden(kept)["guard"] == "keep"


def test_words_already_confirmed_as_they_are_do_not_confirm_the_next_ones() -> None:
    asked_again = content(letter(visit(), typed={"story": "y", "guard": "keep"}, guarded=True))
    assert "guard" not in hidden(asked_again)


def test_a_form_is_read_with_plain_line_ends_every_office_and_no_control_character() -> None:
    body = (
        b"step=keep&story=one%0D%0Atwo%00%1B%09three&story=second&zip=+28205+&empty=&bad=%ff"
        b"&seat=H:NC:12&seat=S:NC:3&step=confirm"
    )
    assert action_page.read_form(body) == {
        "step": "keep",
        "story": "one\ntwo\tthree",
        "zip": " 28205 ",
        "empty": "",
        "bad": "�",
        "seat": "H:NC:12 S:NC:3",
    }


def test_a_member_whose_gender_is_not_known_is_named_without_a_title_in_spanish() -> None:
    plain = replace(ADAMS, gender="")
    assert [pages.named(plain, lang) for lang in LANGUAGES] == ["Representative Alma Example", "Alma Example"]
    assert "<h1>Su carta a Alma Example</h1>" in content(letter(visit("es"), plain))
