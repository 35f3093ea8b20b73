"""What every handler gets and may ask: the parts behind the door, and whether a form came from our own page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from litestar import HttpMethod, Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath

from campaign.keys import Keys
from campaign.store.engine import Database


@dataclass(frozen=True, slots=True)
class Services:
    """`webhook_keys` are several while SendGrid's key is being changed; with none, no webhook is taken."""

    database: Database
    keys: Keys
    webhook_keys: tuple[EllipticCurvePublicKey, ...]


Door = NamedDependency[Services]
InPath = FromPath[str]
Asked = Request[Any, Any, Any]
READS = [HttpMethod.GET, HttpMethod.HEAD]


def same_origin(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse a form that another site posted. A browser too old to say where it came from passes: it has no cookie of
    ours that it could lend, and the key to the page stands in its address. Our pages send no referrer, which makes
    their own Origin "null" (Fetch standard, "append a request Origin header")."""
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin", "null")
    if site is None:
        foreign = origin != "null" and urlsplit(origin).netloc != connection.headers.get("host")
    else:
        foreign = site not in ("same-origin", "none")
    if foreign:
        raise PermissionDeniedException
