"""Which channel letters to each office would use and why, what supporters must enter, and how many supporters each
office has. Reads only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from campaign.compose.campaign_folder import disk
from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.messages import letter as letter_text
from campaign.congress import contacts as office_contacts
from campaign.congress import roster, zip_match
from campaign.congress.roster import Roster
from campaign.letters import eligibility as planning
from campaign.model import Seat
from campaign.outreach.reports import channel_rates as measured
from campaign.outreach.reports.channel_rates import Rate, Rates
from campaign.outreach.routing import available_channels, registry, targets
from campaign.outreach.routing.available_channels import VACANT, InstalledChannels
from campaign.outreach.routing.channel import ChannelOption
from campaign.supporters import segments

HOLD = "held: a position that an organizer approved"


@dataclass(frozen=True, slots=True)
class PlannedOffice:
    """One targeted office.

    `people` are its constituents; `perhaps` must choose first, because their ZIP code covers several districts.
    `channel`: the route of a letter today ("website": a form whose address is unknown); "" when there is none, and
    `why` says so. `then`: the routes to try when it fails.
    """

    seat: str
    name: str
    letter: str  # its variant; "hold": none, because of a position; "": the seat is vacant
    channel: str
    why: str
    then: tuple[str, ...]
    ways: tuple[ChannelOption, ...]
    people: int
    perhaps: int
    rates: dict[str, Rate]  # by channel, from this installation's own letters


@dataclass(frozen=True, slots=True)
class Plan:
    """`offices` by code, including those without a supporter."""

    slug: str
    offices: tuple[PlannedOffice, ...]
    people: dict[str, int]  # all, reach (have an office), choose (must choose their district), none
    contacts: dict[str, int]  # loaded, answered (the office said how it wants letters), off
    rates: Rates

    @property
    def ways(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(channel, why) -> offices, and their people."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for one in self.offices:
            offices, people = found.get((one.channel, one.why), (0, 0))
            found[one.channel, one.why] = (offices + 1, people + one.people)
        rank = {channel: number for number, channel in enumerate((*registry.labels(), ""))}
        return dict(sorted(found.items(), key=lambda item: (rank[item[0][0]], -item[1][0], item[0][1])))

    @property
    def orders(self) -> dict[tuple[str, ...], int]:
        """The first channel and its fallbacks -> offices."""
        return dict(Counter((one.channel, *one.then) for one in self.offices if one.channel).most_common())

    @property
    def beside(self) -> dict[tuple[str, bool, str], int]:
        """Channels that carry no letter: (channel, whether it works, why) -> offices that are not vacant."""
        beside = {channel.name for channel in registry.channels()} - registry.letter_channels().keys()
        options = (option for office in self.offices for option in office.ways if option.channel in beside)
        answers = Counter((option.channel, option.works, option.why) for option in options if option.why != VACANT)
        return dict(answers.most_common())

    @property
    def letters(self) -> dict[str, int]:
        """Letter variant -> offices that are not vacant."""
        return dict(Counter(one.letter for one in self.offices if one.letter).most_common())

    @property
    def vacant(self) -> int:
        return sum(not one.name for one in self.offices)

    def reached(self, channel: str | None = None) -> int:
        """The number of offices with a channel, or with this channel."""
        return sum(bool(one.channel) and channel in (None, one.channel) for one in self.offices)

    def asked(self, channel: str) -> dict[tuple[str, str], int]:
        """What supporters must enter: (field, asked by our page or the office) -> offices."""
        first = self._first(channel)
        return dict(Counter((field.name, field.asker) for way in first for field in way.fields).most_common())

    def limits(self, channel: str) -> dict[int, int]:
        return dict(sorted(Counter(way.limit for way in self._first(channel) if way.limit).items()))

    def _first(self, channel: str) -> list[ChannelOption]:
        """This channel's options, at each office that uses it."""
        return [way for one in self.offices if one.channel == channel for way in one.ways if way.route == channel]


def plan(conn: Connection, templates: Path, slug: str, now: int) -> Plan:
    """The plan of a campaign at `now` (ms). Raises CampaignError for an unknown slug."""
    folder, known = disk.load(templates, slug), roster.at(conn, now)
    channels = available_channels.installed(conn, folder.campaign)
    wanted = targets.seats(folder.campaign, known)
    open_to = wanted - targets.seats_on_hold(folder, known)
    sure, perhaps, people = _people(known, open_to, segments.by_zip(conn), now)
    rates = measured.rates(conn)
    offices = tuple(
        _office(
            channels,
            known.seats[code],
            _letter(folder, known.seats[code], now),
            (sure[code], perhaps[code]),
            rates.seats.get(code, {}),
        )
        for code in sorted(wanted)
    )
    return Plan(slug, offices, people, _contacts(conn, wanted), rates)


def _letter(folder: Folder, seat: Seat, now: int) -> str:
    """The letter variant for this seat: "hold" for none, "" while the seat is vacant."""
    if seat.holder is None:
        return ""
    return "hold" if letter_text.is_on_hold(folder, seat) else letter_text.variant(folder, seat, now)


def _office(
    channels: InstalledChannels, seat: Seat, letter: str, people: tuple[int, int], rates: dict[str, Rate]
) -> PlannedOffice:
    found = available_channels.options_for(channels, seat)
    order = available_channels.in_order(found) if letter != "hold" else ()
    first = next(iter(order), None)
    why = first.why if first else HOLD if letter == "hold" else VACANT if seat.holder is None else _none(found)
    return PlannedOffice(
        seat=seat.code,
        name=seat.holder.name if seat.holder else "",
        letter=letter,
        channel=first.route if first else "",
        why=why,
        then=tuple(way.route for way in order[1:]),
        ways=found,
        people=people[0],
        perhaps=people[1],
        rates=rates,
    )


def _none(found: tuple[ChannelOption, ...]) -> str:
    """Why no channel works: what the last one lacks."""
    last = [*registry.letter_channels()][-1]
    return next(option.why for option in found if option.channel == last)


def _people(
    known: Roster, wanted: frozenset[str], by_zip: Mapping[str, int], now: int
) -> tuple[Counter[str], Counter[str], dict[str, int]]:
    """Constituents by seat, those who would have to choose it, and how many have any office."""
    sure, perhaps = Counter[str](), Counter[str]()
    reach = choose = 0
    for zip_code, number in by_zip.items():
        found = zip_match.by_zip(known, zip_code, now)
        codes = [seat.code for seat, _ in planning.offices(found, wanted) if seat.holder]
        choices = [seat.code for seat in planning.choices(found, wanted) if seat.code in wanted and seat.holder]
        sure.update(dict.fromkeys(codes, number))
        perhaps.update(dict.fromkeys(choices, number))
        reach += number if codes or choices else 0
        choose += number if choices else 0
    total = sum(by_zip.values())
    people = {"all": total, "reach": reach, "choose": choose, "none": total - reach}
    return sure, perhaps, people


def _contacts(conn: Connection, wanted: Collection[str]) -> dict[str, int]:
    ours = [contact for contact in office_contacts.all_contacts(conn) if contact.seat in wanted]
    return {
        "loaded": len(ours),
        "answered": sum(bool(contact.answered_on) for contact in ours),
        "off": sum(bool(contact.off) for contact in ours),
    }


def numbers(found: Plan) -> dict[str, Any]:
    """The plan for --json. A hidden number is null, with `small` if it is below five people."""
    used = [channel for channel in registry.labels() if found.reached(channel)]
    asked = {channel: _asked(found, channel) for channel in used}
    return {
        "slug": found.slug,
        "offices": {"all": len(found.offices), "reached": found.reached()}
        | {channel: found.reached(channel) for channel in registry.labels()},
        "letters": found.letters,
        "people": found.people,
        "contacts": found.contacts,
        "ways": [
            {"channel": channel, "why": why, "offices": offices, "people": people}
            for (channel, why), (offices, people) in found.ways.items()
        ],
        "orders": [{"channels": order, "offices": offices} for order, offices in found.orders.items()],
        "beside": [
            {"channel": channel, "works": works, "why": why, "offices": offices}
            for (channel, works, why), offices in found.beside.items()
        ],
        "asked": asked,
        "limits": {
            channel: {str(most): offices for most, offices in found.limits(channel).items()} for channel in used
        },
        "rates": {channel: asdict(rate) for channel, rate in found.rates.all.items()},
        "seats": [_seat(one) for one in found.offices],
    }


def _seat(office: PlannedOffice) -> dict[str, Any]:
    ways = [asdict(option) | {"proves": registry.get(option.channel).proves} for option in office.ways]
    return asdict(office) | {"ways": ways}


def _asked(found: Plan, channel: str) -> list[dict[str, Any]]:
    return [
        {"field": field, "asked_by": asker, "offices": offices}
        for (field, asker), offices in found.asked(channel).items()
    ]
