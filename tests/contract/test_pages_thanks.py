"""The thanks after one finished action: what was done, sharing, and one quiet call."""

from __future__ import annotations

import re

import pytest

from tests.contract.action_pages import (
    FIRST,
    MINUTE,
    NOON,
    SECOND,
    said,
    status,
    visit,
)
from tests.contract.page_rules import words
from tests.contract.situations import LANGUAGES, content, text, thanks

UNFINISHED = re.compile(
    r"unfinished|not yet|still (?:need|have)|left to do|almost|step left|falta|todavía|pendiente", re.I
)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["answered", "left a voicemail", "sent", "letters confirmed", "sent by a stranger"])
def test_one_finished_action_is_success(name: str, lang: str) -> None:
    page = text(name, lang)
    done = page[page.index("<h1>") : page.index("</main>")]
    assert re.match(r"<h1>(Thank you|Gracias)", done)
    assert UNFINISHED.findall(words(f"<main>{done}</main>")) == []
    assert done.index('aria-labelledby="share"') < done.index('name="go" value="call ')


def test_one_quiet_call_follows_and_never_to_an_office_that_was_reached() -> None:
    page = text("sent", "en")
    assert re.findall(r'name="go" value="(call [^"]+)"', page) == [f"call {FIRST.seat}"]
    reached = content(thanks(visit("en"), "sent", reported=(said(FIRST, "call", "answered"),)))
    assert re.findall(r'name="go" value="(call [^"]+)"', reached) == [f"call {SECOND.seat}"]
    every = content(thanks(visit("en"), "sent", reported=tuple(said(one, "form", "sent") for one in (FIRST, SECOND))))
    assert 'value="call ' not in every
    letters = text("letters confirmed", "en")
    assert re.findall(r'name="go" value="(call [^"]+)"', letters) == [f"call {SECOND.seat}"]
    assert "takes voicemail at any hour" in words(text("left a voicemail", "en"))


def test_what_was_pressed_by_mistake_can_be_changed() -> None:
    sent, answered = text("sent", "en"), text("answered", "en")
    assert '<input type="hidden" name="step" value="told"><button class="textlink" name="told" value="undo">' in sent
    assert 'name="step" value="called"><button class="textlink" name="outcome" value="undo">' in answered


def test_letters_say_when_they_go_and_until_when_they_can_be_taken_back() -> None:
    page = text("letters confirmed", "en")
    assert "We’ll email your letters to Rep. Example and Sen. Example at 12:14 p.m. ET. You’ll get" in words(page)
    assert "You have until 12:14 p.m. ET." in words(page)
    assert '<input type="hidden" name="step" value="back"><input type="hidden" name="letters" value="1 2">' in page
    spanish = words(text("letters confirmed", "es"))
    assert "Enviaremos sus cartas a la representante Example y al senador Example a las 12:14 p. m." in spanish


def test_each_letter_is_told_by_its_own_channel() -> None:
    page = words(text("letters confirmed, each its own way", "en"))
    assert "goes out in the office’s next summary: December 19, 2026, 12 p.m. ET." in page
    assert "and Dana Whitlock will take it to the Charlotte office on Wednesday, December 16." in page
    assert "through Congress’s own system at 12:14 p.m. ET." in page
    assert "You can take back what hasn’t gone out." in page


def test_letters_of_different_times_are_not_said_to_go_together() -> None:
    later = status(2, FIRST, due_at=NOON + 20 * MINUTE)
    page = words(content(thanks(visit("en"), "letters", status(), later)))
    assert "your letter to Rep. Example at 12:14 p.m. ET." in page
    assert "your letter to Sen. Example at 12:20 p.m. ET." in page
    assert "You have until" not in page


def test_a_letter_that_has_gone_is_no_longer_promised_or_taken_back() -> None:
    page = text("letters confirmed and gone", "en")
    assert "Your letter to Rep. Example: delivered to the office’s mail system." in words(page)
    assert 'value="back"' not in page


def test_a_stranger_may_stay_informed_and_sees_no_status() -> None:
    page = text("sent by a stranger", "en")
    assert re.findall(r'<input id="(\w+)" name', page[page.index('id="stay"') :]) == ["first_name", "email", "website"]
    assert 'name="age" value="13" required' in page
    assert "Otherwise we delete this in 72 hours." in words(page)
    assert 'value="status"' not in page
    assert 'value="join"' not in text("sent", "en")
    wrong = text("joining goes wrong", "en")
    assert re.findall(r'<li><a href="#(\w+)">', wrong) == ["first_name", "email", "age"]
    assert '<input id="email" name="email" type="email" value="ana"' in wrong


def test_sharing_gives_nothing_away() -> None:
    page = text("sent", "en")
    shared = page[
        page.index('aria-labelledby="share"') : page.index("</section>", page.index('aria-labelledby="share"'))
    ]
    for own in ("Ana", "Ruiz", "ana@example.org", "28205", "v1.token"):
        assert own not in shared
    assert 'data-copy="link"' in shared
    assert 'id="link-copied"' in shared
