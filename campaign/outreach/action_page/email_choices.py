"""What supporters say about our emails: none about their letters, no topic in subjects, whether an office answered."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from campaign.letters import follow_ups
from campaign.letters.follow_ups import FollowUpRow
from campaign.outreach.action_page.visit import Visit
from campaign.supporters import people


def choices(conn: Connection, visit: Visit) -> FollowUpRow:
    """What the supporter has said so far."""
    return follow_ups.find(conn, visit.campaign.id, visit.person.id)


def stop_emails(conn: Connection, visit: Visit) -> None:
    """No more emails about what they have confirmed and reported in this campaign. Letters and other emails go on."""
    follow_ups.set_quiet(conn, visit.campaign.id, visit.person.id, visit.now)


def record_answer(conn: Connection, visit: Visit, form: Mapping[str, str]) -> None:
    """Whether an office answered: yes, no, not_yet. Anything else changes nothing."""
    answer = next((answer for answer in follow_ups.ANSWERS if answer == form.get("answer")), None)
    if answer is not None:
        follow_ups.record_answer(conn, visit.campaign.id, visit.person.id, answer, now=visit.now)


def set_discreet(conn: Connection, visit: Visit, form: Mapping[str, str]) -> None:
    """Keep the topic out of the subjects of all their emails ("yes"), or no longer."""
    people.set_discreet(conn, visit.person.id, form.get("discreet") == "yes", visit.now)
