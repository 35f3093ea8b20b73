"""The answers that a transport may give. Retry or not is a type, not a guess."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took all of it."""

    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider took nothing. `deliveries` are the ones it named; empty: it named none."""

    reason: str
    deliveries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TryLater:
    """Nothing was taken, and the same may be taken after `after_ms`."""

    reason: str
    after_ms: int


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """It may have been taken. Only evidence settles it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing was taken, and nothing will be until a person acts (key, credits, account)."""

    reason: str


Answer = Accepted | Refused | TryLater | NoAnswer | Stop
