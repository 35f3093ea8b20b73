"""The supporter's pages after the ZIP code, from invented desks: what they say, and to whom, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from html import unescape
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from litestar import Response
from markupsafe import escape
from playwright.sync_api import Browser, Page

from campaign.cli import forms
from campaign.compose import letters as letter_texts
from campaign.congress import roster
from campaign.letters import calls, channels
from campaign.letters.channels import Means
from campaign.model import Seat
from campaign.outreach.sheets import CONSENT
from campaign.outreach.shown import Called, Status
from campaign.states import Proof
from campaign.store import engine
from campaign.store.engine import Database
from campaign.web import letters, pages
from campaign.web.letters import Visit
from tests.browser import browser
from tests.contract.desks import (
    ADAMS,
    ASK,
    CALL,
    DAY,
    FIRST,
    MEMBER,
    NOON,
    SAID,
    SECOND,
    TEXT,
    desk,
    sheet,
    status,
    visit,
    ways,
)

LANGUAGES = ("en", "es")
WROTE = replace(ADAMS, written=True)
NEEDY = replace(ADAMS, ways=ways(needs=("street", "phone", "prefix")))
PAPER = replace(FIRST, ways=ways(contact=False, packets=True))
INTAKE = replace(ADAMS, ways=ways(intake=True, intake_why="it takes letters from here"))
NEEDED_OR_PAPER = ways(needs=("street", "phone", "prefix"), packets=True)
DANGEROUS = '<b>Mi</b> vecino "no" volvió & nadie llama.'
UNKNOWN = channels.ways(Seat("S:NC:2", replace(MEMBER, form_needs=(), form_topic="")), Means())
NAMES = tuple(
    replace(ADAMS, seat=f"H:IL:{number}", name=name, state="IL", district=number, why="candidate")
    for number, name in ((4, "Chuy Example"), (7, "Danny Example"))
)
SENATORS = tuple(replace(office, state="IL", seat=office.seat.replace("NC", "IL")) for office in (FIRST, SECOND))

DAILY = replace(ADAMS, ways=ways(wants="daily"))


def letter(at: Visit, problems: dict[str, str] | None = None, **changes: Any) -> Response[str]:
    made = desk(**{"sheet": sheet(), **changes})
    assert made.sheet is not None
    made = replace(made, call=replace(CALL, seat=made.sheet.office.seat))
    return letters.written(at, made, at.form, problems or {})


def standing(at: Visit, *found: Status, news: str = "", **changes: Any) -> Response[str]:
    made = desk(letters=found, offices=(WROTE, FIRST, SECOND), **changes)
    return letters.letters_page(at, made, found[-1] if news else None, news)


TYPED = {"first_name": "Ana", "last_name": "Ruiz", "story": DANGEROUS, "tongue": "es", "city": "Charlotte"}
LATER = replace(ADAMS, name="Nora Example")
CAME_BACK = (
    status(1, state="back", why="holder", now=LATER, anew=sheet(LATER), typed=TYPED),
    status(2, FIRST, "held", why="incoming"),
    status(3, SECOND, "back", why="text", with_writer=True, anew=sheet(SECOND)),
)
SITUATIONS: dict[str, Callable[[Visit], Response[str]]] = {
    "zip": letters.ask_zip,
    "wrong zip": lambda at: letters.ask_zip(at, "wrong"),
    "unknown zip": lambda at: letters.desk_page(at, desk(warnings=("unknown-zip",))),
    "names": lambda at: letters.desk_page(at, desk(zip="60632", candidates=NAMES, offices=SENATORS)),
    "nobody": lambda at: letters.desk_page(at, desk(offices=(), warnings=("vacant-house", "no-senators"))),
    "between two Congresses": lambda at: letter(at, sheet=sheet(FIRST), offices=(FIRST,), warnings=("unknown-seat",)),
    "letter": letter,
    "letter by form": lambda at: letter(at, sheet=sheet(FIRST, shown_until=NOON + 15 * DAY)),
    "letter to a short form": lambda at: letter(at, sheet=sheet(FIRST, takes=1200)),
    "letter in a summary": lambda at: letter(at, sheet=sheet(DAILY)),
    "confirmed for a summary": lambda at: standing(
        at, status(office=DAILY, daily=True, due_at=NOON + DAY), news="confirmed"
    ),
    "letter by form or on paper": lambda at: letter(at, sheet=sheet(PAPER)),
    "letter with a street or on paper": lambda at: letter(at, sheet=sheet(replace(NEEDY, ways=NEEDED_OR_PAPER))),
    "letter by the intake": lambda at: letter(at, sheet=sheet(INTAKE)),
    "sent by the intake": lambda at: standing(at, status(office=INTAKE, state="sent", channel="cwc"), news="back"),
    "paper": lambda at: standing(at, status(office=PAPER, state="to_print"), news="paper"),
    "printed": lambda at: standing(at, status(office=PAPER, state="printed"), news="back"),
    "ready or on paper": lambda at: standing(at, status(2, PAPER, "ready"), news="confirmed"),
    "letter without room": lambda at: letter(at, sheet=sheet(FIRST, takes=100)),
    "letter made shorter": lambda at: letter(
        replace(at, form={"story": DANGEROUS * 9}), {"seen": "refit"}, sheet=sheet(FIRST, takes=1000, refit=True)
    ),
    "blank page": lambda at: letter(at, sheet=sheet(NEEDY), own=False, first_name="", last_name=""),
    "mistakes": lambda at: letter(
        replace(at, form={"first_name": "Ana", "last_name": "", "story": DANGEROUS}),
        {name: name for name in ("name", "city", "street", "phone", "prefix", "email")} | {"seen": "changed"},
        sheet=sheet(replace(NEEDY, warning="its term ended")),
        own=False,
    ),
    "guard": lambda at: letter(replace(at, form={"story": DANGEROUS}), {"story": "status"}),
    "confirmed": lambda at: standing(replace(at, form={"story": DANGEROUS}), status(), news="confirmed"),
    "ready": lambda at: standing(at, status(), status(2, FIRST, "ready"), news="confirmed"),
    "ready on an unknown form": lambda at: standing(
        at, status(2, replace(FIRST, ways=UNKNOWN), "ready"), news="confirmed"
    ),
    "ready and too long": lambda at: standing(at, status(2, FIRST, "ready", fallback=True, over=300), news="confirmed"),
    "yes": lambda at: standing(at, status(2, FIRST, "reported"), news="yes"),
    "no": lambda at: standing(at, status(2, FIRST, "ready", fallback=True), news="no"),
    "later": lambda at: standing(at, status(2, FIRST, "ready"), news="later"),
    "back": lambda at: standing(at, status(state="withdrawn"), news="back"),
    "too late": lambda at: standing(at, status(state="delivered"), news="back"),
    "every state": lambda at: standing(at, *(status(n, state=one.value) for n, one in enumerate(Proof, 1))),
    "came back": lambda at: standing(at, *CAME_BACK),
    "unsure": lambda at: standing(at, status(state="sent"), news="unsure"),
    "call": lambda at: letters.call_page(replace(at, form={"seat": ADAMS.seat}), desk(call=CALL)),
    "called": lambda at: letters.letters_page(
        replace(at, form={"seat": ADAMS.seat}),
        desk(called=tuple(Called(ADAMS, word, NOON) for word in calls.OUTCOMES)),
        None,
        "called",
    ),
    "held": lambda at: at.show("held.html"),
    "code": lambda at: at.show("code.html", wrong=False),
    "wrong code": lambda at: at.show("code.html", wrong=True),
    "disown": lambda at: at.show("disown.html"),
    "disowned": lambda at: at.show("disowned.html", number=2),
    "nothing to disown": lambda at: at.show("disowned.html", number=0),
    "forgotten": lambda at: at.show("forgotten.html"),
}


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database that is asked for the time only."""
    made = engine.connect(f"sqlite:///{tmp_path_factory.mktemp('clock')}/empty.db")
    yield made
    made.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


def text(clock: Database, name: str, lang: str = "es") -> str:
    return str(SITUATIONS[name](visit(clock, lang)).content)


def words(page: str) -> str:
    """What a person reads on a page."""
    main = page[page.index("<main>") : page.index("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for key, below in node.items():
        yield from [(f"{path}{key}", below)] if isinstance(below, str) else leaves(below, f"{path}{key}.")


# Every page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SITUATIONS)
def test_every_page_has_one_heading_and_names_for_all_it_asks(clock: Database, name: str, lang: str) -> None:
    page = text(clock, name, lang)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<h1>") == 1
    assert f'<html lang="{lang}">' in page
    referred = " ".join(re.findall(r' (?:for|aria-describedby|aria-labelledby)="([^"]+)"', page)).split()
    referred += re.findall(r'href="#([^"]+)"', page)
    assert set(referred) <= set(ids)
    fields = re.findall(r'<(?:textarea|select|input(?! type="hidden"))[^>]* id="([^"]+)"', page)
    assert set(fields) <= set(re.findall(r'<label for="([^"]+)"', page))
    assert page.count(" autofocus") <= 1
    for never in ("<script", " style=", "onclick", "<b>Mi"):
        assert never not in page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SITUATIONS)
def test_every_form_keeps_the_language_and_every_way_out_gives_nothing_away(
    clock: Database, name: str, lang: str
) -> None:
    page = text(clock, name, lang)
    other = "en" if lang == "es" else "es"
    for form in re.findall(r"<form[^>]*>", page):
        assert f'action="?lang={other if "switch" in form else lang}"' in form
        assert 'method="post"' in form
    for link in re.findall(r'<a [^>]*href="https?:[^>]*>', page):
        assert 'target="_blank" rel="noopener noreferrer"' in link
        assert 'href="https://office.example/' in link


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_called_sent_that_a_channel_did_not_prove(clock: Database, lang: str) -> None:
    claim = re.compile(r"\bsent\b|\benvi(?:ad[oa]s?|ó)\b", re.IGNORECASE)
    allowed = {"status.sent", "status.reported", "letters.told_yes"}
    ours = (
        "warning",
        "choose",
        "write",
        "call",
        "problem",
        "guard",
        "status",
        "letters",
        "held",
        "code",
        "disown",
        "disowned",
    )
    tables = {name: pages.WORDS[lang][name] for name in (*ours, "forgotten", "role", "why", "value")}
    assert {path for path, said in leaves(tables) if claim.search(said)} == allowed
    for one in Proof:
        page = words(str(standing(visit(clock, lang), status(state=one.value)).content))
        assert bool(claim.search(page)) == (one in (Proof.SENT, Proof.REPORTED)), one
        assert pages.WORDS[lang]["status"][one.value] in page


def test_both_languages_have_a_word_for_everything_that_can_come() -> None:
    for lang in LANGUAGES:
        said = pages.WORDS[lang]
        assert said["status"].keys() == {one.value for one in Proof}
        assert {"name", "city", "street", "phone", "prefix", "email", "story-long", "changed", "seat"} <= set(
            said["problem"]
        )
        assert said["place"].keys() == {seat.state for seat in roster.load().seats.values()}
    empty = [path for path, english in leaves(pages.WORDS["en"]) if not english]
    assert set(empty) == {
        "write.english",
        "write.gloss",
        "call.ask_spanish",
        "call.english",
        *(f"{field}.{option}" for field in ("prefix", "response") for option in pages.WORDS["en"][field]),
    }
    assert not [path for path, spanish in leaves(pages.WORDS["es"]) if not spanish]


def test_the_words_under_which_people_confirm_belong_to_one_version() -> None:
    """Evidence names the version: new words need a new CONSENT in outreach/sheets, and their hash here."""
    said = [
        f"{lang} {key} {words}"
        for lang in LANGUAGES
        for key, words in sorted(pages.WORDS[lang]["write"].items())
        if key.startswith(("sees", "keeps", "consent", "confirm", "quote"))
    ]
    said += [pages.WORDS[lang]["letters"][key] for lang in LANGUAGES for key in ("paper_text", "paper_button")]
    assert (CONSENT, sha256("\n".join(said).encode()).hexdigest()[:12]) == ("2026-11-28", "eda3561addce")


# The letter


def test_names_come_first_where_a_zip_has_several_districts(clock: Database) -> None:
    page = text(clock, "names")
    assert "¿Quién es su representante?" in page
    buttons = re.findall(r'<button[^>]* name="seat" value="([^"]+)"><b>([^<]+)</b>', page)
    assert buttons == [("H:IL:4", "Chuy Example"), ("H:IL:7", "Danny Example"), (SENATORS[0].seat, "No lo sé")]
    assert "street" not in page


def test_a_letter_shows_the_member_the_reason_and_one_office_first(clock: Database) -> None:
    page = text(clock, "letter")
    assert "<h1>Su carta a la representante Alma Example</h1>" in page
    assert "Representa el distrito 12 de Carolina del Norte, donde está su ZIP." in page
    assert page.count('name="seat"') == 3  # of the letter, of the call, and of the page in the other language
    assert re.findall(r'<button class="quiet" name="other" value="([^"]+)">', page) == [FIRST.seat, SECOND.seat]
    assert 'href="tel:+12025550112"' in page
    assert [name in page for name in ("Me llamo (su nombre)", "My name is (your name)")] == [True, True]


def test_own_words_stand_between_ask_and_statement_and_are_never_required(clock: Database) -> None:
    page = text(clock, "letter")
    area = re.search(r"<textarea[^>]*>", page)
    assert area is not None
    assert "required" not in area[0]
    first, last = ASK.split(",")[0], SAID.statement.splitlines()[-1]
    assert page.index(TEXT.subject) < page.index(first) < area.start() < page.index(last)
    assert "Hasta 2,000 caracteres" in page
    assert "<textarea" not in text(clock, "letter without room")


def test_a_short_form_leaves_out_parts_that_are_named_and_can_be_read(clock: Database) -> None:
    page = words(text(clock, "letter to a short form"))
    assert "admite 1,200 caracteres. Para que quepan sus palabras dejamos fuera: las fuentes" in page
    assert TEXT.said.sources in page[page.index("Leer lo que dejamos fuera") :]
    made = sheet(FIRST, takes=1200)
    assert f"Hasta {made.limit} caracteres" in page
    assert f"Si pasa de {made.beside}," in page
    assert "dejamos fuera" not in words(text(clock, "letter"))
    assert "dejamos fuera algo más del texto común. Lea la carta otra vez" in words(text(clock, "letter made shorter"))


def test_a_form_that_no_letter_fits_offers_no_button(clock: Database) -> None:
    page = text(clock, "letter without room")
    assert "solo admite 100 caracteres" in page
    assert "mejor llame" in page
    assert "Confirmar: después" not in page
    assert 'href="tel:' in page


def test_the_line_about_the_language_is_shown_before_it_is_chosen(clock: Database) -> None:
    for lang in LANGUAGES:
        page = text(clock, "letter", lang)
        assert letter_texts.summary(TEXT) in words(page)
        assert re.findall(r'name="tongue" value="(\w+)"( checked)?', page) == [("en", ""), ("es", " checked")]


def test_a_spanish_reader_sees_what_the_english_says_and_an_english_one_does_not(clock: Database) -> None:
    spanish, english = text(clock, "letter", "es"), text(clock, "letter", "en")
    assert spanish.count("Así dice en español") == 2  # ask, statement
    assert f'<b lang="en">{TEXT.subject}</b>' in spanish
    assert re.findall(r'<div class="english" lang="(..)">', spanish) == ["en", "en"]
    assert TEXT.gloss is not None
    for part in (TEXT.gloss.ask, *TEXT.gloss.statement.splitlines()):
        assert part in words(spanish)
        assert part not in words(english)


def test_only_what_the_office_asks_for_is_asked(clock: Database) -> None:
    def asked(name: str) -> set[str]:
        found = re.findall(r'<(?:input|select|textarea)(?! type="hidden")[^>]* name="(\w+)"', text(clock, name))
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
        assert re.search(rf'<input id="{name}"[^>]* autocomplete="{complete}"', text(clock, "blank page"))


def test_a_blank_page_shows_nothing_of_the_person(clock: Database) -> None:
    page = text(clock, "blank page")
    assert "Ana" not in words(page)
    assert 'value="Ana"' not in page
    assert "tres días" in page
    assert "Confirmar por correo" in page


def test_what_the_office_sees_and_what_is_kept_stand_before_the_button(clock: Database) -> None:
    by_email, by_form = words(text(clock, "letter")), words(text(clock, "letter by form"))
    for page in (by_email, by_form):
        assert page.index("Qué verá la oficina") < page.index("Qué guardamos y hasta cuándo") < page.index("Confirmar")
        assert "hasta 28 días después" in page
    assert "Espera aquí 15 minutos antes de salir. Hasta entonces puede retirarla." in by_email
    assert "Nada sale por sí solo." in by_form
    assert "vale hasta el 2 de enero de 2027" in by_form


def test_a_mistake_is_told_on_top_and_at_its_field_and_nothing_typed_is_lost(clock: Database) -> None:
    answer = SITUATIONS["mistakes"](visit(clock, "es"))
    page = str(answer.content)
    assert answer.status_code == 422
    assert "<title>Error: " in page
    summary = page[page.index('<div class="summary" role="alert">') : page.index("<h1>")]
    linked = ["letter", "prefix", "last_name", "street", "city", "phone", "email"]
    assert re.findall(r'href="#(\w+)"', summary) == linked
    assert re.findall(r'id="(\w+)"[^>]* aria-invalid="true"', page) == linked[1:]
    assert re.findall(r'id="(\w+)"[^>]* autofocus', page) == ["prefix"]
    assert 'name="first_name" type="text" value="Ana"' in page
    assert "&lt;b&gt;Mi&lt;/b&gt; vecino &#34;no&#34; volvió &amp; nadie llama.</textarea>" in page


def test_words_that_are_too_long_are_kept_and_measured(clock: Database) -> None:
    long = "á" * 2100
    page = str(letter(visit(clock, "es", story=long), {"story": "story-long"}, sheet=sheet(over=100)).content)
    assert "Acórtelas unos 100 caracteres" in page
    assert long in page
    assert "data-" not in page


def test_the_guard_asks_calmly_and_the_enter_key_answers_nothing(clock: Database) -> None:
    page = text(clock, "guard")
    assert "Esta frase puede revelar la situación migratoria de alguien." in page
    assert 'class="summary"' not in page
    assert '<a class="button" href="#story">Cambiarla</a>' in page
    assert 'name="guard" value="keep">Dejarla como está</button>' in page
    inside = page[page.index('<form class="sheet"') :]
    first = re.search(r"<button[^>]*>", inside)
    assert first is not None
    assert "name=" not in first[0]  # the browser presses a form's first button for the Enter key
    assert 'type="hidden" name="guard"' not in page
    kept = str(letter(visit(clock, "es", story="x", guard="keep"), {"city": "city"}).content)
    assert 'type="hidden" name="guard" value="keep"' in kept


# Where letters are


def test_a_letter_that_waits_tells_until_when_it_can_be_taken_back(clock: Database) -> None:
    with clock.read() as conn:
        now = engine.now(conn)
    page = str(standing(visit(clock, "es"), status(due_at=now + 14 * 60_000), news="confirmed").content)
    assert "Puede retirarla durante 14 minutos más" in page
    assert page.count("Retirarla</button>") == 1
    late = str(standing(visit(clock, "en"), status(due_at=now - 1), news="confirmed").content)
    assert "As long as it is here you can take it back." in late


def test_a_ready_letter_is_copied_opened_and_asked_about(clock: Database) -> None:
    page = text(clock, "ready")
    area = re.search(r'<textarea class="copy"[^>]* readonly[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert area is not None
    assert unescape(area[1]).startswith(ASK)
    assert 'href="https://office.example/contact" target="_blank" rel="noopener noreferrer"' in page
    assert 'Elija <b lang="en">Immigration</b>' in page
    assert re.findall(r'name="answer" value="(\w+)"', page) == ["yes", "no", "later"]
    more = page[page.index("<details>") : page.index("</details>")]
    assert "ana@example.org" in more
    assert page.count("ana@example.org") == 1


def test_the_guide_tells_what_this_form_asks_by_the_word_printed_on_it(clock: Database) -> None:
    def rows(page: str) -> dict[str, str]:
        found = re.findall(r'<dt lang="en">([^<]+)</dt><dd>(.*?)</dd>', page, re.DOTALL)
        return {label: re.sub(r"<[^>]+>|\s+$", "", unescape(said)).strip() for label, said in found}

    known = rows(text(clock, "ready"))
    assert list(known) == ["Prefix", "Phone", "ZIP+4", "Topic", "Subject", "Message"]
    assert known["Topic"] == "Elija Immigration."
    assert known["Prefix"].startswith("Elija uno: Mr. (señor), Mrs. (señora casada), Ms. (señora)")
    assert "usted decide" in known["Phone"]
    assert "USPS ZIP Code Lookup" in known["ZIP+4"]
    assert rows(text(clock, "ready on an unknown form")) == {"Message": "Pegue aquí la carta."}
    assert rows(text(clock, "ready", "en"))["Topic"] == "Choose Immigration."


def test_a_letter_longer_than_the_form_says_so_before_it_is_copied(clock: Database) -> None:
    page = words(text(clock, "ready and too long"))
    assert "su carta tiene 300 más" in page
    assert page.index("su carta tiene 300 más") < page.index("Copie la carta")


def test_one_more_office_is_offered_first_and_own_words_come_along(clock: Database) -> None:
    page = text(clock, "confirmed")
    after = page[page.index('id="next"') : page.index('id="rather"')]
    assert re.findall(r'<button(?: class="(\w+)")? name="seat" value="([^"]+)"', after) == [
        ("", FIRST.seat),
        ("quiet", SECOND.seat),
    ]
    assert f'<input type="hidden" name="story" value="{escape(DANGEROUS)}">' in after
    rather = page[page.index('id="rather"') :]
    assert re.findall(r'name="seat" value="([^"]+)"', rather) == [one.seat for one in (ADAMS, FIRST, SECOND)]


def test_erasing_needs_its_word_and_says_so(clock: Database) -> None:
    page = text(clock, "unsure")
    assert "<details open>" in page
    assert 'id="word"' in page
    assert 'aria-invalid="true" autofocus' in page
    assert "Escriba la palabra BORRAR" in page
    assert "Type the word ERASE" in text(clock, "unsure", "en")
    blank = str(standing(visit(clock, "es"), status(), own=False).content)
    assert "Borrar mis datos" not in blank


def test_a_form_is_read_with_plain_line_ends_and_no_control_character() -> None:
    body = b"step=confirm&story=one%0D%0Atwo%00%1B%09three&story=second&zip=+28205+&empty=&bad=%ff"
    read = letters.read_form(body)
    assert read == {
        "step": "confirm",
        "story": "one\ntwo\tthree",
        "zip": " 28205 ",
        "empty": "",
        "bad": "�",
    }


# In a browser


def scene(page: Page, html: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(html)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        "[...document.querySelectorAll('button:not(.hidden), a.switch, .button, summary, .tel, .field input, select')]"
        ".filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"
    )
    assert small == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_fit_a_phone_and_a_desk_and_break_no_rule_of_accessibility(
    clock: Database, chromium: Browser, lang: str
) -> None:
    page = chromium.new_page(color_scheme="dark" if lang == "en" else "light")
    axe = Axe()
    for name in SITUATIONS:
        for width in (1280, 320):
            scene(page, text(clock, name, lang), width)
        found = axe.run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    page.close()


def test_a_letter_that_came_back_shows_the_new_one_whole_with_one_button(clock: Database) -> None:
    shown = str(SITUATIONS["came back"](visit(clock, "en", zip="28205")).content)
    first = next(form for form in forms.read(shown) if ("step", "confirm") in form.fields.items())
    assert first.fields["seen"] == "5ee2"
    assert first.fields["story"] == DANGEROUS
    assert "It did not leave: the person it was written to does not hold this seat any more." in shown
    assert "Representative Nora Example holds this seat now." in shown
    assert str(escape(SAID.facts[0])) in shown
    assert shown.count("I had sent it before") == 1
    assert shown.count("Write it") == 1  # of what was typed for that one nothing is kept
