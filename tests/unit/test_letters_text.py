"""The letter as an office gets it: ask line first, own words as written, nothing said of a bill that is dead."""

from __future__ import annotations

import re
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.compose.messages import letter
from campaign.compose.messages.immigration_warning import find_status_words
from campaign.compose.messages.letter import LetterText, clean_story
from campaign.compose.rendering.release import from_folder
from campaign.errors import CampaignError
from campaign.model import Seat
from tests.unit.compose_samples import BEFORE, SHIPPED, SWITCH, seat

RELEASE = from_folder(SHIPPED)
LABEL = "Shared statement of the Example Coalition to End 287(g), which I have read and support:"
HOLDERS = {  # seat -> (bioguide, its letter while the bill lives)
    "H:NC:12": ("A000370", "house"),
    "H:TX:21": ("R000614", "house"),
    "H:IL:5": ("Q000023", "thanks-house"),
    "H:DC:0": ("N000147", "thanks-house"),
    "S:NC:2": ("T000476", "senate"),
    "S:FL:1": ("S001217", "senate"),
    "S:NJ:2": ("B001288", "thanks-senate"),
}
SEATS = [seat(code, bioguide) for code, (bioguide, _) in HOLDERS.items()]
texts = st.builds(
    lambda one, locale, at: letter.draft(RELEASE, letter.variant(SHIPPED, one, at), locale, one, at),
    st.sampled_from(SEATS),
    st.sampled_from(["en", "es"]),
    st.sampled_from([BEFORE, SWITCH]),
)
stories = st.text(max_size=300) | st.lists(
    st.sampled_from(["\r\n", "\n", "\r", " ", "\t", "\x00", "\u2028", "Mi familia", "años", "🌻", "Shared statement"]),
    max_size=12,
).map("".join)


def made(code: str, *, at: int = BEFORE, locale: str = "en") -> LetterText:
    one = seat(code, HOLDERS[code][0])
    return letter.draft(RELEASE, letter.variant(SHIPPED, one, at), locale, one, at)


@pytest.mark.parametrize("code", HOLDERS)
def test_the_holders_own_acts_pick_the_letter(code: str) -> None:
    bioguide, expected = HOLDERS[code]
    assert letter.variant(SHIPPED, seat(code, bioguide), SWITCH - 1) == expected
    assert letter.variant(SHIPPED, seat(code, bioguide), SWITCH) == "after"
    chamber = expected.removeprefix("thanks-")
    assert letter.variant(SHIPPED, seat(code, "X000000"), BEFORE) == chamber  # a successor did nothing
    assert letter.variant(SHIPPED, Seat(code, None), BEFORE) == chamber


def test_the_house_letter_asks_first_then_states_under_its_label() -> None:
    text = made("H:NC:12")
    parts = letter.full_text(text, "My son walks to school.", "en").split("\n\n")
    assert parts[0] == text.said.ask
    assert text.said.ask.startswith("As your constituent, I ask you to cosponsor H.R. 6890")
    assert "If you have already cosponsored it, thank you." in text.said.ask
    assert parts[1] == "My son walks to school."
    assert parts[2].split("\n")[0] == LABEL
    assert parts[3] == "Campaign: end-287g, H.R. 6890, support. Organized by the Example Coalition to End 287(g)."
    assert parts[4].startswith("Sources: Public Law 104-208 of 1996, division C, section 133. U.S. Department of")
    assert len(parts) == 5
    assert text.subject == "Please cosponsor H.R. 6890 (end the 287(g) program)"
    assert text.valid_until == SWITCH


def test_who_wants_the_contrary_gets_other_facts_and_its_state_a_line() -> None:
    neutral, opposed = made("H:NC:12").said.statement, made("H:TX:21").said.statement
    assert "ACLU" in neutral
    assert "Government Accountability Office" not in neutral
    assert "ACLU" not in opposed
    assert "Government Accountability Office" in opposed
    assert "no evidence that 287(g) agreements reduced crime" in opposed
    assert "Texas Senate Bill 8" in opposed
    assert "Texas" not in neutral
    assert "Florida law requires" in made("S:FL:1").said.statement


def test_sponsors_are_thanked_for_what_they_did_and_asked_for_no_answer() -> None:
    assert "I thank you for sponsoring H.R. 6890" in made("H:IL:5").said.ask
    assert "I thank you for cosponsoring H.R. 6890" in made("H:DC:0").said.ask
    assert "I thank you for introducing S. 1336 of 2021" in made("S:NJ:2").said.ask
    assert made("S:NJ:2").subject == "Thank you for S. 1336 of 2021 (end the 287(g) program)"
    for code in ("H:IL:5", "H:DC:0", "S:NJ:2"):
        assert made(code).said.statement.endswith("You do not need to answer this letter.")


def test_senators_are_told_no_number_of_this_congress() -> None:
    for code in ("S:NC:2", "S:FL:1", "S:NJ:2"):
        assert "6890" not in letter.full_text(made(code), "", "en")


@pytest.mark.parametrize("code", HOLDERS)
@pytest.mark.parametrize("at", [BEFORE, SWITCH])
@pytest.mark.parametrize("locale", ["en", "es"])
def test_offices_get_plain_english_and_the_writer_an_equal_beside_it(code: str, at: int, locale: str) -> None:
    text = made(code, at=at, locale=locale)
    whole = letter.full_text(text, "", locale) + text.subject
    assert whole.isascii()
    assert not re.search(r"https?:|www|\.(gov|org|com)\b|\bvote", whole)
    assert len(text.subject) <= 60
    said, gloss = text.said, text.gloss
    assert (gloss is not None) == (locale == "es")
    if gloss is not None:
        assert gloss.label == "Declaración común de Example Coalition to End 287(g), que he leído y que apoyo:"
        assert len(gloss.facts) == len(said.facts)
        assert [bool(part) for part in astuple(gloss)[:-2]] == [bool(part) for part in astuple(said)[:-2]]
        ours, theirs = (set(re.findall(r"\d+", part.ask + part.statement)) for part in (said, gloss))
        assert theirs - ours <= {"117", "U", "S"}
        assert not re.search(r"\b(tú|tu|tus|te|puedes)\b", gloss.ask + gloss.statement)


@given(st.sampled_from(SEATS), st.integers(0, 10**11), st.sampled_from(["en", "es"]))
def test_no_letter_names_the_bill_after_its_death(one: Seat, later: int, locale: str) -> None:
    text = letter.draft(RELEASE, letter.variant(SHIPPED, one, SWITCH + later), locale, one, SWITCH + later)
    assert not re.search(r"6890|\bthank", repr(text))
    assert text.valid_until is None
    for dead in ("house", "thanks-house"):
        with pytest.raises(CampaignError, match="died with the 119th Congress"):
            letter.draft(RELEASE, dead, locale, one, SWITCH + later)


@given(texts, stories, st.sampled_from(["en", "es"]))
def test_the_ask_stays_first_and_own_words_stay_as_they_are(text: LetterText, raw: str, locale: str) -> None:
    story, said = clean_story(raw), text.said
    parts = [said.ask, *([story] if story else []), said.statement, said.reference, said.sources]
    whole = letter.full_text(text, story, locale)
    if story and locale == "es":
        first, whole = whole.split("\n\n", 1)
        assert first == letter.summary(text)
        assert first == f"[English summary: {text.subject}. Personal words in Spanish follow.]"
    assert whole == "\n\n".join(parts)


@given(stories)
def test_a_story_is_cleaned_once_and_loses_no_word(raw: str) -> None:
    story = clean_story(raw)
    assert clean_story(story) == story
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|\n{3}", story)
    assert "".join(re.findall(r"\w", story)) == "".join(re.findall(r"\w", raw))
    story.encode()


def test_the_envelope_holds_only_what_was_asked() -> None:
    asked = {"city": "Charlotte", "prefix": "Ms.", "street": "1 Main\nStreet", "phone": "704-555-0100"}
    assert letter.envelope("Ana Ruiz", "Charlotte", "NC", "28205", {}) == "Ana Ruiz\nCharlotte, NC 28205"
    assert letter.envelope("Ana Ruiz", "Charlotte", "NC", "28205", asked) == (
        "Ms. Ana Ruiz\n1 Main Street\nCharlotte, NC 28205\nPhone: 704-555-0100"
    )
    assert letter.envelope("Ana Ruiz", "", "NC", "28205", {}) == "Ana Ruiz\nNC 28205"


@pytest.mark.parametrize(
    "story",
    [
        "My mother is undocumented.",
        "Mi hermano es INDOCUMENTADO y trabaja.",
        "Mi tía no tiene papeles, vive aquí",
        "Vivimos sin\n  papeles.",
        "I have DACA.",
        "Tengo TPS desde 2001",
        "He overstayed his visa",
        "They deported my father. La deportación",
        "Lo deportó ICE",
        "Indocumenta\u0301da",
        "un\u200bdocumented",
        "Her number is A012-345-678.",
        "A# 012345678",
        "caso WAC2412345678",
        "EAC-24-123-45678",
        "su situación migratoria",
    ],
)
def test_words_that_may_tell_somebodys_status_are_noticed(story: str) -> None:
    assert find_status_words(story)


@pytest.mark.parametrize(
    "story",
    [
        "",
        "I am a nurse in Charlotte, ZIP 28205, and I call 704-555-0100.",
        "Mi hijo hace deporte en la escuela y los deportistas tienen miedo.",
        "A 100 neighbors came, a 2,500 agreements.",
        "The visage of improvisation. Revisar el tpso.",
        "La policía debe cuidar a todos los vecinos.",
    ],
)
def test_words_that_tell_no_status_are_left_alone(story: str) -> None:
    assert not find_status_words(story)


@given(st.text())
def test_the_guard_never_falls_over(story: str) -> None:
    assert find_status_words(f"{story} undocumented")
