"""The fixtures that journeys share."""

from __future__ import annotations

from tests.journey.eyes import chromium, door
from tests.journey.town import town
from tests.offices import open_offices

__all__ = ["chromium", "door", "open_offices", "town"]
