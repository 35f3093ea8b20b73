"""Problems of the call scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import findings, letter_checks
from campaign.compose.messages import call_script, letter
from campaign.compose.messages.letter import OFFICES_READ
from campaign.compose.rendering import release
from campaign.errors import CampaignError
from campaign.model import Seat

LONGEST = 130  # words: about a minute
_LINKS = re.compile(r"https?:|www\.|\S@\S")


def check(folder: Folder, now: int) -> Iterator[CampaignError]:
    """Each script rendered for each kind of member, at `now` (ms) and after the bill expires."""
    if not any(path.startswith("call/") for path in folder.files):
        return
    made = release.from_folder(folder)
    for at in findings.moments(folder, now):
        for _who, seat in letter_checks.samples(folder):
            variant = letter.variant(folder, seat, at)
            for locale in dict.fromkeys((OFFICES_READ, *folder.campaign.locales)):
                try:
                    text = " ".join(call_script.paragraphs(made, variant, locale, seat, at))
                except CampaignError as error:
                    yield from findings.report_problems(error, folder, at, now)
                else:
                    yield from _script(folder, text, call_script.path_of(variant, locale), seat)


def _script(folder: Folder, text: str, path: str, seat: Seat) -> Iterator[CampaignError]:
    if not text:
        yield CampaignError("has no words", where=path, do="Write what the caller says.")
    if (count := len(text.split())) > LONGEST:
        yield CampaignError(f"has {count} words", where=path, do=f"At most {LONGEST}: a caller reads it aloud.")
    if link := _LINKS.search(text):
        where = findings.line_of(folder, path, link[0])
        yield CampaignError(f"has the link {link[0]!r}", where=where, do="Callers can't say a link aloud.")
    if letter.is_leaving(folder, seat):
        yield from findings.next_congress(folder, path, text)
