"""Nouns that neighbours pass to each other through outreach. Frozen, and without behaviour."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipient:
    """One delivery and the person it is for, as a worker reads them to render."""

    delivery_id: int
    request_id: int
    supporter_id: int
    email: str
    first_name: str
    last_name: str
    zip: str
    nonce: bytes
    list: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A request that this worker holds: `fence` tells its claim from every other one's."""

    id: int
    token: str
    fence: int
    attempt: int
    kind: str
    wave: str
    locale: str
    variant: str
    size: int


@dataclass(frozen=True, slots=True)
class Text:
    """A message as its reader gets it."""

    subject: str
    text: str
    html: str
