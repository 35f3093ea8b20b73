"""A page after the ZIP code: offices, ways to reach them, letters, and where each letter is. Reads only; `actions` and
`confirm` do what the page's forms ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from campaign.congress import new_congress, zip_match
from campaign.congress.zip_states import MILITARY
from campaign.letters import eligibility, office_hours
from campaign.letters.letters import KEPT_MS
from campaign.outreach.action_page.call_sheet import call_sheet
from campaign.outreach.action_page.context import PageContext, office_view
from campaign.outreach.action_page.form_task import form_task
from campaign.outreach.action_page.letter_preview import compare, preview
from campaign.outreach.action_page.letter_status import statuses
from campaign.outreach.action_page.view_state import UNSURE, PageName
from campaign.outreach.action_page.views import ActionPage, ClosedHouse, Finder, OfficeView, ReportedAction, Way
from campaign.outreach.routing import available_channels, lead_office, targets
from campaign.outreach.routing.available_channels import InstalledChannels
from campaign.outreach.transition import letter_decision
from campaign.outreach.transition.letter_decision import CongressNow

TEXT_DAYS = KEPT_MS // (24 * 3600 * 1000)
WRITTEN: frozenset[PageName] = frozenset(("letter", "form", "status", "done", "taken-back"))  # they show letters


def show(
    conn: Connection,
    context: PageContext,
    seat: str = "",
    typed: Mapping[str, str] | None = None,
    *,
    page: PageName | None = None,
) -> ActionPage:
    """What `page` shows; without it, what any page does. `seat`: the offices that were asked for, separated by spaces.

    `typed`: the form that was sent; letters are shortened to make room for the personal note in it.
    """
    visit, match, typed = context.visit, context.match, typed or {}
    campaign, supporter = visit.release.folder.campaign, visit.supporter
    opted_out = supporter is not None and bool(supporter.suppressed)
    channels = available_channels.installed(conn, campaign, opted_out=opted_out)
    congress = letter_decision.congress_now(conn, campaign, visit.now, known=context.roster)
    closed, wanted = _targets(context, congress)
    seats = seat.split()
    house = context.house_seat or next(filter(match.offers, (typed.get("house", ""), *seats)), "")
    eligible = tuple(eligibility.offices(match, wanted, house))
    offices = tuple(office_view(channels, context, target, why) for target, why in eligible if target.holder)
    chosen = "" if page == "names" else house  # on that page another name may be chosen
    choices = () if context.house_seat else eligibility.choices(match, wanted, chosen)
    candidates = tuple(office_view(channels, context, choice, "candidate") for choice in choices if choice.known)
    finder = _finder(context, candidates, closed)
    unsure = bool(candidates or finder) and typed.get("house") == UNSURE
    by_us = {office.seat for office in offices if office.by_us and office.by_us.channel != "packet"}
    lead = lead_office.lead(
        visit.release.folder,
        [target for target, _ in eligible if target.code not in by_us],
        now=visit.now,
        closed=bool(closed),
        unsure=bool(candidates),
    )
    made = ActionPage(
        campaign=visit.campaign_page,
        zip=match.whole_zip,
        own=context.own,
        first_name=visit.person.first_name if context.own else "",
        last_name=visit.person.last_name if context.own else "",
        offices=offices,
        candidates=candidates,
        warnings=tuple(_warnings(context, wanted, closed)),
        letters=(),
        preview=None,
        take_back=visit.settings.campaign.take_back,
        text_days=TEXT_DAYS,
        finder=finder,
        by_address=match.how == "address",
        statewide=match.statewide,
        closed=closed,
        opted_out=_opted_out(context),
        discreet=context.own and visit.person.discreet,
        other_zip=supporter is not None and not context.own,
        has_acted=bool(context.letters) or any(report.outcome != "chosen" for report in context.reports),
        now=visit.now,
        hours=office_hours.washington_now(visit.now),
        house=house or (UNSURE if unsure else ""),
        reported=tuple(_reported(channels, context)),
        lead=next((office for office in offices if lead and office.seat == lead.seat.code), None),
        lead_why=lead.why if lead else "",
    )
    if page is None or page in WRITTEN:
        made = replace(made, letters=statuses(conn, channels, context, congress, offices))
    return _with_office(context, made, seats, typed, page)


def _with_office(
    context: PageContext, made: ActionPage, seats: Collection[str], typed: Mapping[str, str], page: PageName | None
) -> ActionPage:
    """The same page with the office it is about, and with what it needs: letters, the form, the call."""
    free = [office for office in made.offices if not office.written and office.channel]
    asked = [office for office in free if office.seat in seats]
    waits = bool(made.candidates or made.finder) and not seats and made.house != UNSURE
    first = next(iter(asked), None) or (None if waits else made.lead if made.lead in free else next(iter(free), None))
    named = next((office for office in made.offices if office.seat in seats and not office.held), None)
    office = named or first
    made = replace(made, office=office, ways=_ways(office) if office else ())
    typed = {**typed, "by": "form"} if page == "form" else typed
    if page in (None, "letter", "form"):
        any_channel = bool(asked) and page != "letter"  # a letter for the office's own form may be saved
        ours = [] if waits else [choice for choice in asked or free if any_channel or choice.by_us]
        previews = [preview(context, choice, typed) for choice in ours]
        made = replace(made, previews=compare(previews))
    shown = office if office is not None and office.channel else first
    if page in (None, "offices", "form") and shown is not None:
        letter = preview(context, shown, typed)
        saved = next((one for one in made.letters if one.office.seat == shown.seat and one.text), None)
        made = replace(made, preview=letter, form=form_task(context, letter, story=typed.get("story", ""), saved=saved))
    if page in (None, "call", "done", "offices") and office is not None:
        made = replace(made, call=call_sheet(context, office.seat))
    return made


def _ways(office: OfficeView) -> tuple[Way, ...]:
    """How to reach an office, in the order of what finishes."""
    works: dict[Way, bool] = {
        "packet": office.on_paper is not None,
        "call": bool(office.phone) and not office.held,
        "form": office.own_form is not None and not office.held,
    }
    return tuple(way for way, possible in works.items() if possible)


def _targets(context: PageContext, congress: CongressNow) -> tuple[tuple[ClosedHouse, ...], frozenset[str]]:
    """The states whose House seats are closed here, and the seats this campaign writes to now."""
    visit, match = context.visit, context.match
    wanted = targets.seats(visit.release.folder.campaign, context.roster) if visit.is_open else frozenset[str]()
    house = (seat.code for state in congress.closed for seat in context.roster.house[state])
    shut = wanted & {code for code in house if congress.is_closed(code, by_address=match.how == "address")}
    closed = tuple(
        ClosedHouse(state, congress.closed[state].why, new_congress.begins(context.roster))
        for state in match.states
        if any(code[2:4] == state for code in shut)
    )
    return closed, wanted - shut


def _opted_out(context: PageContext) -> str:
    """Why nothing is sent in the supporter's name; without the ZIP code on file it reveals no reason."""
    reason = context.visit.supporter.suppressed if context.visit.supporter else ""
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


def _reported(channels: InstalledChannels, context: PageContext) -> Iterator[ReportedAction]:
    """The supporter's reports about offices that still have the same holder."""
    for report in context.reports:
        seat = context.roster.seats.get(report.seat)
        if seat is not None and seat.holder is not None and seat.holder.bioguide == report.holder:
            office = office_view(channels, context, seat, "district" if seat.house else "state")
            yield ReportedAction(office, report.way, report.outcome, report.at)


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
