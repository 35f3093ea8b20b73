"""Congress's own intake of letters (CWC), for operators whom a chamber has approved."""

from campaign.outreach.channels.cwc.channel import CwcChannel
from campaign.outreach.routing import registry

registry.register(CwcChannel())
