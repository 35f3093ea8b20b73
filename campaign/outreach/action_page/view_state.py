"""Where a visitor stands: the page, the ZIP code, and the office it is about. After each form the browser is sent to an
address that holds this, sealed, so that Back and Reload are safe and GET changes nothing.

A sealed state opens for half an hour, and only for the link and the browser it was made for: anywhere else the same
address shows the ZIP question. It never holds typed words or a street.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from typing import Literal

import msgspec

from campaign.errors import CampaignError
from campaign.keys import Keys

KEPT_MS = 30 * 60 * 1000

PageName = Literal[
    "zip",
    "forwarded",
    "code",
    "names",
    "offices",
    "letter",
    "form",
    "call",
    "done",
    "status",
    "taken-back",
    "check-email",
    "unsubscribed",
    "used-code",
    "join",
]


class ViewState(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What an address holds. `seat`: the office that the page is about. `house`: the House seat that the visitor chose
    by name, or UNSURE. `news`: what was just done, or what is wrong: a key of words.toml. `letters`: those it is about.
    `source`: the code of the link that led to the open page.
    """

    page: PageName = "zip"
    zip: str = ""
    seat: str = ""
    house: str = ""
    news: str = ""
    letters: tuple[int, ...] = ()
    source: str = ""


UNSURE = "unsure"  # the visitor does not know their representative


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    expires: int
    state: ViewState


def seal(keys: Keys, state: ViewState, *, link: str, browser: str, now: int) -> str:
    """The state as part of an address. `link`: the address it belongs to; `browser`: the cookie. `now` in ms."""
    text = msgspec.json.encode(_Sealed(now + KEPT_MS, state)).decode()
    return urlsafe_b64encode(keys.seal(text, _where(link, browser))).decode().rstrip("=")


def unseal(keys: Keys, sealed: str, *, link: str, browser: str, now: int) -> ViewState | None:
    """None for an old state, or one made for another link or browser."""
    if not browser or not sealed.isascii():
        return None
    try:
        raw = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        found = msgspec.json.decode(keys.unseal(raw, _where(link, browser)), type=_Sealed)
    except (BadBase64, CampaignError, msgspec.DecodeError, ValueError):
        return None
    return found.state if now < found.expires else None


def _where(link: str, browser: str) -> bytes:
    return f"view\0{link}\0{browser}".encode()
