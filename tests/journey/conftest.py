"""The fixtures that journeys share."""

from __future__ import annotations

from tests.journey.eyes import chromium, door
from tests.journey.town import town

__all__ = ["chromium", "door", "town"]
