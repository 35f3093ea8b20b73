"""What SendGrid tells us afterwards: check the signature, keep the batch, turn its words into ours.

The provider's words stop here. An unknown event is kept, never raised. Source of names and shapes: SendGrid's event
webhook reference (twilio.com/docs/sendgrid/for-developers/tracking-events/event).
"""

from __future__ import annotations

import zlib
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from sqlalchemy import Connection, delete, insert, select, update

from campaign.errors import CampaignError
from campaign.log import scrub
from campaign.states import Fate
from campaign.store.dialect import insert as upsert
from campaign.store.schema import event, webhook

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"

_FATES = {
    "processed": Fate.PROCESSED,
    "deferred": Fate.DEFERRED,
    "delivered": Fate.DELIVERED,
    "dropped": Fate.DROPPED,
    "bounce": Fate.BOUNCED,
    "spamreport": Fate.COMPLAINED,
}
_SILENT = {"open", "click", "group_resubscribe"}  # they prove that it was taken; nothing else is kept of them
_SUPPRESS = {
    "bounce": "bounced",
    "spamreport": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
}
_DROPPED_FOR = {
    "Bounced Address": "bounced",
    "Invalid": "bounced",
    "Spam Reporting Address": "complained",
    "Unsubscribed Address": "unsubscribed",
}
_KEEP = {Fate.BLOCKED, Fate.DROPPED, Fate.BOUNCED, Fate.COMPLAINED}
_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Word:
    """One event in our terms. `delivery_id` and `token` are missing where the provider has lost them."""

    kind: str
    at: int
    fate: Fate = Fate.NONE
    delivery_id: int = 0
    token: str = ""
    email: str = ""
    detail: str = ""
    suppress: str = ""  # the reason to suppress the person, if any
    keep: bool = False  # a person will ask about it
    account: bool = False  # about the whole account


def public_key(text: str) -> ec.EllipticCurvePublicKey:
    """The webhook's key as SendGrid shows it (base64 of DER, without a PEM frame)."""
    try:
        key = load_der_public_key(b64decode(text, validate=True))
    except (ValueError, BadBase64):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise CampaignError(
            "is not a public key as SendGrid shows it",
            where="[sendgrid] webhook_key",
            do="Copy the verification key of the signed event webhook: one line of base64 that begins with MF.",
        )
    return key


def verify(key: ec.EllipticCurvePublicKey, *, signature: str, timestamp: str, body: bytes) -> bool:
    """Whether these raw bytes were signed with the webhook's key. ECDSA P-256, SHA-256, over timestamp then body."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) == 10 and body.startswith(b"[")):
        return False  # nothing parts the two: a digit moved from one to the other would verify
    try:
        key.verify(b64decode(signature, validate=True), timestamp.encode() + body, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def parse(body: bytes) -> list[Word]:
    """The words of a batch. What is not a list of objects holds none, and a test message's event is none."""
    try:
        raw = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return []
    found = raw if isinstance(raw, list) else []
    return [_word(item) for item in found if isinstance(item, dict) and "ct_test" not in item]


def _word(item: dict[str, Any]) -> Word:
    kind = str(item.get("event", ""))[:40]
    reason = str(item.get("reason") or item.get("response") or item.get("type") or "")
    fate = _FATES.get(kind, Fate.NONE)
    suppress = _SUPPRESS.get(kind, "")
    if kind == "bounce" and item.get("type") == "blocked":  # this mail was turned away, not this person's address
        fate, suppress = Fate.BLOCKED, ""
    if kind == "dropped":
        suppress = _DROPPED_FOR.get(reason, "")
    account = kind == "account_status_change"
    known = fate is not Fate.NONE or kind in _SILENT or kind in _SUPPRESS
    return Word(
        kind=kind,
        at=_int(item.get("timestamp")) * 1000,
        fate=fate,
        delivery_id=_int(item.get("ct_delivery")),
        token=str(item.get("ct_request", "")).partition(".")[0],
        email=str(item.get("email", "")),
        detail=scrub(" ".join(filter(None, [str(item.get("status", "")), reason])))[:_DETAIL],
        suppress=suppress,
        keep=fate in _KEEP or not known,
        account=account,
    )


def _int(value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    return number if 0 < number < 2**62 else 0


def store(conn: Connection, body: bytes, now: int) -> None:
    """Keep a signed batch until it is applied, and seven days more."""
    conn.execute(insert(webhook).values(received_at=now, body=zlib.compress(body)))


def take(conn: Connection, limit: int) -> list[tuple[int, bytes]]:
    """Batches that wait to be applied, locked for this transaction."""
    rows = conn.execute(
        select(webhook.c.id, webhook.c.body)
        .where(webhook.c.applied_at.is_(None))
        .order_by(webhook.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [(row.id, zlib.decompress(row.body)) for row in rows]


def waiting(conn: Connection) -> bool:
    return conn.execute(select(webhook.c.id).where(webhook.c.applied_at.is_(None)).limit(1)).first() is not None


def applied(conn: Connection, ids: Sequence[int], now: int) -> None:
    conn.execute(update(webhook).where(webhook.c.id.in_(ids)).values(applied_at=now))


def forget(conn: Connection, before: int) -> int:
    """Drop applied batches of before that time: they hold addresses."""
    return conn.execute(delete(webhook).where(webhook.c.applied_at < before)).rowcount


def keep(conn: Connection, words: Iterable[tuple[Word, bool]]) -> None:
    """Keep what a person will ask about; the flag says whether the delivery is one of ours."""
    rows = [
        {"delivery_id": word.delivery_id if ours else None, "kind": word.kind, "detail": word.detail, "at": word.at}
        for word, ours in words
        if word.keep
    ]
    if rows:
        conn.execute(upsert(conn, event).on_conflict_do_nothing(), rows)
