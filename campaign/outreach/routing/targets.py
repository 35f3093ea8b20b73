"""Which seats a campaign writes to, by its rule. Who writes to one is always represented by it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

from campaign.compose.campaign_folder.folder import CHAMBERS, CampaignConfig, Folder
from campaign.compose.messages import letter
from campaign.congress import committees
from campaign.congress.roster import Roster
from campaign.errors import CampaignError


def seats(campaign: CampaignConfig, roster: Roster) -> frozenset[str]:
    """The codes of the seats that the campaign's rule names: vacant ones too, but in committees."""
    return _seats(roster, campaign.committees, campaign.targets)


@lru_cache(maxsize=32)
def _seats(roster: Roster, codes: tuple[str, ...], chambers: tuple[str, ...]) -> frozenset[str]:
    if codes:
        return committees.seats(roster, codes)
    letters = tuple(CHAMBERS[chamber] for chamber in chambers)
    return frozenset(code for code in roster.seats if code.startswith(letters))


def seats_on_hold(folder: Folder, roster: Roster) -> frozenset[str]:
    """The seats whose holder gets no letter, because of a position that an organizer wrote down."""
    return frozenset(seat.code for seat in roster.seats.values() if letter.is_on_hold(folder, seat))


def findings(folder: Folder, roster: Roster) -> Iterator[CampaignError]:
    """What is wrong with the rule, and with positions of people who hold no seat."""
    campaign, where = folder.campaign, "campaign.toml committees"
    known = committees.of(roster)
    if campaign.committees and committees.ended(roster):
        yield CampaignError(
            "the Congress of these committees has ended, so they have no members",
            where=where,
            do="Load the new ones: campaign congress sync --from DIR",
        )
    else:
        for code in (code for code in campaign.committees if code not in known):
            near = ", ".join(f"{one} ({known[one].name})" for one in get_close_matches(code, known, n=3, cutoff=0.5))
            yield CampaignError(f"there is no committee {code}", where=where, do=f"Perhaps: {near or 'another code'}.")
        if not seats(campaign, roster):
            yield CampaignError("the rule names no seat", where=where, do="Name committees that have members.")
    if not all(seat.known for seat in roster.seats.values()):
        return  # between two Congresses it is not known who has left
    sitting = {seat.holder.bioguide for seat in roster.seats.values() if seat.holder}
    for row in folder.positions.rows.values():
        if row.bioguide not in sitting:
            do = "Look up the id on congress.gov, or remove the row."
            yield CampaignError(f"{row.bioguide} holds no seat: unknown, or has left office", where=row.where, do=do)
