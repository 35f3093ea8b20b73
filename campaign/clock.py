"""What time it is. A rehearsal may move it, for all of its processes at once; nothing else can.

The environment variable names a file that holds how many milliseconds the clock is ahead; whoever writes it anew moves
the clock everywhere. `config` refuses it together with the real SendGrid.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NewType
from zoneinfo import ZoneInfo

Millis = NewType("Millis", int)  # milliseconds since 1970, UTC

VARIABLE = "CAMPAIGN_CLOCK"
WASHINGTON = ZoneInfo("America/New_York")  # the time zone of Congress


def now() -> Millis:
    """The time on this machine."""
    return Millis(time.time_ns() // 1_000_000 + ahead())


def ahead() -> int:
    """By how many ms a rehearsal has moved the clock; 0 outside of one."""
    path = os.environ.get(VARIABLE)
    return int(Path(path).read_text(encoding="ascii")) if path else 0


def move(path: Path, to: int) -> None:
    """Set the clock of that file to `to` (ms since 1970). Readers see the old time or the new one."""
    draft = path.with_suffix(".new")
    draft.write_text(str(to - time.time_ns() // 1_000_000), encoding="ascii")
    draft.replace(path)
