"""When the gateways are open. Both have quiet hours in Washington, in which nothing is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from campaign.clock import WASHINGTON
from campaign.delivery.cwc.codes import Chamber

MARGIN = timedelta(minutes=1)  # before they begin: what is sent has to arrive too

_SUNDAY, _WEDNESDAY = 6, 2
_ALL = tuple(range(7))
# (days, first hour, hour after the last)
_QUIET: dict[Chamber, tuple[tuple[tuple[int, ...], int, int], ...]] = {
    "house": ((_ALL, 0, 6),),
    "senate": (((_SUNDAY,), 0, 6), ((_WEDNESDAY,), 5, 7)),
}


def opens(chamber: Chamber, at: int) -> int:
    """`at` (ms) when this gateway is open then, else the moment (ms) at which it opens next."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    for here in (moment.astimezone(WASHINGTON), (moment + MARGIN).astimezone(WASHINGTON)):
        for days, first, after in _QUIET[chamber]:
            if here.weekday() in days and first <= here.hour < after:
                end = here.replace(hour=after, minute=0, second=0, microsecond=0, fold=0)
                return int(end.timestamp() * 1000)
    return at
