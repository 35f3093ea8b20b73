"""Which seats a campaign writes to, by its rule. Who writes to one is always represented by it."""

from __future__ import annotations

from campaign.compose.folder import Campaign
from campaign.congress.roster import Roster


def seats(campaign: Campaign, roster: Roster) -> frozenset[str]:
    """The codes of the seats that the campaign's rule names, vacant ones too."""
    return frozenset(
        seat.code for seat in roster.seats.values() if ("house" if seat.house else "senate") in campaign.targets
    )
