"""The pages with the real data of Congress: a stranger presses every button, in both languages."""

from __future__ import annotations

import re

import pytest

from campaign.congress import contacts
from campaign.congress.contacts import Contact
from campaign.demo import forms
from tests.build import START
from tests.contract.doors import ACTION, press
from tests.contract.page_rules import check_structure, words
from tests.contract.situations import LANGUAGES, primary
from tests.contract.test_web_cookie import CookieKeeper
from tests.contract.web import Answer, Web

ONE_DISTRICT, TWO_OF_OURS, SPLIT, NO_SENATORS, TWO_STATES = "16750", "28205", "60632", "00901", "57717"
CONTACTS = (("H:NC:12", "each"), ("S:NC:3", "daily"))


def load_contacts(door: Web) -> None:
    rows = [Contact(seat, "staff@example.org", wants, "us", "2026-11-10") for seat, wants in CONTACTS]
    with door.database.begin() as conn:
        contacts.load(conn, rows, START)


def next_forms(page: str) -> list[dict[str, str]]:
    """What the buttons of a page send, but for those that ask for something typed."""
    place = re.search(r'id="go".*?name="zip" value="([^"]*)"><input type="hidden" name="house" value="([^"]*)"', page)
    if place is None:
        return []
    base = {"zip": place[1], "house": place[2]}
    pressed = [{**base, "go": to} for to in re.findall(r'name="go" value="([^"]+)"', page)]
    pressed += [
        {"step": "names", "zip": place[1], "house": house}
        for house in re.findall(r'name="house" value="(\w[^"]*)"', page)
    ]
    for seat in set(re.findall(r'<input type="hidden" name="seat" value="([^"]+)"', page)):
        for outcome in re.findall(r'name="outcome" value="([^"]+)"', page):
            pressed.append({**base, "step": "called", "seat": seat, "outcome": outcome})
        for told in re.findall(r'name="told" value="([^"]+)"', page):
            pressed.append({**base, "step": "told", "seat": seat, "told": told})
    return pressed


@pytest.mark.deep
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("zip_code", [ONE_DISTRICT, TWO_OF_OURS, SPLIT, NO_SENATORS, TWO_STATES])
def test_no_button_leads_to_a_wall_or_a_broken_page(small: Web, zip_code: str, lang: str) -> None:
    load_contacts(small)
    before, waiting = small.rows(without="tally"), [{"step": "zip", "zip": zip_code}]
    done = list[dict[str, str]]()
    while waiting:
        form = waiting.pop()
        if form in done:
            continue
        done.append(form)
        answer = press(small, f"/end-287g?lang={lang}", **form)
        assert answer.status == 200, form
        check_structure(answer.text, lang)
        waiting += next_forms(answer.text)
        assert next_forms(answer.text), form
    assert len(done) > 10
    assert small.rows(without="tally") == before, "a stranger leaves no trace"


def save(door: Web, story: str, **more: str) -> Answer:
    place = {"zip": TWO_OF_OURS, "house": "", "seat": "S:NC:2"}
    page = press(door, door.link(ACTION), **place, go="form S:NC:2").text
    (seen,) = re.findall(r'name="seen-S:NC:2" value="(\w+)"', page)
    return press(door, door.link(ACTION), **place, step="save", **{"seen-S:NC:2": seen}, story=story, **more)


def test_a_letter_is_saved_for_its_form_and_shown_there(small: Web) -> None:
    saved = save(small, "I teach here.").text
    assert "We saved your letter" in words(saved)
    steps = press(small, small.link(ACTION), zip=TWO_OF_OURS, house="", go="form S:NC:2").text
    assert "I teach here." in steps
    assert 'value="save"' not in steps


def test_the_guard_asks_before_a_letter_is_saved(small: Web) -> None:
    asked = save(small, "My cousin is undocumented.").text
    assert "Do you want to change it first?" in words(asked)
    assert "My cousin is undocumented.</textarea>" in asked
    assert "We saved your letter" in words(save(small, "My cousin is undocumented.", guard="keep").text)


def test_letters_to_every_office_that_takes_them_are_confirmed_by_one_press(small: Web) -> None:
    load_contacts(small)
    page = press(small, small.link(ACTION), step="zip", zip=TWO_OF_OURS).text
    assert primary(page) == ["Send my letter"]
    marks = dict(re.findall(r'name="(seen-[^"]+)" value="(\w+)"', page))
    seats = re.findall(r'name="seat" value="([^"]+)" checked', page)
    assert len(seats) == len(marks) == 2
    form = {"zip": TWO_OF_OURS, "house": "", "first_name": "Ana", "last_name": "Ruiz", "city": "Charlotte", **marks}
    body = {**form, "story": "", "seat": " ".join(seats), "step": "confirm"}
    done = press(small, small.link(ACTION), **body).text
    assert "Thank you" in words(done)
    assert re.findall(r'name="letters" value="([\d ]+)"', done) == ["1 2"]
    back = press(small, small.link(ACTION), zip=TWO_OF_OURS, house="", step="back", letters="1 2").text
    assert "You took your letters back" in words(back)


def test_a_letter_is_saved_with_half_a_name_on_file_which_its_form_cannot_correct(small: Web) -> None:
    page = press(small, small.link(ACTION), zip=TWO_OF_OURS, go="form S:NC:2").text
    form = forms.step(page, "save")
    assert form is not None
    assert (form.fields["first_name"], form.fields["last_name"]) == ("Person 1", "")
    assert "We saved your letter" in words(press(small, small.link(ACTION), **form.fields).text)


def test_a_letter_that_was_confirmed_in_another_tab_is_not_called_saved(small: Web) -> None:
    load_contacts(small)
    path = small.link(ACTION)
    form = forms.step(press(small, path, step="zip", zip=TWO_OF_OURS).text, "confirm")
    assert form is not None
    typed = {**form.fields, "seat": "H:NC:12", "first_name": "Ana", "last_name": "Ruiz", "city": "Charlotte"}
    assert "Thank you" in words(press(small, path, **typed).text)
    page = words(press(small, path, **{**typed, "step": "save"}).text)
    assert "We saved your letter" not in page
    assert "Take it back" in page, "it says where that letter is"


def test_a_letter_saved_for_a_form_is_not_called_done_by_another_tab(small: Web) -> None:
    save(small, "I teach here.")
    seat = {"zip": TWO_OF_OURS, "seat": "S:NC:2", "first_name": "Ana", "last_name": "Ruiz", "city": "Charlotte"}
    page = words(press(small, small.link(ACTION), **seat, step="confirm").text)
    assert "You’re done" not in page
    assert "Ready whenever you are" in page


def test_a_stranger_signs_the_letter_to_copy_as_a_constituent(small: Web) -> None:
    page = press(small, "/end-287g?lang=en", zip=TWO_OF_OURS, go="form S:NC:2").text
    assert "Sincerely,\nA constituent in 28205\n" in page


def test_no_typed_text_makes_a_long_address(small: Web) -> None:
    browser = CookieKeeper(small, "/end-287g?lang=en")
    browser.get()
    for name in ("zip", "house", "go"):
        address = browser.press(**{"zip": TWO_OF_OURS, name: "call " + "9" * 8000})
        assert 100 < len(address) < 500
