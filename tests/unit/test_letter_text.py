"""The letter as an office gets it: parts in order, the personal note as written, no bill that has expired."""

from __future__ import annotations

import re
from dataclasses import fields as fields_of
from dataclasses import replace

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
LABEL = "Statement by Example Coalition to End 287(g), which I have read and support:"
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
    st.sampled_from(["\r\n", "\n", "\r", " ", "\t", "\x00", "\u2028", "Mi familia", "años", "🌻", "Statement by"]),
    max_size=12,
).map("".join)


def made(code: str, *, at: int = BEFORE, locale: str = "en") -> LetterText:
    one = seat(code, HOLDERS[code][0])
    return letter.draft(RELEASE, letter.variant(SHIPPED, one, at), locale, one, at)


@pytest.mark.parametrize("code", HOLDERS)
def test_what_the_holder_signed_picks_the_letter(code: str) -> None:
    bioguide, expected = HOLDERS[code]
    assert letter.variant(SHIPPED, seat(code, bioguide), SWITCH - 1) == expected
    assert letter.variant(SHIPPED, seat(code, bioguide), SWITCH) == "after"
    chamber = expected.removeprefix("thanks-")
    assert letter.variant(SHIPPED, seat(code, "X000000"), BEFORE) == chamber  # a successor signed nothing
    assert letter.variant(SHIPPED, Seat(code, None), BEFORE) == chamber


def test_the_house_letter_has_its_parts_in_order() -> None:
    text = made("H:NC:12")
    parts = letter.full_text(text, "My son walks to school.", "en", "Ana Ruiz\nCharlotte, NC 28205").split("\n\n")
    assert parts[:3] == ["Dear Representative Adams,", text.english.ask, "My son walks to school."]
    assert text.english.ask.startswith("As your constituent, I ask you to cosponsor H.R. 6890")
    assert "and to support it again in the next Congress" in text.english.ask
    assert "If you have already cosponsored it, thank you." in text.english.ask
    assert parts[3].split("\n")[0] == LABEL
    assert parts[4:6] == [
        "Will you cosponsor H.R. 6890? Please write back with your position.",
        "Sincerely,\nAna Ruiz\nCharlotte, NC 28205",
    ]
    assert parts[6] == (
        "Campaign: end-287g. Position: support H.R. 6890. Organized by Example Coalition to End 287(g)."
    )
    assert parts[7].startswith("Sources: Public Law 104-208 of 1996, division C, section 133. U.S. Department of")
    assert len(parts) == 8
    assert letter.core(text, "", "en").endswith("\n\nSincerely,")
    assert text.subject == "Please cosponsor H.R. 6890 to end the 287(g) program"
    assert text.valid_until == SWITCH


def test_opponents_get_other_facts_and_no_request_for_the_next_congress() -> None:
    neutral, opposed = made("H:NC:12").english, made("H:TX:21").english
    assert "Government Accountability Office" in neutral.statement
    assert "Government Accountability Office" not in opposed.statement
    assert "no evidence that 287(g) agreements reduced crime" in opposed.statement
    assert "next Congress" not in opposed.ask
    assert "already cosponsored" not in opposed.ask


def test_a_state_fact_is_only_in_letters_to_that_state() -> None:
    assert "Texas Senate Bill 8" in made("H:TX:21").english.statement
    assert "Texas" not in made("H:NC:12").english.statement
    assert "Florida law requires" in made("S:FL:1").english.statement


def test_sponsors_and_cosponsors_are_thanked_and_asked_for_no_reply() -> None:
    assert "I thank you for introducing H.R. 6890" in made("H:IL:5").english.ask
    assert "I thank you for cosponsoring H.R. 6890" in made("H:DC:0").english.ask
    assert "I thank you for introducing S. 1336 of 2021" in made("S:NJ:2").english.ask
    assert "Senator Booker introduced" not in made("S:NJ:2").english.statement
    assert made("S:NJ:2").subject == "Thank you for S. 1336 of 2021 (end 287(g))"
    for code in ("H:IL:5", "H:DC:0", "S:NJ:2"):
        assert made(code).english.reply == "No reply is needed. Thank you for your work."


@pytest.mark.parametrize("code", ["H:NC:12", "H:IL:5", "H:DC:0", "S:NJ:2"])
@pytest.mark.parametrize("how", ["the data", "the organizer"])
def test_a_member_who_is_leaving_is_asked_for_nothing_in_the_next_congress(code: str, how: str) -> None:
    bioguide, _ = HOLDERS[code]
    one, folder = seat(code, bioguide), SHIPPED
    assert one.holder is not None
    if how == "the data":
        one = replace(one, holder=replace(one.holder, left="2026-11-30"))
    else:
        folder = replace(folder, positions=replace(folder.positions, leaving=frozenset({bioguide})))
    release = replace(from_folder(folder), hash=how + code)
    assert letter.is_leaving(folder, one)
    for locale in ("en", "es"):
        text = letter.draft(release, letter.variant(folder, one, BEFORE), locale, one, BEFORE)
        for parts in filter(None, (text.english, text.translation)):
            assert not re.search("next Congress|próximo Congreso|to the Senate again|de nuevo", parts.ask)
    assert not letter.is_leaving(SHIPPED, seat(code, HOLDERS[code][0]))


@pytest.mark.parametrize(
    ("code", "gender", "english", "spanish"),
    [
        ("S:NC:2", "M", "Dear Senator Hernández,", "Estimado senador Hernández:"),
        ("H:NC:12", "F", "Dear Representative Hernández,", "Estimada representante Hernández:"),
        ("H:DC:0", "F", "Dear Delegate Hernández,", "Estimada delegada Hernández:"),
        ("H:PR:0", "M", "Dear Resident Commissioner Hernández,", "Estimado comisionado residente Hernández:"),
        ("H:NC:12", "", "Dear Representative Hernández,", "Apreciable Alex Hernández:"),
    ],
)
def test_the_salutation_keeps_accents_and_has_the_right_gender(
    code: str, gender: str, english: str, spanish: str
) -> None:
    one = seat(code, name="Alex Hernández", gender=gender)
    text = letter.draft(RELEASE, letter.variant(SHIPPED, one, BEFORE), "es", one, BEFORE)
    assert text.translation is not None
    assert (text.english.salutation, text.translation.salutation) == (english, spanish)
    assert letter.full_text(text, "", "en").startswith(english + "\n\n")


def test_letters_to_senators_name_no_bill_of_this_congress() -> None:
    for code in ("S:NC:2", "S:FL:1", "S:NJ:2"):
        assert "6890" not in letter.full_text(made(code), "", "en")


@pytest.mark.parametrize("code", HOLDERS)
@pytest.mark.parametrize("at", [BEFORE, SWITCH])
@pytest.mark.parametrize("locale", ["en", "es"])
def test_offices_get_plain_english_and_the_writer_sees_a_translation(code: str, at: int, locale: str) -> None:
    text = made(code, at=at, locale=locale)
    whole = letter.full_text(text, "", locale) + text.subject
    assert whole.isascii()
    assert not re.search(r"https?:|www|\.(gov|org|com)\b|\bvote", whole)
    assert len(text.subject) <= 60
    english, translation = text.english, text.translation
    assert (translation is not None) == (locale == "es")
    if translation is not None:
        assert translation.label == "Declaración de Example Coalition to End 287(g), que he leído y apoyo:"
        assert len(translation.facts) == len(english.facts)
        assert len(translation.short) == len(english.short)
        for name in {field.name for field in fields_of(english)} - {"reference", "sources"}:
            assert bool(getattr(translation, name)) == bool(getattr(english, name)), name
        ours, theirs = (
            set(re.findall(r"\d+", " ".join((part.opening, part.ending)))) for part in (english, translation)
        )
        assert theirs <= ours
        assert not re.search(r"\b(tú|tu|tus|te|puedes)\b", f"{translation.opening} {translation.ending}")


@given(st.sampled_from(SEATS), st.integers(0, 10**11), st.sampled_from(["en", "es"]))
def test_no_letter_names_the_bill_after_it_expires(one: Seat, later: int, locale: str) -> None:
    text = letter.draft(RELEASE, letter.variant(SHIPPED, one, SWITCH + later), locale, one, SWITCH + later)
    assert not re.search(r"6890|\bthank", repr(text))
    assert text.valid_until is None
    for dead in ("house", "thanks-house"):
        with pytest.raises(CampaignError, match="died with the 119th Congress"):
            letter.draft(RELEASE, dead, locale, one, SWITCH + later)


@given(texts, stories, st.sampled_from(["en", "es"]))
def test_the_personal_note_stands_between_ask_and_statement_unchanged(text: LetterText, raw: str, locale: str) -> None:
    story, english = clean_story(raw), text.english
    parts = [english.opening, *([story] if story else []), english.statement, english.reply, english.closing]
    whole = letter.full_text(text, story, locale)
    if story and locale == "es":
        first, whole = whole.split("\n\n", 1)
        assert first == letter.summary(text)
        assert first == f"[English summary: {text.subject}. Personal words in Spanish follow.]"
    assert whole == "\n\n".join([*parts, english.reference, english.sources])


@given(stories)
def test_cleaning_a_personal_note_twice_changes_nothing_and_loses_no_word(raw: str) -> None:
    story = clean_story(raw)
    assert clean_story(story) == story
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|\n{3}", story)
    assert "".join(re.findall(r"\w", story)) == "".join(re.findall(r"\w", raw))
    story.encode()


def test_the_envelope_has_only_the_fields_given() -> None:
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
def test_words_that_may_reveal_immigration_status_are_found(story: str) -> None:
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
def test_other_words_are_not_flagged(story: str) -> None:
    assert not find_status_words(story)


@given(st.text())
def test_the_immigration_warning_takes_any_text(story: str) -> None:
    assert find_status_words(f"{story} undocumented")
