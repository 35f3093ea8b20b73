"""What is left out of a letter where an office's form is short: in one order, and never in silence.

First the sources, then the facts after the second, the last one first; then the reference line, the second fact, the
definition, and at last what remains of the shared statement. Never the ask line, the own words, the reply line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from campaign.compose.messages.letter import STORY_LIMIT, LetterText, MissingBlock, RenderedFile, full_text

OWN_ROOM = 400  # characters that a short form's letter leaves for own words, before any are written


def length(text: str) -> int:
    """Characters as the strictest form counts them: a line end is two, and so is a sign beyond the common ones."""
    return len(text.encode("utf-16-le")) // 2 + text.count("\n")


def shorter_versions(text: LetterText) -> tuple[LetterText, ...]:
    """The letter whole, and then ever shorter, each without one part more."""
    made = [text]
    for part in _order(text.said):
        last = made[-1]
        gloss = last.gloss
        gone = MissingBlock(part, _words(last.said, part), _words(gloss, part) if gloss else "")
        made.append(
            replace(
                last,
                said=_without(last.said, part),
                gloss=_without(gloss, part) if gloss else None,
                left_out=(*last.left_out, gone),
            )
        )
    return tuple(made)


def fits(text: LetterText, story: str, limit: int, tongue: str) -> bool:
    """Whether the letter with these own words has at most `limit` characters (0: as many as it likes)."""
    return not limit or length(full_text(text, story, tongue)) <= limit


def fit(text: LetterText, story: str, limit: int, tongue: str) -> LetterText | None:
    """The longest letter that has room for these own words; None where not even the shortest has."""
    return next((made for made in shorter_versions(text) if fits(made, story, limit, tongue)), None)


def room(text: LetterText, limit: int, tongue: str) -> int:
    """How many characters of own words fit beside this text, by `length`."""
    if not limit:
        return STORY_LIMIT
    return max(0, min(STORY_LIMIT, limit - length(full_text(text, "-", tongue)) + 1))


def shorten(text: LetterText, story: str, limit: int, tongue: str) -> LetterText:
    """The letter to show: with room for these own words, and for OWN_ROOM characters where they are fewer.

    The shortest one where the own words are too long for this form, or the form for any letter.
    """
    least = shorter_versions(text)[-1]
    wanted = max(length(story), min(OWN_ROOM, room(least, limit, tongue)))
    return fit(text, "-" * wanted, limit, tongue) or least


def _order(said: RenderedFile) -> Iterator[str]:
    if said.sources:
        yield "sources"
    for number in range(len(said.facts), 2, -1):
        yield f"fact-{number}"
    if said.reference:
        yield "reference"
    if len(said.facts) > 1:
        yield "fact-2"
    if said.definition:
        yield "definition"
    yield "statement"


def _without(said: RenderedFile, part: str) -> RenderedFile:
    if part == "statement":
        return replace(said, label="", facts=(), close="")
    if part.startswith("fact-"):
        return replace(said, facts=said.facts[: int(part[5:]) - 1])
    if part == "definition":
        return replace(said, definition="")
    return replace(said, sources="") if part == "sources" else replace(said, reference="")


def _words(said: RenderedFile, part: str) -> str:
    """What this part of it says."""
    if part == "statement":
        return " ".join(filter(None, (said.label, *said.facts, said.close)))
    if part.startswith("fact-"):
        return "".join(said.facts[int(part[5:]) - 1 : int(part[5:])])
    found = {"sources": said.sources, "reference": said.reference, "definition": said.definition}
    return found[part]
