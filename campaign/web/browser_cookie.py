"""The one cookie: a random number that says which browser this is. It opens the addresses that this browser was sent to
after a form, and what was typed in it, for half an hour. It identifies no person.

Without it everything works: then the answer to a form is the page itself.
"""

from __future__ import annotations

import re
import secrets

from litestar import Response

from campaign.web.guards import Services, WebRequest

NAME = "browser"
SECONDS = 30 * 60
_VALUE = re.compile(r"[A-Za-z0-9_-]{22}")


def read(request: WebRequest) -> str:
    """The number of this browser; "" if it has none."""
    value = request.cookies.get(NAME, "")
    return value if _VALUE.fullmatch(value) else ""


def new() -> str:
    return secrets.token_urlsafe(16)


def give(services: Services, response: Response[str], value: str) -> Response[str]:
    """Set it, or keep it for another half hour. Other sites never send it, except when their reader follows a link."""
    secure = "; Secure" if services.settings.web.base_url.startswith("https://") else ""
    response.set_header("Set-Cookie", f"{NAME}={value}; Path=/; Max-Age={SECONDS}; HttpOnly; SameSite=Lax{secure}")
    return response
