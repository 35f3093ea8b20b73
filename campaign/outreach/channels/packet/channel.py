"""The packet as a channel. A printed letter shows where its writer lives by town and ZIP code, and no street."""

from __future__ import annotations

from sqlalchemy import Connection

from campaign.compose.campaign_folder.folder import CampaignConfig
from campaign.delivery import outbox
from campaign.outreach.routing.channel import CITY, NAMES, Channel, ChannelOption, ConfirmedLetter, Offer
from campaign.states import Outcome


class PacketChannel(Channel):
    name, order = "packet", 50
    labels = (("packet", "on paper, in a packet"),)
    ours = beside = True

    def offer(self, _conn: Connection, campaign: CampaignConfig | None, /) -> Offer:
        printed = campaign is not None and campaign.packets
        return lambda _seat: option(printed=printed)

    def queue(self, conn: Connection, letter: ConfirmedLetter) -> None:
        outbox.hand_off(
            conn,
            letter.campaign_id,
            supporter_id=letter.supporter_id,
            letter_id=letter.letter_id,
            channel=self.name,
            now=letter.now,
            outcome=Outcome.TO_PRINT,
        )


def option(*, printed: bool) -> ChannelOption:
    """`printed`: the organization prints letters and hands them in."""
    why = "the organization prints letters and hands them in" if printed else "campaign.toml offers no packets"
    return ChannelOption("packet", printed, why, (*NAMES, CITY))
