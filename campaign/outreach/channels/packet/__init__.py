"""Printed letters, one packet for each office, which the organization hands in."""

from campaign.outreach.channels.packet.channel import PacketChannel
from campaign.outreach.routing import registry

registry.register(PacketChannel())
