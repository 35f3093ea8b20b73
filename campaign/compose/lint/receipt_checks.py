"""Check the receipts, the email with a code, and the one that confirms a sign-up, rendered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product

from markupsafe import escape

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import findings
from campaign.compose.messages import receipt
from campaign.compose.messages.receipt import ReceiptLine
from campaign.compose.rendering import message_file, release
from campaign.errors import CampaignError
from campaign.model import Text
from campaign.states import Proof

LINK = "https://action.example.org"
MIXED = ((Proof.GOING, Proof.READY, Proof.READY), (Proof.SENT, Proof.DELIVERED, Proof.READY))
DAY_MS = 24 * 3600 * 1000


def check(folder: Folder, now: int) -> Iterator[CampaignError]:
    """Everything wrong with these emails at `now` (ms) and when a text may change, if the language is in order."""
    messages = product((*receipt.MESSAGES, receipt.MOVED, receipt.JOIN), folder.campaign.locales)
    paths = [message_file.path_of("receipt", name, locale) for name, locale in messages]
    yield from findings.missing(folder, (*paths, receipt.WORDS))
    words = list(receipt.check_words(folder))
    yield from words
    alike = ((proof,) * number for proof in Proof for number in (1, 3))
    checks = [partial(_receipt, folder, states) for states in (*alike, *MIXED)] if not words else []
    for check, locale in product((*checks, partial(_confirm, folder), partial(_join, folder)), folder.campaign.locales):
        yield from findings.at_each_moment(folder, now, partial(check, locale))


def _receipt(folder: Folder, states: tuple[Proof, ...], locale: str, at: int) -> Iterator[CampaignError]:
    lines = [ReceiptLine(findings.SAMPLE_SEAT, state, f"{LINK}/a/next") for state in states]
    path = message_file.path_of("receipt", receipt.message(lines), locale)
    if path not in folder.files:
        return
    text = sample_receipt(folder, locale, lines, at)
    yield from _email(folder, text, path, ("a/status", "n/disown", "u/stop", "Alex Example"))
    if not set(states) & set(receipt.WENT) and (match := receipt.SENT.search(text.subject)):
        what = f"the subject says {match[0]!r} of letters that are {states[0]}"
        yield CampaignError(what, where=findings.line_of(folder, path, "subject:"), do="Say only what is known.")


def _confirm(folder: Folder, locale: str, at: int) -> Iterator[CampaignError]:
    path = message_file.path_of("receipt", receipt.MOVED, locale)
    if path in folder.files:
        yield from _email(folder, sample_confirm(folder, locale, at), path, ("c/confirm", "u/stop", "482913", "28205"))


def _join(folder: Folder, locale: str, at: int) -> Iterator[CampaignError]:
    path = message_file.path_of("receipt", receipt.JOIN, locale)
    if path in folder.files:
        yield from _email(folder, sample_join(folder, locale, at), path, ("j/confirm", "x/never"))


def _email(folder: Folder, text: Text, path: str, required: tuple[str, ...]) -> Iterator[CampaignError]:
    yield from findings.subject(folder, path, text.subject)
    address = folder.campaign.organization.postal_address
    for part, shown in ((text.text, address), (text.html, str(escape(address)))):
        for words in (shown, *required):
            if words not in part:
                do = "Print every link, {{ lines }} or {{ code }}, and {{ organization.postal_address }}."
                yield CampaignError(f"does not show {words!r}", where=path, do=do)


def sample_receipt(folder: Folder, locale: str, lines: list[ReceiptLine], now: int) -> Text:
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


def sample_join(folder: Folder, locale: str, now: int) -> Text:
    return receipt.join(
        release.from_folder(folder),
        locale,
        confirm_url=f"{LINK}/j/confirm",
        unsubscribe_url=f"{LINK}/x/never",
        until=now + 3 * DAY_MS,
        now=now,
    )
