"""The gateways of Congress's own intake: which are open, which offices they reach, and one message to one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp
import structlog
from sqlalchemy import Connection

from campaign.config import Settings
from campaign.congress import roster
from campaign.delivery.cwc import client, codes, gateways, hours, message
from campaign.delivery.cwc.client import Gateway, Pace
from campaign.delivery.cwc.codes import CHAMBERS, Chamber
from campaign.delivery.cwc.gateways import ServedOffices
from campaign.delivery.transport import Answer, NoAnswer, Stop, TryLater
from campaign.errors import CampaignError
from campaign.store import engine
from campaign.store.engine import Database

log = structlog.get_logger()

DAY_MS = 24 * 3600 * 1000
STALE_MS = 3 * DAY_MS  # a list of offices that is older is not believed
OFF = "Congress's own intake is not configured here"
TESTS = "Congress's own intake is in its test environment here, which reaches no office"
NOT_LISTED = "the office is not on the intake's list"
OPEN = "Congress's own intake takes letters from here"
NEVER = (client.UNUSED, client.REFUSED_AGAIN)  # what a person must look at


@dataclass(frozen=True, slots=True)
class Refreshed:
    """One gateway after a look at its list of offices. `problem`: why it is not used, "" when all is well."""

    chamber: Chamber
    environment: str
    offices: int
    problem: str = ""


def configured(settings: Settings) -> dict[Chamber, Gateway]:
    """The gateways for which there are settings and a key."""
    found, environment = settings.cwc, settings.cwc.environment
    if not environment:
        return {}
    urls = {"house": found.house_url, "senate": found.senate_url}
    return {
        chamber: Gateway(
            chamber, environment, urls[chamber] or client.HOSTS[chamber][environment], settings.cwc_keys[chamber]
        )
        for chamber in CHAMBERS
        if settings.cwc_keys.get(chamber)
    }


def accepts(known: Mapping[str, ServedOffices], seat: str) -> tuple[bool, str]:
    """Whether the intake takes letters to this seat from here, and why (not)."""
    found = known.get(codes.chamber(seat))
    if found is None:
        return False, OFF
    if found.off:
        return False, f"Congress's own intake is not used: {found.off}"
    if found.environment != "production":
        return False, TESTS
    return (True, OPEN) if codes.office(seat) in found.offices else (False, NOT_LISTED)


async def post(
    database: Database,
    settings: Settings,
    session: aiohttp.ClientSession,
    pace: Pace,
    seat: str,
    body: bytes,
    *,
    now: int,
    again: bool,
) -> Answer:
    """Send one message, once. A gateway that takes our key no more is used no more: its letters go the next way, and
    the campaign goes on.
    """
    gateway = configured(settings).get(codes.chamber(seat))
    if gateway is None:
        return TryLater(OFF, 0)
    answer = await client.post(session, gateway, pace, body, at=now, again=again)
    if isinstance(answer, Stop):
        with database.begin() as conn:
            if gateways.close(conn, gateway.chamber, answer.reason):
                log.error("gateway_off", chamber=gateway.chamber, reason=answer.reason)
        return TryLater(answer.reason, 0)
    if isinstance(answer, NoAnswer) and answer.reason == client.UNUSED:
        log.error("delivery_id_unknown_to_us", chamber=gateway.chamber, reason=answer.reason)
    return answer


def due_at(seat: str, at: int) -> int:
    """When a letter to this seat may leave, at `at` (ms) or later."""
    return hours.opens(codes.chamber(seat), at)


def refresh(
    database: Database,
    settings: Settings,
    runner: asyncio.Runner,
    session: aiohttp.ClientSession,
    *,
    force: bool = False,
    now: Callable[[Connection], int] = engine.now,
) -> list[Refreshed]:
    """Fetch the lists of offices that are a day old, or of a gateway that is off; with `force` all. Harmless in any
    number. What is not configured any more is forgotten.
    """
    wanted = configured(settings)
    with database.read() as conn:
        known, at = gateways.every(conn), now(conn)
    old = [
        one
        for one in wanted.values()
        if force
        or one.chamber not in known
        or known[one.chamber].environment != one.environment
        or known[one.chamber].off
        or known[one.chamber].fetched_at < at - DAY_MS
    ]
    if not old and known.keys() <= wanted.keys():
        return []
    lists = [runner.run(_offices(session, one)) for one in old]
    found = []
    with database.begin() as conn:
        for chamber in known.keys() - wanted.keys():
            gateways.drop(conn, chamber)
        for one, told in zip(old, lists, strict=True):
            found.append(_learn(conn, one, known.get(one.chamber), told, at))
    return found


async def _offices(session: aiohttp.ClientSession, gateway: Gateway) -> tuple[str, ...] | str:
    """The list, or why there is none."""
    if not message.installed():
        return message.MISSING
    try:
        return await client.offices(session, gateway)
    except CampaignError as error:
        return f"{error.where}: {error.what}"


def _learn(
    conn: Connection, gateway: Gateway, known: ServedOffices | None, told: tuple[str, ...] | str, now: int
) -> Refreshed:
    if not isinstance(told, str):
        gateways.keep(conn, gateway.chamber, gateway.environment, told, now)
        return Refreshed(gateway.chamber, gateway.environment, len(told))
    log.warning("no_office_list", chamber=gateway.chamber, reason=told)
    if known is None or known.environment != gateway.environment:
        gateways.keep(conn, gateway.chamber, gateway.environment, (), now)
        gateways.close(conn, gateway.chamber, told)
    elif known.fetched_at < now - STALE_MS or told == message.MISSING:
        gateways.close(conn, gateway.chamber, told)
    return Refreshed(gateway.chamber, gateway.environment, len(known.offices) if known else 0, told)


@dataclass(frozen=True, slots=True)
class ServedChamber:
    """One office: whether the intake takes letters to it from here, and why (not)."""

    seat: str
    code: str
    chamber: Chamber
    takes: bool
    why: str


def list_served(conn: Connection) -> list[ServedChamber]:
    """Every seat, in the order of their codes."""
    known, seats = gateways.every(conn), roster.at(conn, engine.now(conn)).seats
    return [
        ServedChamber(seat, codes.office(seat), codes.chamber(seat), *accepts(known, seat)) for seat in sorted(seats)
    ]
