"""The page of where letters are: what it says of each, and what may be done."""

from __future__ import annotations

import re
from html import unescape

from markupsafe import escape

from campaign.demo import forms
from tests.contract.action_pages import (
    ADAMS,
    ASK,
    ENGLISH,
    FIRST,
    NOON,
    SECOND,
    status,
    visit,
)
from tests.contract.situations import DANGEROUS, SITUATIONS, content, standing, text, words


def test_a_letter_that_waits_tells_until_when_it_can_be_taken_back() -> None:
    page = content(standing(visit("es"), status(due_at=NOON + 14 * 60_000), news="confirmed"))
    assert "Puede cancelarla durante 14 minutos más" in page
    assert page.count("Cancelar la carta</button>") == 1
    late = content(standing(visit("en"), status(due_at=NOON - 1), news="confirmed"))
    assert "While it’s still here, you can take it back." in late


def test_a_ready_letter_is_copied_opened_and_asked_about() -> None:
    page = text("ready")
    area = re.search(r'<textarea class="copy"[^>]* readonly[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert area is not None
    assert unescape(area[1]).startswith(f"{ENGLISH.salutation}\n\n{ASK}")
    assert 'href="https://office.example/contact" target="_blank" rel="noopener noreferrer"' in page
    assert 'Elija <b lang="en">Immigration</b>' in page
    assert re.findall(r'name="answer" value="(\w+)"', page) == ["yes", "no", "later"]
    more = page[page.index("<details>") : page.index("</details>")]
    assert "ana@example.org" in more
    assert page.count("ana@example.org") == 1


def test_the_guide_tells_what_this_form_asks_by_the_word_printed_on_it() -> None:
    def rows(page: str) -> dict[str, str]:
        found = re.findall(r'<dt lang="en">([^<]+)</dt><dd>(.*?)</dd>', page, re.DOTALL)
        return {label: re.sub(r"<[^>]+>|\s+$", "", unescape(said)).strip() for label, said in found}

    known = rows(text("ready"))
    assert list(known) == ["Prefix", "Phone", "ZIP+4", "Topic", "Subject", "Message"]
    assert known["Topic"] == "Elija Immigration."
    assert known["Prefix"].startswith("Elija uno: Mr. (señor), Mrs. (señora), Ms. (señora o señorita)")
    assert "Usted decide" in known["Phone"]
    assert "USPS ZIP Code Lookup" in known["ZIP+4"]
    assert rows(text("ready on an unknown form")) == {"Message": "Pegue aquí su carta."}
    assert rows(text("ready", "en"))["Topic"] == "Choose Immigration."


def test_a_letter_longer_than_the_form_says_so_before_it_is_copied() -> None:
    page = words(text("ready and too long"))
    assert "su carta tiene 300 de más" in page
    assert page.index("su carta tiene 300 de más") < page.index("Copie la carta")


def test_one_more_office_is_offered_first_and_own_words_come_along() -> None:
    page = text("confirmed")
    after = page[page.index('id="next"') : page.index('id="rather"')]
    assert re.findall(r'<button(?: class="(\w+)")? name="seat" value="([^"]+)"', after) == [
        ("", FIRST.seat),
        ("quiet", SECOND.seat),
    ]
    assert f'<input type="hidden" name="story" value="{escape(DANGEROUS)}">' in after
    rather = page[page.index('id="rather"') :]
    assert re.findall(r'name="seat" value="([^"]+)"', rather) == [one.seat for one in (ADAMS, FIRST, SECOND)]


def test_erasing_needs_its_word_and_says_so() -> None:
    page = text("unsure")
    assert "<details open>" in page
    assert 'id="word"' in page
    assert 'aria-invalid="true" autofocus' in page
    assert "Escriba la palabra BORRAR" in page
    assert "Type the word ERASE" in text("unsure", "en")
    blank = content(standing(visit("es"), status(), own=False))
    assert "Borrar mis datos" not in blank


def test_a_letter_that_came_back_shows_the_new_one_whole_with_one_button() -> None:
    shown = content(SITUATIONS["came back"](visit("en")))
    first = next(form for form in forms.read(shown) if ("step", "confirm") in form.fields.items())
    assert first.fields["seen"] == "5ee2"
    assert first.fields["story"] == DANGEROUS
    assert "It wasn’t sent. The person you wrote to no longer holds this seat." in shown
    assert "Representative Nora Example holds this seat now." in shown
    assert str(escape(ENGLISH.facts[0])) in shown
    assert shown.count("I had already sent it") == 1
    assert shown.count("Write it") == 1  # of what was typed for that one nothing is kept
