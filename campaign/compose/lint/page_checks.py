"""Problems of the texts of the open page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import findings
from campaign.compose.lint.findings import Warn
from campaign.compose.messages import open_page
from campaign.compose.rendering import message_file, release
from campaign.compose.rendering.release import Release
from campaign.errors import CampaignError

LONGEST = {
    "title": 60,
    "description": 200,
    "message": 280,
    "subject": 60,
}  # characters: previews and texts cut the rest
_LINK = re.compile(r"https?:|www\.|\S@\S", re.I)
_MARKUP = re.compile(r"\*\*|\]\(|^[-*>] |^#(?!#)|^###", re.M)


def check(folder: Folder, now: int) -> Iterator[CampaignError]:
    """The page in each language, at `now` (ms) and whenever it may change."""
    paths = {locale: open_page.path_of(locale) for locale in folder.campaign.locales}
    if not any(path in folder.files for path in paths.values()):
        do = "Write it, starting with the one of end-287g: it says what the campaign is, who decides, and by when."
        yield Warn("is missing, so the open page shows only the title", where=next(iter(paths.values())), do=do)
        return
    yield from findings.missing(folder, paths.values())
    for locale, path in paths.items():
        if path in folder.files:
            yield from findings.at_each_moment(folder, now, partial(_page, release.from_folder(folder), locale))


def _page(made: Release, locale: str, at: int) -> Iterator[CampaignError]:
    folder, path = made.folder, open_page.path_of(locale)
    text = open_page.text(made, locale, at)
    for key, longest in LONGEST.items():
        value, where = getattr(text, key), findings.line_of(folder, path, f"{key}:")
        if not value:
            yield CampaignError(f"{key} is empty", where=where, do="Write one sentence.")
        if len(value) > longest:
            yield Warn(f"{key} has {len(value)} characters", where=where, do=f"Keep it under {longest}.")
        yield from findings.links(folder, path, value, forbidden=_LINK, do="The page adds the right link by itself.")
    if not text.lead:
        yield CampaignError("has no introduction", where=path, do="Say what this is about, before the first ##.")
    if mark := _MARKUP.search(message_file.parts(path, folder.files[path])[path]):
        do = "Write plain sentences. Only the line of a question begins with a sign: ##."
        yield CampaignError(f"would show the sign {mark[0]!r}", where=findings.line_of(folder, path, mark[0]), do=do)
    for question, answer in text.questions:
        if not question or not answer:
            said = question.striptags()
            what, where = f"{said or 'a question'!r} has no answer", findings.line_of(folder, path, f"## {said}")
            yield CampaignError(what, where=where, do="Answer it, or take it out.")
