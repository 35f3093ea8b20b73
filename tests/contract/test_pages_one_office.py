"""One office: the ways to reach it, its form, a call, and the thanks after either."""

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
    ADAMS,
    ASK,
    CALL,
    ENGLISH,
    FIRST,
    MINUTE,
    NOON,
    SECOND,
    preview,
    said,
    status,
    visit,
)
from tests.contract.page_rules import words
from tests.contract.situations import BY_FORM, LANGUAGES, call, content, form, offer, primary, text, thanks

SEATS = [seat for seat in roster.load().seats.values() if seat.holder and seat.holder.url]
UNFINISHED = re.compile(
    r"unfinished|not yet|still (?:need|have)|left to do|almost|step left|falta|todavía|pendiente", re.I
)


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
    assert "Nothing is sent by us here." in words(page)


def test_what_the_form_asks_stands_under_the_word_that_is_printed_there() -> None:
    def rows(page: str) -> dict[str, str]:
        found = re.findall(r"<dt[^>]*>([^<]+)</dt><dd>(.*?)</dd>", page, re.DOTALL)
        return {label: " ".join(re.sub(r"<[^>]+>", "", unescape(told)).split()) for label, told in found}

    known = rows(text("form"))
    assert list(known) == ["ZIP code + 4", "Name, address", "Prefix", "Phone", "Topic", "Subject", "Message"]
    assert known["Topic"] == "Tema. Elija Immigration."
    assert known["Prefix"].startswith("Tratamiento. Elija uno: Mr. (señor), Mrs. (señora)")
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
    assert "We’ll email your letters to Rep. Example and Sen. Example at 12:14 p.m. ET. A receipt" in words(page)
    assert "You have until 12:14 p.m. ET." in words(page)
    assert '<input type="hidden" name="step" value="back"><input type="hidden" name="letters" value="1 2">' in page
    spanish = words(text("letters confirmed", "es"))
    assert "Enviaremos sus cartas a la representante Example y al senador Example a las 12:14 p. m." in spanish


def test_each_letter_is_told_by_its_own_channel() -> None:
    page = words(text("letters confirmed, each its own way", "en"))
    assert "goes out in the office’s next summary: December 19, 2026, 12 p.m. ET." in page
    assert "and Dana Whitlock takes it to the Charlotte office on Wednesday, December 16." in page
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
