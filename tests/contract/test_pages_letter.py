"""The page of a letter before it is confirmed: what it says, asks and keeps."""

from __future__ import annotations

import re

from campaign.compose.messages import letter as letter_texts
from campaign.web import action_page
from tests.contract.action_pages import (
    ASK,
    ENGLISH,
    FIRST,
    SECOND,
    TEXT,
    preview,
    visit,
)
from tests.contract.situations import LANGUAGES, SENATORS, SITUATIONS, content, letter, text, words


def test_names_come_first_where_a_zip_has_several_districts() -> None:
    page = text("names")
    assert "¿Quién es su representante?" in page
    buttons = re.findall(r'<button[^>]* name="seat" value="([^"]+)"><b>([^<]+)</b>', page)
    assert buttons == [("H:IL:4", "Chuy Example"), ("H:IL:7", "Danny Example"), (SENATORS[0].seat, "No lo sé")]
    assert "street" not in page


def test_a_letter_shows_the_member_the_reason_and_one_office_first() -> None:
    page = text("letter")
    assert "<h1>Su carta a la representante Alma Example</h1>" in page
    assert "Representa el distrito 12 de Carolina del Norte, donde está su código postal." in page
    assert page.count('name="seat"') == 3  # of the letter, of the call, and of the page in the other language
    assert re.findall(r'<button class="quiet" name="other" value="([^"]+)">', page) == [FIRST.seat, SECOND.seat]
    assert 'href="tel:+12025550112"' in page
    assert [name in page for name in ("Me llamo (su nombre)", "My name is (your name)")] == [True, True]


def test_own_words_stand_between_ask_and_statement_and_are_never_required() -> None:
    page = text("letter")
    area = re.search(r"<textarea[^>]*>", page)
    assert area is not None
    assert "required" not in area[0]
    first, last = ASK.split(",")[0], ENGLISH.statement.splitlines()[-1]
    assert page.index(TEXT.subject) < page.index(first) < area.start() < page.index(last)
    assert "Hasta 2,000 caracteres" in page
    assert "<textarea" not in text("letter without room")


def test_a_short_form_leaves_out_parts_that_are_named_and_can_be_read() -> None:
    page = words(text("letter to a short form"))
    assert "admite 1,200 caracteres. Para que quepan sus palabras quitamos: las fuentes" in page
    assert TEXT.english.sources in page[page.index("Leer lo que quitamos") :]
    made = preview(FIRST, takes=1200)
    assert f"Hasta {made.limit} caracteres" in page
    assert f"Si escribe más de {made.beside}," in page
    assert "quitamos" not in words(text("letter"))
    assert "acortamos el texto común. Por favor, lea la carta otra vez" in words(text("letter made shorter"))


def test_a_form_that_no_letter_fits_offers_no_button() -> None:
    page = text("letter without room")
    assert "solo admite 100 caracteres" in page
    assert "mejor llame" in page
    assert "Confirmar y abrir" not in page
    assert 'href="tel:' in page


def test_the_line_about_the_language_is_shown_before_it_is_chosen() -> None:
    for lang in LANGUAGES:
        page = text("letter", lang)
        assert letter_texts.summary(TEXT) in words(page)
        assert re.findall(r'name="tongue" value="(\w+)"( checked)?', page) == [("en", ""), ("es", " checked")]


def test_a_spanish_reader_sees_what_the_english_says_and_an_english_one_does_not() -> None:
    spanish, english = text("letter", "es"), text("letter", "en")
    assert spanish.count("Así dice en español") == 3  # subject, opening, ending
    assert f'<b lang="en">{TEXT.subject}</b>' in spanish
    assert re.findall(r'<div class="english" lang="(..)">', spanish) == ["en", "en"]
    assert TEXT.translation is not None
    shown = f"{TEXT.translation.subject}\n{TEXT.translation.opening}\n{TEXT.translation.ending}"
    for part in filter(None, shown.splitlines()):
        assert part in words(spanish)
        assert part not in words(english)


def test_only_what_the_office_asks_for_is_asked() -> None:
    def asked(name: str) -> set[str]:
        found = re.findall(r'<(?:input|select|textarea)(?! type="hidden")[^>]* name="(\w+)"', text(name))
        return set(found)

    plain = {"first_name", "last_name", "story", "tongue"}
    assert asked("letter by form") == plain
    assert asked("letter") == plain | {"city"}
    assert asked("letter by form or on paper") == plain | {"city"}
    assert asked("letter with a street or on paper") == asked("blank page") - {"email"}
    assert asked("blank page") == plain | {"city", "street", "phone", "prefix", "email"}
    for name, complete in (
        *(("first_name", "given-name"), ("last_name", "family-name"), ("street", "street-address")),
        *(("phone", "tel"), ("city", "address-level2"), ("email", "email")),
    ):
        assert re.search(rf'<input id="{name}"[^>]* autocomplete="{complete}"', text("blank page"))


def test_a_blank_page_shows_nothing_of_the_person() -> None:
    page = text("blank page")
    assert "Ana" not in words(page)
    assert 'value="Ana"' not in page
    assert "tres días" in page
    assert "Confirmar por correo" in page


def test_what_the_office_sees_and_what_is_kept_stand_before_the_button() -> None:
    by_email, by_form = words(text("letter")), words(text("letter by form"))
    for page in (by_email, by_form):
        assert page.index("Qué verá la oficina") < page.index("Qué guardamos y hasta cuándo") < page.index("Confirmar")
        assert "hasta 28 días después" in page
    assert "La enviaremos en 15 minutos. Hasta entonces puede cancelarla." in by_email
    assert "Esta la envía usted." in by_form
    assert "válido hasta el 2 de enero de 2027" in by_form


def test_a_mistake_is_told_on_top_and_at_its_field_and_nothing_typed_is_lost() -> None:
    answer = SITUATIONS["mistakes"](visit("es"))
    page = content(answer)
    assert answer.status == 422
    assert "<title>Error: " in page
    summary = page[page.index('<div class="summary" role="alert">') : page.index("<h1>")]
    linked = ["letter", "prefix", "last_name", "street", "city", "phone", "email"]
    assert re.findall(r'href="#(\w+)"', summary) == linked
    assert re.findall(r'id="(\w+)"[^>]* aria-invalid="true"', page) == linked[1:]
    assert re.findall(r'id="(\w+)"[^>]* autofocus', page) == ["prefix"]
    assert 'name="first_name" type="text" value="Ana"' in page
    assert "&lt;b&gt;Mi&lt;/b&gt; vecino &#34;no&#34; volvió &amp; nadie llama.</textarea>" in page


def test_words_that_are_too_long_are_kept_and_measured() -> None:
    long = "á" * 2100
    page = content(letter(visit(), {"story": "story-long"}, {"story": long}, preview=preview(over=100)))
    assert "Quite unos 100 caracteres" in page
    assert long in page
    assert "data-" not in page


def test_the_guard_asks_calmly_and_the_enter_key_answers_nothing() -> None:
    page = text("guard")
    assert "Esto puede revelar la situación migratoria de alguien" in page
    assert 'class="summary"' not in page
    assert '<a class="button" href="#story">Cambiarlo</a>' in page
    assert 'name="guard" value="keep">Dejarlo como está</button>' in page
    inside = page[page.index('<form class="letter"') :]
    first = re.search(r"<button[^>]*>", inside)
    assert first is not None
    assert "name=" not in first[0]  # the browser presses a form's first button for the Enter key
    assert 'type="hidden" name="guard"' not in page
    kept = content(letter(visit(), {"city": "city"}, {"story": "x", "guard": "keep"}))
    assert 'type="hidden" name="guard" value="keep"' in kept


def test_a_form_is_read_with_plain_line_ends_and_no_control_character() -> None:
    body = b"step=confirm&story=one%0D%0Atwo%00%1B%09three&story=second&zip=+28205+&empty=&bad=%ff"
    read = action_page.read_form(body)
    assert read == {
        "step": "confirm",
        "story": "one\ntwo\tthree",
        "zip": " 28205 ",
        "empty": "",
        "bad": "�",
    }
