"""When an office is open: its local hours on working days. Weekends and federal holidays are closed. Instants in ms."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from campaign.clock import WASHINGTON

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Hours:
    """From one local hour to another; 0 to 24 is any hour of any day, weekends and holidays too."""

    opens: int
    closes: int

    @property
    def any(self) -> bool:
        return (self.opens, self.closes) == (0, 24)


WASHINGTON_OFFICE = Hours(9, 17)  # in Washington time: when a member's office there answers its phone


@dataclass(frozen=True, slots=True)
class OfficeNow:
    """Whether an office is open. `changes_at` (ms): when it closes, or opens next."""

    open: bool
    changes_at: int


def washington_now(now: int) -> OfficeNow:
    """A member's Washington office at `now` (ms)."""
    opens_at = opens(WASHINGTON_OFFICE, "", now)
    if opens_at > now:
        return OfficeNow(False, opens_at)
    today = datetime.fromtimestamp(now / 1000, WASHINGTON).date()
    closing = datetime.combine(today, time(WASHINGTON_OFFICE.closes), WASHINGTON)
    return OfficeNow(True, int(closing.timestamp() * 1000))


def _zone(name: str) -> ZoneInfo:
    """The office's time zone: Washington's unless its contact names another."""
    return ZoneInfo(name) if name else WASHINGTON


def opens(hours: Hours, zone: str, at: int) -> int:
    """The first instant from `at` on at which the office is open: `at` itself if it is."""
    local = datetime.fromtimestamp(at / 1000, _zone(zone))
    if hours.any or (hours.opens <= local.hour < hours.closes and is_working(local.date())):
        return at
    return next(mornings(hours, zone, at))[1]


def mornings(hours: Hours, zone: str, at: int) -> Iterator[tuple[str, int]]:
    """(ISO day there, when the office opens) of each working day, from the first one that opens at `at` or later."""
    place = _zone(zone)
    day = datetime.fromtimestamp(at / 1000, place).date()
    while True:
        begins = int(datetime.combine(day, time(hours.opens), place).timestamp() * 1000)
        if begins >= at and (hours.any or is_working(day)):
            yield day.isoformat(), begins
        day += timedelta(days=1)


def is_working(day: date) -> bool:
    """Whether offices are open on that day."""
    return day.weekday() < SATURDAY and day not in _federal_holidays()


@lru_cache(maxsize=1)
def _federal_holidays() -> Container[date]:
    """Federal holidays with the days on which they are observed.

    Loads the file of the United States alone: importing it by name loads those of all countries (0.3 s CPU, 20 MB).
    """
    import holidays

    source = Path(holidays.__file__).parent / "countries" / "united_states.py"
    spec = spec_from_file_location("holidays_united_states", source)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast("Container[date]", module.US())
