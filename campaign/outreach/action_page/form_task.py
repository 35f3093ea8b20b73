"""The office's own form: the letter to copy and what the form asks for. The text never comes back to us."""

from __future__ import annotations

from urllib.parse import urlsplit

from campaign.compose.messages import letter as texts
from campaign.compose.messages import short_form
from campaign.outreach.action_page.context import PageContext
from campaign.outreach.action_page.views import FormTask, LetterPreview, Status


def form_task(
    context: PageContext, preview: LetterPreview, *, story: str = "", saved: Status | None = None
) -> FormTask | None:
    """With the letter that the supporter `saved` for this form, or else the one they may copy, with the `story` they
    typed. None for an office whose form and website are not known.
    """
    office, text = preview.office, preview.text
    if (option := office.own_form) is None:
        return None
    url = office.form or office.url
    return FormTask(
        office=office,
        text=saved.text if saved else _to_copy(context, preview, story),
        subject=saved.subject if saved else text.subject,
        url=url,
        host=(urlsplit(url).hostname or "").removeprefix("www."),
        website=option.website,
        asks=tuple(field for field in option.fields if field.asker == "office"),
        limit=option.limit,
        translation=text if text.translation and not saved else None,
    )


def _to_copy(context: PageContext, preview: LetterPreview, story: str) -> str:
    """The letter, signed by name or as a constituent, unless the form has no room for that."""
    visit = context.visit
    names = (visit.person.first_name, visit.person.last_name) if context.own else ()
    writer = " ".join(filter(None, names)) or f"A constituent in {context.match.zip}"
    signed = texts.full_text(preview.text, texts.clean_story(story), preview.tongue, writer)
    fits = not preview.takes or short_form.length(signed) <= preview.takes
    return signed if fits else preview.whole
