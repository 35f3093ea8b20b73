"""Which offices Congress's own intake serves from here: both gateways' lists, fetched once a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp
import structlog
from sqlalchemy import Connection

from campaign.config import Settings
from campaign.congress import roster
from campaign.delivery.cwc import client, codes, gateways, message
from campaign.delivery.cwc.client import Gateway
from campaign.delivery.cwc.codes import CHAMBERS, Chamber
from campaign.delivery.cwc.gateways import ServedOffices
from campaign.delivery.sender import Sender
from campaign.errors import CampaignError
from campaign.store import engine

log = structlog.get_logger()

DAY_MS = 24 * 3600 * 1000
STALE_MS = 3 * DAY_MS  # an older office list is not trusted
OFF = "Congress's own system (CWC) is not configured here"
TESTS = "CWC is set to its test environment here, which reaches no office"
NOT_LISTED = "the office is not on CWC's list"
OPEN = "CWC takes letters from here"


@dataclass(frozen=True, slots=True)
class RefreshedList:
    """One gateway after its office list was fetched. `problem`: why it is not used, "" when it is."""

    chamber: Chamber
    environment: str
    offices: int
    problem: str = ""


def configured(settings: Settings) -> dict[Chamber, Gateway]:
    """The gateways with settings and a key."""
    cwc, environment = settings.cwc, settings.cwc.environment
    if not environment:
        return {}
    urls = {"house": cwc.house_url, "senate": cwc.senate_url}
    return {
        chamber: Gateway(
            chamber, environment, urls[chamber] or client.HOSTS[chamber][environment], settings.cwc_keys[chamber]
        )
        for chamber in CHAMBERS
        if settings.cwc_keys.get(chamber)
    }


def accepts(served: Mapping[str, ServedOffices], seat: str) -> tuple[bool, str]:
    """Whether the intake takes letters to this seat from here, and why (not)."""
    gateway = served.get(codes.chamber(seat))
    if gateway is None:
        return False, OFF
    if gateway.off:
        return False, f"CWC is not used: {gateway.off}"
    if gateway.environment != "production":
        return False, TESTS
    return (True, OPEN) if codes.office(seat) in gateway.offices else (False, NOT_LISTED)


def refresh(
    sender: Sender, *, force: bool = False, now: Callable[[Connection], int] = engine.now
) -> list[RefreshedList]:
    """Fetch the office lists that are a day old, and those of gateways that are off; with `force` all. Forget gateways
    that are no longer configured. Safe to run concurrently and repeatedly.
    """
    wanted = configured(sender.settings)
    with sender.database.read() as conn:
        served, at = gateways.every(conn), now(conn)
    outdated = [gateway for gateway in wanted.values() if force or _is_outdated(gateway, served, at)]
    if not outdated and served.keys() <= wanted.keys():
        return []
    lists = [sender.runner.run(_offices(sender.session, gateway)) for gateway in outdated]
    with sender.database.begin() as conn:
        for chamber in served.keys() - wanted.keys():
            gateways.drop(conn, chamber)
        return [
            _keep(conn, gateway, served.get(gateway.chamber), offices, at)
            for gateway, offices in zip(outdated, lists, strict=True)
        ]


def _is_outdated(gateway: Gateway, served: Mapping[str, ServedOffices], now: int) -> bool:
    last = served.get(gateway.chamber)
    if last is None or last.environment != gateway.environment:
        return True
    return bool(last.off) or last.fetched_at < now - DAY_MS


async def _offices(session: aiohttp.ClientSession, gateway: Gateway) -> tuple[str, ...] | str:
    """The list, or why there is none."""
    if not message.installed():
        return message.MISSING
    try:
        return await client.offices(session, gateway)
    except CampaignError as error:
        return f"{error.where}: {error.what}"


def _keep(
    conn: Connection, gateway: Gateway, last: ServedOffices | None, offices: tuple[str, ...] | str, now: int
) -> RefreshedList:
    """Store a list; without one, why: the gateway is switched off once its last list is too old."""
    chamber, environment = gateway.chamber, gateway.environment
    if not isinstance(offices, str):
        gateways.keep(conn, chamber, environment, offices, now)
        return RefreshedList(chamber, environment, len(offices))
    why = offices
    log.warning("no_office_list", chamber=chamber, reason=why)
    if last is None or last.environment != environment:
        gateways.keep(conn, chamber, environment, (), now)
        gateways.close(conn, chamber, why)
    elif last.fetched_at < now - STALE_MS or why == message.MISSING:
        gateways.close(conn, chamber, why)
    return RefreshedList(chamber, environment, len(last.offices) if last else 0, why)


@dataclass(frozen=True, slots=True)
class SeatIntake:
    """One office: whether the intake takes letters to it from here, and why (not)."""

    seat: str
    code: str
    chamber: Chamber
    takes: bool
    why: str


def list_served(conn: Connection) -> list[SeatIntake]:
    """Every seat, in the order of the codes."""
    served, seats = gateways.every(conn), roster.at(conn, engine.now(conn)).seats
    rows = []
    for seat in sorted(seats):
        takes, why = accepts(served, seat)
        rows.append(SeatIntake(seat, code=codes.office(seat), chamber=codes.chamber(seat), takes=takes, why=why))
    return rows
