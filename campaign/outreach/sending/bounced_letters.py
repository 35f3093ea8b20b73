"""Follow up on letters: give a letter whose email failed to the next channel, withdraw one that was canceled while it
was being sent and was not taken, and stop using contacts that refuse email. Safe to run concurrently and repeatedly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from campaign.compose.rendering import release as releases
from campaign.congress import contacts, roster
from campaign.congress.contacts import UNANSWERED
from campaign.delivery import campaigns
from campaign.letters import failed_letters, letters
from campaign.letters.failed_letters import CanceledLate, FailedLetter
from campaign.letters.office_hours import Hours
from campaign.model import ChannelName
from campaign.outreach.offices import invite
from campaign.outreach.routing import available_channels, queue_receipt, registry
from campaign.outreach.routing.channel import ConfirmedLetter
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FollowUp:
    """`fallen` letters took the next channel; `switched_off` contacts are not used any more."""

    fallen: int
    switched_off: int


def follow_up(database: Database, hours: Hours, *, now: Callable[[Connection], int] = engine.now) -> FollowUp:
    """Queue failed letters for their next channel, with a receipt that says so; switch off contacts that refuse email.

    `hours`: when offices get email.
    """
    _finish_canceled(database, now)
    with database.read() as conn:
        off, failed = _refusing_contacts(conn), _failed(conn, now(conn))
    if not off and not failed:
        return FollowUp(0, 0)
    with database.begin() as conn:
        at = now(conn)
        people.lock_supporters(conn, *(letter.supporter_id for letter, _ in failed))
        failed = _failed(conn, at)  # a supporter may have taken it back, or another scheduler was faster
        for seat, reason in sorted(off.items()):
            if contacts.switch_off(conn, seat, reason, at):
                log.error("contact_off", seat=seat, reason=reason)
        for letter, channel in failed:
            _queue_again(conn, letter, channel, hours, at)
    return FollowUp(len(failed), len(off))


def _queue_again(conn: Connection, letter: FailedLetter, channel: ChannelName, hours: Hours, now: int) -> None:
    confirmed = ConfirmedLetter(
        campaign_id=letter.campaign_id,
        supporter_id=letter.supporter_id,
        letter_id=letter.letter_id,
        seat=letter.seat,
        locale=letter.locale,
        due_at=now,
        now=now,
        hours=hours,
    )
    registry.letter_channels()[channel].queue(conn, confirmed)
    _queue_receipt(conn, letter.campaign_id, letter, wave=f"fallback-{letter.letter_id}", now=now)


def _queue_receipt(
    conn: Connection, campaign_id: int, letter: FailedLetter | CanceledLate, *, wave: str, now: int
) -> None:
    queue_receipt.queue_receipt(
        conn, campaign_id, supporter_id=letter.supporter_id, wave=wave, locale=letter.locale, due_at=now
    )


def _finish_canceled(database: Database, now: Callable[[Connection], int]) -> None:
    """Withdraw, or return to their writers, the letters that were canceled while being sent and were not taken."""
    with database.read() as conn:
        ids = [campaign.id for campaign in campaigns.every(conn) if failed_letters.canceled_late(conn, campaign.id)]
    for campaign_id in ids:
        with database.begin() as conn:
            at = now(conn)
            canceled = failed_letters.canceled_late(conn, campaign_id)
            people.lock_supporters(conn, *(letter.supporter_id for letter in canceled))
            for letter in canceled:
                withdrawn = letters.withdraw(conn, letter.letter_id, letter.reason, at)
                if withdrawn and letter.reason in letters.BACK:
                    _queue_receipt(conn, campaign_id, letter, wave=f"back-{letter.letter_id}", now=at)


def _failed(conn: Connection, now: int) -> list[tuple[FailedLetter, ChannelName]]:
    """The letters whose channel failed, each with its next channel; a letter that has none left stays as it is."""
    following = list[tuple[FailedLetter, ChannelName]]()
    for campaign in campaigns.every(conn):
        if not (failed := failed_letters.failed(conn, campaign.id)):
            continue
        config = releases.load(conn, campaign.release).folder.campaign
        channels, seats = available_channels.installed(conn, config), roster.at(conn, now).seats
        for letter in failed:
            options = available_channels.options_for(channels, seats[letter.seat]) if letter.seat in seats else ()
            if option := available_channels.first(options, letter.tried):
                following.append((letter, option.channel))
    return following


def _refusing_contacts(conn: Connection) -> dict[str, str]:
    """The contacts in use, or invited, whose mailbox has refused an email since their address was loaded; and why."""
    used = {contact.seat: contact for contact in contacts.all_contacts(conn) if contact.off in ("", UNANSWERED)}
    if not used:
        return {}
    since = min(contact.changed_at for contact in used.values())
    refused = invite.refusing_offices(conn) | failed_letters.refused_by_offices(conn, since)
    return {seat: why for seat, (at, why) in refused.items() if seat in used and used[seat].changed_at < at}
