"""The letter as one office will get it, before it is confirmed; and the mark by which what comes back is known."""

from __future__ import annotations

from collections.abc import Mapping

from campaign.compose.campaign_folder.folder import LOCALES
from campaign.compose.messages import letter as texts
from campaign.compose.messages import short_form
from campaign.compose.messages.letter import LetterText
from campaign.keys import Keys
from campaign.model import Seat
from campaign.outreach.action_page.context import PageContext
from campaign.outreach.action_page.views import LetterPreview, OfficeView
from campaign.outreach.routing import available_channels

CONSENT = "2026-11-30"  # version of the words under which people confirm; change it when those words change


def preview(keys: Keys, known: PageContext, office: OfficeView, lang: str, typed: Mapping[str, str]) -> LetterPreview:
    """The letter for this office as it would be now, without what its form has no room for.

    A shorter one that was on the page before stays, as long as the own words fit.
    """
    seat = known.roster.seats[office.seat]
    whole = texts.draft(known.release, texts.variant(known.release.folder, seat, known.now), lang, seat, known.now)
    way = available_channels.first(office.ways)
    takes = way.limit if way else 0
    story, tongue = texts.clean_story(typed.get("story", "")), typed.get("tongue", "")
    tongue = tongue if tongue in LOCALES else lang
    cuts = short_form.shorter_versions(whole)
    before = next((one for one in cuts if typed.get("seen") == text_mark(keys, known, seat, one)), None)
    stays = before is not None and short_form.fits(before, story, takes, tongue)
    made = before if before is not None and stays else short_form.shorten(whole, story, takes, tongue)
    limit = short_form.room(cuts[-1], takes, tongue)
    return LetterPreview(
        office,
        made,
        seen=text_mark(keys, known, seat, made),
        shown_until=made.valid_until,
        limit=limit,
        beside=short_form.room(made, takes, tongue),
        over=max(0, short_form.length(story) - limit),
        takes=takes,
        fits=short_form.fits(cuts[-1], "", takes, tongue),
        refit=before is not None and not stays,
        tongue=tongue,
        summary=texts.summary(made),
        whole=texts.full_text(made, story, tongue),
    )


def text_mark(keys: Keys, known: PageContext, seat: Seat, text: LetterText) -> str:
    """Which text, for whom, under which words of consent: what comes back must be this."""
    assert seat.holder is not None
    whole = texts.full_text(text, "", texts.OFFICES_READ)
    parts = (str(known.person.id), seat.code, seat.holder.bioguide, text.subject, whole)
    return keys.proof("seen", CONSENT, *parts).hex()[:32]
