"""What this installation has to reach each office, and so the channels of each: see `letters/channels`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from campaign.congress import contacts as office_contacts
from campaign.congress.contacts import Contact
from campaign.delivery.cwc import gateways
from campaign.delivery.cwc.gateways import ServedOffices
from campaign.letters import channels
from campaign.letters.channels import ChannelOption, OfficeMeans
from campaign.model import Seat
from campaign.outreach.channels.cwc import served_offices


@dataclass(frozen=True, slots=True)
class InstalledChannels:
    """This installation, as far as channels depend on it."""

    contacts: Mapping[str, Contact]  # by seat, also those that are off
    packets: bool
    gateways: Mapping[str, ServedOffices]  # of Congress's own intake, by chamber
    opted_out: bool = False  # the supporter opted out: we deliver nothing in their name


def installed(conn: Connection, *, packets: bool = False, opted_out: bool = False) -> InstalledChannels:
    """As it is now: two SELECTs, for one office and for all. `packets`: the campaign has letters printed."""
    return InstalledChannels(
        {one.seat: one for one in office_contacts.all_contacts(conn)}, packets, gateways.every(conn), opted_out
    )


def options_for(found: InstalledChannels, seat: Seat) -> tuple[ChannelOption, ...]:
    """Every channel of this office, in the order of preference."""
    means = _means(found.contacts.get(seat.code), packets=found.packets)
    takes, why = served_offices.accepts(found.gateways, seat.code)
    made = channels.options(seat, replace(means, intake=takes, intake_why=why))
    return channels.by_supporter(made) if found.opted_out else made


def _means(contact: Contact | None, *, packets: bool) -> OfficeMeans:
    if contact is None:
        return OfficeMeans(packets=packets)
    return OfficeMeans(True, contact.wants, bool(contact.answered_on), contact.off, contact.needs, packets)
