"""Write offices.csv, the demo's contacts of offices: invented addresses for about four seats in ten, always the same.

    python examples/make_offices.py

No office gave these and none reads them: all stand at example.org (RFC 2606), and who holds a seat is not in them. Two
bounce in the sandbox. Some want one summary a day; the others take a letter a second, so that the demo need not wait
for their pace.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

from campaign.congress import roster

SHARE = 0.4
DAILY, MANY = 0.3, {"S:NY:1", "H:DC:0"}  # of these: one summary a day; to the second more people of the list write
NEVER = {"H:PA:15", "S:PA:1", "S:PA:3"}  # the seats of Ana's ZIP code, 16750: three that take only forms and calls
BOUNCE = {"H:IL:4", "H:TX:29"}
HEADER = ("seat", "email", "wants", "given_by", "answered_on", "reason", "needs", "per_hour")
HERE = Path(__file__).resolve().parent


def rows() -> list[tuple[str, ...]]:
    draw, wish = random.Random(287), random.Random(288)  # noqa: S311
    made = []
    for seat in roster.load().seats.values():
        drawn = draw.random() < SHARE
        if seat.holder and (drawn or seat.code in BOUNCE | MANY) and seat.code not in NEVER:
            name = seat.code.lower().replace(":", "-")
            email = f"bounce+{name}@example.org" if seat.code in BOUNCE else f"staff.{name}@example.org"
            daily = wish.random() < DAILY and seat.code not in BOUNCE
            wants = "daily" if daily or seat.code in MANY else "each"
            made.append((seat.code, email, wants, "invented for the demo", "2026-11-10", "", "", "3600"))
    return made


def main() -> None:
    with (HERE / "offices.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER, *rows()])


if __name__ == "__main__":
    main()
