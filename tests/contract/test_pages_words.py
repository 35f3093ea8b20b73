"""The words of the pages: both languages have all of them, and a version names those that people confirm under."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from campaign.congress import roster
from campaign.outreach.action_page.letter_preview import CONSENT
from campaign.outreach.transition.letter_decision import WAITS
from campaign.states import Proof
from campaign.web import pages
from tests import offices
from tests.contract.action_pages import ADAMS, CALL, FIRST, NOON, letters_to, options, preview, status, visit
from tests.contract.recorded_words import Recorded
from tests.contract.situations import (
    INTAKE,
    LANGUAGES,
    NEEDY,
    SITUATIONS,
    call,
    content,
    form,
    leaves,
    letter,
    offer,
    standing,
    thanks,
)

OURS = (
    *("takes", "list", "offices", "letter", "form", "call", "thanks", "status", "problem", "guard", "opted_out"),
    *("prefix", "response", "share"),
)


def test_both_languages_have_a_word_for_everything_that_can_come() -> None:
    for lang in LANGUAGES:
        said = pages.WORDS[lang]
        assert said["status"]["line"].keys() >= {one.value for one in Proof}
        assert said["status"]["why"].keys() == {
            *WAITS,
            "holder",
            "lines",
            "text",
            "form_holder",
            "form_lines",
            "form_text",
        }
        assert said["place"].keys() == {seat.state for seat in roster.load().seats.values()}
    empty = [path for path, english in leaves(pages.WORDS["en"]) if not english]
    assert set(empty) == {
        "offices.read_english",
        "letter.english",
        "letter.gloss",
        "call.english",
        "call.tongue",
        *(f"{field}.{option}" for field in ("prefix", "response") for option in pages.WORDS["en"][field]),
    }
    assert not [path for path, spanish in leaves(pages.WORDS["es"]) if not spanish]


def test_both_languages_have_the_same_places_to_fill_in() -> None:
    """A name may have another case in Spanish: "to Rep. Adams" is {rep} here and {to} there."""
    spanish = dict(leaves(pages.WORDS["es"]))
    for path, english in leaves(pages.WORDS["en"]):
        for place in ("{organization}", "{day}", "{clock}", "{city}", "{by}", "{zip}", "{days}", "{over}", "{host}"):
            assert not english or (place in english) == (place in spanish[path]), (path, place)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_of_these_pages_is_on_one_of_them(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Recorded(pages.WORDS[lang])
    monkeypatch.setitem(pages.WORDS, lang, said)
    at, emailed = visit(lang), replace(FIRST, options=options(offices.EACH))
    for make in SITUATIONS.values():
        content(make(at))
    content(offer(at, preview=preview(FIRST)))
    content(offer(at, news="busy", ways=("call",)))
    content(offer(at, opted_out="link"))
    content(letter(at, ADAMS, emailed, previews=(preview(), preview(emailed))))
    content(letter(at, ADAMS, previews=(replace(letters_to(lang, ADAMS)[0], shown_until=NOON),)))
    content(letter(at, INTAKE, NEEDY, faults={"response": "response"}))
    for key in said["problem"]:
        content(form(at, faults={"story": key}))
    content(call(at, call=replace(CALL, numbers=CALL.numbers[1:] * 2)))
    content(thanks(at, "letters", status(channel="packet", state="to_print")))
    content(thanks(at, "letters", status(channel="cwc"), status(2, FIRST)))
    content(standing(at, *(status(n, state="held", why=why) for n, why in enumerate(WAITS)), first_name=""))
    for why in ("holder", "lines", "text"):
        content(standing(at, *(status(n, state="back", why=why, with_writer=bool(n)) for n in (0, 1))))
    never = {"offices.read_english", "letter.english", "call.english", "call.tongue"} if lang == "en" else set()
    of_lists = ("prefix.", "response.")  # read as a whole
    unused = {path for path in said.unused() if path.partition(".")[0] in OURS and not path.startswith(of_lists)}
    assert unused <= never


def test_the_words_under_which_people_confirm_belong_to_one_version() -> None:
    """Evidence names the version: new words need a new CONSENT in letter_preview, and their hash here."""
    said = [
        f"{lang} {table} {key} {words}"
        for lang in LANGUAGES
        for table, starts in (("letter", ("sees", "keeps", "consent", "send", "quote")), ("form", ("save",)))
        for key, words in sorted(pages.WORDS[lang][table].items())
        if key.startswith(starts)
    ]
    assert (CONSENT, sha256("\n".join(said).encode()).hexdigest()[:12]) == ("2026-12-05", "cb0043c7b1fa")
