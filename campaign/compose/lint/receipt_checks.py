"""Check the emails to one person, rendered: each receipt, the code, and the questions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product

from markupsafe import escape

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import findings
from campaign.compose.messages import receipt
from campaign.compose.messages.receipt import CallState, ReceiptLine, Urls
from campaign.compose.rendering import message_file, release
from campaign.compose.rendering.release import Release
from campaign.errors import CampaignError
from campaign.model import Text
from campaign.states import Proof

LINK = "https://action.example.org"
URLS = Urls(
    action=f"{LINK}/a/status",
    unsubscribe=f"{LINK}/u/stop",
    disown=f"{LINK}/n/disown",
    confirm=f"{LINK}/c/confirm",
    quiet=f"{LINK}/q/quiet",
    answer=f"{LINK}/h/answer",
    share=f"{LINK}/campaign?s=mail",
)
MIXED = (
    (Proof.GOING, Proof.READY, Proof.READY),
    (Proof.SENT, Proof.DELIVERED, "answered"),
    ("answered", "voicemail"),
)
DAY_MS = 24 * 3600 * 1000


def check(folder: Folder, now: int) -> Iterator[CampaignError]:
    """Everything wrong with these emails at `now` (ms) and when a text may change, if the language is in order."""
    messages = product((*receipt.MESSAGES, receipt.MOVED, receipt.JOIN, receipt.SIX_WEEKS), folder.campaign.locales)
    paths = [message_file.path_of("receipt", name, locale) for name, locale in messages]
    yield from findings.missing(folder, (*paths, receipt.WORDS))
    made, words = release.from_folder(folder), list(receipt.check_words(folder))
    yield from words
    alike = ((state,) * number for state in (*Proof, *receipt.CALLED) for number in (1, 3))
    checks = [partial(_receipt, made, states) for states in (*alike, *MIXED)] if not words else []
    checks += [partial(_receipt, made, (Proof.READY,) * number, reminder=True) for number in (1, 3) if not words]
    questions = (partial(_confirm, made), partial(_question, made), partial(_join, made))
    for check, locale in product((*checks, *questions), folder.campaign.locales):
        yield from findings.at_each_moment(folder, now, partial(check, locale))


def _receipt(
    made: Release, states: tuple[Proof | CallState, ...], locale: str, at: int, *, reminder: bool = False
) -> Iterator[CampaignError]:
    lines = [ReceiptLine(findings.SAMPLE_SEAT, state, f"{LINK}/a/next") for state in states]
    path = message_file.path_of("receipt", receipt.message(lines), locale)
    if path not in made.files:
        return
    text = sample_receipt(made, locale, lines, at, reminder=reminder)
    yield from _email(made, text, path, (URLS.action, URLS.disown, URLS.quiet, URLS.unsubscribe, "Example"))
    if len(states) == 1 or len(set(states)) > 1:  # several alike have the subject of one
        discreet = sample_receipt(made, locale, lines, at, discreet=True, reminder=reminder).subject
        yield from findings.names_topic(made.folder, path, discreet, locale)
    if not set(states) & set(receipt.WENT) and (match := receipt.SENT.search(text.subject)):
        what = f"the subject says {match[0]!r} of letters that are {states[0]}"
        yield CampaignError(what, where=findings.line_of(made.folder, path, "subject:"), do="Say only what is known.")


def _confirm(made: Release, locale: str, at: int) -> Iterator[CampaignError]:
    path = message_file.path_of("receipt", receipt.MOVED, locale)
    if path in made.files:
        text = sample_confirm(made, locale, at)
        yield from _email(made, text, path, (URLS.confirm, URLS.unsubscribe, "482913", "28205"))
        yield from findings.names_topic(
            made.folder, path, sample_confirm(made, locale, at, discreet=True).subject, locale
        )


def _question(made: Release, locale: str, at: int) -> Iterator[CampaignError]:
    path = message_file.path_of("receipt", receipt.SIX_WEEKS, locale)
    if path in made.files:
        text = sample_question(made, locale, at)
        yield from _email(made, text, path, (URLS.answer, URLS.quiet, URLS.unsubscribe, "Rep. Example"))
        yield from findings.names_topic(
            made.folder, path, sample_question(made, locale, at, discreet=True).subject, locale
        )


def _join(made: Release, locale: str, at: int) -> Iterator[CampaignError]:
    path = message_file.path_of("receipt", receipt.JOIN, locale)
    if path in made.files:
        yield from _email(made, sample_join(made, locale, at), path, ("j/confirm", "x/never"))


def _email(made: Release, text: Text, path: str, required: tuple[str, ...]) -> Iterator[CampaignError]:
    yield from findings.subject(made.folder, path, text.subject)
    yield from findings.shape(path, text)
    address = made.folder.campaign.organization.postal_address
    for part, shown in ((text.text, address), (text.html, str(escape(address)))):
        for words in (shown, *required):
            if words not in part:
                do = "Print every link, {{ lines }} or {{ code }}, and {{ organization.postal_address }}."
                yield CampaignError(f"does not show {words!r}", where=path, do=do)


def sample_receipt(
    made: Release,
    locale: str,
    lines: list[ReceiptLine],
    now: int,
    *,
    discreet: bool = False,
    reminder: bool = False,
) -> Text:
    return receipt.receipt(
        made,
        locale,
        lines,
        greeting_name="Ana",
        urls=URLS,
        take_back_until=now + 900_000,
        text_until=now + 28 * DAY_MS,
        now=now,
        discreet=discreet,
        reminder=reminder,
    )


def sample_confirm(made: Release, locale: str, now: int, *, discreet: bool = False) -> Text:
    return receipt.confirm(
        made,
        locale,
        greeting_name="Ana",
        urls=URLS,
        code="482913",
        zip="28205",
        until=now + 3 * DAY_MS,
        now=now,
        discreet=discreet,
    )


def sample_question(made: Release, locale: str, now: int, *, discreet: bool = False) -> Text:
    return receipt.question(
        made,
        locale,
        findings.SAMPLE_SEAT,
        greeting_name="Ana",
        urls=URLS,
        now=now,
        discreet=discreet,
    )


def sample_join(made: Release, locale: str, now: int) -> Text:
    return receipt.join(
        made,
        locale,
        confirm_url=f"{LINK}/j/confirm",
        unsubscribe_url=f"{LINK}/x/never",
        until=now + 3 * DAY_MS,
        now=now,
    )
