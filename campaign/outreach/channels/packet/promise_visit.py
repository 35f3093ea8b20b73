"""Store that a named person will hand in packets at an office on a day; supporters are then offered a packet for it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from campaign.clock import WASHINGTON
from campaign.compose.campaign_folder import disk
from campaign.config import Settings
from campaign.congress import field_offices, roster
from campaign.congress.roster import Roster
from campaign.congress.terms import dawn
from campaign.delivery import campaigns
from campaign.errors import CampaignError
from campaign.formats import person_name
from campaign.letters import office_hours, promises
from campaign.letters.promises import CampaignVisits, PacketPromise
from campaign.model import Member
from campaign.store import engine
from campaign.store.engine import Database

CAPITAL = "Washington"


def promise(
    database: Database, settings: Settings, seat: str, *, by: str, on: date, city: str = "", slug: str = ""
) -> tuple[str, PacketPromise]:
    """Store the promise, in the place of one for the same office and day; the campaign's slug and what was stored.

    `city`: of a field office; "": Washington. `slug` may be "" where only one campaign is open. Raises CampaignError
    for a seat without a holder, a name that is none, a city without an office, and a day on which offices are closed,
    that has passed or that is after the campaign.
    """
    by = person_name(by)
    with database.begin() as conn:
        now = engine.now(conn)
        slug, closes_at = _campaign(conn, settings, slug, now)
        congress = roster.at(conn, now)
        holder = _holder(congress, seat)
        _check_day(on, now, closes_at)
        visit = PacketPromise(seat, holder.bioguide, by, on.isoformat(), _city(congress, holder, city))
        promises.make(conn, slug, visit, now)
    return slug, visit


def cancel(
    database: Database, settings: Settings, seat: str, *, on: date | None = None, slug: str = ""
) -> CampaignVisits:
    """Cancel a visit; its letters stay, to be printed for another one. Returns what is left.

    Raises CampaignError when there is none, or several and no day.
    """
    with database.begin() as conn:
        now = engine.now(conn)
        slug, _ = _campaign(conn, settings, slug, now)
        days = [visit.day for visit in promises.upcoming(conn, slug, now).get(seat, ())]
        chosen = [day for day in days if on is None or day == on.isoformat()]
        if not chosen:
            raise CampaignError(
                f"no visit to {seat} is promised", do=f"List them: campaign packet promises --campaign {slug}"
            )
        if len(chosen) > 1:
            raise CampaignError(f"several visits to {seat} are promised", do=f"Give --on: {', '.join(days)}")
        promises.cancel(conn, slug, seat, chosen[0], now)
        return _visits(conn, slug, now)


def list_visits(database: Database, settings: Settings, slug: str = "") -> CampaignVisits:
    """The visits ahead, and the letters for packets. `slug` may be "" where only one campaign is open."""
    with database.read() as conn:
        now = engine.now(conn)
        return _visits(conn, _campaign(conn, settings, slug, now)[0], now)


def _visits(conn: Connection, slug: str, now: int) -> CampaignVisits:
    launched = campaigns.find(conn, slug)
    return promises.visits(conn, slug, launched.id if launched else None, now)


def _campaign(conn: Connection, settings: Settings, slug: str, now: int) -> tuple[str, int]:
    """The slug and the end (ms) of the campaign: launched, or a folder."""
    ends = {launched.slug: launched.closes_at for launched in campaigns.every(conn)}
    if not slug:
        folders = {marker.parent.name for marker in settings.templates.glob(f"*/{disk.MARKER}")}
        running = sorted(name for name, end in ends.items() if end > now) or sorted(folders - ends.keys())
        if len(running) != 1:
            do = f"Give --campaign: {', '.join(running)}" if running else "Give --campaign SLUG."
            raise CampaignError("which campaign's letters?", do=do)
        slug = running[0]
    return slug, ends[slug] if slug in ends else disk.load(settings.templates, slug).campaign.closes


def _holder(congress: Roster, code: str) -> Member:
    if code not in congress.seats:
        raise CampaignError(f"there is no seat {code}", do="Write H:NC:12, H:AK:0 (at large) or S:OH:3.")
    holder = congress.seats[code].holder
    if holder is None:
        raise CampaignError(f"no one is known to hold {code}")
    return holder


def _check_day(on: date, now: int, closes_at: int) -> None:
    today = datetime.fromtimestamp(now / 1000, WASHINGTON).date()
    if on < today:
        raise CampaignError(f"is {on}, which has passed", where="--on", do=f"Give a day from {today} on.")
    if dawn(on.isoformat()) >= closes_at:
        last = datetime.fromtimestamp((closes_at - 1) / 1000, WASHINGTON).date()
        raise CampaignError(f"is {on}, and the campaign ends on {last}", where="--on", do="Give an earlier day.")
    if not office_hours.is_working(on):
        what = f"is {on:%A}, {on}: offices are closed on weekends and federal holidays"
        raise CampaignError(what, where="--on", do="Give a working day.")


def _city(congress: Roster, holder: Member, city: str) -> str:
    """The city as the data writes it."""
    offices = field_offices.of(congress).get(holder.bioguide)
    cities = [CAPITAL, *(office.city for office in (offices.home if offices else ()))]
    wanted = " ".join(city.split()).casefold() or CAPITAL.casefold()
    for known in cities:
        if known.casefold() == wanted:
            return known
    do = f"Offices of {holder.name}: {', '.join(dict.fromkeys(cities))}"
    raise CampaignError(f"{holder.name} has no office in {city!r}", where="--at", do=do)
