"""Letters on short forms: what is left out, in which order, and what always stays."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.compose.messages import letter, short_form
from campaign.compose.messages.letter import LetterParts, LetterText, clean_story
from campaign.congress import roster
from tests.unit.compose_samples import BEFORE, SHIPPED, SWITCH
from tests.unit.test_letter_text import HOLDERS, RELEASE, made, stories, texts

ORDER = ("sources", "fact-4", "fact-3", "reference", "fact-2", "definition", "statement", "fact-1")
TONGUES = st.sampled_from(["en", "es"])
_line = st.text("abc é.\U0001f33b", min_size=1, max_size=60).map(str.strip).filter(bool)
_parts = st.builds(
    LetterParts,
    subject=_line,
    salutation=_line,
    ask=_line,
    label=_line,
    definition=_line | st.just(""),
    facts=st.lists(_line, max_size=4).map(tuple),
    close=_line | st.just(""),
    reply=_line,
    closing=_line,
    short=st.lists(_line, min_size=2, max_size=3).map(tuple),
    reference=_line | st.just(""),
    sources=_line | st.just(""),
)
_any = texts | st.builds(
    LetterText, variant=st.just("house"), english=_parts, valid_until=st.none(), translation=st.none() | _parts
)


def parts(text: LetterText) -> list[str]:
    return [one.part for one in text.left_out]


@given(_any, stories, st.integers(1, 4000), TONGUES)
def test_a_letter_fits_its_form_and_keeps_the_parts_that_always_stay(
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
    english, brief = text.english, text.english.short
    assert (found.english.ask, found.english.reply) in ((english.ask, english.reply), (brief[0], brief[-1]))
    shown = (english.salutation, found.english.ask, story, found.english.reply, english.closing)
    at = [whole.index(part) for part in shown if part]
    assert len(at) == 4 + bool(story)
    assert (letter.summary(found) in whole) == (bool(story) and tongue == "es")
    assert (found.subject, found.valid_until) == (text.subject, text.valid_until)


@given(_any)
def test_parts_are_left_out_in_one_order_and_all_are_listed(text: LetterText) -> None:
    cuts = short_form.shorter_versions(text)
    assert cuts[0] == text
    gone = parts(cuts[-1])
    assert gone == sorted(gone, key=ORDER.index)
    assert len(set(gone)) == len(gone)
    for longer, shorter in pairwise(cuts):
        assert shorter.left_out[:-1] == longer.left_out
    words = " ".join(one.words for one in cuts[-1].left_out)
    english = text.english
    first, *brief, last = english.short
    for part in (english.label, english.definition, *english.facts, *brief, english.close, english.postscript):
        assert all(line in words for line in part.split("\n\n"))
    assert letter.full_text(cuts[-1], "", "en") == "\n\n".join((english.salutation, first, last, english.closing))


@given(_any, stories, st.integers(1, 4000), TONGUES)
def test_no_part_is_left_out_that_has_room(text: LetterText, raw: str, limit: int, tongue: str) -> None:
    story = clean_story(raw)
    found = short_form.fit(text, story, limit, tongue)
    cuts = short_form.shorter_versions(text)
    if found in cuts[1:]:
        longer = cuts[cuts.index(found) - 1]
        assert not short_form.fits(longer, story, limit, tongue)


@given(_any, stories, st.integers(0, 4000), TONGUES)
def test_a_personal_note_fits_exactly_if_it_has_room(text: LetterText, raw: str, limit: int, tongue: str) -> None:
    story = clean_story(raw)
    room = short_form.room(text, limit, tongue)
    assert 0 <= room <= letter.STORY_LIMIT
    if story and short_form.length(story) <= letter.STORY_LIMIT:
        assert (short_form.length(story) <= room) == short_form.fits(text, story, limit, tongue)


@given(_any, stories, st.integers(0, 4000), TONGUES)
def test_the_letter_shown_has_room_for_what_was_written(text: LetterText, raw: str, limit: int, tongue: str) -> None:
    story = clean_story(raw)
    cuts = short_form.shorter_versions(text)
    shown, least = short_form.shorten(text, story, limit, tongue), cuts[-1]
    if short_form.fits(least, story, limit, tongue):
        assert any(short_form.fits(one, story, limit, tongue) for one in (shown, least))
    most = short_form.room(least, limit, tongue)
    if most and short_form.length(story) <= most:
        brief = cuts[-2] if parts(least)[-1] == "fact-1" else least
        assert short_form.room(shown, limit, tongue) >= min(
            max(short_form.length(story), short_form.OWN_ROOM), short_form.room(brief, limit, tongue)
        )


@pytest.mark.parametrize("at", [BEFORE, SWITCH])
@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("code", HOLDERS)
def test_the_shortest_forms_have_room_for_a_personal_note(code: str, locale: str, at: int) -> None:
    text = made(code, at=at, locale=locale)
    assert short_form.shorten(text, "", 0, locale) == text
    least = short_form.shorter_versions(text)[-1]
    assert short_form.room(least, 500, "en") >= 220
    assert short_form.room(least, 500, "es") >= 180
    brief = short_form.shorten(text, "", 500, locale)
    assert "The number of 287(g) agreements rose" in letter.full_text(brief, "", "en")
    assert short_form.room(brief, 500, locale) >= 80
    assert short_form.shorten(text, "", 10_000, locale) == text
    for limit in (500, 1200, 1500):
        assert short_form.fits(short_form.shorten(text, "", limit, locale), "-" * 30, limit, locale)


def test_every_form_with_a_known_limit_takes_each_letter_with_a_personal_note() -> None:
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


def test_a_form_of_1200_characters_drops_sources_first() -> None:
    text = made("H:TX:21")
    assert parts(short_form.shorten(text, "", 2500, "en")) == []
    assert parts(short_form.shorten(text, "", 1200, "en")) == ["sources", "fact-3", "reference", "fact-2", "definition"]
    assert parts(short_form.shorten(text, "", 500, "en")) == [
        "sources",
        "fact-3",
        "reference",
        "fact-2",
        "definition",
        "statement",
    ]


def test_a_line_end_counts_as_two_as_some_forms_do() -> None:
    assert short_form.length("a\nb") == 4
    assert short_form.length("é\U0001f33b") == 3
    text = made("H:NC:12")
    whole = letter.full_text(text, "", "en")
    assert short_form.fits(text, "", len(whole) + whole.count("\n"), "en")
    assert not short_form.fits(text, "", len(whole) + whole.count("\n") - 1, "en")
