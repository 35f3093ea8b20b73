"""The packet as a channel: for the offices that a named person promised to visit. A printed letter shows where its
writer lives by town and ZIP code, and no street.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from campaign.compose.campaign_folder.folder import CampaignConfig
from campaign.letters import promises
from campaign.letters.promises import PacketPromise
from campaign.model import Seat
from campaign.outreach.routing.channel import CITY, NAMES, ChannelOption, ConfirmedLetter, LetterChannel, Offer
from campaign.states import Outcome
from campaign.store import engine

_FIELDS = (*NAMES, CITY)


class PacketChannel(LetterChannel):
    name, order = "packet", 25
    labels = (("packet", "on paper, in a packet"),)
    ours = optional = True

    def offer(self, conn: Connection, campaign: CampaignConfig | None, /) -> Offer:
        if campaign is None:
            return lambda _seat: option(None)
        now = engine.now(conn)
        visits = promises.upcoming(conn, campaign.slug, now)
        return lambda seat: option(_next_visit(seat, visits.get(seat.code, ()), now), now=now)

    def queue(self, conn: Connection, letter: ConfirmedLetter) -> None:
        self.hand_off(conn, letter, Outcome.TO_PRINT)


def _next_visit(seat: Seat, visits: Sequence[PacketPromise], now: int) -> PacketPromise | None:
    """The next visit to this holder that takes letters; else the last one, which takes those already confirmed."""
    theirs = [visit for visit in visits if seat.holder is not None and visit.holder == seat.holder.bioguide]
    return next((visit for visit in theirs if now < visit.takes_until), theirs[-1] if theirs else None)


def option(visit: PacketPromise | None, *, now: int = 0) -> ChannelOption:
    """For an office to which this visit is promised; None: no visit."""
    if visit is None:
        return ChannelOption("packet", False, "no one has promised to hand letters in", _FIELDS)
    if now >= visit.takes_until:
        return ChannelOption("packet", False, "the visit is too soon to print more letters", _FIELDS, visit=visit)
    return ChannelOption("packet", True, "a named person takes letters there", _FIELDS, visit=visit)
