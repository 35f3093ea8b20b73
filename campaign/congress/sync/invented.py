"""An invented Congress for rehearsals: who would sit after the switch, with people who do not exist.

Never presented as fact: the demo says so, each invented name is Example, and no page of theirs is anybody's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from campaign.congress import snapshot as books
from campaign.congress import terms
from campaign.congress.districts import Zips
from campaign.congress.snapshot import Snapshot
from campaign.model import Member

FIRST_NAMES = ("Alma", "Boris", "Clara", "Dario", "Elena", "Felix", "Gloria", "Hugo", "Irene", "Jonas")


def after(
    book: Snapshot, congress: int, changed: Collection[str], moved: Mapping[str, tuple[str, ...]] | None = None
) -> Snapshot:
    """The book as a sync soon after that Congress began would leave it: every seat of the House has somebody, and each
    seat of the Senate whose term ends then. Somebody else sits in `changed`; the others are the same. The lines are
    those of before, but for the ZIPs in `moved`.
    """
    day, ends = terms.last_day(congress - 1), terms.last_day(congress)
    holders = {
        code: members + tuple(_next(code, number, members, day, ends, changed))
        for number, (code, members) in enumerate(sorted(book.holders.items()))
    }
    before: Zips = book.maps[congress - 1]
    lines = {**book.maps, congress: {**before, **(moved or {})}}
    return books.made(
        holders,
        lines,
        book.places,
        book.committees,
        book.sources,
        as_of=day,
        known_from=book.known_from,
    )


def _next(
    code: str, number: int, members: tuple[Member, ...], day: str, ends: str, changed: Collection[str]
) -> list[Member]:
    last = members[-1] if members else None
    if code.startswith("S:"):
        over = last is not None and last.ends <= day
        if not over and code not in changed:
            return []
        ends = terms.term_end(code, f"{day[:4]}-06-01")
    if last is None or last.left or code in changed:
        return [invented_member(number, since=day, ends=ends)]
    return [replace(last, since=day, ends=ends, how="")]


def invented_member(number: int, *, since: str, ends: str) -> Member:
    """A member who does not exist."""
    name = f"{FIRST_NAMES[number % len(FIRST_NAMES)]} Example"
    page = f"https://example.org/office/{number}"
    phone = f"202-555-{100 + number % 100:04}"
    gender = "F" if number % 2 == 0 else "M"
    return Member(f"X{number:06}", name, "Example", gender, "", phone, page, page, since=since, ends=ends)
