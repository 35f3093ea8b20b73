"""The current time. `campaign demo --clock` can move it, for all processes of that demo at once.

CAMPAIGN_CLOCK names a file that holds the clock's offset in milliseconds; rewriting the file moves the clock. The
settings refuse it together with the real SendGrid.
"""

from __future__ import annotations

import os
import time
from datetime import date, datetime
from pathlib import Path
from typing import NewType
from zoneinfo import ZoneInfo

Millis = NewType("Millis", int)  # milliseconds since 1970, UTC

VARIABLE = "CAMPAIGN_CLOCK"
WASHINGTON = ZoneInfo("America/New_York")  # the time zone of Congress


def now() -> Millis:
    """The time on this machine."""
    return Millis(time.time_ns() // 1_000_000 + ahead())


def washington_day(ms: int) -> date:
    """The day of this instant in Washington."""
    return datetime.fromtimestamp(ms / 1000, WASHINGTON).date()


def ahead() -> int:
    """The clock's offset in ms: 0, except in a demo with a clock of its own."""
    path = os.environ.get(VARIABLE)
    return int(Path(path).read_text(encoding="ascii")) if path else 0


def move(path: Path, to: int) -> None:
    """Set the clock of this file to `to` (ms since 1970). Readers see the old time or the new one."""
    draft = path.with_suffix(".new")
    draft.write_text(str(to - time.time_ns() // 1_000_000), encoding="ascii")
    draft.replace(path)
