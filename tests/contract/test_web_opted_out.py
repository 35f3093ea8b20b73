"""After an opt-out, over HTTP: a page with the letter to copy, and a plain refusal. And too many ZIP codes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from campaign.congress import contacts
from campaign.congress.contacts import Contact
from campaign.demo import forms
from campaign.store.schema import letter, suppression, zip_guess
from campaign.supporters import people
from campaign.supporters.guesses import GUESSES, WINDOW_MS
from tests.build import START
from tests.contract.doors import ACTION, UNSUBSCRIBE, page_of, press
from tests.contract.web import Web, serving

ADAMS = "H:NC:12"
SAID = {
    "en": "You’re unsubscribed, so we can’t send a letter for you. You can copy it, or call.",
    "es": "Usted canceló su suscripción, así que no podemos enviar una carta por usted.",
}
STORY = "A heron stood at the bus stop."


def contact(door: Web) -> None:
    with door.database.begin() as conn:
        contacts.load(conn, [Contact(ADAMS, "staff@example.org", "each", "us", "2026-11-10")], START)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_form_opened_before_and_posted_after_an_unsubscribe_is_refused(door: Web, lang: str) -> None:
    contact(door)
    path = door.link(ACTION)
    sheet = forms.step(press(door, path, step="zip", zip="28205").text, "confirm", zip="28205")
    assert sheet is not None
    assert press(door, door.link(UNSUBSCRIBE)).status == 200
    before = door.rows()
    typed = {**sheet.fields, "first_name": "Ana", "last_name": "Ruiz", "city": "Charlotte", "story": STORY}
    for by in ("", "packet"):
        answer = press(door, f"{path}?lang={lang}", **typed, by=by)
        assert answer.status == 403
        assert SAID[lang] in answer.text
        assert STORY in answer.text, "the words that were typed can be copied"
        assert 'href="https://' in answer.text
        assert 'name="go" value="call H:NC:12"' in answer.text
        assert forms.step(answer.text, "confirm", zip="28205") is None
    assert door.rows() == before


def test_the_pages_after_an_unsubscribe_offer_to_copy_and_to_call_and_nothing_else(door: Web) -> None:
    contact(door)
    path = door.link(ACTION)
    press(door, door.link(UNSUBSCRIBE))
    assert press(door, path, step="zip", zip="28205-12").status == 422
    page = press(door, path, step="zip", zip="28205")
    assert page.status == 200
    assert SAID["en"] in page.text
    form = press(door, path, go="form H:NC:12", zip="28205")
    assert '<textarea class="copy"' in form.text
    assert forms.step(form.text, "save", zip="28205") is None
    assert "What to say" in press(door, path, go="call H:NC:12", zip="28205").text
    other = press(door, path, go="offices S:NC:2", zip="28205")
    assert (other.status, SAID["en"] in other.text) == (200, True)
    with door.database.read() as conn:
        assert conn.scalars(select(letter.c.id)).all() == []


def test_a_page_that_another_zip_opens_does_not_tell_that_its_owner_opted_out(door: Web) -> None:
    path = door.link(ACTION)
    press(door, door.link(UNSUBSCRIBE))
    page = press(door, path, step="zip", zip="20002")
    assert page.status == 200
    assert "This link was made for a different ZIP code" in page.text
    assert "nsubscribed" not in page.text
    asked = {"zip": "20002", "seat": "H:DC:0", "email": "person1@example.org", "story": STORY}
    assert "This link was made for a different ZIP code" in press(door, path, step="confirm", **asked).text
    with door.database.read() as conn:
        assert conn.scalars(select(letter.c.id)).all() == []
    assert press(door, page_of(door, "c"), code="000000").status == 422


def test_who_wrote_before_still_sees_the_letters_and_may_erase(small: Web) -> None:
    contact(small)
    path = small.link(ACTION)
    sheet = forms.step(press(small, path, step="zip", zip="28205").text, "confirm", zip="28205")
    assert sheet is not None
    typed = {**sheet.fields, "first_name": "Ana", "last_name": "Ruiz", "city": "Charlotte"}
    assert press(small, path, **typed).status == 200
    done = press(small, small.link(UNSUBSCRIBE)).text
    assert "We stopped any that we hadn’t emailed you about yet." in done
    page = press(small, path, step="zip", zip="28205").text
    assert SAID["en"] in page
    found = {form.fields.get("step") for form in forms.read(page)}
    assert "forget" in found
    assert not {"unsubscribe", "confirm", "save"} & found
    assert press(small, path, step="forget", zip="28205", word="ERASE").status == 200
    assert small.get(path).status == 404, "erased"


def test_the_eleventh_zip_is_answered_in_both_languages_until_the_hour_is_over(door: Web) -> None:
    path, right = door.link(ACTION, 2), "28205"
    for number in range(GUESSES):
        assert press(door, path, step="zip", zip=f"{10001 + number}").status in (200, 422)
    before = door.rows()
    for step in ("zip", "confirm", "save", "keep", "back", "told", "called", "street", "names", "forget"):
        for typed in ("10099", right):
            asked = {"zip": typed, "seat": ADAMS, "letter": "1", "word": "ERASE", "answer": "yes", "street": "1 A St"}
            answer = press(door, path, step=step, **asked)
            assert answer.status == 429, step
            assert 0 < int(answer.headers["retry-after"]) <= WINDOW_MS // 1000
            assert "202-225-3121" in answer.text, "a way on"
    assert door.rows() == before
    assert (door.get(path).status, door.ask("HEAD", path).status) == (200, 200), "looking counts nothing"
    assert press(door, path, step="zip", zip="1").status == 422, "what is no ZIP code is told so, as ever"
    assert press(door, door.link(ACTION, 1), step="zip", zip=right).status == 200, "another link is free"
    assert press(door, path, step="unsubscribe").status == 200, "this needs no ZIP code"
    with door.database.begin() as conn:
        conn.execute(zip_guess.update().values(at=zip_guess.c.at - WINDOW_MS))
    assert press(door, path, step="zip", zip=right).status == 200


def test_a_new_web_process_knows_the_guesses_of_the_one_before(door: Web, tmp_path: Path) -> None:
    path = door.link(ACTION)
    for number in range(GUESSES):
        press(door, path, step="zip", zip=f"{10001 + number}")
    with serving(door.database, tmp_path) as host:
        other = replace(door, host=host)
        assert press(other, path, step="zip", zip="28205").status == 429


def test_a_bounced_address_is_not_called_unsubscribed(small: Web) -> None:
    with small.database.begin() as conn:
        people.suppress(conn, [(1).to_bytes(16, "big")], "bounced", "tests", START)
        assert conn.scalars(select(suppression.c.reason)).all() == ["bounced"]
    page = press(small, small.link(ACTION), step="zip", zip="28205").text
    assert "Our email to you bounced, so we can’t send a letter for you." in page
