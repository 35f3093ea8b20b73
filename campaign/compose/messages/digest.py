"""Mails to an office that are no letters: the summary of a day, and the question how it wants letters. Plain text, in
English, without a link. What stands in a summary is what its writers confirmed, and what they let be quoted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_skeleton

from campaign.compose.messages.letter import OFFICES_READ
from campaign.compose.rendering import fields, names, render
from campaign.compose.rendering.names import BABEL, NameRules
from campaign.compose.rendering.release import Release
from campaign.model import Seat, Text

DAILY, INVITE = "office/daily.txt", "office/invite.txt"
QUOTED = 3  # writers
LONGEST_QUOTE = 600  # characters
STATEMENTS = 3  # that are printed whole


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """One letter in a summary. `story`: its own words, "" unless their writer lets them be quoted; `writer`: then the
    first name and town. `shared`: the letter without the own words.
    """

    subject: str
    shared: str
    story: str = ""
    writer: str = ""
    spanish: bool = False  # the own words


def digest(
    release: Release, seat: Seat, entries: Sequence[DigestEntry], towns: Mapping[str, int], day: str, now: int
) -> Text:
    """The summary of a day (ISO): the letters in the order of their confirmation, and how many came from which town;
    "" stands for the others, which are too few to be named.
    """
    asked = Counter(one.subject for one in entries)
    return _text(
        release,
        DAILY,
        {
            **_common(release, seat, now),
            "asked": asked.most_common(1)[0][0],
            "count": letters(len(entries)),
            "day": format_skeleton("MMMd", date.fromisoformat(day), locale=BABEL[OFFICES_READ]),
            "letters": "\n\n".join(_middle(entries, asked, towns)),
        },
    )


def invitation(release: Release, seat: Seat, given_by: str, people: int, now: int) -> Text:
    """The question. `people`: those on the lists whom this office represents for sure."""
    reach = f"{people:,} of them are your constituents by their ZIP code." if people else ""
    found = _common(release, seat, now) | {"given_by": fields.one_line(given_by), "reach": reach}
    return _text(release, INVITE, found)


def letters(number: int) -> str:
    """12 letters, 1 letter."""
    return f"{number:,} letter{'' if number == 1 else 's'}"


def _common(release: Release, seat: Seat, now: int) -> dict[str, object]:
    return {**names.common(release.folder, OFFICES_READ, now, NameRules()), "member": fields.titled(seat, OFFICES_READ)}


def _text(release: Release, path: str, found: Mapping[str, object]) -> Text:
    blocks = render.blocks_of(release, path, found)
    return Text(fields.one_line(blocks["subject"]), blocks["body"].strip() + "\n", "")


def _middle(entries: Sequence[DigestEntry], asked: Counter[str], towns: Mapping[str, int]) -> Iterator[str]:
    if len(asked) > 1:
        yield "\n".join(f"- {letters(number)}: {subject}" for subject, number in asked.most_common())
    if any(towns):
        named = ", ".join(f"{town} {number:,}" for town, number in towns.items() if town)
        others = f", other places {towns['']:,}" if towns.get("") else ""
        yield f"They live in, as they wrote it: {named}{others}."
    if quotes := [one for one in entries if one.story][:QUOTED]:
        yield "In their own words, which these writers let us quote:"
        yield from map(_quote, quotes)
    shared = Counter(one.shared for one in entries).most_common()
    for text, number in shared[:STATEMENTS]:
        those = letters(number) if number < len(entries) else "all of them"
        same = f", the same in {those}" if len(entries) > 1 else ""
        yield f"The letter, without the writer's own words{same}:"
        yield text
    if rest := sum(number for _, number in shared[STATEMENTS:]):
        yield f"{letters(rest)} differ from these."


def _quote(one: DigestEntry) -> str:
    words = one.story if len(one.story) <= LONGEST_QUOTE else f"{one.story[:LONGEST_QUOTE].rpartition(' ')[0]} [...]"
    language = " (in Spanish)" if one.spanish else ""
    return f'"{words}"\n{one.writer}{language}'
