"""Problems of the mail to offices other than letters: the digest and the invitation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from string import Formatter

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import findings, letter_checks
from campaign.compose.messages import digest
from campaign.compose.messages.digest import DIGEST, INVITATION, LINES, DigestEntry
from campaign.compose.rendering import release
from campaign.errors import CampaignError
from campaign.model import Text

SAMPLE = DigestEntry("Please cosponsor this bill", "As your constituent, I ask you to cosponsor this bill.")
DAY = "2026-11-30"

_LINKS = re.compile(r"https?:|www\.|\S@\S", re.I)


def check(folder: Folder, now: int) -> Iterator[CampaignError]:
    """Each of them rendered at `now` (ms) and after the bill expires."""
    yield from findings.missing(folder, (DIGEST, INVITATION, LINES))
    if LINES not in folder.files:
        return
    if wrong := list(_lines(folder)):
        yield from wrong
        return
    for path in (DIGEST, INVITATION):
        if path in folder.files:
            yield from findings.at_each_moment(folder, now, partial(_mail, folder, path))


def sample(folder: Folder, path: str, now: int) -> Text:
    _, seat = next(letter_checks.samples(folder))
    made = release.from_folder(folder)
    if path == INVITATION:
        return digest.invitation(made, seat, "an aide, by phone", 12, now)
    quoted = DigestEntry(SAMPLE.subject, SAMPLE.shared, "My street is afraid to call for help.", "Ana, Charlotte")
    return digest.digest(made, seat, [quoted, *[SAMPLE] * 11], towns={"Charlotte": 7, "": 5}, day=DAY, now=now)


def _lines(folder: Folder) -> Iterator[CampaignError]:
    file, lines = digest.parse_lines(folder)
    yield from file.problems
    for key, line in lines.items():
        try:
            used = {f"{name}{form}{sign or ''}" for _, name, form, sign in Formatter().parse(line) if name is not None}
        except ValueError:
            used = {"{"}
        if line and used != digest.LINE_FIELDS[key]:
            braces = ", ".join(f"{{{name}}}" for name in sorted(digest.LINE_FIELDS[key])) or "none"
            do = f"Fields in braces here: {braces}."
            yield CampaignError(f"is {line!r}", where=file.where("", key), do=do)


def _mail(folder: Folder, path: str, at: int) -> Iterator[CampaignError]:
    organization, text = folder.campaign.organization, sample(folder, path, at)
    yield from findings.subject(folder, path, text.subject)
    whole = f"{text.subject}\n{text.text}"
    do = "Offices filter links and addresses: they reply to the email."
    yield from findings.links(folder, path, whole, forbidden=_LINKS, do=do)
    yield from findings.not_ascii(folder, path, whole)
    for part in (organization.signer_name, organization.postal_address, "slow down", "stop"):
        if part not in text.text:
            do = "Say who reads the replies, where you are, and how to get less email or none."
            yield CampaignError(f"does not show {part!r}", where=path, do=do)
