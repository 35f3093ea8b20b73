"""When a form was shown, sealed in the form itself: a program posts it at once, or makes it up."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from typing import Literal

from campaign.errors import CampaignError
from campaign.keys import Keys

LEAST_MS = 2 * 1000
MOST_MS = 24 * 3600 * 1000
_WHERE = b"form.shown_at"


def stamp(keys: Keys, now: int, *, seen: bool = False) -> str:
    """The value of the form's hidden field. `seen`: a form shown again to a visitor who has already read it."""
    sealed = keys.seal(str(now - LEAST_MS if seen else now), _WHERE)
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def read(keys: Keys, stamped: str, now: int) -> Literal["read", "too soon", "old"]:
    """Whether a person can have read the form that was posted; "old" too when the field is not ours."""
    try:
        raw = urlsafe_b64decode(stamped + "=" * (-len(stamped) % 4))
        since = now - int(keys.unseal(raw, _WHERE))
    except (BadBase64, CampaignError, ValueError):
        return "old"
    if since < LEAST_MS:
        return "too soon"
    return "read" if since < MOST_MS else "old"
