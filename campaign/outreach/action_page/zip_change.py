"""A letter from a ZIP code that is not the one on file: it waits for the code emailed to the supporter."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from campaign.delivery import outbox
from campaign.errors import CampaignError
from campaign.letters import drafts, letters
from campaign.letters.drafts import Draft
from campaign.model import Kind
from campaign.outreach.action_page import page as pages
from campaign.outreach.action_page.check_form import check
from campaign.outreach.action_page.context import load_context
from campaign.outreach.action_page.save_letter import save_letter
from campaign.outreach.action_page.views import ActionPage, MustConfirmAgain, Stopped
from campaign.outreach.action_page.visit import Visit
from campaign.supporters import people

MAILS = 3  # how many emails one supporter may get about letters from another ZIP code


def confirm(conn: Connection, visit: Visit, form: Mapping[str, str]) -> ActionPage | MustConfirmAgain | Stopped | None:
    """Confirm the held letter by its code; None when the code is wrong or no letter is held.

    From then on that ZIP code is the one on file. If the text has changed since, the page shows it again. If the
    supporter opted out since, the draft is dropped and nothing else changes.
    """
    draft = _draft(conn, visit, "".join(form.get("code", "").split()))
    if draft is None:
        return None
    visit = replace(visit, language=draft.form.get("lang", ""))
    context = load_context(conn, visit, draft.form["zip"])
    page = pages.show(conn, context, draft.form.get("seat", ""), draft.form)
    drafts.drop(conn, visit.person.id, visit.campaign.id)
    if visit.person.suppressed:
        return Stopped(page, draft.form)
    checked = check(context, page, draft.form)
    people.set_zip(conn, visit.person.id, context.match.zip, visit.now)
    letters.count_first_visit(conn, visit.campaign.id, visit.person.id, visit.now)
    if not isinstance(checked, MustConfirmAgain):
        for letter in checked:
            save_letter(conn, context, letter, by="mail")
    moved = replace(visit, supporter=replace(visit.person, zip=context.match.zip, place=None))
    after = pages.show(conn, load_context(conn, moved, draft.form["zip"]))
    return replace(checked, page=after) if isinstance(checked, MustConfirmAgain) else after


def _draft(conn: Connection, visit: Visit, code: str) -> Draft | None:
    """The held letter, if this is its code; a wrong code is counted."""
    draft = drafts.find(conn, visit.keys, visit.campaign.id, visit.person.id, visit.now)
    if draft is None or hmac.compare_digest(draft.code.encode(), code.encode()):
        return draft
    if len(code) == len(draft.code):
        drafts.count_wrong_code(conn, draft.id)
    return None


def hold(conn: Connection, visit: Visit, form: Mapping[str, str]) -> None:
    """Keep the draft and queue an email to the supporter, if the typed address is theirs; otherwise do nothing."""
    campaign_id, supporter, language = visit.campaign.id, visit.person, visit.text_language
    try:
        same = people.email_hash(visit.keys, form.get("email", "")) == supporter.email_hash
    except CampaignError:
        same = False
    mails = outbox.count_deliveries(conn, campaign_id, supporter.id, Kind.CONFIRM)
    if not same or mails >= MAILS:
        return
    drafts.keep(conn, visit.keys, campaign_id, supporter.id, {**form, "lang": language}, now=visit.now)
    outbox.add_one(
        conn,
        campaign_id,
        kind=Kind.CONFIRM,
        wave=f"draft-{supporter.id}-{mails}",
        locale=language,
        variant="",
        supporter_id=supporter.id,
        due_at=visit.now,
    )
