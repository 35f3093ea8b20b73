"""A supporter who moved: their link takes another ZIP code once they enter the code emailed to the address on file.

Only letters that we deliver need it. Nothing they wrote is held meanwhile.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from enum import StrEnum

from sqlalchemy import Connection

from campaign.delivery import outbox
from campaign.letters import letters
from campaign.model import Kind
from campaign.outreach.action_page.context import PageContext
from campaign.outreach.action_page.visit import Visit
from campaign.supporters import new_zips, people

MAILS = 3  # emails with a code to one supporter in a campaign


class CodeResult(StrEnum):
    """What an entered code did."""

    MOVED = "moved"
    USED = "used"  # it was entered before
    WRONG = "wrong"
    ENDED = "ended"  # no code waits: three days are over, or too many were wrong


def send_code(conn: Connection, context: PageContext) -> bool:
    """Queue an email with the code for the ZIP code of this page. False when none goes out: the supporter opted out, or
    had MAILS of them.
    """
    visit, supporter = context.visit, context.visit.person
    mails = outbox.count_deliveries(conn, visit.campaign.id, supporter.id, Kind.CONFIRM)
    if supporter.suppressed or mails >= MAILS:
        return False
    new_zips.keep(conn, visit.campaign.id, supporter.id, context.match.zip, visit.now)
    outbox.add_one(
        conn,
        visit.campaign.id,
        kind=Kind.CONFIRM,
        wave=f"zip-{supporter.id}-{mails}",
        locale=visit.text_language,
        variant="",
        supporter_id=supporter.id,
        due_at=visit.now,
    )
    return True


def enter_code(conn: Connection, visit: Visit, code: str) -> tuple[CodeResult, Visit]:
    """Enter the code from the email. With the right one, the new ZIP code is the one on file, and of the visit."""
    campaign_id, supporter, typed = visit.campaign.id, visit.person, "".join(code.split())
    waiting = new_zips.find(conn, visit.keys, campaign_id, supporter.id, visit.now)
    if waiting is None or waiting.void:
        return CodeResult.ENDED, visit
    if not hmac.compare_digest(waiting.code.encode(), typed.encode()):
        if len(typed) == len(waiting.code):
            new_zips.count_wrong_code(conn, campaign_id, supporter.id)
        return CodeResult.WRONG, visit
    if waiting.used:
        return CodeResult.USED, visit
    new_zips.use(conn, campaign_id, supporter.id, visit.now)
    people.set_zip(conn, supporter.id, waiting.zip, visit.now)
    letters.count_first_visit(conn, campaign_id, supporter.id, visit.now)
    return CodeResult.MOVED, replace(visit, supporter=replace(supporter, zip=waiting.zip, place=None))
