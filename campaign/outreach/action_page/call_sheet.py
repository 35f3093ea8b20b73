"""A call to one office: what to say, which numbers to call, and what the supporter reported."""

from __future__ import annotations

from campaign.clock import WASHINGTON
from campaign.compose.messages import call_script
from campaign.congress import field_offices
from campaign.outreach.action_page.context import PageContext
from campaign.outreach.action_page.views import CallSheet, PhoneNumber


def call_sheet(context: PageContext, code: str) -> CallSheet | None:
    """For the office of this seat's holder; None for a vacant seat, or when no number is known."""
    visit, seat = context.visit, context.roster.seats[code]
    holder = seat.holder
    if holder is None:
        return None
    numbers = [PhoneNumber(holder.phone, "washington", zone=WASHINGTON.key)] if holder.phone else []
    offices = field_offices.of(context.roster).get(holder.bioguide)
    for office in field_offices.nearest(offices.home if offices else (), context.match.zip):
        place, zone = office.place, field_offices.zone(office.place.state)
        numbers.append(
            PhoneNumber(place.phone, office.near, place.city, hours=place.hours, zone=str(zone) if zone else "")
        )
    if not numbers:
        return None
    key = (code, holder.bioguide, "call")
    reported = (report.outcome for report in context.reports if (report.seat, report.holder, report.way) == key)
    return CallSheet(
        seat=code,
        script=call_script.script(visit.release, visit.text_language, seat, visit.now, zip=context.match.zip),
        numbers=tuple(numbers),
        reported=next(reported, ""),
        now=visit.now,
    )
