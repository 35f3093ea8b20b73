"""Check the emails to supporters about their letters: each receipt and the question about a held letter, rendered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from markupsafe import escape

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import findings
from campaign.compose.messages import receipt
from campaign.compose.messages.receipt import ReceiptLine
from campaign.compose.rendering import message_file, release
from campaign.errors import CampaignError
from campaign.model import Member, Seat, Text
from campaign.states import Proof

LINK = "https://action.example.org"
MIXED = ((Proof.GOING, Proof.READY, Proof.READY), (Proof.SENT, Proof.DELIVERED, Proof.READY))
_SEAT = Seat("H:NC:1", Member("X000000", "Alex Example", "Example", "F", "", "", "", ""))
DAY_MS = 24 * 3600 * 1000


def check(folder: Folder, now: int) -> Iterator[CampaignError]:
    """Everything wrong with these emails at `now` (ms) and when a text may change, if the language is in order."""
    yield from _missing(folder)
    words = list(receipt.check_words(folder))
    yield from words
    for at, locale in product(findings.moments(folder, now), folder.campaign.locales):
        if not words:
            yield from _receipts(folder, locale, at, now)
        yield from _confirm(folder, locale, at, now)


def _missing(folder: Folder) -> Iterator[CampaignError]:
    messages = product((*receipt.MESSAGES, receipt.MOVED), folder.campaign.locales)
    for path in (*(message_file.path_of("receipt", name, locale) for name, locale in messages), receipt.WORDS):
        if path not in folder.files:
            yield CampaignError("is missing", where=path, do="Write it; the campaign end-287g has one to begin with.")


def _receipts(folder: Folder, locale: str, at: int, now: int) -> Iterator[CampaignError]:
    for states in (*((proof,) * number for proof in Proof for number in (1, 3)), *MIXED):
        lines = [ReceiptLine(_SEAT, state, f"{LINK}/a/next") for state in states]
        where = message_file.path_of("receipt", receipt.message(lines), locale)
        if where not in folder.files:
            continue
        try:
            text = sample_receipt(folder, locale, lines, at)
        except CampaignError as error:
            yield from findings.report_problems(error, folder, at, now)
            continue
        yield from _email(folder, text, where, ("a/status", "n/disown", "u/stop", "Alex Example"))
        if not set(states) & set(receipt.WENT) and (match := receipt.SENT.search(text.subject)):
            what = f"the subject says {match[0]!r} of letters that are {states[0]}"
            yield CampaignError(what, where=where, do="Say only what is known.")


def _confirm(folder: Folder, locale: str, at: int, now: int) -> Iterator[CampaignError]:
    where = message_file.path_of("receipt", receipt.MOVED, locale)
    if where not in folder.files:
        return
    try:
        text = sample_confirm(folder, locale, at)
    except CampaignError as error:
        yield from findings.report_problems(error, folder, at, now)
    else:
        yield from _email(folder, text, where, ("c/confirm", "u/stop", "482913", "28205"))


def _email(folder: Folder, text: Text, where: str, required: tuple[str, ...]) -> Iterator[CampaignError]:
    yield from findings.subject(text.subject, where)
    address = folder.campaign.organization.postal_address
    for part, shown in ((text.text, address), (text.html, str(escape(address)))):
        for words in (shown, *required):
            if words not in part:
                do = "Print every link, {{ lines }} or {{ code }}, and {{ organization.postal_address }}."
                yield CampaignError(f"does not show {words!r}", where=where, do=do)


def sample_receipt(folder: Folder, locale: str, lines: list[ReceiptLine], now: int) -> Text:
    """A receipt for an invented supporter."""
    return receipt.receipt(
        release.from_folder(folder),
        locale,
        lines,
        greeting_name="Ana",
        status_url=f"{LINK}/a/status",
        disown_url=f"{LINK}/n/disown",
        unsubscribe_url=f"{LINK}/u/stop",
        take_back_until=now + 900_000,
        text_until=now + 28 * DAY_MS,
        now=now,
    )


def sample_confirm(folder: Folder, locale: str, now: int) -> Text:
    """The email about a held letter, for an invented supporter."""
    return receipt.confirm(
        release.from_folder(folder),
        locale,
        greeting_name="Ana",
        confirm_url=f"{LINK}/c/confirm",
        code="482913",
        unsubscribe_url=f"{LINK}/u/stop",
        zip="28205",
        until=now + 3 * DAY_MS,
        now=now,
    )
