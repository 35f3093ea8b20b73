"""When an office is at work: its local hours, from Monday to Friday. Pure; instants in ms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaign.clock import WASHINGTON

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Hours:
    """From one local hour to another; 0 to 24 is any hour of any day, also of a weekend."""

    opens: int
    closes: int

    @property
    def any(self) -> bool:
        return (self.opens, self.closes) == (0, 24)


def _zone(name: str) -> ZoneInfo:
    """The office's time zone: Washington's unless its contact names another."""
    return ZoneInfo(name) if name else WASHINGTON


def opens(hours: Hours, zone: str, at: int) -> int:
    """The first instant from `at` on at which the office is at work: `at` itself when it is."""
    local = datetime.fromtimestamp(at / 1000, _zone(zone))
    if hours.any or (local.weekday() < SATURDAY and hours.opens <= local.hour < hours.closes):
        return at
    return next(mornings(hours, zone, at))[1]


def mornings(hours: Hours, zone: str, at: int) -> Iterator[tuple[str, int]]:
    """(ISO day there, when work begins) of each working day, from the first one that begins at `at` or later."""
    place = _zone(zone)
    day = datetime.fromtimestamp(at / 1000, place).date()
    while True:
        begins = int(datetime.combine(day, time(hours.opens), place).timestamp() * 1000)
        if begins >= at and (hours.any or day.weekday() < SATURDAY):
            yield day.isoformat(), begins
        day += timedelta(days=1)
