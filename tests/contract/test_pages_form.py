"""The page of an office's own form: what is copied, what the form asks, how it went, and saving it for later."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape

import pytest

from campaign.congress import roster
from campaign.web import pages
from tests import offices
from tests.contract.action_pages import (
    ASK,
    ENGLISH,
    FIRST,
    preview,
    visit,
)
from tests.contract.page_rules import words
from tests.contract.situations import BY_FORM, LANGUAGES, content, form, text

SEATS = [seat for seat in roster.load().seats.values() if seat.holder and seat.holder.url]


def test_the_letter_to_copy_can_never_be_sent_to_us() -> None:
    for name in ("form", "form of a stranger", "form on a website"):
        page = text(name, "en")
        (area,) = re.findall(r'<textarea class="copy"[^>]*>', page)
        assert 'id="text"' in area
        assert " name=" not in area
        before = page[: page.index(area)]
        assert before.count("<form") == before.count("</form>"), "it is in no form"


def test_the_letter_is_all_there_to_copy() -> None:
    page = text("form", "en")
    (letter,) = re.findall(r'<textarea class="copy"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert unescape(letter).startswith(f"{ENGLISH.salutation}\n\n{ASK}")
    assert '<textarea class="copy" id="text" lang="en"' in text("form", "es")


def test_the_copy_button_needs_the_one_script_that_the_policy_allows() -> None:
    page = text("form", "en")
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    mark = b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{mark}'" in pages.HEADERS["Content-Security-Policy"]
    assert 'data-copy="text" data-done="Copied. Now open the form." hidden>' in page
    assert '<p class="soft" id="text-by-hand">Open the letter below.' in page, "the way without the script"
    assert '<p class="copied" id="text-copied" role="status"></p>' in page, "nothing is called copied before it is"


def test_the_way_back_says_how_it_went_and_the_other_way_is_a_call() -> None:
    page = text("form", "en")
    assert re.findall(r'name="told" value="(\w+)"', page) == ["sent", "failed"]
    assert f'<input type="hidden" name="seat" value="{BY_FORM.seat}">' in page
    assert f'name="go" value="call {BY_FORM.seat}"' in page
    assert "We don’t send anything from here." in words(page)


def test_what_the_form_asks_stands_under_the_word_that_is_printed_there() -> None:
    def rows(page: str) -> dict[str, str]:
        found = re.findall(r"<dt[^>]*>([^<]+)</dt><dd>(.*?)</dd>", page, re.DOTALL)
        return {label: " ".join(re.sub(r"<[^>]+>", "", unescape(told)).split()) for label, told in found}

    known = rows(text("form"))
    assert list(known) == ["ZIP code + 4", "Name, address", "Prefix", "Phone", "Topic", "Subject", "Message"]
    assert known["Topic"] == "Tema. Elija Immigration."
    assert known["Prefix"].startswith("Título. Elija uno: Mr. (señor), Mrs. (señora)")
    assert "28205-1234" in known["ZIP code + 4"]
    assert rows(text("form", "en"))["Topic"] == "Choose Immigration."
    assert list(rows(text("form not known", "en"))) == ["Name, address", "Subject", "Message"]
    assert "Topic" in rows(text("form on a website", "en"))
    assert "ZIP code + 4" not in rows(text("form on a website", "en")), "the Senate's forms do not ask for it"
    assert "ZIP code + 4" in rows(text("form on a website of the House", "en"))


def test_a_short_form_says_what_it_takes() -> None:
    page = words(text("short form", "en"))
    assert "This form takes 1,200 characters, so we shortened the letter." in page
    assert "It takes 1,200 characters." in page
    no_room = text("form without room", "en")
    assert "too short for any letter. Please call instead." in words(no_room)
    assert "<textarea" not in no_room


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_home_page_is_offered_as_a_form(lang: str) -> None:
    """Every office of the packaged data: the link that is offered, and what the page calls it."""
    told, at = pages.WORDS[lang]["form"], visit(lang)
    for seat in SEATS:
        holder = seat.holder
        assert holder
        office = replace(
            FIRST,
            seat=seat.code,
            house=seat.house,
            state=seat.state,
            district=seat.district,
            gender=holder.gender,
            last_name=holder.last_name,
            url=holder.url,
            form=holder.form,
            options=offices.options(seat),
        )
        page = content(form(at, office, preview=preview(office)))
        ((address, label),) = re.findall(r'<a class="button full" href="([^"]+)"[^>]*>([^<]+)<', page)
        site = told["open_website"].format(of=pages.short(office, lang, "of"))
        known = (holder.form, told["open"]) if holder.form else (holder.url, site)
        assert (unescape(address), unescape(label).strip()) == known, seat.code
        assert ("Email me</b>" in page) == (not holder.form), seat.code


def test_saving_is_a_choice_of_those_we_know_with_one_sentence_of_consent() -> None:
    page = text("form", "en")
    kept = page[page.index("<summary>Save it for later") :]
    assert f'<input type="hidden" name="seen-{BY_FORM.seat}" value="5ee2">' in kept
    assert "encrypted, for 28 days, and remind you once by email" in words(page)
    assert words(page).count("By pressing the button") == 1
    assert kept.index("By pressing the button") < kept.index('name="step" value="save">Save my letter')
    assert 'value="save"' not in text("form of a stranger", "en")
    assert 'value="save"' not in text("form after our email failed", "en"), "it is saved already"
    guarded = text("form to be saved, guarded", "en")
    assert "<details open><summary>Save it for later" in guarded
    assert 'href="#story" autofocus>Change it' in guarded
    assert "cut about 90 characters" in words(text("form to be saved, too long", "en"))


def test_a_letter_that_came_back_by_email_says_so_on_its_form() -> None:
    assert "We couldn’t deliver this letter to the office" in words(text("form after our email failed", "en"))
    assert "couldn’t deliver" not in words(text("form", "en"))
