"""What the open page of a campaign says: title, introduction, questions and answers, and what people share.

It is in page/open.<locale>.md: a front matter, the introduction, then each question on a line that begins with ## and
its answer. It is plain text. A campaign without this file shows its title only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import structlog
from markupsafe import Markup, escape

from campaign.compose.campaign_folder.folder import CampaignBill
from campaign.compose.rendering import message_file, names, render
from campaign.compose.rendering.names import NameRules
from campaign.compose.rendering.release import Release
from campaign.errors import CampaignError

log = structlog.get_logger()

FRONT = ("title", "description", "message", "subject")
_QUESTION = re.compile(r"^## *(.*)$", re.M)


@dataclass(frozen=True, slots=True)
class PageText:
    """The texts in one language."""

    title: str
    lead: Markup = field(default_factory=Markup)
    questions: tuple[tuple[Markup, Markup], ...] = ()  # with their answers
    description: str = ""  # for search results, and for the preview of a shared link
    message: str = ""  # what a person sends to a friend, before the link
    subject: str = ""  # of such an email


def path_of(locale: str) -> str:
    return message_file.path_of("page", "open", locale)


def texts(release: Release, now: int) -> Mapping[str, PageText]:
    """By language, as they stand at `now` (ms). What can't be said truthfully then is left out, down to the title."""
    moment = render.moment(release.folder, now)
    return {locale: _text(release, locale, moment) for locale in release.folder.campaign.locales}


@lru_cache(maxsize=64)
def _text(release: Release, locale: str, now: int) -> PageText:
    only_title = PageText(release.folder.campaign.title[locale])
    if path_of(locale) not in release.folder.files:
        return only_title
    try:
        return text(release, locale, now)
    except CampaignError as error:  # `campaign check` names it before the launch
        log.warning("open_page_left_out", release=release.hash, locale=locale, where=error.where)
        return only_title


def text(release: Release, locale: str, now: int) -> PageText:
    """The texts at `now` (ms). Raises CampaignError if they can't be rendered: an expired fact, a dead bill's name."""
    path = path_of(locale)
    found = names.common(release.folder, locale, now, NameRules())
    title, *front = (_line(render.part_of(release, message_file.field(path, key), found)) for key in FRONT)
    body = render.part_of(release, path, found)
    bill = release.folder.campaign.bill_at(now)
    lead, *parts = (_shown(part, bill, locale) for part in _QUESTION.split(body))
    questions = tuple(zip(parts[::2], parts[1::2], strict=True))
    return PageText(title, lead, questions, *front)


def _shown(text: str, bill: CampaignBill, locale: str) -> Markup:
    """For a page: the bill's number stays on one line, and its title is English on a page in Spanish."""
    html = str(escape(_line(text))).replace(str(escape(bill.number)), bill.number.replace(" ", "&nbsp;"))
    if locale != "en":
        title = str(escape(bill.title))
        html = html.replace(title, f'<span lang="en">{title}</span>')
    return Markup(html)  # noqa: S704 - escaped above


def _line(text: str) -> str:
    return " ".join(text.split())
