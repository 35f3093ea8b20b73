"""How many forms one network address may post in ten minutes, by route.

Counted in the memory of each web process. An address is kept only as a hash with a key that this process made for
itself, and only for those ten minutes. Addresses of this machine are not counted.
"""

from __future__ import annotations

import hmac
import math
import secrets
import time
from ipaddress import IPv6Address, ip_address
from typing import Any

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

MINUTES = 10
SIGN_UP = "sign-up"  # forms of the open page that send an email to an address in them


def _in_window(number: int) -> RateLimitItem:
    return RateLimitItemPerMinute(number, MINUTES)


# Every route that takes a form. None: a mail service posts there for many people, and an opt-out must always work.
LIMITS: dict[str, RateLimitItem | None] = {
    "/{slug:str}": _in_window(300),
    SIGN_UP: _in_window(30),
    "/a/{slug:str}/{token:str}": _in_window(300),
    "/c/{slug:str}/{token:str}": _in_window(60),
    "/h/{slug:str}/{token:str}": _in_window(60),
    "/j/{slug:str}/{token:str}": _in_window(60),
    "/n/{slug:str}/{token:str}": _in_window(60),
    "/q/{slug:str}/{token:str}": _in_window(60),
    "/u/{slug:str}/{token:str}": None,
    "/x/{slug:str}/{token:str}": None,
    "/webhooks/sendgrid": None,
}


class TooManyRequests(Exception):
    """This network address has to wait. `wait` in seconds."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__(f"too many requests; wait {wait} seconds")


class Limits:
    """The counts of one web process."""

    def __init__(self) -> None:
        self._counts = MovingWindowRateLimiter(MemoryStorage())
        self._key = secrets.token_bytes(16)

    async def guard(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Count a form that is posted to a route. Async, or Litestar puts it into a thread. Raises TooManyRequests."""
        if connection.scope.get("method") == "POST":
            for path in handler.paths:
                self.count(connection, path)

    def count(self, connection: ASGIConnection[Any, Any, Any, Any], name: str) -> None:
        """Count one form under this row of LIMITS. Raises TooManyRequests."""
        limit, address = LIMITS.get(name), connection.client.host if connection.client else ""
        if limit is None or not (network := _network(address)):
            return
        mark = hmac.digest(self._key, network.encode(), "sha256").hex()
        if not self._counts.hit(limit, name, mark):
            raise TooManyRequests(self._wait(limit, name, mark))

    def _wait(self, limit: RateLimitItem, name: str, mark: str) -> int:
        ends, _ = self._counts.get_window_stats(limit, name, mark)
        return max(1, math.ceil(ends - time.time()))


def _network(address: str) -> str:
    """What is counted: an IPv4 address, or the network of an IPv6 one. "" for this machine, or what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    if found.is_loopback:
        return ""
    return str(found) if found.version == 4 else found.exploded[:19]  # a household has 64 bits of its own
