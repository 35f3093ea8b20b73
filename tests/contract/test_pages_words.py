"""The words of the pages: both languages have all of them, and a version names those that people confirm under."""

from __future__ import annotations

from hashlib import sha256

from campaign.congress import roster
from campaign.outreach.action_page.letter_preview import CONSENT
from campaign.states import Proof
from campaign.web import pages
from tests.contract.situations import LANGUAGES, leaves


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
    """Evidence names the version: new words need a new CONSENT in letter_preview, and their hash here."""
    said = [
        f"{lang} {key} {words}"
        for lang in LANGUAGES
        for key, words in sorted(pages.WORDS[lang]["write"].items())
        if key.startswith(("sees", "keeps", "consent", "confirm", "quote"))
    ]
    said += [pages.WORDS[lang]["letters"][key] for lang in LANGUAGES for key in ("paper_text", "paper_button")]
    assert (CONSENT, sha256("\n".join(said).encode()).hexdigest()[:12]) == ("2026-12-02", "86f7446acd2d")
