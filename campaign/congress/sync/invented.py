"""An invented next Congress, for rehearsing a transition.

Never presented as fact: the demo says so, every invented member's last name is Example, and their pages do not exist.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from campaign.congress import snapshot as snapshots
from campaign.congress import terms
from campaign.congress.snapshot import Snapshot
from campaign.model import Member

FIRST_NAMES = ("Alma", "Boris", "Clara", "Dario", "Elena", "Felix", "Gloria", "Hugo", "Irene", "Jonas")


def after(
    snapshot: Snapshot, congress: int, changed: Collection[str], moved: Mapping[str, tuple[str, ...]] | None = None
) -> Snapshot:
    """A snapshot like that of a sync soon after this Congress began. Every House seat, and each Senate seat whose term
    ends then, starts a new term, in `changed` with a new member. The lines stay the same, except for the ZIPs in
    `moved`.
    """
    day, ends = terms.last_day(congress - 1), terms.last_day(congress)
    holders = {}
    for number, (code, members) in enumerate(sorted(snapshot.holders.items())):
        last, new_term = (members[-1] if members else None), ends
        if code.startswith("S:"):
            new_term = terms.term_end(code, f"{day[:4]}-06-01")
        if last is None or last.left or code in changed:
            following = [invented_member(number, since=day, ends=new_term)]
        else:
            following = [replace(last, since=day, ends=new_term, how="")]
        stays = code.startswith("S:") and not (last is not None and last.ends <= day) and code not in changed
        holders[code] = members if stays else (*members, *following)
    maps = {**snapshot.maps, congress: {**snapshot.maps[congress - 1], **(moved or {})}}
    return snapshots.create(
        holders,
        maps,
        places=snapshot.places,
        committees=snapshot.committees,
        sources=snapshot.sources,
        as_of=day,
        known_from=snapshot.known_from,
    )


def invented_member(number: int, *, since: str, ends: str) -> Member:
    """A member who does not exist."""
    name = f"{FIRST_NAMES[number % len(FIRST_NAMES)]} Example"
    page = f"https://example.org/office/{number}"
    phone = f"202-555-{100 + number % 100:04}"
    gender = "F" if number % 2 == 0 else "M"
    return Member(f"X{number:06}", name, "Example", gender, "", phone, page, page, since=since, ends=ends)
