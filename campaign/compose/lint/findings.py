"""Shared by all checks of a campaign folder: errors and warnings, when to render, and rules for every subject."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.rendering import markdown, render
from campaign.errors import CampaignError, Problems
from campaign.model import Member, Seat, Text

LONGEST_SUBJECT = 60  # characters; phones show about 40
LARGEST_HTML = 100_000  # bytes; Gmail cuts a message off at about 102 kB
SAMPLE_MEMBER = Member("X000000", "Alex Example", "Example", "F", "", "", "", "")
SAMPLE_SEAT = Seat("H:NC:1", SAMPLE_MEMBER)
_PUSHY = re.compile(
    r"\b(urgen\w+|final notice|act now|donat\w+|chip in|contribut\w+|último aviso|dona(?:r|ci\w+|tivo\w*)?)\b", re.I
)
_NEXT_CONGRESS = re.compile(r"support it again|next Congress|apoye de nuevo|próximo Congreso", re.I)
_NOT_ASCII = re.compile(r"[^\n -~]")
_CURLY = re.compile("[\u2018\u2019\u201c\u201d\u00ab\u00bb]")


class Warn(CampaignError):
    """A finding that a person should review. It does not stop a launch."""


def missing(folder: Folder, paths: Iterable[str]) -> Iterator[CampaignError]:
    """Those of these files that the campaign does not have."""
    for path in paths:
        if path not in folder.files:
            yield CampaignError("is missing", where=path, do="Write it; start with the one of end-287g.")


def at_each_moment(
    folder: Folder, now: int, check: Callable[[int], Iterator[CampaignError]]
) -> Iterator[CampaignError]:
    """The problems that `check` finds in a text at `now`, and at each later instant (ms) at which the text may change.

    A text that can't be rendered is an error now and when the bill expires, and a warning for another day.
    """
    for at in (now, *(at for at in render.instants(folder) if now < at < folder.campaign.closes)):
        try:
            yield from check(at)
        except CampaignError as error:
            for problem in error.problems if isinstance(error, Problems) else (error,):
                certain = at in (now, folder.campaign.bill.expires)
                yield problem if certain else Warn(problem.what, where=problem.where, do=problem.do)


def subject(folder: Folder, path: str, text: str) -> Iterator[CampaignError]:
    where = line_of(folder, path, "subject:")
    if not text.strip() or text != " ".join(text.split()):
        do = "Write one line. Where it branches, begin the later tags with {%- so that no line break is left."
        yield CampaignError(f"the subject is not one line of text: {text!r}", where=where, do=do)
    if _CURLY.search(text):
        yield CampaignError("the subject has curly quotes", where=where, do="Write straight ones, or none.")
    if len(text) > LONGEST_SUBJECT:
        yield Warn(f"the subject has {len(text)} characters", where=where, do=f"Keep it under {LONGEST_SUBJECT}.")
    if word := _PUSHY.search(text):
        yield Warn(f"the subject says {word[0]!r}", where=where, do="Filters and readers distrust it; say what it is.")


def shape(path: str, text: Text) -> Iterator[CampaignError]:
    """What mail programs do not show well: more than one button, HTML that Gmail cuts off."""
    if (buttons := text.html.count(markdown.ONLY_BUTTONS)) > 1:
        do = "Keep the one for the next step. A link inside a sentence is no button."
        yield Warn(f"has {buttons} buttons", where=path, do=do)
    if (size := len(text.html.encode())) > LARGEST_HTML:
        what = f"has {size:,} bytes, and Gmail cuts off everything over {LARGEST_HTML:,}"
        yield CampaignError(what, where=path, do="Shorten it.")


def names_topic(folder: Folder, path: str, subject: str, locale: str) -> Iterator[CampaignError]:
    """A subject that names the topic, for supporters who asked that none does."""
    campaign = folder.campaign
    bills = filter(None, (campaign.bill, campaign.bill.successor))
    topics = ["287", campaign.title[locale], *(name for bill in bills for name in (bill.number, bill.title))]
    if named := next((topic for topic in topics if topic.casefold() in subject.casefold()), ""):
        do = "Some supporters asked for subjects without the topic. Add one for them: discreet: Will you call Congress?"
        what = f"the subject {subject!r} names the topic ({named})"
        yield CampaignError(what, where=line_of(folder, path, "subject:"), do=do)


def links(folder: Folder, path: str, text: str, *, forbidden: re.Pattern[str], do: str) -> Iterator[CampaignError]:
    """A link, in a text that must not have one."""
    if link := forbidden.search(text):
        yield CampaignError(f"has the link {link[0]!r}", where=line_of(folder, path, link[0]), do=do)


def not_ascii(folder: Folder, path: str, text: str) -> Iterator[CampaignError]:
    """A sign beyond ASCII in a text that offices get, outside of names. The members of samples have plain names."""
    organization = folder.campaign.organization
    for name in (organization.legal_name, organization.signer_name, organization.postal_address):
        text = text.replace(name, "")
    if sign := _NOT_ASCII.search(text):
        do = "Use plain characters: old mail filters break all others."
        yield CampaignError(f"has the sign {sign[0]!r}", where=line_of(folder, path, sign[0]), do=do)


def next_congress(folder: Folder, path: str, text: str) -> Iterator[CampaignError]:
    """A request for the next Congress, in a text to a member who opposes the bill or is leaving."""
    if words := _NEXT_CONGRESS.search(text):
        do = "Put it in {% if not member.leaving and not member.opposed %}."
        what = f"says {words[0]!r} to a member who is leaving or opposed"
        yield CampaignError(what, where=line_of(folder, path, words[0]), do=do)


def line_of(folder: Folder, path: str, part: str) -> str:
    """File and line where this part of a text is written: in the message's own file, or in one that it prints."""
    for name in (path, "facts.toml", "campaign.toml", "sponsors.toml"):
        for number, line in enumerate(folder.files.get(name, "").splitlines(), start=1):
            if part in line and not re.match(r"#(?!#)|text_es|cite_es|source|publisher|note|page|title", line):
                return f"{name} line {number}"
    return path
