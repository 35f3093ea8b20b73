"""When a member holds a seat: from swearing in until the term ends or a successor is sworn in.

Days come from unitedstates/congress-legislators: `start` is the day of swearing in; `end` is the constitutional end of
the term for sitting members, and the day of leaving for former ones. Terms begin and end at noon in Washington (20th
Amendment, section 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache

from campaign.clock import WASHINGTON
from campaign.model import Member

FAR = 1 << 62
COMMISSIONER = "H:PR:0"  # the only House seat with a four-year term (48 U.S.C. 891)
# The years, modulo six, in which the terms of each Senate class end: 2031, 2027, 2029.
_CLASS_ENDS = {1: 3, 2: 5, 3: 1}


@dataclass(frozen=True, slots=True)
class Span:
    """A member who holds a seat from `start` until just before `end` (ms)."""

    start: int
    end: int
    member: Member


@lru_cache(maxsize=4096)
def noon(day: str) -> int:
    """Noon in Washington on that ISO day, in ms."""
    return _hour(day, 12)


def dawn(day: str) -> int:
    """Midnight at the start of that ISO day in Washington, in ms."""
    return _hour(day, 0)


def _hour(day: str, hour: int) -> int:
    return int(datetime.fromisoformat(f"{day}T{hour:02}:00").replace(tzinfo=WASHINGTON).timestamp()) * 1000


def day_of(now: int) -> str:
    """The ISO day in Washington at `now` (ms)."""
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(WASHINGTON).date().isoformat()


def last_day(congress: int) -> str:
    """The day a Congress ends: 2027-01-03 for the 119th. The first met in 1789; each lasts two years."""
    return f"{1789 + 2 * congress}-01-03"


def congress_at(now: int) -> int:
    """The number of the Congress in session at `now` (ms)."""
    guess = (int(day_of(now)[:4]) - 1787) // 2
    return guess if now >= noon(last_day(guess - 1)) else guess - 1


def term_end(code: str, day: str) -> str:
    """The constitutional end of the term under way on that day (both ISO), for a seat such as `S:OH:3`."""
    year = int(day[:4]) + (day >= f"{day[:4]}-01-03")
    cycle, rest = (2, 1) if code.startswith("H:") else (6, _CLASS_ENDS[int(code.rsplit(":", 1)[1])])
    if code == COMMISSIONER:
        cycle, rest = 4, 1
    return f"{year + (rest - year) % cycle}-01-03"


def spans(members: Sequence[Member]) -> tuple[Span, ...]:
    """Who holds a seat when. `members`: in the order of swearing in. Spans never overlap, whatever the days say."""
    spans: list[Span] = []
    following = FAR
    for member in reversed(members):
        start = noon(member.since) if member.since else -FAR
        end = min(_end(member), following)
        if start < end:
            spans.append(Span(start, end, member))
        following = min(following, start)
    return tuple(reversed(spans))


def _end(member: Member) -> int:
    """When the member stops holding the seat. If the term ends during a Congress, the member serves until the winner
    of the election is sworn in, on a day no file has in advance, but not beyond that Congress.
    """
    if member.left:
        return noon(member.left)
    return noon(last_day(congress_at(noon(member.ends) - 1))) if member.ends else FAR


def holders_in_order(
    sitting: Iterable[Member], former: Iterable[Member], earlier: Iterable[Member], *, as_of: str, old_as_of: str
) -> tuple[Member, ...]:
    """All known holders of one seat, in order.

    `sitting` and `former` come from the published files, `earlier` from the snapshot of the day `old_as_of`. An earlier
    holder whom no file names any more left on an unknown day: they count until `old_as_of`, or until their term's end
    if it ended since then or the next one began that day.
    """
    current = {member.since: member for member in sitting}
    since = min(current, default="9999")  # a sitting member has no successor
    holders = {member.since: member for member in former if member.since < since} | current
    named = {(member.bioguide, member.ends) for member in holders.values()}
    for member in earlier:
        if member.since >= since or member.since in holders or (member.bioguide, member.ends) in named:
            continue
        following = min((day for day in holders if day > member.since), default="")
        left, ends = member.left, member.ends
        if not left and not (following and (ends == following or ends <= as_of)):
            left = ends if old_as_of <= ends <= as_of else max(old_as_of, member.since)
        holders[member.since] = replace(member, left=left)
    return tuple(holders[day] for day in sorted(holders))


def is_day(text: str) -> bool:
    """Whether the text is an ISO day."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
