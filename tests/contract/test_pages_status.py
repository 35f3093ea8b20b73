"""The page of where letters and calls are: what it says of each, what that doesn't show, and what may be done."""

from __future__ import annotations

import re

import pytest

from campaign.states import Proof
from campaign.web import pages
from tests.contract.action_pages import ADAMS, DAY, FIRST, NOON, SECOND, status, visit
from tests.contract.page_rules import words
from tests.contract.situations import (
    BY_FORM,
    DAILY,
    INTAKE,
    LANGUAGES,
    LATER,
    PAPER,
    SAID,
    content,
    leaves,
    primary,
    standing,
    text,
)

CLAIMS = {
    "en": r"(?<!not )(?<!being )(?<!be )(?<!is )(?<!n’t )(?<!it’s )(?<!was )(?<!has )\bsent\b",
    "es": r"(?<!se )\benvi(?:ad[oa]s?|ó)\b",
}


def states(page: str) -> str:
    """The list, without what stands beside it."""
    found = re.search(r'<ul class="states">.*?</ul>', page, re.DOTALL)
    assert found is not None
    return words(f"<main>{found[0]}</main>")


def steps(page: str) -> list[str]:
    """What the buttons in the list do."""
    start = page.index('<ul class="states">')
    found = re.findall(r'name="(go|told|letters)" value="([^"]+)"', page[start : page.index("</ul>", start)])
    return [f"back {value}" if name == "letters" else value for name, value in found]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("proof", Proof)
def test_nothing_is_called_sent_that_a_channel_did_not_prove(proof: Proof, lang: str) -> None:
    why = "holder" if proof is Proof.BACK else ""
    page = states(content(standing(visit(lang), status(state=proof.value, why=why))))
    line = pages.WORDS[lang]["status"]["line"][proof.value]
    assert line in page
    told = page.replace(pages.WORDS[lang]["status"]["why"]["holder"], "")
    assert bool(re.search(CLAIMS[lang], told, re.IGNORECASE)) == (proof in (Proof.SENT, Proof.REPORTED))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_only_these_words_of_the_pages_claim_that_something_was_sent(lang: str) -> None:
    tables = ("offices", "letter", "form", "call", "thanks", "status", "problem", "guard", "opted_out")
    told = {name: pages.WORDS[lang][name] for name in tables}
    found = {path for path, said in leaves(told) if re.search(CLAIMS[lang], said, re.IGNORECASE)}
    assert found - {"thanks.sent", "status.sent_before", "status.means.form_chosen"} <= {
        "status.line.sent",
        "status.line.reported",
        "status.line.form_sent",
        "status.line_cwc.sent",
        "status.late",
        "status.unsubscribe_text",
        "status.not_me_text",
        "status.erase_text",
    }


def test_the_shape_of_the_dot_says_who_proved_it() -> None:
    for one, shape in (
        (status(state="delivered"), "good"),
        (status(state="sent"), "good"),
        (status(state="reported"), "said"),
        (status(state="handed_in"), "said"),
        (status(state="going"), "wait"),
        (status(state="ready"), "wait"),
        (status(state="returned"), "bad"),
    ):
        assert f'<p class="state {shape}">' in content(standing(visit("en"), one)), one.state
    told = content(standing(visit("en"), reported=SAID[:1]))
    assert '<p class="state said">You called, and a person answered</p>' in told


def test_what_a_delivery_does_not_show_is_said_with_it() -> None:
    page = states(text("status", "en"))
    assert "Delivered to the office’s mail system We emailed it, and the office’s mail system accepted it." in page
    assert "That doesn’t show whether anyone has read it. It can’t be taken back now." in page


def test_a_letter_that_waits_tells_until_when_it_can_be_taken_back() -> None:
    at = visit("en")
    page = content(standing(at, status(7)))
    assert "We send it on December 18, 2026 at 12:14 p.m. ET. Until then you can take it back." in states(page)
    assert steps(page) == ["back 7"]
    assert "el 18 de diciembre de 2026 a las 12:14 p. m." in states(content(standing(visit("es"), status(7))))
    assert "While it’s still here, you can take it back." in states(text("about to be sent", "en"))
    gone = content(standing(at, status(7, state="sent", can_take_back=False)))
    assert steps(gone) == []
    summary = states(content(standing(at, status(office=DAILY, daily=True, due_at=NOON + DAY))))
    assert "We send it on December 19, 2026 at 12 p.m. ET." in summary
    assert "daily summary with other letters" in summary


def test_a_saved_letter_has_its_steps_a_call_and_a_way_back() -> None:
    page = content(standing(visit("en"), status(7, FIRST, "ready")))
    assert steps(page) == [f"form {FIRST.seat}", f"call {FIRST.seat}", "back 7"]
    assert "Ready whenever you are" in states(page)
    assert "We keep the text until January 15, 2027." in states(page)
    assert "We couldn’t deliver it, so it came back to you." in states(text("ready after a failure", "en"))


def test_congress_own_system_is_named_where_it_proves_something_else() -> None:
    page = states(text("sent by the intake", "en"))
    assert "Sent: Congress’s own system accepted it" in page
    assert "It accepts a letter only once, so nothing is sent twice." in page
    assert "We emailed it" not in page
    assert INTAKE.by_us is not None


def test_a_printed_letter_names_who_takes_it_where_and_when() -> None:
    page = states(text("on paper", "en"))
    assert page.count("Dana Whitlock will take it to the Charlotte office on Wednesday, December 16.") == 2
    assert "please don’t also send it with the form" in page
    assert "If you don’t want that, write to them." in page
    assert "We know this from Example Coalition to End 287(g)." in page
    assert PAPER.on_paper is not None


def test_a_letter_that_came_back_leads_to_the_new_one_and_says_why() -> None:
    page = text("came back", "en")
    told = states(page)
    assert "It wasn’t sent. The person you wrote to no longer holds this seat." in told
    assert "Representative Nora Later holds this seat now." in told
    assert "Please don’t send this letter with the office’s form." in told
    assert steps(page) == [f"letter {LATER.seat}", "back 2", f"offices {SECOND.seat}", "sent"]
    assert primary(page) == ["Read and confirm a new letter"], "one stands out"
    assert "A letter came back to you" in words(page)


def test_what_was_said_can_be_changed_and_what_failed_has_another_way() -> None:
    page = text("everything said", "en")
    assert steps(page) == [
        f"call {BY_FORM.seat}",
        f"call {FIRST.seat}",
        f"call {SECOND.seat}",
        f"form {BY_FORM.seat}",
        f"call {FIRST.seat}",
        f"form {SECOND.seat}",
        f"call {SECOND.seat}",
    ]
    assert states(page).count("You told us on December 18, 2026.") == 5
    assert "Did you send it? Open the steps" in states(page)


def test_a_form_is_not_listed_twice_where_its_letter_was_saved() -> None:
    page = content(standing(visit("en"), status(7, FIRST, "reported"), reported=(SAID[4], SAID[1])))
    assert states(page).count("Senator Theo Example") == 2  # the letter, and the call
    assert "didn’t work" not in states(page)


def test_the_exits_are_together_in_one_card() -> None:
    page = text("status", "en")
    card = page[page.index('<section class="card stack" aria-labelledby="data">') :]
    card = card[: card.index("</section>")]
    assert re.findall(r'name="step" value="(\w+)"', card) == ["unsubscribe", "discreet", "disown", "forget"]
    assert "Unsubscribing also stops any letter we haven’t emailed you about yet." in words(page)
    out = text("status after opting out", "en")
    assert 'value="unsubscribe"' not in out
    assert "Stopped: it didn’t go out We stopped it because we couldn’t email you about it." in states(out)
    assert 'value="disown"' not in text("nothing done", "en")


def test_erasing_needs_its_word_and_says_so() -> None:
    page = text("not sure")
    assert "<details open><summary>Borrar mis datos" in page
    assert page.index('role="alert" tabindex="-1" autofocus') < page.index("<h1>")
    assert 'aria-describedby="word-wrong" aria-invalid="true"' in page
    assert "Escriba BORRAR para confirmar" in words(page)
    assert "Type ERASE to confirm" in words(text("status", "en"))


@pytest.mark.parametrize(("name", "says"), [("too late", "too late to take back"), ("saved", "remind you once")])
def test_what_just_happened_comes_first_in_focus(name: str, says: str) -> None:
    (note,) = re.findall(r'role="status" tabindex="-1" autofocus>([^<]*)<', text(name, "en"))
    assert says in note


def test_with_nothing_done_there_is_a_way_on() -> None:
    page = text("nothing done", "en")
    assert "When you write or call, it shows up here." in words(page)
    assert 'name="go" value="offices">Write or call' in page
    assert ADAMS.seat not in page
