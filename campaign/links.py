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
from urllib.parse import urlencode

from campaign.errors import CampaignError

VERSION = "v1."
_HEAD = struct.Struct(">Q8sI")
_BAD = "this link was not made here, or is incomplete"


class Purpose(StrEnum):
    ACTION = "a"
    UNSUBSCRIBE = "u"
    DISOWN = "n"  # only in receipts, so the ask alone cannot stop a letter
    QUIET = "q"  # likewise: no more emails about a letter
    ANSWER = "h"  # in the question whether an office answered
    JOIN = "j"  # only in the email that confirms a sign-up, whose ID and nonce it has


_DOMAINS = {  # before the campaign, under the MAC
    Purpose.DISOWN: "disown\0",
    Purpose.QUIET: "quiet\0",
    Purpose.ANSWER: "answer\0",
    Purpose.JOIN: "join\0",
}


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
    return _encode(head + mac[:16]), _encode(head + mac[16:])


def own_token(key: bytes, campaign: str, purpose: Purpose, link: Link) -> str:
    """The token of a link that has a MAC of its own: to disown letters, to get no more emails, to answer a question."""
    head = _HEAD.pack(link.supporter, link.nonce, link.expires)
    return _encode(head + _mac(key, _DOMAINS[purpose] + campaign, head)[:16])


def join_token(key: bytes, campaign: str, sign_up: int, nonce: bytes, expires: int) -> str:
    """The token of the link that confirms a sign-up."""
    head = _HEAD.pack(sign_up, nonce, expires)
    return _encode(head + _mac(key, _DOMAINS[Purpose.JOIN] + campaign, head)[:16])


def never_token(key: bytes, campaign: str, email_hash: bytes) -> str:
    """The token of the link "Never write to this address". It needs no row, and never expires."""
    return _encode(email_hash + _mac(key, f"never\0{campaign}", email_hash)[:17])


def read_never(key: bytes, campaign: str, token: str) -> bytes:
    """The address hash of such a link. Raises BadLink."""
    raw = _decode(token)
    email_hash, mac = raw[:16], raw[16:]
    if not hmac.compare_digest(mac, _mac(key, f"never\0{campaign}", email_hash)[:17]):
        raise BadLink(_BAD)
    return email_hash


def read(key: bytes, campaign: str, token: str, purpose: Purpose) -> Link:
    """The link of a token. Raises BadLink, with the same message for every reason."""
    raw = _decode(token)
    head, mac = raw[: _HEAD.size], raw[_HEAD.size :]
    full = _mac(key, _DOMAINS.get(purpose, "") + campaign, head)
    expected = full[16:] if purpose is Purpose.UNSUBSCRIBE else full[:16]
    if len(raw) != _HEAD.size + 16 or not hmac.compare_digest(mac, expected):
        raise BadLink(_BAD)
    return Link(*_HEAD.unpack(head))


def _encode(raw: bytes) -> str:
    return VERSION + urlsafe_b64encode(raw).decode()


def _decode(token: str) -> bytes:
    """The bytes of a token. Raises BadLink unless it is their only spelling."""
    raw = b""
    if token.startswith(VERSION) and token.isascii():
        try:
            raw = urlsafe_b64decode(token[len(VERSION) :])
        except BadBase64:
            raw = b""
    if _encode(raw) != token:
        raise BadLink(_BAD)
    return raw


def open_page(site: str, campaign: str, language: str, source: str = "") -> str:
    """The address of a campaign's page for everyone: where the link was shown, and nothing about a person.

    `site`: where the server is reached. English is the page's own language.
    """
    query = {"lang": language if language != "en" else "", "s": source}
    return f"{site}/{campaign}?{urlencode({key: value for key, value in query.items() if value})}".rstrip("?")


def organizer_token(key: bytes, campaign: str) -> str:
    """The token in the address of the organizer's read-only report."""
    return urlsafe_b64encode(hmac.digest(key, b"report\0" + campaign.encode(), "sha256")[:18]).decode()


def is_organizer(key: bytes, campaign: str, token: str) -> bool:
    return hmac.compare_digest(organizer_token(key, campaign).encode(), token.encode())
