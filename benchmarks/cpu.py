"""CPU seconds of a tree of processes, from Linux's /proc and its CPU clocks."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def of_descendants(root: int, *, without: Collection[int] = ()) -> float:
    """User and system seconds so far of everything below `root`, also of what has ended and was waited for.

    `root` itself does not count, nor do the processes in `without` and what is below them.
    """
    children: dict[int, list[tuple[int, float]]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            fields = path.read_text().rpartition(")")[2].split()
            ended = (int(fields[13]) + int(fields[14])) / TICK
            children.setdefault(int(fields[1]), []).append((int(path.parent.name), ended))
    total, left = 0.0, [root]
    while left:
        for pid, ended in children.get(left.pop(), []):
            if pid not in without:
                total += of_process(pid) + ended
                left.append(pid)
    return total


def of_process(pid: int) -> float:
    """A process's own CPU clock in seconds (clock_getcpuclockid(3)): finer than the ticks in /proc."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0
