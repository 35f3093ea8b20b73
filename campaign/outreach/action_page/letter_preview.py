"""The letter as one office will get it, before it is confirmed, and the mark that shows it came back unchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from campaign.compose.campaign_folder.folder import LOCALES
from campaign.compose.messages import letter as texts
from campaign.compose.messages import short_form
from campaign.compose.messages.letter import LetterText
from campaign.model import Seat
from campaign.outreach.action_page.context import PageContext
from campaign.outreach.action_page.views import LetterPreview, OfficeView

CONSENT = "2026-12-05"  # version of the words under which supporters confirm; change it when those words change


def preview(context: PageContext, office: OfficeView, typed: Mapping[str, str]) -> LetterPreview:
    """The letter for this office as it would be now, shortened to what its channel takes.

    A shorter version that the page already showed stays, as long as the personal note fits.
    """
    visit, seat = context.visit, context.roster.seats[office.seat]
    variant = texts.variant(visit.release.folder, seat, visit.now)
    whole = texts.draft(visit.release, variant, visit.text_language, seat, visit.now)
    takes = office.option(typed.get("by", "")).limit
    story, tongue = texts.clean_story(typed.get("story", "")), typed.get("tongue", "")
    tongue = tongue if tongue in LOCALES else visit.text_language
    versions = short_form.shorter_versions(whole)
    seen = _seen(typed, seat.code)
    before = next((text for text in versions if seen and seen == text_mark(context, seat, text)), None)
    stays = before is not None and short_form.fits(before, story, takes, tongue)
    text = before if before is not None and stays else short_form.shorten(whole, story, takes, tongue)
    limit = short_form.room(versions[-1], takes, tongue)
    return LetterPreview(
        office=office,
        text=text,
        seen=text_mark(context, seat, text),
        shown_until=text.valid_until,
        limit=limit,
        beside=short_form.room(text, takes, tongue),
        over=max(0, short_form.length(story) - limit),
        takes=takes,
        fits=short_form.fits(versions[-1], "", takes, tongue),
        refit=before is not None and not stays,
        tongue=tongue,
        summary=texts.summary(text),
        whole=texts.full_text(text, story, tongue),
    )


def _seen(typed: Mapping[str, str], seat: str) -> str:
    return typed.get(f"seen-{seat}", typed.get("seen", ""))


def text_mark(context: PageContext, seat: Seat, text: LetterText) -> str:
    """Identifies a text and the consent words; the form must return the mark of the current text."""
    assert seat.holder is not None
    whole = texts.full_text(text, "", texts.OFFICES_READ)
    parts = (context.visit.campaign.slug, seat.code, seat.holder.bioguide, text.subject, whole)
    return context.visit.keys.proof("seen", CONSENT, *parts).hex()[:32]


def compare(previews: Sequence[LetterPreview]) -> tuple[LetterPreview, ...]:
    """The same letters; each but the first with the paragraphs in which it differs from the first."""
    if not previews:
        return ()
    common = set(_paragraphs(previews[0]))
    rest = [
        replace(letter, differs=tuple(part for part in _paragraphs(letter) if part not in common))
        for letter in previews[1:]
    ]
    return (previews[0], *rest)


def _paragraphs(letter: LetterPreview) -> tuple[str, ...]:
    """What a letter says, without its salutation and closing."""
    text = letter.text.english
    return tuple(
        filter(None, (text.ask, " ".join(filter(None, (text.definition, *text.facts))), text.close, text.reply))
    )
