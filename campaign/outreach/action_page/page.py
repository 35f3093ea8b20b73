"""A supporter's page after the ZIP code: offices, the letter as one office will get it, and where each letter is.
Reads only; `actions` and `confirm` do what the page's forms ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection

from campaign.congress import new_congress, zip_match
from campaign.congress.zip_states import MILITARY
from campaign.letters import eligibility
from campaign.letters.letters import KEPT_MS
from campaign.outreach.action_page.call_sheet import call_sheet
from campaign.outreach.action_page.context import PageContext, office_view
from campaign.outreach.action_page.letter_preview import preview
from campaign.outreach.action_page.letter_status import statuses
from campaign.outreach.action_page.views import ActionPage, ClosedHouse, Finder, OfficeView, ReportedCall
from campaign.outreach.routing import available_channels, targets
from campaign.outreach.routing.available_channels import InstalledChannels
from campaign.outreach.transition import letter_decision
from campaign.outreach.transition.letter_decision import CongressNow

TEXT_DAYS = KEPT_MS // (24 * 3600 * 1000)


def show(conn: Connection, context: PageContext, seat: str = "", typed: Mapping[str, str] | None = None) -> ActionPage:
    """The page. `seat`: the office that was asked for; "" for the first one without a letter.

    `typed`: the form that was sent; the letter is shortened to make room for the personal note in it.
    """
    visit, match = context.visit, context.match
    campaign, supporter = visit.release.folder.campaign, visit.supporter
    channels = available_channels.installed(conn, campaign, opted_out=bool(supporter.suppressed))
    congress = letter_decision.congress_now(conn, campaign, visit.now)
    closed, wanted = _targets(context, congress)
    house = context.house_seat or (seat if match.offers(seat) else "")
    eligible = eligibility.offices(match, wanted, house)
    offices = [office_view(channels, context, target, why) for target, why in eligible if target.holder]
    choices = () if context.house_seat else eligibility.choices(match, wanted, seat)
    candidates = tuple(office_view(channels, context, choice, "candidate") for choice in choices if choice.known)
    finder = _finder(context, candidates, closed)
    free = [office for office in offices if not office.written and office.channel]
    asked = next((office for office in free if office.seat == seat), None)
    first = asked or (None if (candidates or finder) and not seat else next(iter(free), None))
    called = next((office for office in offices if office.seat == seat and not office.held), first)
    return ActionPage(
        campaign=visit.campaign_page,
        zip=match.whole_zip,
        own=context.own,
        first_name=supporter.first_name if context.own else "",
        last_name=supporter.last_name if context.own else "",
        offices=tuple(offices),
        candidates=candidates,
        warnings=tuple(_warnings(context, wanted, closed)),
        letters=statuses(conn, channels, context, congress, offices),
        preview=preview(context, first, typed or {}) if first else None,
        take_back=visit.settings.campaign.take_back,
        text_days=TEXT_DAYS,
        call=call_sheet(context, called.seat) if called else None,
        called=tuple(_calls(channels, context)),
        finder=finder,
        by_address=match.how == "address",
        statewide=match.statewide,
        closed=closed,
        opted_out=_opted_out(context),
    )


def _targets(context: PageContext, congress: CongressNow) -> tuple[tuple[ClosedHouse, ...], frozenset[str]]:
    """The states whose House seats are closed here, and the seats this campaign writes to now."""
    visit, match = context.visit, context.match
    wanted = targets.seats(visit.release.folder.campaign, context.roster) if visit.is_open else frozenset[str]()
    shut = frozenset(code for code in wanted if congress.is_closed(code, by_address=match.how == "address"))
    closed = tuple(
        ClosedHouse(state, congress.closed[state].why, new_congress.begins(context.roster))
        for state in match.states
        if any(code[2:4] == state for code in shut)
    )
    return closed, wanted - shut


def _opted_out(context: PageContext) -> str:
    """Why nothing is sent in the supporter's name; without the ZIP code on file it reveals no reason."""
    reason = context.visit.supporter.suppressed
    if not reason:
        return ""
    if not context.own:
        return "link"
    return "bounced" if reason == "bounced" else "unsubscribed"


def _finder(context: PageContext, candidates: Collection[OfficeView], closed: Collection[ClosedHouse]) -> Finder | None:
    """Offer the street lookup: the operator has switched it on, and the ZIP on file does not settle the district."""
    visit, match, roster = context.visit, context.match, context.roster
    if not (visit.settings.matching.geocoder and context.own and visit.is_open) or context.house_seat:
        return None
    if any(state.why == "members" for state in closed) or zip_match.state_without_members(match.zip):
        return None
    states = roster.unmapped.get(match.zip, ())
    unmapped = any(seat.house and seat.state in states and seat.holder for seat in roster.seats.values())
    return Finder() if candidates or unmapped or not match.states else None


def _calls(channels: InstalledChannels, context: PageContext) -> Iterator[ReportedCall]:
    """The reported calls to offices that still have the same holder."""
    for call in context.calls:
        seat = context.roster.seats.get(call.seat)
        if seat is not None and seat.holder is not None and seat.holder.bioguide == call.holder:
            office = office_view(channels, context, seat, "district" if seat.house else "state")
            yield ReportedCall(office, call.outcome, call.at)


def _warnings(context: PageContext, wanted: Collection[str], closed: Collection[ClosedHouse]) -> list[str]:
    """Keys of `[warning]` in words.toml."""
    match, visit = context.match, context.visit
    if not match.states:
        postal = zip_match.state_without_members(match.zip)
        return ["unknown-zip" if not postal else "military-zip" if postal in MILITARY else "foreign-zip"]
    warnings = []
    if len(match.states) == 1 and not match.senators:
        warnings.append("no-senators")
    house = () if closed else (match.representative, *match.candidates)  # `closed` explains the House
    if not (closed or any(house)) or not all(seat.known for seat in (*house, *match.senators) if seat):
        return [*warnings, "unknown-seat"]
    if visit.is_open and not eligibility.reaches(match, wanted) and visit.release.folder.campaign.committees:
        return [*warnings, "no-committee"]
    if not closed and match.representative is not None and match.representative.holder is None:
        warnings.append("vacant-house")
    return warnings
