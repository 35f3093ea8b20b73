"""What comes after: a letter whose mail failed takes the next channel, one that was canceled while it was being sent
and came back is withdrawn, dead contacts are switched off, old words go.

Run by the tick; harmless in any number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from campaign.congress import contacts, roster
from campaign.congress.contacts import UNANSWERED
from campaign.congress.geocoding import cache
from campaign.delivery import campaigns
from campaign.letters import drafts, letters
from campaign.letters.letters import FailedLetter
from campaign.letters.office_hours import Hours
from campaign.model import ChannelName
from campaign.outreach.offices import invite
from campaign.outreach.routing import available_channels, queue_receipt, registry
from campaign.outreach.routing.channel import ConfirmedLetter
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import guesses, people

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FollowUp:
    """`fallen` letters took the next channel; `switched_off` contacts are not used any more."""

    fallen: int
    switched_off: int


def follow_up(database: Database, hours: Hours, *, now: Callable[[Connection], int] = engine.now) -> FollowUp:
    """Give failed letters to the next channel, with a receipt that says so; use mailboxes that turned away no more.

    `hours`: those in which offices get mail.
    """
    _finish_canceled(database, now)
    with database.read() as conn:
        off, fallen = _turned_away(conn), _failed(conn, now(conn))
    if not off and not fallen:
        return FollowUp(0, 0)
    with database.begin() as conn:
        at = now(conn)
        people.lock_supporters(conn, *(one.supporter_id for one, _ in fallen))
        fallen = _failed(conn, at)  # somebody may have taken it back, or another tick was faster
        for seat, what in sorted(off.items()):
            if contacts.switch_off(conn, seat, what, at):
                log.error("contact_off", seat=seat, reason=what)
        for one, channel in fallen:
            letter = ConfirmedLetter(
                campaign_id=one.campaign_id,
                supporter_id=one.supporter_id,
                letter_id=one.letter_id,
                seat=one.seat,
                locale=one.locale,
                due_at=at,
                now=at,
                hours=hours,
            )
            registry.get(channel).queue(conn, letter)
            queue_receipt.queue_receipt(
                conn,
                one.campaign_id,
                supporter_id=one.supporter_id,
                wave=f"fallback-{one.letter_id}",
                locale=one.locale,
                due_at=at,
            )
    return FollowUp(len(fallen), len(off))


def _finish_canceled(database: Database, now: Callable[[Connection], int]) -> None:
    """Withdraw, or return to their writers, the letters that were canceled while being sent and were not taken."""
    with database.read() as conn:
        ids = [campaign.id for campaign in campaigns.every(conn) if letters.canceled_late(conn, campaign.id)]
    for campaign_id in ids:
        with database.begin() as conn:
            at = now(conn)
            found = letters.canceled_late(conn, campaign_id)
            people.lock_supporters(conn, *(one.supporter_id for one in found))
            for one in found:
                if letters.withdraw(conn, one.letter_id, one.reason, at) and one.reason in letters.BACK:
                    queue_receipt.queue_receipt(
                        conn,
                        campaign_id,
                        supporter_id=one.supporter_id,
                        wave=f"back-{one.letter_id}",
                        locale=one.locale,
                        due_at=at,
                    )


def _failed(conn: Connection, now: int) -> list[tuple[FailedLetter, ChannelName]]:
    """The letters whose channel failed, and the one that takes each next. Where none is left it stays as it is."""
    found = [one for campaign in campaigns.every(conn) for one in letters.failed(conn, campaign.id)]
    if not found:
        return []
    here, seats = available_channels.installed(conn), roster.at(conn, now).seats
    plans = (
        (one, available_channels.first(available_channels.options_for(here, seats[one.seat]), one.tried))
        for one in found
        if one.seat in seats
    )
    return [(one, way.channel) for one, way in plans if way]


def _turned_away(conn: Connection) -> dict[str, str]:
    """The contacts in use, or asked, whose mailbox has turned a mail away since their address was loaded."""
    used = {contact.seat: contact for contact in contacts.all_contacts(conn) if contact.off in ("", UNANSWERED)}
    if not used:
        return {}
    found = invite.refusing_offices(conn) | letters.refused_by_offices(
        conn, min(one.changed_at for one in used.values())
    )
    return {seat: what for seat, (when, what) in found.items() if seat in used and used[seat].changed_at < when}


@dataclass(frozen=True, slots=True)
class RetentionCounts:
    words: int
    drafts: int
    streets: int
    addresses: int  # what was found for them, and holds no more
    guesses: int  # wrong ZIP codes that no longer count


def retain(database: Database, *, matching: bool, now: Callable[[Connection], int] = engine.now) -> RetentionCounts:
    """Drop what has been kept long enough: letters' words, drafts, and streets that no channel needs. Counts stay.

    `matching`: streets may still be looked up; those that were are not needed for it any more.
    """
    with database.begin() as conn:
        at = now(conn)
        running = any(campaign.closes_at > at for campaign in campaigns.every(conn))
        needed = running and any("street" in contact.needs for contact in contacts.usable(conn).values())
        return RetentionCounts(
            letters.drop_old_contents(conn, at),
            drafts.drop_old(conn, at),
            0 if needed else people.drop_streets(conn, placed=running and matching),
            cache.drop_old(conn, at),
            guesses.drop_old(conn, at),
        )
