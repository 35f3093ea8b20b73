"""Letters on short forms: what is left out, in which order, and what never is."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.compose.messages import letter, short_form
from campaign.compose.messages.letter import LetterText, RenderedFile, clean_story
from campaign.congress import roster
from tests.unit.compose_samples import BEFORE, SHIPPED, SWITCH
from tests.unit.test_letters_text import HOLDERS, RELEASE, made, stories, texts

ORDER = ("sources", "fact-4", "fact-3", "reference", "fact-2", "definition", "statement")
TONGUES = st.sampled_from(["en", "es"])
_line = st.text("abc é.\U0001f33b", min_size=1, max_size=60).map(str.strip).filter(bool)
_said = st.builds(
    RenderedFile, _line, _line, _line | st.just(""), st.lists(_line, max_size=4).map(tuple), _line | st.just(""), _line,
    _line | st.just(""), _line | st.just(""),
)  # fmt: skip
_any = texts | st.builds(LetterText, st.just("house"), _line, _said, st.none(), st.none() | _said)


def parts(text: LetterText) -> list[str]:
    return [one.part for one in text.left_out]


@given(_any, stories, st.integers(1, 4000), TONGUES)
def test_a_letter_fits_its_form_and_keeps_ask_own_words_and_reply(
    text: LetterText, raw: str, limit: int, tongue: str
) -> None:
    story = clean_story(raw)
    found = short_form.fit(text, story, limit, tongue)
    least = short_form.shorter_versions(text)[-1]
    if found is None:
        assert short_form.length(letter.full_text(least, story, tongue)) > limit
        return
    whole = letter.full_text(found, story, tongue)
    assert short_form.length(whole) <= limit
    assert (found.said.ask, found.said.reply) == (text.said.ask, text.said.reply)
    assert text.said.ask in whole
    assert story in whole
    assert whole.index(text.said.reply) >= 0
    assert (letter.summary(found) in whole) == (bool(story) and tongue == "es")
    assert (found.subject, found.valid_until) == (text.subject, text.valid_until)


@given(_any)
def test_parts_go_in_one_order_each_once_and_nothing_is_lost(text: LetterText) -> None:
    cuts = short_form.shorter_versions(text)
    assert cuts[0] == text
    gone = parts(cuts[-1])
    assert gone == sorted(gone, key=ORDER.index)
    assert len(set(gone)) == len(gone)
    for longer, shorter in pairwise(cuts):
        assert shorter.left_out[:-1] == longer.left_out
    words = " ".join(one.words for one in cuts[-1].left_out)
    said = text.said
    for part in (said.label, said.definition, *said.facts, said.close, said.reference, said.sources):
        assert part in words
    assert letter.full_text(cuts[-1], "", "en") == f"{said.ask}\n\n{said.reply}"


@given(_any, stories, st.integers(1, 4000), TONGUES)
def test_no_part_is_left_out_that_has_room(text: LetterText, raw: str, limit: int, tongue: str) -> None:
    story = clean_story(raw)
    found = short_form.fit(text, story, limit, tongue)
    cuts = short_form.shorter_versions(text)
    if found in cuts[1:]:
        longer = cuts[cuts.index(found) - 1]
        assert not short_form.fits(longer, story, limit, tongue)


@given(_any, stories, st.integers(0, 4000), TONGUES)
def test_own_words_that_have_room_fit_and_others_do_not(text: LetterText, raw: str, limit: int, tongue: str) -> None:
    story = clean_story(raw)
    room = short_form.room(text, limit, tongue)
    assert 0 <= room <= letter.STORY_LIMIT
    if story and short_form.length(story) <= letter.STORY_LIMIT:
        assert (short_form.length(story) <= room) == short_form.fits(text, story, limit, tongue)


@given(_any, stories, st.integers(0, 4000), TONGUES)
def test_the_letter_shown_has_room_for_what_was_written(text: LetterText, raw: str, limit: int, tongue: str) -> None:
    story = clean_story(raw)
    shown, least = short_form.shorten(text, story, limit, tongue), short_form.shorter_versions(text)[-1]
    assert short_form.fits(shown, story, limit, tongue) == short_form.fits(least, story, limit, tongue)
    most = short_form.room(least, limit, tongue)
    if most and short_form.length(story) <= most:
        assert short_form.room(shown, limit, tongue) >= min(short_form.OWN_ROOM, most)


@pytest.mark.parametrize("at", [BEFORE, SWITCH])
@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("code", HOLDERS)
def test_the_shortest_forms_there_are_still_take_own_words(code: str, locale: str, at: int) -> None:
    text = made(code, at=at, locale=locale)
    assert short_form.shorten(text, "", 0, locale) == text
    least = short_form.shorter_versions(text)[-1]
    assert short_form.room(least, 500, "en") >= 220
    assert short_form.room(least, 500, "es") >= 180
    assert short_form.shorten(text, "", 10_000, locale) == text
    for limit in (500, 1200, 1500):
        assert short_form.fits(short_form.shorten(text, "", limit, locale), "-" * 30, limit, locale)


def test_every_form_whose_limit_is_known_takes_each_letter_with_own_words() -> None:
    limited = [one for one in roster.load().seats.values() if one.holder and one.holder.form_limit]
    assert min(one.holder.form_limit for one in limited if one.holder) == 500
    for one, at, locale in product(limited, (BEFORE, SWITCH), ("en", "es")):
        assert one.holder is not None
        text = letter.draft(RELEASE, letter.variant(SHIPPED, one, at), locale, one, at)
        limit = one.holder.form_limit
        room = short_form.room(short_form.shorter_versions(text)[-1], limit, locale)
        assert room >= 180
        assert short_form.fit(text, "-" * room, limit, locale) is not None
        assert short_form.fit(text, "-" * (room + 1), limit, locale) is None or room == letter.STORY_LIMIT


def test_a_form_of_1200_characters_loses_sources_first() -> None:
    text = made("H:TX:21")
    assert parts(short_form.shorten(text, "", 2500, "en")) == []
    assert parts(short_form.shorten(text, "", 1200, "en")) == ["sources", "fact-4", "fact-3", "reference", "fact-2"]
    assert parts(short_form.shorten(text, "", 500, "en")) == ["sources", *ORDER[1:]]


def test_a_line_end_counts_as_two_as_some_forms_do() -> None:
    assert short_form.length("a\nb") == 4
    assert short_form.length("é\U0001f33b") == 3
    text = made("H:NC:12")
    whole = letter.full_text(text, "", "en")
    assert short_form.fits(text, "", len(whole) + whole.count("\n"), "en")
    assert not short_form.fits(text, "", len(whole) + whole.count("\n") - 1, "en")
