"""What a supporter says who calls an office: who calls, the ask, one fact, a question.

The texts stand in call/<variant>/<locale>.txt; the variant is the letter's. A campaign without them has calls with
numbers alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import findings, letter_checks
from campaign.compose.messages import letter
from campaign.compose.messages.letter import OFFICES_READ
from campaign.compose.rendering import fields, names, release, render
from campaign.compose.rendering.names import NameRules
from campaign.compose.rendering.release import Release
from campaign.errors import CampaignError
from campaign.model import Seat

LONGEST = 130  # words: about a minute
_LINKS = re.compile(r"https?:|www\.|\S@\S")


@dataclass(frozen=True, slots=True)
class Script:
    """Paragraphs, in the caller's language; and in English, where that is another one."""

    own: tuple[str, ...]
    english: tuple[str, ...] = ()


def script(release: Release, locale: str, seat: Seat, now: int) -> Script | None:
    """What to say to this seat's holder at `now` (ms); None where the campaign has no such text."""
    variant = letter.variant(release.folder, seat, now)
    if _path(variant, locale) not in release.folder.files:
        return None
    own = _say(release, variant, locale, seat, now)
    return Script(own, () if locale == OFFICES_READ else _say(release, variant, OFFICES_READ, seat, now))


def _path(variant: str, locale: str) -> str:
    return f"call/{variant}/{locale}.txt"


def _say(release: Release, variant: str, locale: str, seat: Seat, now: int) -> tuple[str, ...]:
    about = letter.member_fields(release.folder, seat, now)
    member = SimpleNamespace(**vars(about["member"]), named=fields.spoken(seat, locale))
    found = {**names.common(release.folder, locale, now, NameRules()), **about, "member": member}
    blocks = re.split(r"\n\s*\n", render.part_of(release, _path(variant, locale), found).strip())
    return tuple(" ".join(block.split()) for block in blocks)


def check(folder: Folder, now: int) -> Iterator[CampaignError]:
    """Everything that is wrong with what callers say, at `now` (ms) and when the bill has ended."""
    if not any(path.startswith("call/") for path in folder.files):
        return
    made = release.from_folder(folder)
    for at in findings.moments(folder, now):
        for _who, seat in letter_checks.samples(folder):
            variant = letter.variant(folder, seat, at)
            for locale in dict.fromkeys((OFFICES_READ, *folder.campaign.locales)):
                where = _path(variant, locale)
                try:
                    said = " ".join(_say(made, variant, locale, seat, at))
                except CampaignError as error:
                    yield from findings.report_problems(error, folder, at, now)
                    continue
                if (count := len(said.split())) > LONGEST:
                    do = f"At most {LONGEST}: it is said aloud, in a minute."
                    yield CampaignError(f"has {count} words", where=where, do=do)
                if link := _LINKS.search(said):
                    do = "Nobody can say a link aloud."
                    yield CampaignError(f"holds the link {link[0]!r}", where=where, do=do)
