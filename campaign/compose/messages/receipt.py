"""Emails to one person: receipts of letters and calls, the code for a supporter who moved, the question to who signed
up, and six weeks later the question whether the office answered.

A receipt says what is proved of each letter and no more. It argues nothing, and holds neither text nor street address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal, TypeVar

from babel.dates import format_date, format_skeleton, format_time
from markupsafe import Markup

from campaign.clock import WASHINGTON
from campaign.compose.campaign_folder import toml
from campaign.compose.campaign_folder.folder import LOCALES, Folder
from campaign.compose.campaign_folder.toml import Toml
from campaign.compose.rendering import fields, message_file, names, render
from campaign.compose.rendering.fields import greeting, one_line
from campaign.compose.rendering.names import BABEL, NameRules
from campaign.compose.rendering.release import Release
from campaign.errors import CampaignError, Problems
from campaign.model import Seat, Text
from campaign.states import Proof

_T = TypeVar("_T")
CallState = Literal["answered", "voicemail"]
WORDS = "receipt/words.toml"
ZONE = {"en": "{}, {} (Washington time)", "es": "{}, {} (hora de Washington)"}
MOVED = "moved"  # the code for a supporter who moved
JOIN = "join"  # the question whether an address from the open page is its reader's
SIX_WEEKS = "six-weeks"  # the question whether the office answered
CALLED: tuple[CallState, ...] = ("answered", "voicemail")  # calls that reached an office
_BY_STATE = {Proof.READY: "waiting", Proof.HELD: "held", Proof.BACK: "returned", Proof.REPORTED: "form-done"}
MESSAGES = ("sent", *_BY_STATE.values(), "call")  # the receipts, by file
WENT = (Proof.SENT, Proof.DELIVERED, Proof.REPORTED)  # only these may be called sent

_TABLES = ("line", "one", "many")  # each has a word for every proof
_STEPS, _AFTER = "step", "after"
SENT = re.compile(r"(?<!not )(?<!won't be )\b(sent|delivered|enviad[oa]s?|entregad[oa]s?)\b", re.I)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One letter: the seat with the member it was written to, and what is proved of it. Or one call, as reported.

    `url`: the next step; `after`: the seat as it is now, where another member holds it; `why`: why it came back.
    """

    to: Seat
    state: Proof | CallState
    url: str = ""
    after: Seat | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """Where the links of one supporter's emails lead. `share` is the open page: the only one without a token."""

    action: str
    unsubscribe: str
    disown: str
    confirm: str
    quiet: str
    answer: str
    share: str


Words = Mapping[str, Mapping[str, Mapping[str, str]]]  # table -> proof -> locale


def receipt(
    release: Release,
    locale: str,
    lines: Sequence[ReceiptLine],
    *,
    greeting_name: str,
    urls: Urls,
    take_back_until: int | None,
    text_until: int | None,
    now: int,
    discreet: bool = False,
    reminder: bool = False,
) -> Text:
    """The receipt, or the reminder of saved letters. Times in ms, shown in Washington's. `text_until`: None where we
    keep no letter's text.

    Raises CampaignError when a part or a word of it is missing.
    """
    words = _words(release)
    letters = [line for line in lines if line.state not in CALLED]
    outcome = _common([line.state for line in letters or lines])
    office_short, to_office_short = fields.short((letters or lines)[0].to, locale)
    return render.whole(
        release,
        message_file.path_of("receipt", message(lines), locale),
        {
            **names.common(release.folder, locale, now, NameRules()),
            "outcome": outcome or "mixed",
            "reminder": reminder,
            "several": len(letters or lines) > 1,
            "why": _common([line.why for line in lines]) or "",
            "take_back_until": moment(take_back_until, locale) if take_back_until is not None else "",
            "text_until": _day(text_until, locale) if text_until is not None else "",
            "greeting": greeting(one_line(greeting_name), locale),
            "office_short": office_short,
            "to_office_short": to_office_short,
            "counts": _counts(words, letters, locale),
            "lines": _Lines(words, lines, locale),
            "status_url": urls.action,
            "next_url": urls.action,
            "share_url": urls.share,
            "disown_url": urls.disown,
            "quiet_url": urls.quiet,
            "unsubscribe_url": urls.unsubscribe,
        },
        discreet=discreet,
    )


def message(lines: Sequence[ReceiptLine]) -> str:
    """The receipt for letters in these states, one of MESSAGES. Calls decide only where there is no letter."""
    letters = [line.state for line in lines if line.state not in CALLED]
    if not letters:
        return "call"
    state = _common(letters)
    return _BY_STATE.get(Proof(state), "sent") if state else "sent"


def _common(values: Sequence[_T]) -> _T | None:
    return values[0] if len(set(values)) == 1 else None


def confirm(
    release: Release,
    locale: str,
    *,
    greeting_name: str,
    urls: Urls,
    code: str,
    zip: str,
    until: int,
    now: int,
    discreet: bool = False,
) -> Text:
    """The email with the code for a supporter who moved. `until` (ms) is shown in Washington's time."""
    return render.whole(
        release,
        message_file.path_of("receipt", MOVED, locale),
        {
            **names.common(release.folder, locale, now, NameRules()),
            "greeting": greeting(one_line(greeting_name), locale),
            "confirm_url": urls.confirm,
            "code": code,
            "unsubscribe_url": urls.unsubscribe,
            "zip": one_line(zip),
            "until": moment(until, locale),
        },
        discreet=discreet,
    )


def join(release: Release, locale: str, *, confirm_url: str, unsubscribe_url: str, until: int, now: int) -> Text:
    """The email that asks whether an address from the open page is its reader's. `until` in ms."""
    return render.whole(
        release,
        message_file.path_of("receipt", JOIN, locale),
        {
            **names.common(release.folder, locale, now, NameRules()),
            "confirm_url": confirm_url,
            "unsubscribe_url": unsubscribe_url,
            "until": moment(until, locale),
        },
    )


def question(
    release: Release,
    locale: str,
    to: Seat,
    *,
    greeting_name: str,
    urls: Urls,
    now: int,
    discreet: bool = False,
) -> Text:
    """The email that asks whether this office has answered a letter."""
    office_short, to_office_short = fields.short(to, locale)
    return render.whole(
        release,
        message_file.path_of("receipt", SIX_WEEKS, locale),
        {
            **names.common(release.folder, locale, now, NameRules()),
            "greeting": greeting(one_line(greeting_name), locale),
            "office_short": office_short,
            "to_office_short": to_office_short,
            "answer_url": urls.answer,
            "quiet_url": urls.quiet,
            "unsubscribe_url": urls.unsubscribe,
        },
        discreet=discreet,
    )


def _day(at: int, locale: str) -> str:
    return str(format_date(datetime.fromtimestamp(at / 1000, WASHINGTON), "long", locale=BABEL[locale]))


def moment(at: int, locale: str) -> str:
    """Day and time in Washington, with the zone: November 24, 2:17 PM (Washington time)."""
    then = datetime.fromtimestamp(at / 1000, WASHINGTON)
    day = format_skeleton("MMMMd", then, locale=BABEL[locale])
    return ZONE[locale].format(day, one_line(format_time(then, "short", locale=BABEL[locale])))


def check_words(folder: Folder) -> Iterator[CampaignError]:
    """What is wrong with receipt/words.toml: a word that is missing, and one that says more than is proved."""
    file, said = _read(folder)
    yield from file.problems
    for table, proofs in said.items():
        for proof, words in proofs.items():
            for locale, word in words.items():
                if proof not in WENT and (match := SENT.search(word)):
                    where = file.where(f"{table}.{proof}", locale)
                    do = "Only what was accepted, or reported by the supporter, may be called sent. Say what is known."
                    yield CampaignError(f"says {match[0]!r} of a letter that is {proof}", where=where, do=do)


@lru_cache(maxsize=16)
def _words(release: Release) -> Words:
    file, said = _read(release.folder)
    if file.problems:
        raise Problems(file.problems, what=f"{release.slug}: {len(file.problems)} problem(s) in {WORDS}")
    return said


def _read(folder: Folder) -> tuple[Toml, Words]:
    """The file with its faults, and the words."""
    file = toml.read(WORDS, folder.files.get(WORDS, ""))
    if file.problems:
        return file, {}
    file.only("", {*_TABLES, _STEPS, _AFTER})
    every = [proof.value for proof in Proof]
    wanted = dict.fromkeys(_TABLES, every) | {name: file.keys_of(name) for name in (_STEPS, _AFTER)}
    for table in wanted:
        file.only(table, [*every, *CALLED] if table == "line" else every)
    wanted["line"] = [*every, *CALLED]
    locales = [locale for locale in LOCALES if locale in folder.campaign.locales]
    return file, {
        table: {proof: file.per_locale(table, proof, locales) for proof in proofs} for table, proofs in wanted.items()
    }


def _counts(words: Words, lines: Sequence[ReceiptLine], locale: str) -> str:
    """`1 sent, 2 waiting for you`, the most certain first; of one letter just the word."""
    if len(lines) == 1:
        return words["one"][lines[0].state][locale]
    groups: dict[str, list[Proof]] = {}
    for state in sorted((Proof(line.state) for line in lines), key=_ORDER.index):
        groups.setdefault(words["one"][state][locale], []).append(state)
    return ", ".join(
        f"{len(states)} {word if len(states) == 1 else words['many'][states[0]][locale]}"
        for word, states in groups.items()
    )


_ORDER = (
    *(Proof.DELIVERED, Proof.SENT, Proof.HANDED_IN, Proof.REPORTED, Proof.SENDING, Proof.PRINTED, Proof.TO_PRINT),
    *(Proof.GOING, Proof.DOUBT, Proof.READY),
    *(Proof.BACK, Proof.RETURNED, Proof.HELD, Proof.REFUSED, Proof.WITHDRAWN),
)


class _Lines:
    """The list of a receipt: as text, and as HTML in which every value is escaped."""

    def __init__(self, words: Words, lines: Sequence[ReceiptLine], locale: str) -> None:
        self._rows = [_row(words, line, locale) for line in lines]

    def __str__(self) -> str:
        return "\n".join(
            f"- {name}: {word}." + (f"\n  {step}: {url}" if step else "") for name, word, step, url in self._rows
        )

    def __html__(self) -> str:
        item = Markup('<li style="margin:0 0 10px;"><strong>{}</strong>: {}.{}</li>')
        link = Markup('<br><a href="{}" style="color:inherit;">{}</a>')
        items = [
            item.format(name, word, link.format(url, step) if step else "") for name, word, step, url in self._rows
        ]
        return Markup('<ul style="margin:0 0 26px;padding:0 0 0 22px;">\n{}\n</ul>').format(Markup("\n").join(items))


def _row(words: Words, line: ReceiptLine, locale: str) -> tuple[str, str, str, str]:
    """Name, what is proved, the words of the next step, and its address."""
    name = one_line(fields.titled(line.to, locale))
    word, after = words["line"][line.state][locale], words[_AFTER].get(line.state, {}).get(locale, "")
    if line.after is not None and after:
        word = f"{word}. {after.format(name=one_line(fields.titled(line.after, locale)))}"
    step = words[_STEPS].get(line.state, {}).get(locale, "") if line.url else ""
    return name[:1].upper() + name[1:], word, step, line.url
