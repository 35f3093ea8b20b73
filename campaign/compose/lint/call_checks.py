"""Problems of the call scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import product

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import findings, letter_checks
from campaign.compose.messages import call_script, letter
from campaign.compose.messages.letter import OFFICES_READ
from campaign.compose.rendering import release
from campaign.compose.rendering.release import Release
from campaign.errors import CampaignError
from campaign.model import Seat

LONGEST = 130  # words: about a minute
_LINKS = re.compile(r"https?:|www\.|\S@\S")


def check(folder: Folder, now: int) -> Iterator[CampaignError]:
    """Each script rendered for each kind of member, at `now` (ms) and after the bill expires."""
    if not any(path.startswith("call/") for path in folder.files):
        return
    made = release.from_folder(folder)
    locales = dict.fromkeys((OFFICES_READ, *folder.campaign.locales))
    for (_who, seat), locale in product(letter_checks.samples(folder), locales):
        yield from findings.at_each_moment(folder, now, partial(_script, made, seat, locale))


def _script(made: Release, seat: Seat, locale: str, at: int) -> Iterator[CampaignError]:
    folder, variant = made.folder, letter.variant(made.folder, seat, at)
    text = " ".join(call_script.paragraphs(made, variant, locale, seat, at))
    path = call_script.path_of(variant, locale)
    if not text:
        yield CampaignError("has no words", where=path, do="Write what the caller says.")
    if (count := len(text.split())) > LONGEST:
        yield CampaignError(f"has {count} words", where=path, do=f"At most {LONGEST}: a caller reads it aloud.")
    yield from findings.links(folder, path, text, forbidden=_LINKS, do="Callers can't say a link aloud.")
    if letter.is_leaving(folder, seat):
        yield from findings.next_congress(folder, path, text)
