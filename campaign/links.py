"""Signed links: one MAC per supporter; its halves sign the action link and the unsubscribe link.

A token is `v1.` and 48 base64url characters: supporter id (8 bytes), the supporter's nonce (8), expiry in unix seconds
(4), half a MAC (16). The nonce is stored with the supporter: if a restored backup assigns an id again, an old link does
not open the new supporter's page. No character of a link needs escaping in HTML.
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
    DISOWN = "n"  # only in receipts, so the ask alone cannot stop a letter


@dataclass(frozen=True, slots=True)
class Link:
    """The content of a token. `expires` (Unix seconds) applies to the action link; unsubscribe links never expire."""

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
    """The token of the link "I did not send this"."""
    head = _HEAD.pack(supporter, nonce, expires)
    return VERSION + urlsafe_b64encode(head + _mac(key, f"disown\0{campaign}", head)[:16]).decode()


def read(key: bytes, campaign: str, token: str, purpose: Purpose) -> Link:
    """The link of a token. Raises BadLink, with the same message for every reason."""
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
        raise BadLink("this link was not made here, or is incomplete")
    if VERSION + urlsafe_b64encode(raw).decode() != token:  # each token has only one spelling
        raise BadLink("this link was not made here, or is incomplete")
    return Link(*_HEAD.unpack(head))


def organizer_token(key: bytes, campaign: str) -> str:
    """The token in the address of the organizer's read-only report."""
    return urlsafe_b64encode(hmac.digest(key, b"report\0" + campaign.encode(), "sha256")[:18]).decode()


def is_organizer(key: bytes, campaign: str, token: str) -> bool:
    return hmac.compare_digest(organizer_token(key, campaign).encode(), token.encode())
