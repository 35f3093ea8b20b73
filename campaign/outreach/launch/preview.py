"""Preview every message before a launch: asks, letters, receipts, email to offices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from markupsafe import Markup

from campaign import links
from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import ask_checks, letter_checks, office_mail_checks, receipt_checks
from campaign.compose.messages import digest, letter, open_page, short_form
from campaign.compose.messages.receipt import CallState, ReceiptLine
from campaign.compose.rendering import fields, release, render
from campaign.model import Recipient, Text
from campaign.states import Proof

LIMITS = (0, 1200, 500)  # characters that an office's form accepts; 0: no limit
SIGNATURE = "[writer's name, city, ZIP code]"
SAMPLE_LINK = "https://action.example.org/a/sample"
OUTCOMES: dict[str, tuple[Proof | CallState, ...]] = {  # of up to three letters; supporters get each of these receipts
    "going": (Proof.GOING, Proof.READY, Proof.READY),
    "delivered": (Proof.DELIVERED,),
    "sent": (Proof.DELIVERED, Proof.SENT, Proof.REPORTED),
    "trouble": (Proof.RETURNED, Proof.DOUBT, Proof.HELD),
    "waiting": (Proof.READY, Proof.READY, Proof.READY),
    "waiting-one": (Proof.READY,),
    "form-done": (Proof.REPORTED,),
    "held": (Proof.HELD,),
    "returned": (Proof.BACK,),
    "call": ("answered",),
    "voicemail": ("voicemail",),
    "calls": ("answered", "voicemail"),
}
_PAGE = Markup('<!doctype html><meta charset="utf-8"><pre style="white-space:pre-wrap;max-width:70ch">{}</pre>')


@dataclass(frozen=True, slots=True)
class Preview:
    """One message. `kind`: ask, letter, receipt, confirm, question, office, page."""

    who: str
    locale: str
    variant: str
    text: Text
    kind: str = "ask"


def preview_message(
    folder: Folder, locale: str, first_name: str, *, wave: str, now: int, list_name: str = "petition"
) -> Text:
    to = Recipient(1, 1, 1, "", first_name, "", "", b"", list_name, "petition page, 2026-09-12")
    person = fields.person(
        to,
        locale,
        action_url=SAMPLE_LINK,
        unsubscribe_url=f"{SAMPLE_LINK}/stop",
        share_url=links.open_page("https://action.example.org", folder.slug, locale, "mail"),
    )
    return render.plain(release.from_folder(folder), locale, "plain", wave, now, person=person)


def odd_recipients(folder: Folder, *, wave: str, now: int) -> list[Preview]:
    """Every message in each locale and variant; the plain ask also for people with odd names."""
    others = (*_letters(folder, now), *_receipts(folder, now), *_offices(folder, now), *_open_page(folder, now))
    return [*_asks(folder, wave, now), *others]


def _asks(folder: Folder, wave: str, now: int) -> Iterator[Preview]:
    made = release.from_folder(folder)
    for locale in folder.campaign.locales:
        people = ask_checks.odd_people(locale)
        for variant in render.VARIANTS:
            for who, person in people if variant == "plain" else people[:1]:
                text = render.plain(made, locale, variant, wave, now, person=person)
                yield Preview(who, locale, variant.replace(" ", "-"), text)


def _letters(folder: Folder, now: int) -> Iterator[Preview]:
    """Each letter as an office gets it, in full and on short forms, with its translation and the parts left out."""
    made = release.from_folder(folder)
    for locale, (who, seat), limit in product(folder.campaign.locales, letter_checks.samples(folder), LIMITS):
        whole = letter.draft(made, letter.variant(folder, seat, now), locale, seat, now)
        text = short_form.shorten(whole, "", limit, locale)
        most = short_form.room(short_form.shorter_versions(whole)[-1], limit, locale)
        parts = [letter.full_text(text, f"[the writer's own words, at most {most:,} characters]", locale, SIGNATURE)]
        if text.translation:
            parts += ["-" * 40, text.translation.opening, text.translation.ending]
        if text.left_out:
            parts += ["-" * 40, f"Left out, for a form that accepts {limit:,} characters:"]
            parts += [f"{part.part}: {part.words}" for part in text.left_out]
        shown = "\n\n".join(parts)
        name = f"letter-{text.variant}{f'-{limit}' if limit else ''}"
        yield Preview(who, locale, name, Text(text.subject, shown, str(_PAGE.format(shown))), "letter")


def _receipts(folder: Folder, now: int) -> Iterator[Preview]:
    made, seats = release.from_folder(folder), dict(list(letter_checks.samples(folder))[:3])
    for locale in folder.campaign.locales:
        for who, states in OUTCOMES.items():
            pairs = zip(seats.values(), states, strict=False)
            lines = [ReceiptLine(seat, state, SAMPLE_LINK) for seat, state in pairs]
            text = receipt_checks.sample_receipt(made, locale, lines, now)
            yield Preview(who, locale, "receipt", text, "receipt")
        saved = [ReceiptLine(seat, Proof.READY, SAMPLE_LINK) for seat in list(seats.values())[:1]]
        reminder = receipt_checks.sample_receipt(made, locale, saved, now, reminder=True)
        yield Preview("saved-letter", locale, "reminder", reminder, "receipt")
        yield Preview("stranger", locale, "join", receipt_checks.sample_join(made, locale, now), "join")
        yield Preview("moved", locale, "confirm", receipt_checks.sample_confirm(made, locale, now), "confirm")
        yield Preview("six-weeks", locale, "question", receipt_checks.sample_question(made, locale, now), "question")


def _offices(folder: Folder, now: int) -> Iterator[Preview]:
    for name, path in (("digest", digest.DIGEST), ("invitation", digest.INVITATION)):
        text = office_mail_checks.sample(folder, path, now)
        shown = Text(text.subject, text.text, str(_PAGE.format(text.text)))
        yield Preview("an-office", letter.OFFICES_READ, name, shown, "office")


def _open_page(folder: Folder, now: int) -> Iterator[Preview]:
    for locale, page in open_page.texts(release.from_folder(folder), now).items():
        brief = [f"{question.striptags()}\n{answer.striptags()}" for question, answer in page.questions]
        parts = [page.lead.striptags(), *brief, "-" * 40, page.description, page.subject, page.message]
        shown = "\n\n".join(filter(None, parts))
        yield Preview("everyone", locale, "open-page", Text(page.title, shown, str(_PAGE.format(shown))), "page")
