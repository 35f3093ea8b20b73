"""Letters for office forms that limit the length: which parts are left out, in which order. Supporters see which.

First the sources, then the facts after the second (last one first), the reference, the second fact and the definition.
Then the letter's short version replaces ask, statement and question, and finally loses its facts. Salutation, ask,
personal note, question and closing always stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from campaign.compose.messages.letter import STORY_LIMIT, LetterParts, LetterText, MissingBlock, full_text

OWN_ROOM = 400  # characters that a short form's letter leaves for the personal note, before any is written


def length(text: str) -> int:
    """Characters as the strictest form counts them: a line end is two, and so is an emoji."""
    return len(text.encode("utf-16-le")) // 2 + text.count("\n")


@lru_cache(maxsize=2048)
def shorter_versions(text: LetterText) -> tuple[LetterText, ...]:
    """The whole letter, then shorter and shorter ones, each without one more part."""
    versions = [text]
    for part in _order(text.english):
        last = versions[-1]
        english, words = _cut(last.english, part)
        translation, translated = _cut(last.translation, part) if last.translation else (None, "")
        left_out = (*last.left_out, MissingBlock(part, words, translated))
        versions.append(replace(last, english=english, translation=translation, left_out=left_out))
    return tuple(versions)


def fits(text: LetterText, story: str, limit: int, tongue: str) -> bool:
    """Whether the letter with this personal note has at most `limit` characters (0: no limit)."""
    return not limit or length(full_text(text, story, tongue)) <= limit


def fit(text: LetterText, story: str, limit: int, tongue: str) -> LetterText | None:
    """The longest letter that has room for this personal note; None if even the shortest has not."""
    return next((version for version in shorter_versions(text) if fits(version, story, limit, tongue)), None)


def room(text: LetterText, limit: int, tongue: str) -> int:
    """How many characters of personal note fit beside this text, by `length`."""
    if not limit:
        return STORY_LIMIT
    return max(0, min(STORY_LIMIT, limit - length(full_text(text, "-", tongue)) + 1))


def shorten(text: LetterText, story: str, limit: int, tongue: str) -> LetterText:
    """The letter to show. It has room for this personal note, and for up to OWN_ROOM characters if it is shorter.

    The short version keeps its facts until the note needs their room. The shortest letter, if the note is too long for
    this form, or the form for any letter.
    """
    versions = shorter_versions(text)
    brief = next((text for text in versions if text.left_out and text.left_out[-1].part == "statement"), versions[-1])
    wanted = max(length(story), min(OWN_ROOM, room(brief, limit, tongue)))
    return fit(text, "-" * wanted, limit, tongue) or versions[-1]


def _order(parts: LetterParts) -> Iterator[str]:
    if parts.sources:
        yield "sources"
    for number in range(len(parts.facts), 2, -1):
        yield f"fact-{number}"
    if parts.reference:
        yield "reference"
    if len(parts.facts) > 1:
        yield "fact-2"
    if parts.definition:
        yield "definition"
    yield "statement"
    if len(parts.short) > 2:
        yield "fact-1"


def _cut(parts: LetterParts, part: str) -> tuple[LetterParts, str]:
    """The letter without this part, and the part's text."""
    if part == "statement":
        first, *facts, last = parts.short
        others = (fact for fact in parts.facts if fact not in facts)
        shorter = replace(parts, ask=first, label="", facts=tuple(facts), close="", reply=last)
        return shorter, " ".join(filter(None, (parts.label, *others, parts.close)))
    if part.startswith("fact-"):
        kept = int(part[5:]) - 1
        return replace(parts, facts=parts.facts[:kept]), " ".join(parts.facts[kept:])
    blank: dict[str, Any] = {part: ""}
    return replace(parts, **blank), getattr(parts, part)
