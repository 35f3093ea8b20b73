"""What every handler gets, and the guard that refuses forms posted from other sites."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from litestar import HttpMethod, Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, SkipValidation

from campaign.config import Settings
from campaign.keys import Keys
from campaign.outreach.action_page import visit as visits
from campaign.outreach.action_page.visit import LinkRequest, Transaction, Visit
from campaign.store.engine import Database
from campaign.web.limits import Limits

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """`webhook_keys`: several while SendGrid's key is being changed; without one, no webhook is accepted."""

    database: Database
    keys: Keys
    settings: Settings
    webhook_keys: tuple[EllipticCurvePublicKey, ...]
    limits: Limits = field(default_factory=Limits)

    def reading(self, link: LinkRequest) -> AbstractContextManager[tuple[Transaction, Visit]]:
        return visits.reading(self.database, self.keys, self.settings, link)

    async def look(self, page: Callable[[], T]) -> T:
        """A page that only reads: in a thread, or at once where no reader has to wait, for then a thread only costs."""
        return await sync_to_thread(page) if self.database.reads_wait else page()

    def acting(self, link: LinkRequest) -> AbstractContextManager[tuple[Transaction, Visit]]:
        return visits.acting(self.database, self.keys, self.settings, link)


Injected = NamedDependency[SkipValidation[Services]]  # made here, so there is nothing to check
InPath = FromPath[str]
WebRequest = Request[Any, Any, Any]
READS = [HttpMethod.GET, HttpMethod.HEAD]


async def same_origin(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse a form that another site posted. A browser too old to name the origin passes: it has no cookie of ours to
    lend, and the address itself is the key to the page. Our pages send no referrer, which makes their own Origin
    "null" (Fetch standard, "append a request Origin header")."""
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin", "null")
    if site is None:
        foreign = origin != "null" and urlsplit(origin).netloc != connection.headers.get("host")
    else:
        foreign = site not in ("same-origin", "none")
    if foreign:
        raise PermissionDeniedException
