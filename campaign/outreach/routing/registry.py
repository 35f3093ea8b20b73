"""The channels of this installation: email, form and call, and those that register themselves at start."""

from __future__ import annotations

from campaign.outreach.routing.channel import Channel, LetterChannel, PostedChannel, Route
from campaign.outreach.routing.office_form import OfficeForm
from campaign.outreach.routing.phone_call import PhoneCall
from campaign.outreach.routing.staff_email import StaffEmail

_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Add a channel; one of the same name is replaced."""
    _channels[channel.name] = channel


for _built_in in (StaffEmail(), OfficeForm(), PhoneCall()):
    register(_built_in)


def channels() -> tuple[Channel, ...]:
    """Every channel, in the order of preference."""
    return tuple(sorted(_channels.values(), key=lambda channel: channel.order))


def letter_channels() -> dict[str, LetterChannel]:
    """By name, in the order of preference. A channel that took letters before may no longer be installed."""
    return {channel.name: channel for channel in channels() if isinstance(channel, LetterChannel)}


def takes_letters(name: str) -> bool:
    """Whether this channel is installed and takes letters."""
    return isinstance(_channels.get(name), LetterChannel)


def posted_channels() -> dict[str, PostedChannel]:
    """By name: those whose letters the send loop posts."""
    return {name: channel for name, channel in letter_channels().items() if isinstance(channel, PostedChannel)}


def repeatable() -> tuple[PostedChannel, ...]:
    """The channels where the same message may be posted again to learn whether it was taken."""
    return tuple(channel for channel in posted_channels().values() if channel.repeatable)


def get(name: str) -> Channel:
    """A channel that was offered. Raises KeyError for one that is not installed."""
    return _channels[name]


def labels() -> dict[Route, str]:
    """How letters travel, by name in reports: the channels that take a letter or follow when one fails."""
    return {route: text for channel in letter_channels().values() for route, text in channel.labels}
