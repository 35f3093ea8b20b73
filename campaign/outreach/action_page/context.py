"""Everything a supporter's page needs after the ZIP code, read in the visit's transaction. Reads only, except that a
wrong ZIP code is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from campaign.compose.messages import letter as texts
from campaign.congress import new_congress, representatives, roster
from campaign.congress.roster import Roster
from campaign.errors import CampaignError
from campaign.formats import ZIP_CODE
from campaign.letters import eligibility, reported
from campaign.letters import letters as letter_records
from campaign.letters.letters import Letter
from campaign.letters.reported import Report
from campaign.model import Match, Seat
from campaign.outreach.action_page.views import OfficeView
from campaign.outreach.action_page.visit import Visit
from campaign.outreach.routing import available_channels
from campaign.outreach.routing.available_channels import InstalledChannels
from campaign.supporters import guesses


class WrongZip(CampaignError):
    """The text in the form is not a ZIP code."""


class TooManyGuesses(CampaignError):
    """Too many wrong ZIP codes were entered for this link. `wait`: seconds until the next try."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__("too many wrong ZIP codes were entered for this link", do=f"Try again in {wait} seconds.")


@dataclass(frozen=True, slots=True)
class PageContext:
    """A visit with its ZIP code. `own`: the ZIP code is the one on file, so the supporter's own data may be shown.
    Never on the open page.
    """

    visit: Visit
    roster: Roster
    match: Match
    own: bool
    house_seat: str  # the House seat this supporter wrote to or called; "" for none
    letters: tuple[Letter, ...]
    reports: tuple[Report, ...]


def check_zip(conn: Connection, visit: Visit, form: Mapping[str, str]) -> PageContext:
    """The context for the ZIP code in the form; a wrong one is counted. Call it once per request.

    Raises WrongZip, and TooManyGuesses whatever the ZIP code.
    """
    typed = form.get("zip", "").strip()
    if not ZIP_CODE.fullmatch(typed):
        raise WrongZip("a ZIP code has five digits")
    if visit.supporter is not None:
        _count_guess(conn, visit, typed[:5])
    return load_context(conn, visit, typed)


def _count_guess(conn: Connection, visit: Visit, digits: str) -> None:
    whose = (visit.campaign.id, visit.person.id)
    if digits == visit.person.zip:
        until = guesses.blocked_until(conn, *whose, visit.now)
    else:
        until = guesses.count_wrong_zip(conn, visit.keys, *whose, zip_code=digits, now=visit.now)
    if until is not None:
        raise TooManyGuesses(-(-(until - visit.now) // 1000))


def load_context(conn: Connection, visit: Visit, zip_code: str) -> PageContext:
    """The context for a ZIP code that was checked before; again after each change."""
    supporter, now = visit.supporter, visit.now
    own = supporter if supporter is not None and supporter.zip == zip_code[:5] else None
    letters = tuple(letter_records.by_supporter(conn, visit.campaign.id, own.id)) if own else ()
    reports = tuple(reported.by_supporter(conn, visit.campaign.id, own.id)) if own else ()
    seats = roster.at(conn, now)
    named = [*(letter.seat for letter in letters if not letter.withdrawn), *(report.seat for report in reports)]
    match = representatives.match(conn, seats, zip_code, place=own.place if own else None, named=named, now=now)
    return PageContext(
        visit=visit,
        roster=seats,
        match=match,
        own=own is not None,
        house_seat=next((code for code in named if match.offers(code)), ""),
        letters=letters,
        reports=reports,
    )


def seat_of(context: PageContext, code: str) -> Seat | None:
    """The seat, if this supporter may write to it now: its holder is known, the campaign has not put the holder on
    hold, and its state is not closed while a new House becomes known.
    """
    if eligibility.match_basis(context.match, code, context.house_seat) is None:
        return None
    seat = context.roster.seats.get(code)
    closed = new_congress.closed(context.roster)
    if new_congress.is_closed(closed, code, by_address=context.match.how == "address"):
        return None
    if seat is None or seat.holder is None or texts.is_on_hold(context.visit.release.folder, seat):
        return None
    return seat


def office_view(channels: InstalledChannels, context: PageContext, seat: Seat, why: str) -> OfficeView:
    """One office as the page shows it. `why` the supporter may write there: a key of `[why]` in words.toml."""
    holder = seat.holder
    written = any(
        letter.seat == seat.code and not letter.withdrawn and holder is not None and letter.holder == holder.bioguide
        for letter in context.letters
    )
    return OfficeView(
        seat=seat.code,
        name=holder.name if holder else "",
        house=seat.house,
        state=seat.state,
        district=seat.district,
        why=why,
        options=available_channels.options_for(channels, seat),
        written=written,
        phone=holder.phone if holder else "",
        url=holder.url if holder else "",
        vacant=holder is None,
        warning=seat.warning,
        gender=holder.gender if holder else "",
        held=texts.is_on_hold(context.visit.release.folder, seat),
        form=holder.form if holder else "",
        last_name=holder.last_name if holder else "",
    )
