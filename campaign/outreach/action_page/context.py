"""All that is known of a person, a ZIP code and now: what every page of theirs is made from. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from campaign.compose.messages import letter as texts
from campaign.compose.rendering import release as releases
from campaign.compose.rendering.release import Release
from campaign.congress import new_congress, representatives, roster
from campaign.congress.roster import Roster
from campaign.delivery.campaigns import Campaign
from campaign.letters import calls, eligibility
from campaign.letters import letters as letter_records
from campaign.letters.calls import Call
from campaign.letters.letters import Letter
from campaign.model import Match, Seat
from campaign.outreach.action_page.views import CampaignPage, OfficeView
from campaign.outreach.routing import available_channels
from campaign.outreach.routing.available_channels import InstalledChannels
from campaign.supporters.people import SupporterRow


@dataclass(frozen=True, slots=True)
class PageContext:
    """All that the pages of one person are made from, read in one transaction."""

    campaign: Campaign
    release: Release
    person: SupporterRow
    page: CampaignPage
    roster: Roster
    match: Match
    own: bool
    house_seat: str  # the one that this person has named: wrote to, or called
    letters: tuple[Letter, ...]
    calls: tuple[Call, ...]
    now: int
    is_open: bool  # letters may still be confirmed


def load_context(
    conn: Connection,
    campaign: Campaign,
    person: SupporterRow,
    page: CampaignPage,
    zip_code: str,
    now: int,
    *,
    is_open: bool,
) -> PageContext:
    """Everything about this person, this ZIP code and now."""
    own = person.zip == zip_code[:5]
    letters = tuple(letter_records.by_supporter(conn, campaign.id, person.id)) if own else ()
    told = tuple(calls.by_supporter(conn, campaign.id, person.id)) if own else ()
    seats = roster.at(conn, now)
    named = [*(one.seat for one in letters if not one.withdrawn), *(one.seat for one in told)]
    found = representatives.match(conn, seats, zip_code, person.place if own else None, named, now)
    house = next((code for code in named if found.offers(code)), "")
    return PageContext(
        campaign,
        releases.load(conn, campaign.release),
        person,
        page,
        seats,
        found,
        own,
        house,
        letters,
        told,
        now,
        is_open,
    )


def seat_of(known: PageContext, code: str) -> Seat | None:
    """The seat, when this person may write to it now: its holder is known, its state is not closed while a new House
    becomes known, and the campaign has not put the holder on hold.
    """
    if eligibility.match_basis(known.match, code, known.house_seat) is None:
        return None
    seat = known.roster.seats.get(code)
    if new_congress.is_closed(new_congress.closed(known.roster), code, by_address=known.match.how == "address"):
        return None
    if seat is None or seat.holder is None or texts.is_on_hold(known.release.folder, seat):
        return None
    return seat


def office(here: InstalledChannels, known: PageContext, seat: Seat, why: str) -> OfficeView:
    holder = seat.holder
    return OfficeView(
        seat=seat.code,
        name=holder.name if holder else "",
        house=seat.house,
        state=seat.state,
        district=seat.district,
        why=why,
        ways=available_channels.options_for(here, seat),
        written=any(
            one.seat == seat.code and not one.withdrawn and holder is not None and one.holder == holder.bioguide
            for one in known.letters
        ),
        phone=holder.phone if holder else "",
        url=holder.url if holder else "",
        vacant=holder is None,
        warning=seat.warning,
        gender=holder.gender if holder else "",
        held=texts.is_on_hold(known.release.folder, seat),
        form=holder.form if holder else "",
    )


def page_of(campaign: Campaign, release: Release, locale: str, now: int, *, expired: bool) -> CampaignPage:
    """The page of a campaign, with the facts that say why, as far as they have not expired."""
    organization, facts = release.folder.campaign.organization, release.folder.facts
    why = [facts[key] for key in release.folder.campaign.why]
    valid = [fact for fact in why if fact.expires is None or now < fact.expires]
    return CampaignPage(
        campaign.slug,
        dict(release.folder.campaign.title),
        organization.legal_name,
        organization.postal_address,
        organization.reply_to,
        locale,
        expired,
        {lang: tuple((fact.text[lang], fact.cite[lang]) for fact in valid) for lang in release.folder.campaign.locales},
    )
