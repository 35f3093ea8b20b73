"""What the checks of a folder share: the two kinds of findings, when to look, and what every subject must be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.rendering import render
from campaign.errors import CampaignError, Problems

LONGEST_SUBJECT = 60  # characters; phones show about 40
_PUSHY = re.compile(
    r"\b(urgen\w+|final notice|act now|donat\w+|chip in|contribut\w+|último aviso|dona(?:r|ci\w+|tivo\w*)?)\b", re.I
)
_CURLY = re.compile("[\u2018\u2019\u201c\u201d\u00ab\u00bb]")


class Warn(CampaignError):
    """Something that a person should look at, and that stops nothing."""


def moments(folder: Folder, now: int) -> list[int]:
    """`now` and each later instant (ms), while the campaign is open, at which a text may change."""
    return [now, *(at for at in render.instants(folder) if now < at < folder.campaign.closes)]


def report_problems(error: CampaignError, folder: Folder, at: int, now: int) -> Iterator[CampaignError]:
    """Why nothing could be rendered at `at`: an error now and at the bill's end, a warning for another day."""
    firm = at in (now, folder.campaign.bill.expires)
    for one in error.problems if isinstance(error, Problems) else (error,):
        yield one if firm else Warn(one.what, where=one.where, do=one.do)


def subject(text: str, where: str) -> Iterator[CampaignError]:
    """What is wrong with one subject."""
    if not text.strip() or text != " ".join(text.split()):
        do = "Write one line. Where it branches, begin the later tags with {%- so that no line break is left."
        yield CampaignError(f"the subject is not one line of text: {text!r}", where=where, do=do)
    if _CURLY.search(text):
        yield CampaignError("the subject has curly quotes", where=where, do="Write straight ones, or none.")
    if len(text) > LONGEST_SUBJECT:
        yield Warn(f"the subject has {len(text)} characters", where=where, do=f"Keep it under {LONGEST_SUBJECT}.")
    if word := _PUSHY.search(text):
        yield Warn(f"the subject says {word[0]!r}", where=where, do="Filters and readers distrust it; say what it is.")
