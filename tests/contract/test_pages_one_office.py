"""One office first: what a page offers while a letter waits for its writer, and how it leads to an office."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from campaign.congress import roster
from campaign.web import pages
from tests import offices
from tests.contract.action_pages import ADAMS, FIRST, SECOND, action_page, preview, status, visit
from tests.contract.situations import LANGUAGES, content, letter, standing, text, words

# The pages after a letter that its writer brings, alone and beside others.
BROUGHT = (
    "ready",
    "ready on an unknown form",
    "ready and too long",
    "ready or on paper",
    "ready on a website",
    "ready on a website of the House",
    "ready on a website after a failure",
    "mailed after one that is ready",
    "yes to one of two",
    "ready, and the representative not known",
    "ready beside one that came back",
    "yes",
    "no",
    "later",
)
SEATS = [seat for seat in roster.load().seats.values() if seat.holder and seat.holder.url]


def primary(page: str) -> list[str]:
    """The buttons that stand out on a page, without what is folded away."""
    page = re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)
    found = re.findall(r'<(?:button(?: class="([^"]*)")?|a class="(button[^"]*)")[^>]*>([^<]*)<', page)
    return [label for *classes, label in found if not {"quiet", "link", "danger"} & set(" ".join(classes).split())]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", BROUGHT)
def test_the_office_to_finish_is_the_only_thing_that_stands_out(name: str, lang: str) -> None:
    said = pages.WORDS[lang]["letters"]
    page = text(name, lang)
    finished = name in ("yes", "later")  # the reader asked to do it later: nothing presses them
    wanted = [said["open_link_website" if "website" in name or "mailed" in name or "beside" in name else "open_link"]]
    assert primary(page) == ([] if finished else wanted)
    next_ = page[page.index('<section class="next"') :]
    line = next_[: next_.index("</section>")]
    assert "<h2" not in line
    assert re.findall(r"<button(?: class=\"(\w+)\")?", line) == ["link"] * line.count("<button")
    assert f'{said["also"]} <button class="link" name="seat"' in line
    if not finished:
        assert page.index('name="answer"') < page.index('<section class="next"') < page.index('id="rather"')


def test_the_line_names_every_other_office_in_a_sentence() -> None:
    english, spanish = (words(text("ready on a website of the House", lang)) for lang in LANGUAGES)
    assert "You can also write to Senator Theo Example and to Senator Thora Example ." in english
    assert "También puede escribir al senador Theo Example y a la senadora Thora Example ." in spanish
    english, spanish = (words(text("ready, and the representative not known", lang)) for lang in LANGUAGES)
    assert "you can write to Representative Chuy Example or to Representative Danny Example ." in english
    assert "puede escribir a la representante Chuy Example o a la representante Danny Example ." in spanish


def test_own_words_come_along_with_the_line() -> None:
    page = content(standing(visit("en"), status(2, FIRST, "ready"), news="confirmed", form={"story": "I teach here."}))
    line = page[page.index('<section class="next"') : page.index('id="rather"')]
    assert '<input type="hidden" name="story" value="I teach here.">' in line


def test_after_a_letter_that_we_send_the_next_office_is_the_one_thing_to_do() -> None:
    for lang in LANGUAGES:
        name = pages.to(FIRST, lang)
        assert primary(text("confirmed", lang)) == [pages.WORDS[lang]["letters"]["write"].format(to=name)]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "name", ["letter by form or on paper", "letter with a street or on paper", "letter by a website"]
)
def test_a_letter_has_one_button_that_stands_out_also_where_paper_is_offered(name: str, lang: str) -> None:
    confirm = {"letter by a website": "website", "letter by form or on paper": "form"}.get(name, "email")
    assert primary(text(name, lang)) == [pages.WORDS[lang]["write"][f"confirm_{confirm}"]]


def test_a_zip_of_two_states_asks_for_the_state_and_names_no_district_0() -> None:
    english, spanish = (words(text("names of two states", lang)) for lang in LANGUAGES)
    assert "Your ZIP code, 57717, is in more than one state." in english
    assert "Rep MT District 2, Montana Rep SD All of South Dakota" in english
    assert "Rep MT Distrito 2, Montana Rep SD Dakota del Sur, distrito único" in spanish


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_ends_twice_where_a_place_ends_with_a_period(lang: str) -> None:
    page = words(text("new members not known", lang))
    assert pages.WORDS[lang]["place"]["DC"] in page
    assert ".." not in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_home_page_is_offered_as_a_form(lang: str) -> None:
    """Every office of the packaged data: the link that is offered, and what the page calls it."""
    said, at = pages.WORDS[lang]["letters"], visit(lang)
    for seat in SEATS:
        holder = seat.holder
        assert holder
        whose = replace(FIRST, seat=seat.code, house=seat.house, state=seat.state, gender=holder.gender, url=holder.url)
        office = replace(whose, options=offices.options(seat))
        one = status(2, office, "ready", form_url=holder.form or holder.url)
        page = content(standing(at, one, news="confirmed"))
        ((address, label),) = re.findall(r'<a class="button" href="([^"]+)"[^>]*>([^<]+)<', page)
        known = (holder.form, said["open_link"]) if holder.form else (holder.url, said["open_link_website"])
        assert (unescape(address), label) == known, seat.code
        assert (said["look_for"] in page) == (not holder.form), seat.code


def test_what_is_said_of_an_office_with_a_website_alone_never_promises_a_form() -> None:
    for lang, promise in (("en", r"office’s form\b|Open the form"), ("es", r"bra el formulario|brir el formulario")):
        for name in ("ready on a website", "ready on a website after a failure", "letter by a website"):
            assert re.findall(promise, words(text(name, lang))) == [], (name, lang)
        assert re.findall(promise, words(text("ready", lang)))
        assert re.findall(promise, words(text("letter by form", lang)))


def test_the_guide_for_a_website_says_what_the_form_may_ask() -> None:
    labels = {
        name: re.findall(r'<dt lang="en">([^<]+)</dt>', text(name, "en"))
        for name in ("ready on a website", "ready on a website of the House")
    }
    assert labels == {
        "ready on a website": ["Topic", "Message"],
        "ready on a website of the House": ["ZIP+4", "Topic", "Message"],
    }
    assert "What the form may ask" in text("ready on a website", "en")
    assert "Qué le puede pedir el formulario" in text("ready on a website", "es")


def test_a_member_whose_gender_is_not_known_is_named_without_a_title_in_spanish() -> None:
    plain = replace(ADAMS, gender="")
    assert [pages.named(plain, lang) for lang in LANGUAGES] == ["Representative Alma Example", "Alma Example"]
    assert [pages.to(plain, lang) for lang in LANGUAGES] == ["to Representative Alma Example", "a Alma Example"]
    page = content(letter(visit("es"), preview=preview(plain), offices=(plain, SECOND)))
    assert "<h1>Su carta a Alma Example</h1>" in page
    assert action_page().offices[0].gender == "F"
