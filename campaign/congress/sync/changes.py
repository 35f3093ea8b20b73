"""The differences between two snapshots at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from campaign.congress import districts
from campaign.congress.roster import Roster
from campaign.model import Seat


@dataclass(frozen=True, slots=True)
class Change:
    """A seat that changed hands. `before`, `after`: a name, "vacant" or "not known"."""

    seat: str
    before: str
    after: str
    left: str = ""  # Bioguide ID of the holder before
    came: str = ""  # Bioguide ID of the new holder


def changes(old: Roster, new: Roster) -> tuple[Change, ...]:
    """The seats that changed hands, in order."""
    changed = []
    for code in sorted(old.seats.keys() | new.seats.keys(), key=districts.order):
        was, now = old.seats.get(code), new.seats.get(code)
        change = Change(code, _name(was), _name(now), _id(was), _id(now))
        if (change.left, change.before == "vacant") != (change.came, change.after == "vacant"):
            changed.append(change)
    return tuple(changed)


def moved(old: Roster, new: Roster) -> frozenset[str]:
    """The ZIPs that touch other House seats than before, or whose seats became known or unknown."""
    return frozenset(zip_ for zip_ in old.zips.keys() | new.zips.keys() if old.zips.get(zip_) != new.zips.get(zip_))


def _name(seat: Seat | None) -> str:
    if seat is None or not seat.known:
        return "not known"
    return seat.holder.name if seat.holder else "vacant"


def _id(seat: Seat | None) -> str:
    return seat.holder.bioguide if seat and seat.holder else ""
