"""Two mails to one person about their own letters: the receipt, and the question whether a held letter is theirs.

A receipt says what is proved of each letter and no more. It argues nothing, and holds neither text nor address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from babel.dates import format_date, format_skeleton, format_time
from markupsafe import Markup

from campaign.compose.campaign_folder import toml
from campaign.compose.campaign_folder.folder import LOCALES, Folder
from campaign.compose.campaign_folder.toml import WASHINGTON, Toml
from campaign.compose.rendering import names, render
from campaign.compose.rendering.fields import greeting, one_line
from campaign.compose.rendering.names import BABEL, NameRules
from campaign.compose.rendering.release import Release
from campaign.errors import CampaignError, Problems
from campaign.model import Text
from campaign.states import Proof

WORDS = "receipt/words.toml"
ZONE = {"en": "{}, {} (Washington time)", "es": "{}, {} (hora de Washington)"}
WENT = (Proof.SENT, Proof.DELIVERED)  # of these alone it may be said that they were sent

_TABLES = ("line", "one", "many")  # each has a word for every proof
_STEPS, _AFTER = "step", "after"
SENT = re.compile(r"\b(sent|send|delivered|envi\w+|entreg\w+)\b", re.I)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One letter: the member with the title, a word of `states.Proof`, and the address of the next step, or "".

    `after`: who holds the seat now, with the title, where that is somebody else.
    """

    name: str
    state: str
    url: str = ""
    after: str = ""


Words = Mapping[str, Mapping[str, Mapping[str, str]]]  # table -> proof -> locale


def receipt(
    release: Release,
    locale: str,
    lines: Sequence[ReceiptLine],
    *,
    greeting_name: str,
    status_url: str,
    disown_url: str,
    unsubscribe_url: str,
    take_back_until: int | None,
    text_until: int,
    now: int,
) -> Text:
    """The receipt. Times in ms, shown in Washington's. Raises CampaignError when a part or a word of it is missing."""
    said = _words(release)
    states = {line.state for line in lines}
    day = datetime.fromtimestamp(text_until / 1000, WASHINGTON)
    return render.whole(
        release,
        "receipt",
        locale,
        {
            **names.common(release.folder, locale, now, NameRules()),
            "outcome": states.pop() if states in ({"ready"}, {"held"}, {"back"}) else "mixed",
            "several": len(lines) > 1,
            "take_back_until": moment(take_back_until, locale) if take_back_until is not None else "",
            "greeting": greeting(one_line(greeting_name), locale),
            "counts": _counts(said, lines, locale),
            "lines": _Lines(said, lines, locale),
            "status_url": status_url,
            "disown_url": disown_url,
            "unsubscribe_url": unsubscribe_url,
            "text_until": format_date(day, "long", locale=BABEL[locale]),
        },
    )


def confirm(
    release: Release,
    locale: str,
    *,
    greeting_name: str,
    confirm_url: str,
    code: str,
    unsubscribe_url: str,
    zip: str,
    until: int,
    now: int,
) -> Text:
    """The mail that asks whether a held letter is this person's. `until` (ms) is shown in Washington's time."""
    return render.whole(
        release,
        "confirm",
        locale,
        {
            **names.common(release.folder, locale, now, NameRules()),
            "greeting": greeting(one_line(greeting_name), locale),
            "confirm_url": confirm_url,
            "code": code,
            "unsubscribe_url": unsubscribe_url,
            "zip": one_line(zip),
            "until": moment(until, locale),
        },
    )


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
            told = proof == Proof.REPORTED and table == "line"  # what the person told us
            for locale, word in words.items():
                if proof not in WENT and not told and (found := SENT.search(word)):
                    where = file.where(f"{table}.{proof}", locale)
                    do = "Nothing but an accepted mail may be called sent. Say what is known."
                    yield CampaignError(f"says {found[0]!r} of a letter that is {proof}", where=where, do=do)


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
        file.only(table, every)
    locales = [locale for locale in LOCALES if locale in folder.campaign.locales]
    return file, {
        table: {proof: file.per_locale(table, proof, locales) for proof in proofs} for table, proofs in wanted.items()
    }


def _counts(said: Words, lines: Sequence[ReceiptLine], locale: str) -> str:
    """`1 sent, 2 waiting for you`, the most certain first; of one letter just the word."""
    if len(lines) == 1:
        return said["one"][lines[0].state][locale]
    groups: dict[str, list[str]] = {}
    for line in sorted(lines, key=lambda line: _ORDER.index(Proof(line.state))):
        groups.setdefault(said["one"][line.state][locale], []).append(line.state)
    return ", ".join(
        f"{len(states)} {word if len(states) == 1 else said['many'][states[0]][locale]}"
        for word, states in groups.items()
    )


_ORDER = (
    *(Proof.DELIVERED, Proof.SENT, Proof.HANDED_IN, Proof.REPORTED, Proof.SENDING, Proof.PRINTED, Proof.TO_PRINT),
    *(Proof.GOING, Proof.DOUBT, Proof.READY),
    *(Proof.BACK, Proof.RETURNED, Proof.HELD, Proof.REFUSED, Proof.WITHDRAWN),
)


class _Lines:
    """The list of a receipt: as text, and as HTML in which every value is escaped."""

    def __init__(self, said: Words, lines: Sequence[ReceiptLine], locale: str) -> None:
        self._rows = []
        for line in lines:
            name = one_line(line.name)
            word, after = said["line"][line.state][locale], said[_AFTER].get(line.state, {}).get(locale, "")
            if line.after and after:
                word = f"{word}. {after.format(name=one_line(line.after))}"
            step = said[_STEPS].get(line.state, {}).get(locale, "") if line.url else ""
            self._rows.append((name[:1].upper() + name[1:], word, step, line.url))

    def __str__(self) -> str:
        return "\n".join(
            f"- {name}: {word}." + (f"\n  {step}: {url}" if step else "") for name, word, step, url in self._rows
        )

    def __html__(self) -> str:
        shown = Markup('<li style="margin:0 0 10px;"><strong>{}</strong>: {}.{}</li>')
        link = Markup('<br><a href="{}" style="color:inherit;">{}</a>')
        return Markup("\n").join(
            shown.format(name, word, link.format(url, step) if step else "") for name, word, step, url in self._rows
        )
