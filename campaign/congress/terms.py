"""When somebody holds a seat: from being sworn in until the term's end, or until a successor is sworn in.

The days come from unitedstates/congress-legislators: `start` is the day of swearing in; `end` is the constitutional end
of the term while somebody serves, and the day of leaving once they are history. Terms begin and end at noon in
Washington (20th Amendment, section 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache

from campaign.clock import WASHINGTON
from campaign.model import Member

FAR = 1 << 62
COMMISSIONER = "H:PR:0"  # the one seat of the House with a term of four years (48 U.S.C. 891)
# The years, modulo six, in which the terms of the Senate's three classes end: 2031, 2027, 2029.
_CLASS_ENDS = {1: 3, 2: 5, 3: 1}


@dataclass(frozen=True, slots=True)
class Span:
    """Who holds a seat from `start` until `end` (ms, `end` not included)."""

    start: int
    end: int
    member: Member


@lru_cache(maxsize=4096)
def noon(day: str) -> int:
    """Noon in Washington on that ISO day, in ms."""
    return _hour(day, 12)


def dawn(day: str) -> int:
    """The beginning of that ISO day in Washington, in ms."""
    return _hour(day, 0)


def _hour(day: str, hour: int) -> int:
    return int(datetime.fromisoformat(f"{day}T{hour:02}:00").replace(tzinfo=WASHINGTON).timestamp()) * 1000


def day_of(now: int) -> str:
    """The ISO day that it is in Washington at `now` (ms)."""
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(WASHINGTON).date().isoformat()


def last_day(congress: int) -> str:
    """The day on which a Congress ends: the 119th on 2027-01-03. The first met in 1789; each has two years."""
    return f"{1789 + 2 * congress}-01-03"


def congress_at(now: int) -> int:
    """The number of the Congress that sits at `now` (ms)."""
    guess = (int(day_of(now)[:4]) - 1787) // 2
    return guess if now >= noon(last_day(guess - 1)) else guess - 1


def term_end(code: str, day: str) -> str:
    """The ISO day of the constitutional end of the term that runs on that day, for a seat such as `S:OH:3`."""
    year = int(day[:4]) + (day >= f"{day[:4]}-01-03")
    cycle, rest = (2, 1) if code.startswith("H:") else (6, _CLASS_ENDS[int(code.rsplit(":", 1)[1])])
    if code == COMMISSIONER:
        cycle, rest = 4, 1
    return f"{year + (rest - year) % cycle}-01-03"


def spans(members: Sequence[Member]) -> tuple[Span, ...]:
    """Who holds a seat when. `members` in the order of swearing in; no two spans overlap, whatever the days say."""
    found: list[Span] = []
    following = FAR
    for member in reversed(members):
        start = noon(member.since) if member.since else -FAR
        end = min(_end(member), following)
        if start < end:
            found.append(Span(start, end, member))
        following = min(following, start)
    return tuple(reversed(found))


def _end(member: Member) -> int:
    """The last moment that the data vouches for. Somebody whose term ends in the midst of a Congress serves until the
    winner of the election is sworn in, which no file tells beforehand; but not beyond that Congress.
    """
    if member.left:
        return noon(member.left)
    return noon(last_day(congress_at(noon(member.ends) - 1))) if member.ends else FAR


def line(
    listed: Iterable[Member], gone: Iterable[Member], before: Iterable[Member], *, as_of: str, old_as_of: str
) -> tuple[Member, ...]:
    """Everybody known to hold one seat, in order.

    `listed`: as the file of sitting members has it; `gone`: from the file of former ones; `before`: as the snapshot of
    the day `old_as_of` had it. Somebody of that snapshot whom no file names any more has left, nobody says when: known
    until that day, unless the term ended since, or the next one began as it ended.
    """
    sitting = {one.since: one for one in listed}
    since = min(sitting, default="9999")  # nobody came after somebody who still sits there
    found = {one.since: one for one in gone if one.since < since} | sitting
    named = {(one.bioguide, one.ends) for one in found.values()}
    for one in before:
        if one.since >= since or one.since in found or (one.bioguide, one.ends) in named:
            continue
        following = min((day for day in found if day > one.since), default="")
        left = one.left
        if not left and not (following and (one.ends == following or one.ends <= as_of)):
            left = one.ends if old_as_of <= one.ends <= as_of else max(old_as_of, one.since)
        found[one.since] = replace(one, left=left)
    return tuple(found[day] for day in sorted(found))


def is_day(text: str) -> bool:
    """Whether this is an ISO day."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
