"""What one process needs to send."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import dataclass

import aiohttp

from campaign.config import Settings
from campaign.delivery.sendgrid import bulk
from campaign.keys import Keys
from campaign.store.engine import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A process's own database handle, event loop and HTTP session, opened after the fork."""

    database: Database
    keys: Keys
    settings: Settings
    runner: asyncio.Runner
    session: aiohttp.ClientSession

    def close(self) -> None:
        self.runner.run(self.session.close())
        self.runner.close()


def open_sender(database: Database, keys: Keys, settings: Settings) -> Sender:
    """Open what a sending process needs. Call it after the fork."""
    runner = asyncio.Runner()
    gc.freeze()  # what is loaded stays: the collector need not scan it again

    async def session() -> aiohttp.ClientSession:
        return bulk.session(in_flight=settings.sendgrid.in_flight, timeout=settings.sendgrid.timeout)

    return Sender(database=database, keys=keys, settings=settings, runner=runner, session=runner.run(session()))
