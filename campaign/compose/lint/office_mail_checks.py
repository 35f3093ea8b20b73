"""What is wrong with the mails to offices that are no letters: the summary of a day and the question."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import findings, letter_checks
from campaign.compose.lint.findings import LONGEST_SUBJECT
from campaign.compose.messages import digest
from campaign.compose.messages.digest import DAILY, INVITE, DigestEntry
from campaign.compose.rendering import release
from campaign.errors import CampaignError
from campaign.model import Text

SAMPLE = DigestEntry("Please cosponsor this bill", "As your constituent, I ask you to cosponsor this bill.")
DAY = "2026-11-30"

_LINKS = re.compile(r"https?:|www\.|\S@\S", re.I)
_FOREIGN = re.compile(r"[^\n -~]")


def check(folder: Folder, now: int) -> Iterator[CampaignError]:
    """Everything that is wrong with them at `now` (ms), when the language is in order."""
    for path in (DAILY, INVITE):
        if path not in folder.files:
            yield CampaignError("is missing", where=path, do="Write it; the campaign end-287g has one to begin with.")
            continue
        for at in findings.moments(folder, now):
            try:
                text = sample(folder, path, at)
            except CampaignError as error:
                yield from findings.report_problems(error, folder, at, now)
            except KeyError as error:
                do = "Write {% block subject %}...{% endblock %} and {% block body %}...{% endblock %}."
                yield CampaignError(f"has no block {error}", where=path, do=do)
            else:
                yield from _mail(folder, text, path)


def sample(folder: Folder, path: str, now: int) -> Text:
    """The mail as an invented office would get it."""
    _, seat = next(letter_checks.samples(folder))
    made = release.from_folder(folder)
    if path == INVITE:
        return digest.invitation(made, seat, "an aide, by phone", 12, now)
    quoted = DigestEntry(SAMPLE.subject, SAMPLE.shared, "My street is afraid to call for help.", "Ana, Charlotte")
    return digest.digest(made, seat, [quoted, *[SAMPLE] * 11], {"Charlotte": 7, "": 5}, DAY, now)


def _mail(folder: Folder, text: Text, path: str) -> Iterator[CampaignError]:
    organization = folder.campaign.organization
    yield from (found for found in findings.subject(text.subject, path) if len(text.subject) <= LONGEST_SUBJECT)
    if found := _LINKS.search(text.text):
        do = "Offices filter links and addresses: they answer the mail."
        yield CampaignError(f"holds the link {found[0]!r}", where=path, do=do)
    if found := _FOREIGN.search(text.text):
        yield CampaignError(f"holds the sign {found[0]!r}", where=path, do="Write plain signs, for old filters.")
    for sign in (organization.signer_name, organization.postal_address, "slow down", "stop"):
        if sign not in text.text:
            do = "Say who reads the answers, where you are, and how to get less or nothing."
            yield CampaignError(f"does not show {sign!r}", where=path, do=do)
