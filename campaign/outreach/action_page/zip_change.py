"""A letter for another ZIP code than the one on file: it waits for the code that was mailed to the person."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from sqlalchemy import Connection

from campaign.config import Settings
from campaign.delivery import outbox
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.letters import drafts, letters
from campaign.model import Kind
from campaign.outreach.action_page import confirm as confirm_letter
from campaign.outreach.action_page import page as desks
from campaign.outreach.action_page.link import Behind, context_at, look
from campaign.outreach.action_page.views import ActionPage, MustConfirmAgain, Stopped
from campaign.store.engine import Database
from campaign.supporters import people

MAILS = 3  # how often one person may be mailed about letters for another ZIP


def confirm(
    database: Database, keys: Keys, settings: Settings, slug: str, token: str, code: str
) -> ActionPage | MustConfirmAgain | Stopped | None:
    """Confirm the letter that was held, by the code from the mail; None when it is wrong, or nothing is held.

    From then on that ZIP code is the one on file. When the text has changed since, the page shows it again. For a
    supporter who opted out since, the draft is dropped and nothing else changes.
    """
    with database.begin() as conn:
        behind = look(conn, keys, slug, token, alone=True)
        draft = drafts.find(conn, keys, behind.campaign.id, behind.person.id, behind.now)
        if draft is None:
            return None
        typed = "".join(code.split())
        if not hmac.compare_digest(draft.code.encode(), typed.encode()):
            if len(typed) == len(draft.code):
                drafts.count_wrong_code(conn, draft.id)
            return None
        lang, zip_code, seat = draft.form.get("lang", ""), draft.form["zip"], draft.form.get("seat", "")
        before = context_at(conn, behind, zip_code)
        shown = desks.show(conn, keys, settings, before, lang, seat, draft.form)
        drafts.drop(conn, behind.person.id, behind.campaign.id)
        if behind.person.suppressed:
            return Stopped(shown, draft.form)
        checked = confirm_letter.check(behind, before, shown, draft.form)
        people.set_zip(conn, behind.person.id, zip_code[:5], behind.now)
        letters.count_first_visit(conn, behind.campaign.id, behind.person.id, behind.now)
        if not isinstance(checked, MustConfirmAgain):
            confirm_letter.write(conn, keys, settings, behind, before, checked, lang, by="mail")
        after = desks.show(conn, keys, settings, context_at(conn, look(conn, keys, slug, token), zip_code), lang)
        return (
            MustConfirmAgain(after, checked.problems, checked.typed) if isinstance(checked, MustConfirmAgain) else after
        )


def hold(conn: Connection, keys: Keys, behind: Behind, form: Mapping[str, str], locale: str) -> None:
    """Keep the draft and mail its owner, if the address that was typed is the owner's; else nothing happens."""
    try:
        same = people.email_hash(keys, form.get("email", "")) == behind.person.email_hash
    except CampaignError:
        same = False
    mails = outbox.count_deliveries(conn, behind.campaign.id, behind.person.id, Kind.CONFIRM)
    if not same or mails >= MAILS:
        return
    drafts.keep(conn, keys, behind.campaign.id, behind.person.id, form, behind.now)
    outbox.add_one(
        conn,
        behind.campaign.id,
        kind=Kind.CONFIRM,
        wave=f"draft-{behind.person.id}-{mails}",
        locale=locale,
        variant="",
        supporter_id=behind.person.id,
        due_at=behind.now,
    )
