"""Signed links: one MAC per person, whose halves sign the action link and the unsubscribe link.

A token is `v1.` and 48 base64url characters: supporter id (8 bytes), the supporter's nonce (8), expiry in unix seconds
(4), half a MAC (16). The nonce is stored with the supporter, so that an id which a restored backup gives out again
opens nobody else's page. No character of a link is one that HTML escapes.
"""

from __future__ import annotations

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from dataclasses import dataclass
from enum import StrEnum

from campaign.errors import CampaignError

VERSION = "v1."
_HEAD = struct.Struct(">Q8sI")


class Purpose(StrEnum):
    ACTION = "a"
    UNSUBSCRIBE = "u"
    DISOWN = "n"  # only in receipts: who has the ask alone cannot stop a letter


@dataclass(frozen=True, slots=True)
class Link:
    """What a signed token says. `expires` (unix seconds) binds the action link; unsubscribe never ends."""

    supporter: int
    nonce: bytes
    expires: int


class BadLink(CampaignError):
    """The token was not made by this installation for this campaign and purpose."""


def _mac(key: bytes, campaign: str, head: bytes) -> bytes:
    return hmac.digest(key, campaign.encode() + b"\0" + head, "sha256")


def tokens(key: bytes, campaign: str, supporter: int, nonce: bytes, expires: int) -> tuple[str, str]:
    """(action token, unsubscribe token) for one supporter and campaign."""
    head = _HEAD.pack(supporter, nonce, expires)
    mac = _mac(key, campaign, head)
    action = urlsafe_b64encode(head + mac[:16]).decode()
    return VERSION + action, VERSION + urlsafe_b64encode(head + mac[16:]).decode()


def disown_token(key: bytes, campaign: str, supporter: int, nonce: bytes, expires: int) -> str:
    """What the link "I did not send this" carries."""
    head = _HEAD.pack(supporter, nonce, expires)
    return VERSION + urlsafe_b64encode(head + _mac(key, f"disown\0{campaign}", head)[:16]).decode()


def read(key: bytes, campaign: str, token: str, purpose: Purpose) -> Link:
    """The link behind a token. Raises BadLink, in the same words for every fault."""
    raw = b""
    if token.startswith(VERSION) and token.isascii():
        try:
            raw = urlsafe_b64decode(token[len(VERSION) :])
        except BadBase64:
            raw = b""
    head, mac = raw[: _HEAD.size], raw[_HEAD.size :]
    full = _mac(key, f"disown\0{campaign}" if purpose is Purpose.DISOWN else campaign, head)
    expected = full[16:] if purpose is Purpose.UNSUBSCRIBE else full[:16]
    if len(raw) != _HEAD.size + 16 or not hmac.compare_digest(mac, expected):
        raise BadLink("this link was not made here, or was cut off on the way")
    if VERSION + urlsafe_b64encode(raw).decode() != token:  # one spelling only
        raise BadLink("this link was not made here, or was cut off on the way")
    return Link(*_HEAD.unpack(head))


def organizer_token(key: bytes, campaign: str) -> str:
    """What the organizer's read-only report address carries."""
    return urlsafe_b64encode(hmac.digest(key, b"report\0" + campaign.encode(), "sha256")[:18]).decode()


def is_organizer(key: bytes, campaign: str, token: str) -> bool:
    return hmac.compare_digest(organizer_token(key, campaign).encode(), token.encode())
