"""What a supporter says when calling an office: who is calling, the request, a question.

The scripts are in call/<variant>.<locale>.txt, with the variants of the letters. A campaign without scripts shows phone
numbers only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from campaign.compose.messages import letter
from campaign.compose.messages.letter import OFFICES_READ
from campaign.compose.rendering import names, render
from campaign.compose.rendering.names import NameRules
from campaign.compose.rendering.release import Release
from campaign.model import Seat

ZIP = "(ZIP)"  # in a script: the caller's ZIP code


@dataclass(frozen=True, slots=True)
class Script:
    """Paragraphs in the caller's language, and in English if that is another one."""

    own: tuple[str, ...]
    english: tuple[str, ...] = ()


def script(release: Release, locale: str, seat: Seat, now: int, *, zip: str = ZIP) -> Script | None:
    """The script for a call to this seat's holder at `now` (ms) from this ZIP code; None if the campaign has none."""
    variant = letter.variant(release.folder, seat, now)
    if path_of(variant, locale) not in release.folder.files:
        return None
    own, english = (
        tuple(part.replace(ZIP, zip) for part in paragraphs(release, variant, language, seat, now))
        for language in (locale, OFFICES_READ)
    )
    return Script(own, () if locale == OFFICES_READ else english)


def path_of(variant: str, locale: str) -> str:
    return f"call/{variant}.{locale}.txt"


def paragraphs(release: Release, variant: str, locale: str, seat: Seat, now: int) -> tuple[str, ...]:
    """One script. Raises CampaignError if it can't be rendered."""
    return _paragraphs(release, variant, locale, seat, render.moment(release.folder, now))


@lru_cache(maxsize=2048)
def _paragraphs(release: Release, variant: str, locale: str, seat: Seat, now: int) -> tuple[str, ...]:
    found = {
        **names.common(release.folder, locale, now, NameRules()),
        **letter.member_fields(release.folder, seat, locale, now),
    }
    parts = re.split(r"\n\s*\n", render.part_of(release, path_of(variant, locale), found).strip())
    return tuple(" ".join(part.split()) for part in parts)
