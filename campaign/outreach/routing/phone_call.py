"""A call to the office, beside a letter. It needs nothing from the supporter, not even a name."""

from __future__ import annotations

from sqlalchemy import Connection

from campaign.compose.campaign_folder.folder import CampaignConfig
from campaign.model import Seat
from campaign.outreach.routing.channel import Channel, ChannelOption, Offer


class PhoneCall(Channel):
    name, order = "call", 40
    labels = (("call", "by phone"),)

    def offer(self, _conn: Connection, _campaign: CampaignConfig | None, /) -> Offer:
        return option


def option(seat: Seat) -> ChannelOption:
    known = seat.holder is not None and bool(seat.holder.phone)
    return ChannelOption("call", known, "its number is known" if known else "its number is not known")
