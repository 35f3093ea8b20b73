"""An ask as its reader will see it, before anything is launched."""

from __future__ import annotations

from dataclasses import dataclass

from campaign.compose import fields, lint, release, render
from campaign.compose.folder import Folder
from campaign.model import Recipient, Text

SAMPLE_LINK = "https://action.example.org/a/sample"


@dataclass(frozen=True, slots=True)
class Preview:
    who: str
    locale: str
    variant: str
    text: Text


def one(folder: Folder, locale: str, first_name: str, *, wave: str, now: int, list_name: str = "petition") -> Text:
    """The ask for somebody of this first name."""
    to = Recipient(1, 1, 1, "", first_name, "", "", b"", list_name)
    person = fields.person(to, locale, action_url=SAMPLE_LINK, unsubscribe_url=f"{SAMPLE_LINK}/stop")
    return render.plain(release.of(folder), "ask", locale, "plain", wave, now, person)


def odd(folder: Folder, *, wave: str, now: int) -> list[Preview]:
    """The asks for odd people, in each locale and variant."""
    made = release.of(folder)
    return [
        Preview(who, locale, variant, render.plain(made, "ask", locale, variant, wave, now, person))
        for locale in folder.campaign.locales
        for variant in render.VARIANTS
        for who, person in lint.odd_people(locale)
    ]
