"""When an office is open: not at night, on weekends or on federal holidays, unless it takes mail at any hour."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.letters import office_hours
from campaign.letters.office_hours import Hours

WORKDAY = Hours(8, 18)


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-12-24T10:00-05:00", "2026-12-24T10:00-05:00"),
        ("2026-12-24T18:00-05:00", "2026-12-28T08:00-05:00"),  # Christmas is a Friday
        ("2026-12-25T10:00-05:00", "2026-12-28T08:00-05:00"),
        ("2026-11-26T10:00-05:00", "2026-11-27T08:00-05:00"),  # Thanksgiving
        ("2026-07-03T10:00-04:00", "2026-07-06T08:00-04:00"),  # Independence Day, observed
        ("2027-06-18T10:00-04:00", "2027-06-21T08:00-04:00"),  # Juneteenth, observed
        ("2027-12-31T10:00-05:00", "2028-01-03T08:00-05:00"),  # New Year's Day, observed in the year before
        ("2026-12-26T10:00-05:00", "2026-12-28T08:00-05:00"),  # a Saturday
    ],
)
def test_an_office_is_closed_at_night_on_weekends_and_on_federal_holidays(at: str, opens: str) -> None:
    assert office_hours.opens(WORKDAY, "", ms(at)) == ms(opens)


def test_mornings_skip_holidays_in_the_offices_own_time_zone() -> None:
    days = islice(office_hours.mornings(WORKDAY, "America/Los_Angeles", ms("2026-12-24T20:00-08:00")), 3)
    assert list(days) == [
        ("2026-12-28", ms("2026-12-28T08:00-08:00")),
        ("2026-12-29", ms("2026-12-29T08:00-08:00")),
        ("2026-12-30", ms("2026-12-30T08:00-08:00")),
    ]


def test_an_office_with_any_hours_has_no_holidays() -> None:
    at = ms("2026-12-25T03:00-05:00")
    assert office_hours.opens(Hours(0, 24), "", at) == at


@pytest.mark.parametrize(
    ("at", "open_now", "changes_at"),
    [
        ("2026-12-01T09:00-05:00", True, "2026-12-01T17:00-05:00"),
        ("2026-12-01T16:59-05:00", True, "2026-12-01T17:00-05:00"),
        ("2026-12-01T17:00-05:00", False, "2026-12-02T09:00-05:00"),
        ("2026-12-01T01:33-05:00", False, "2026-12-01T09:00-05:00"),
        ("2026-12-04T22:30+00:00", False, "2026-12-07T09:00-05:00"),  # half past five on a Friday in Washington
        ("2026-12-24T20:00-05:00", False, "2026-12-28T09:00-05:00"),  # Christmas is a Friday
        ("2027-03-12T17:00-05:00", False, "2027-03-15T09:00-04:00"),  # the clocks change on that Sunday
    ],
)
def test_a_washington_office_says_when_it_closes_or_opens_next(at: str, open_now: bool, changes_at: str) -> None:
    assert office_hours.washington_now(ms(at)) == office_hours.OfficeNow(open_now, ms(changes_at))


@given(st.integers(ms("2026-01-01T00:00-05:00"), ms("2028-12-31T00:00-05:00")))
def test_a_washington_office_changes_exactly_when_it_says(at: int) -> None:
    office = office_hours.washington_now(at)
    assert at < office.changes_at <= at + 5 * 24 * 3600 * 1000
    assert office_hours.washington_now(office.changes_at - 1).open is office.open
    assert office_hours.washington_now(office.changes_at).open is not office.open


def test_the_list_of_holidays_is_only_loaded_when_a_day_is_asked_for() -> None:
    code = "import sys, campaign.letters.office_hours; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
