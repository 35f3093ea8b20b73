"""Which channels reach an office from this installation now, and which of them takes a letter."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from campaign.compose.campaign_folder.folder import CampaignConfig
from campaign.model import Seat
from campaign.outreach.routing import registry
from campaign.outreach.routing.channel import Channel, ChannelOption, Offer

VACANT = "no one is known to hold this seat"
OPTED_OUT = "the supporter opted out, so nothing is sent in their name"


@dataclass(frozen=True, slots=True)
class InstalledChannels:
    """The channels of this installation, in the order of preference, with what each said when it was asked.

    `opted_out`: for a supporter who opted out. Only channels by which they deliver the letter themselves work.
    """

    offers: tuple[tuple[Channel, Offer], ...]
    opted_out: bool = False


def installed(
    conn: Connection, campaign: CampaignConfig | None = None, *, opted_out: bool = False
) -> InstalledChannels:
    """As they are now, for one office or for all: a SELECT or none for each. `campaign`: its own settings count too."""
    offers = tuple((channel, channel.offer(conn, campaign)) for channel in registry.channels())
    return InstalledChannels(offers, opted_out)


def options_for(channels: InstalledChannels, seat: Seat) -> tuple[ChannelOption, ...]:
    """Every channel of this office, in the order of preference."""
    if seat.holder is None:
        return tuple(ChannelOption(channel.name, False, VACANT) for channel, _ in channels.offers)
    return tuple(
        replace(offer(seat), works=False, why=OPTED_OUT) if channels.opted_out and channel.ours else offer(seat)
        for channel, offer in channels.offers
    )


def first(options: Collection[ChannelOption], without: Collection[str] = ()) -> ChannelOption | None:
    """The channel that takes a letter, when those of `without` failed; None: none is left that works."""
    return next((option for option in in_order(options) if option.channel not in without), None)


def in_order(options: Collection[ChannelOption]) -> tuple[ChannelOption, ...]:
    """The channels that take a letter: each after those before it failed."""
    return tuple(option for option in options if option.works and registry.takes_letters(option.channel))
