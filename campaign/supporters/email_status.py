"""Who may be emailed: the strongest "no" in any status column of a row wins.

Known columns (`status_columns`) decide by the words in their cells (`status_words`). An unknown column with values such
as "unsubscribed" is a question for the list's owner: see `questions`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

from campaign.supporters.status_columns import ColumnKind, KnownColumn, about_email, known_column, number_of
from campaign.supporters.status_words import (
    DATE,
    NO_FLAGS,
    SOFT,
    WHOLE,
    YES_FLAGS,
    Meaning,
    find_refusal,
    fold,
    is_empty,
    read_status,
    squash,
    word_set,
)

CACHE = 5_000  # cached cells per column
DISTINCT = 1_000  # a column with more values than this is not a status column
LONGEST = 80  # characters read per cell of an unknown column
_SHOWN = 60  # characters of a cell in a reason

# For each meaning: a short label for tables, and a sentence.
_REASONS = {
    Meaning.UNKNOWN: ("unclear", "we don't know what this says about email"),
    Meaning.NOT_YET: ("not active or not confirmed", "not active or not confirmed"),
    Meaning.NO: ("has not agreed", "they have not agreed to be emailed"),
    Meaning.BOUNCED: ("bounced", "email to this address bounces"),
    Meaning.UNSUBSCRIBED: ("opted out", "they opted out of email"),
    Meaning.COMPLAINED: ("reported spam", "they reported email as spam"),
    Meaning.DO_NOT_EMAIL: ("do not email", "marked as do not email"),
    Meaning.DECEASED: ("deceased", "this person has died"),
}
_LINK_OR_ZERO_DATE = re.compile(
    r"https?://|www\.|0+[-/.]0*[01]?[-/.]0|1970-01-01|0001-|0*1/0*[01]/(?:1900|0001)|12/30/1899|1899-12-30"
)


class StatusFinding(NamedTuple):
    """Why a row may not be emailed: the column that says so, its cell, and what that means."""

    column: str
    value: str
    meaning: Meaning

    @property
    def label(self) -> str:
        """A short label for tables."""
        return _REASONS[self.meaning][0]

    @property
    def reason(self) -> str:
        """A sentence for the list's owner."""
        return f"{_REASONS[self.meaning][1]}: column {self.column!r} says {self.shown}"

    @property
    def shown(self) -> str:
        """The cell in quotes, on one line, shortened."""
        value = " ".join(self.value.split())
        return repr(value if len(value) <= _SHOWN else value[: _SHOWN - 3] + "...")


@dataclass(frozen=True, slots=True)
class StatusColumn:
    """A list's column that says who may be emailed."""

    place: int
    name: str
    known: KnownColumn


class StatusReader:
    """Reads the status columns of a list's rows."""

    def __init__(self, columns: Sequence[StatusColumn]) -> None:
        self.columns = tuple(columns)
        self._cells = tuple((column, lru_cache(CACHE)(partial(read_cell, column.known))) for column in columns)

    def __call__(self, fields: Sequence[str]) -> StatusFinding | None:
        """The strongest reason not to email this row; None if every column says yes or is empty."""
        worst, at = Meaning.YES, None
        for column, read in self._cells:
            if (cell := fields[column.place]) and (meaning := read(cell)) > worst:
                worst, at = meaning, column
        return None if at is None else StatusFinding(at.name, fields[at.place].strip(), worst)

    def refusal_in_ragged_row(self, fields: Sequence[str], width: int) -> StatusFinding | None:
        """A refusal in a row with too few or too many cells. Only words in a status column count, in its own place or
        shifted by the surplus: a "yes" may have moved under another header."""
        shift = max(0, len(fields) - width)
        findings = [
            StatusFinding(column.name, fields[place], read_status(fields[place]))
            for column in self.columns
            if column.known.kind is ColumnKind.STATUS
            for place in {column.place, column.place + shift}
            if place < len(fields)
        ]
        worst = max(findings, key=lambda finding: finding.meaning, default=None)
        return worst if worst and worst.meaning.suppresses else None


def reader(
    header: Sequence[str], mapped: Mapping[str, int], *, status: Collection[int] = (), ignored: Collection[int] = ()
) -> StatusReader:
    """Reads a list with this header. `mapped`: places of our columns. `status`, `ignored`: the owner's answers."""
    taken = set(mapped.values()) - set(status)
    email = number_of(header[mapped["email"]]) if "email" in mapped else 1
    columns = []
    for place, name in enumerate(header):
        known = KnownColumn(ColumnKind.STATUS) if place in status else known_column(name)
        if known is None or known.kind is ColumnKind.OTHER or place in taken or place in ignored:
            continue
        if place not in status and number_of(name) not in {1, email}:
            continue  # about another of the supporter's addresses
        columns.append(StatusColumn(place, name or f"column {place + 1}", known))
    return StatusReader(columns)


def read_cell(known: KnownColumn, cell: str) -> Meaning:
    """What a cell of a known column says."""
    word = fold(cell)
    if is_empty(cell):
        return Meaning.NOTHING
    if known.kind is ColumnKind.PERMISSION:
        return _permission(known.meaning, word)
    if known.kind in {ColumnKind.FLAG, ColumnKind.TIME}:
        return _refusal(known, word)
    status = read_status(cell)
    if known.kind is ColumnKind.MIXED and (status is Meaning.UNKNOWN or len(squash(cell)) <= 2):
        return Meaning.NOTHING
    return status


def _flag(word: str) -> bool | None:
    """Whether a cell is a number or begins with a yes or a no; None: neither."""
    if re.fullmatch(r"-?\d+(?:\.0+)?", word):
        return float(word) != 0
    first = re.match(r"[^\W_]+", word)
    word = first[0] if first else ""
    return True if word in YES_FLAGS else False if word in NO_FLAGS else None


def _refusal(known: KnownColumn, word: str) -> Meaning:
    """Read a cell of a column where a yes refuses (FLAG), or any date or reason (TIME)."""
    if _LINK_OR_ZERO_DATE.match(word):
        return Meaning.NOTHING
    flag, status = _flag(word), read_status(word)
    if flag is False:
        refusal = find_refusal(word)
        return Meaning.UNKNOWN if refusal and refusal[0].suppresses else Meaning.NOTHING
    if flag and known.kind is ColumnKind.FLAG:
        return known.meaning
    if known.meaning is Meaning.BOUNCED and SOFT.search(word):
        return Meaning.NOT_YET
    if status is Meaning.YES and not flag:
        return Meaning.NOTHING
    if known.kind is ColumnKind.TIME:
        return Meaning.UNKNOWN if squash(word) == "unknown" else known.meaning
    return max(status, known.meaning) if DATE.search(word) or word in {"hard", "permanent"} else status


def _permission(no: Meaning, word: str) -> Meaning:
    """Read a cell of a column where a yes or a date agrees and a no refuses."""
    flag, status = _flag(word), read_status(word)
    if status is Meaning.NO or (flag is False and find_refusal(word) is None):
        return no
    if find_refusal(word) is not None:
        return status
    if re.fullmatch(r"-?\d+(?:\.0+)?", word):
        return Meaning.YES if abs(float(word)) == 1 else Meaning.UNKNOWN
    if flag or (word[0].isdigit() and DATE.search(word)):
        return Meaning.UNKNOWN if re.search(r"\b(but|maybe|only|not)\b|\?", word) else Meaning.YES
    return status


@dataclass(frozen=True, slots=True)
class Question:
    """An unknown column with status words. `values`: rows by word."""

    column: str
    values: Mapping[str, int]
    others: int  # rows with another value

    def __str__(self) -> str:
        words = [f"{value}: {count:,}" for value, count in self.values.items()]
        words += [f"other values: {self.others:,}"] if self.others else []
        return f"{self.column!r} ({', '.join(words)})"


# Refusals that are often about something else: an application, a canvass, a membership.
_OTHER_SENSE = word_set(
    "removed refused refuses withdrew withdrawn revoked banned nocontact saidno saysno wantsout onhold suppression "
    "blocklist blacklist bounce bounces cleaned spam rejected declined"
)


def questions(
    header: Sequence[str], rows: Iterable[Sequence[str]], known: StatusReader, taken: Collection[int]
) -> list[Question]:
    """The unknown columns that may say who must not be emailed. Reads every row, in constant memory.

    `taken`: places of columns with another meaning, or that the owner ignores.
    """
    skipped = {column.place for column in known.columns} | set(taken)
    counts: dict[int, dict[str, int]] = {
        place: {} for place, name in enumerate(header) if place not in skipped and known_column(name) is None
    }
    width = len(header)
    for fields in rows:
        if len(fields) < width:
            continue
        full = False
        for place, seen in counts.items():
            cell = fields[place][:LONGEST]
            seen[cell] = seen.get(cell, 0) + 1
            full = full or len(seen) > DISTINCT
        if full:
            counts = {place: seen for place, seen in counts.items() if len(seen) <= DISTINCT}
        if not counts:
            break
    asked = (_question(header[place] or f"column {place + 1}", seen) for place, seen in counts.items())
    return [question for question in asked if question is not None]


def _question(column: str, seen: Mapping[str, int]) -> Question | None:
    values = {value: count for value, count in seen.items() if not is_empty(value)}
    meanings = {value: read_status(value) for value in values}
    if not any(meaning > Meaning.UNKNOWN for meaning in meanings.values()):
        return None
    status = [value for value, meaning in meanings.items() if meaning is not Meaning.UNKNOWN]
    sure = {value for value in status if _about_email(value, meanings[value])}
    mostly = 2 * len(status) >= len(values) and about_email(column)
    no = any(meanings[value] > Meaning.UNKNOWN and squash(value) not in NO_FLAGS for value in status)
    if not (sure or (mostly and no)):
        return None
    words: Counter[str] = Counter()
    for value in status:
        if (known := squash(value) in WHOLE) or value in sure:  # a longer text may name a person: count it by label
            words[value.strip() if known else _REASONS[meanings[value]][0]] += values[value]
    return Question(column, dict(words.most_common()), sum(values.values()) - words.total())


def _about_email(value: str, meaning: Meaning) -> bool:
    """Whether this value is almost certainly about email, or a death."""
    refusal = find_refusal(value)
    if refusal is None or not refusal[1] or squash(value) in _OTHER_SENSE:
        return False
    return meaning.suppresses or bool(re.search(r"subscri|opt", squash(value)))
