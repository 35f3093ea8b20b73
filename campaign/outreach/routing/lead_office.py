"""Of the offices that we email or submit no letters to, the one a supporter is asked to reach first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.messages import letter
from campaign.model import Seat

WhySenator = Literal["", "signed_on", "supports", "leaving", "vacant", "closed", "unsure"]


@dataclass(frozen=True, slots=True)
class LeadOffice:
    """The first office. `why` a senator is first and not the representative; "": it is the representative, or no House
    seat was among the offices. "supports": not on the bill, but the organizer wrote down that they support it.
    """

    seat: Seat
    why: WhySenator


def lead(folder: Folder, offices: Sequence[Seat], *, now: int, closed: bool, unsure: bool) -> LeadOffice | None:
    """The office that comes first at `now` (ms); None where no office can be reached.

    `offices`: the supporter's, in page order, without those that we deliver to. `closed`: their House seat waits for
    the new Congress. `unsure`: they don't know which of several districts is theirs. A senator who is asked comes
    before one who is thanked or leaving. Without a senator, the representative is first whatever they did.
    """
    open_offices = [seat for seat in offices if seat.holder is not None and not letter.is_on_hold(folder, seat)]
    senators = [seat for seat in open_offices if not seat.house]
    senators.sort(key=lambda seat: bool(_reason(folder, seat, now)))
    house = next((seat for seat in offices if seat.house), None)
    why: WhySenator = "unsure" if unsure else "closed" if closed else _reason(folder, house, now) if house else ""
    representative = house if house in open_offices and not (unsure or closed) else None
    if representative is not None and not (why and senators):
        return LeadOffice(representative, "")
    return LeadOffice(senators[0], why) if senators else None


def _reason(folder: Folder, seat: Seat, now: int) -> WhySenator:
    """Why this seat's holder need not be asked now; "" when they should be, or get nothing at all."""
    if seat.holder is None:
        return "vacant" if seat.vacant else "closed"
    if letter.is_on_hold(folder, seat):
        return ""
    if letter.ask_variant(folder, seat, now) == "signed_on":
        return "signed_on"
    if letter.variant(folder, seat, now).startswith("thanks-"):
        return "supports"
    return "leaving" if letter.is_leaving(folder, seat) else ""
