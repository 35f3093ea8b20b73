"""What one process needs to send."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aiohttp

from campaign.config import Settings
from campaign.keys import Keys
from campaign.store.engine import Database


@dataclass(frozen=True, slots=True)
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
