"""Mail to an office other than letters: the digest of a day, and the invitation to say how it wants letters.

Plain text, in English, without links. A digest quotes only what its writers confirmed and agreed to have quoted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from babel.dates import format_skeleton

from campaign.compose.campaign_folder import toml
from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.campaign_folder.toml import Toml
from campaign.compose.messages.letter import OFFICES_READ
from campaign.compose.rendering import fields, message_file, names, render
from campaign.compose.rendering.names import BABEL, NameRules
from campaign.compose.rendering.release import Release
from campaign.errors import Problems
from campaign.model import Seat, Text

DIGEST, INVITATION = "office/digest.en.txt", "office/invitation.en.txt"
LINES = "office/digest-lines.toml"
QUOTED = 3  # writers
LONGEST_QUOTE = 600  # characters
STATEMENTS = 3  # that are printed whole

LINE_FIELDS: Mapping[str, frozenset[str]] = {  # each sentence of LINES, with the fields in its braces
    "towns": frozenset({"towns"}),
    "others": frozenset({"number"}),
    "quotes": frozenset(),
    "spanish": frozenset(),
    "statement_all": frozenset(),
    "statement_some": frozenset({"letters"}),
    "statement_one": frozenset(),
    "rest": frozenset({"letters"}),
    "reach": frozenset({"number"}),
    "count_one": frozenset(),
    "count_many": frozenset({"number"}),
}


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """One letter in a digest. `shared` is its text without the personal note.

    If the writer agreed to be quoted, `story` is the personal note and `writer` their first name and town; else "".
    """

    subject: str
    shared: str
    story: str = ""
    writer: str = ""
    spanish: bool = False  # the language of the personal note


def digest(
    release: Release, seat: Seat, entries: Sequence[DigestEntry], *, towns: Mapping[str, int], day: str, now: int
) -> Text:
    """The digest of a day (ISO): its letters in the order of confirmation, and how many came from each town.

    "" stands for the other towns, which have too few letters to be named.
    """
    lines = read_lines(release)
    asked = Counter(entry.subject for entry in entries)
    return _text(
        release,
        DIGEST,
        {
            **_common(release, seat, now),
            "asked": asked.most_common(1)[0][0],
            "count": _letters(lines, len(entries)),
            "day": format_skeleton("MMMd", date.fromisoformat(day), locale=BABEL[OFFICES_READ]),
            "letters": "\n\n".join(_middle(lines, entries, asked, towns)),
        },
    )


def invitation(release: Release, seat: Seat, given_by: str, people: int, now: int) -> Text:
    """The invitation. `people`: supporters on the lists whom this office certainly represents."""
    reach = read_lines(release)["reach"].format(number=f"{people:,}") if people else ""
    found = _common(release, seat, now) | {"given_by": fields.one_line(given_by), "reach": reach}
    return _text(release, INVITATION, found)


@lru_cache(maxsize=16)
def read_lines(release: Release) -> Mapping[str, str]:
    """The sentences of LINES. Raises Problems for what is wrong in them."""
    file, lines = parse_lines(release.folder)
    if file.problems:
        raise Problems(file.problems, what=f"{release.slug}: {len(file.problems)} problem(s) in {LINES}")
    return lines


def parse_lines(folder: Folder) -> tuple[Toml, Mapping[str, str]]:
    """The file with its problems, and its sentences."""
    file = toml.read(LINES, folder.files.get(LINES, ""))
    file.only("", LINE_FIELDS.keys())
    return file, {key: file.text("", key) for key in LINE_FIELDS}


def _letters(lines: Mapping[str, str], number: int) -> str:
    return lines["count_one"] if number == 1 else lines["count_many"].format(number=f"{number:,}")


def _common(release: Release, seat: Seat, now: int) -> dict[str, object]:
    return {**names.common(release.folder, OFFICES_READ, now, NameRules()), "member": fields.titled(seat, OFFICES_READ)}


def _text(release: Release, path: str, found: Mapping[str, object]) -> Text:
    subject = render.part_of(release, message_file.field(path, "subject"), found)
    return Text(fields.one_line(subject), render.part_of(release, path, found).strip() + "\n", "")


def _middle(
    lines: Mapping[str, str], entries: Sequence[DigestEntry], asked: Counter[str], towns: Mapping[str, int]
) -> Iterator[str]:
    if len(asked) > 1:
        yield "\n".join(f"- {_letters(lines, number)}: {subject}" for subject, number in asked.most_common())
    if any(towns):
        named = [f"{town} {number:,}" for town, number in towns.items() if town]
        others = [lines["others"].format(number=f"{towns['']:,}")] if towns.get("") else []
        yield lines["towns"].format(towns=", ".join(named + others))
    if quotes := [entry for entry in entries if entry.story][:QUOTED]:
        yield lines["quotes"]
        yield from (_quote(lines, entry) for entry in quotes)
    shared = Counter(entry.shared for entry in entries).most_common()
    for text, number in shared[:STATEMENTS]:
        key = "one" if len(entries) == 1 else "all" if number == len(entries) else "some"
        yield lines[f"statement_{key}"].format(letters=_letters(lines, number))
        yield text
    if rest := sum(number for _, number in shared[STATEMENTS:]):
        yield lines["rest"].format(letters=_letters(lines, rest))


def _quote(lines: Mapping[str, str], entry: DigestEntry) -> str:
    story = entry.story
    if len(story) > LONGEST_QUOTE:
        story = f"{story[:LONGEST_QUOTE].rpartition(' ')[0]} [...]"
    return f'"{story}"\n{entry.writer}{" " + lines["spanish"] if entry.spanish else ""}'
