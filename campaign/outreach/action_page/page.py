"""What a supporter's page shows after the ZIP code: offices, the letter as one will get it, and where letters are.

Reads only. `outreach/act` does what the page asks for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection

from campaign.config import Settings
from campaign.congress import new_congress, zip_match
from campaign.congress.zip_states import MILITARY
from campaign.keys import Keys
from campaign.letters import eligibility
from campaign.letters.letters import KEPT_MS
from campaign.outreach.action_page.call_sheet import CallSheet
from campaign.outreach.action_page.call_sheet import call_sheet as call_sheet
from campaign.outreach.action_page.context import PageContext
from campaign.outreach.action_page.context import office as known_office
from campaign.outreach.action_page.letter_preview import CONSENT, preview
from campaign.outreach.action_page.letter_status import statuses
from campaign.outreach.action_page.views import ActionPage, ClosedHouse, Finder, OfficeView, ReportedCall
from campaign.outreach.routing import available_channels, targets
from campaign.outreach.routing.available_channels import InstalledChannels
from campaign.outreach.transition import pending_letters

TEXT_DAYS = KEPT_MS // (24 * 3600 * 1000)


def show(
    conn: Connection,
    keys: Keys,
    settings: Settings,
    known: PageContext,
    lang: str,
    seat: str = "",
    typed: Mapping[str, str] | None = None,
) -> ActionPage:
    """The page. `seat`: the office that the person asked for; without it the first one that has no letter yet.

    `typed`: the form, when one came; the letter is made to have room for the words in it.
    """
    campaign = known.release.folder.campaign
    here = available_channels.installed(conn, campaign, opted_out=bool(known.person.suppressed))
    scene = pending_letters.congress_now(conn, campaign, known.now)
    wanted = targets.seats(campaign, known.roster) if known.is_open else frozenset[str]()
    by_address = known.match.how == "address"
    closed = tuple(
        ClosedHouse(state, scene.closed[state].why, new_congress.begins(known.roster))
        for state in known.match.states
        if any(code[2:4] == state and scene.is_closed(code, by_address=by_address) for code in wanted)
    )
    wanted = frozenset(code for code in wanted if not scene.is_closed(code, by_address=by_address))
    house = known.house_seat or (seat if known.match.offers(seat) else "")
    mine = [
        known_office(here, known, one, why)
        for one, why in eligibility.offices(known.match, wanted, house)
        if one.holder
    ]
    choices = () if known.house_seat else eligibility.choices(known.match, wanted, seat)
    candidates = tuple(known_office(here, known, one, "candidate") for one in choices if one.known)
    free = [office for office in mine if not office.written and office.channel]
    asked = next((office for office in free if office.seat == seat), None)
    finder = _finder(settings, known, candidates, closed)
    first = asked or (None if (candidates or finder) and not seat else next(iter(free), None))
    rung = next((office for office in mine if office.seat == seat and not office.held), first)
    return ActionPage(
        known.page,
        known.match.whole_zip,
        known.own,
        known.person.first_name if known.own else "",
        known.person.last_name if known.own else "",
        tuple(mine),
        candidates,
        tuple(_warnings(known, wanted, closed)),
        statuses(conn, here, keys, known, scene, mine, lang),
        preview(keys, known, first, lang, typed or {}) if first else None,
        CONSENT,
        settings.campaign.take_back,
        TEXT_DAYS,
        _call(known, rung.seat, lang) if rung else None,
        tuple(_called(here, known)),
        finder,
        by_address,
        known.match.statewide,
        closed,
        _opted_out(known),
    )


def _opted_out(known: PageContext) -> str:
    """Why nothing is sent in the supporter's name. Without the ZIP code on file, nothing about the supporter."""
    if not known.person.suppressed:
        return ""
    if not known.own:
        return "link"
    return "bounced" if known.person.suppressed == "bounced" else "unsubscribed"


def _finder(
    settings: Settings, known: PageContext, candidates: tuple[OfficeView, ...], closed: Collection[ClosedHouse]
) -> Finder | None:
    """Where the ZIP on file does not tell the representative, a street could, and the operator has switched it on."""
    if not (settings.matching.geocoder and known.own and known.is_open) or known.house_seat:
        return None
    if any(one.why == "members" for one in closed) or zip_match.without_members(known.match.zip):
        return None
    states = known.roster.unmapped.get(known.match.zip, ())
    unmapped = any(one.house and one.state in states and one.holder for one in known.roster.seats.values())
    return Finder() if candidates or unmapped or not known.match.states else None


def _call(known: PageContext, code: str, lang: str) -> CallSheet | None:
    seats = known.roster
    return call_sheet(known.release, seats, seats.seats[code], known.match.zip, lang, known.calls, known.now)


def _called(here: InstalledChannels, known: PageContext) -> Iterator[ReportedCall]:
    """What was said of calls to offices whose holder has not changed since."""
    for one in known.calls:
        seat = known.roster.seats.get(one.seat)
        if seat is not None and seat.holder is not None and seat.holder.bioguide == one.holder:
            office = known_office(here, known, seat, "district" if seat.house else "state")
            yield ReportedCall(office, one.outcome, one.at)


def _warnings(known: PageContext, wanted: Collection[str], closed: Collection[ClosedHouse]) -> list[str]:
    mine = known.match
    if not mine.states:
        postal = zip_match.without_members(mine.zip)
        return ["unknown-zip" if not postal else "military-zip" if postal in MILITARY else "foreign-zip"]
    found = []
    if len(mine.states) == 1 and not mine.senators:
        found.append("no-senators")
    house = () if closed else (mine.representative, *mine.candidates)  # `closed` says it of the House
    if not (closed or any(house)) or not all(seat.known for seat in (*house, *mine.senators) if seat):
        return [*found, "unknown-seat"]
    if known.is_open and not eligibility.reaches(mine, wanted) and known.release.folder.campaign.committees:
        return [*found, "no-committee"]
    if not closed and mine.representative is not None and mine.representative.holder is None:
        found.append("vacant-house")
    return found
