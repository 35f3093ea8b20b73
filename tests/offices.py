"""The channels of an office without a database: what each would answer for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from campaign.congress.contacts import Contact
from campaign.letters import office_hours
from campaign.letters.office_hours import OfficeNow
from campaign.letters.promises import PacketPromise
from campaign.model import Seat
from campaign.outreach import channels
from campaign.outreach.channels.cwc import channel as cwc
from campaign.outreach.channels.packet import channel as packet
from campaign.outreach.routing import available_channels, office_form, phone_call, registry, staff_email
from campaign.outreach.routing.available_channels import InstalledChannels
from campaign.outreach.routing.channel import ChannelOption, Offer

channels.register_all()

HOUR_MS = 3_600_000


@pytest.fixture(scope="module", autouse=True)
def open_offices() -> Iterator[None]:
    """On the pages every Washington office is open, at any hour at which the tests run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(office_hours, "washington_now", lambda now: OfficeNow(True, now + HOUR_MS))
        yield


VISIT = PacketPromise("H:NC:12", "X000287", "Dana Whitlock", "2026-12-16", "Charlotte")
EACH = Contact("H:NC:12", "staff-nc@example.org", "each", "us", "2026-11-10")  # each letter by itself


def options(
    seat: Seat,
    contact: Contact | None = None,
    *,
    packets: bool = False,
    at: int = 0,
    cwc_serves: bool = False,
    by_hand: bool = False,
) -> tuple[ChannelOption, ...]:
    """`packets`: a visit is promised. `by_hand`: for a supporter who opted out."""
    offers: dict[str, Offer] = {
        "cwc": lambda _: cwc.option(cwc_serves, "it takes letters from here" if cwc_serves else "it is off"),
        "email": lambda _: staff_email.option(contact),
        "form": office_form.option,
        "call": phone_call.option,
        "packet": lambda _: packet.option(VISIT if packets else None, now=at),
    }
    installed = InstalledChannels(tuple((channel, offers[channel.name]) for channel in registry.channels()), by_hand)
    return available_channels.options_for(installed, seat)
