"""What SendGrid tells us afterwards: check the signature, keep the batch, turn its words into ours.

The provider's words stop here. An unknown event is kept, never raised. Source of names and shapes: SendGrid's event
webhook reference (twilio.com/docs/sendgrid/for-developers/tracking-events/event).
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from sqlalchemy import Connection, delete, func, insert, select, update

from campaign.delivery.sendgrid import webhook_batch
from campaign.delivery.sendgrid.webhook_batch import clean
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
_LONGEST = 1000  # characters of any text that are read
_LAST = 2**53  # a time in ms beyond it is no time


@dataclass(frozen=True, slots=True)
class EmailEvent:
    """One event in our terms. `delivery_id` and `token` are missing if the provider has lost them."""

    kind: str
    at: int
    fate: Fate = Fate.NONE
    delivery_id: int = 0
    token: str = ""
    email: str = ""
    detail: str = ""
    suppress: str = ""  # the reason to suppress the address, if any
    keep: bool = False  # an operator will ask about it
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
    """Whether these raw bytes were signed with the webhook's key. ECDSA P-256, SHA-256, over timestamp then body.

    Nothing separates the two, but the same signed bytes can't be split anywhere else: a timestamp has
    exactly ten digits, and a body that begins with one is no batch.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) == 10) or body[:1].isdigit():
        return False
    try:
        key.verify(b64decode(signature, validate=True), timestamp.encode() + body, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch to be applied, with its bytes as they are stored."""

    id: int
    received_at: int
    body: bytes


@dataclass(frozen=True, slots=True)
class EventItem:
    """One event of a stored batch. `event` is None when it cannot be read, for the reason in `problem`."""

    webhook_id: int
    received_at: int
    position: int  # in the batch, from 0
    raw: bytes
    event: EmailEvent | None
    problem: str = ""
    packed: bool = False  # `raw` is the whole batch as it is stored, which cannot be opened

    @property
    def garbled(self) -> bool:
        """Whether some of its bytes are not UTF-8, and were replaced in `event`."""
        return self.event is not None and self.raw.decode(errors="replace").encode() != self.raw

    def stored(self) -> bytes:
        """Its own bytes, as a batch of their own is stored."""
        return self.raw if self.packed else webhook_batch.pack(self.raw)


def parse(taken: StoredBatch) -> list[EventItem]:
    """The events of a batch, and what cannot be read in it. A test message's event is left out."""
    try:
        items = list(webhook_batch.read(webhook_batch.unpack(taken.body)))
    except webhook_batch.Unreadable as error:
        return [
            EventItem(
                webhook_id=taken.id,
                received_at=taken.received_at,
                position=0,
                raw=taken.body,
                event=None,
                problem=str(error),
                packed=True,
            )
        ]
    return [_item(taken, item) for item in items if item.value is None or "ct_test" not in item.value]


def _item(taken: StoredBatch, item: webhook_batch.BatchItem) -> EventItem:
    read, problem = None, item.problem
    if item.value is not None:
        try:
            read = _event(item.value)
        except (ValueError, TypeError, ArithmeticError, LookupError, RecursionError) as error:
            problem = f"{type(error).__name__} when it was read"
    return EventItem(
        webhook_id=taken.id,
        received_at=taken.received_at,
        position=item.position,
        raw=item.raw,
        event=read,
        problem=problem,
    )


def _event(item: dict[str, Any]) -> EmailEvent:
    kind = clean(item["event"])[:40]
    reason = clean(item.get("reason") or item.get("response") or item.get("type"))[:_LONGEST]
    fate = _FATES.get(kind, Fate.NONE)
    suppress = _SUPPRESS.get(kind, "")
    if kind == "bounce" and item.get("type") == "blocked":  # it refused this email, not the address
        fate, suppress = Fate.BLOCKED, ""
    if kind == "dropped":
        suppress = _DROPPED_FOR.get(reason, "")
    account = kind == "account_status_change"
    known = fate is not Fate.NONE or kind in _SILENT or kind in _SUPPRESS
    return EmailEvent(
        kind=kind,
        at=at if (at := _int(item.get("timestamp")) * 1000) < _LAST else 0,
        fate=fate,
        delivery_id=_int(item.get("ct_delivery")),
        token=clean(item.get("ct_request"))[:_LONGEST].partition(".")[0],
        email=clean(item.get("email"))[:_LONGEST],
        detail=scrub(" ".join(filter(None, [clean(item.get("status"))[:_LONGEST], reason])))[:_DETAIL],
        suppress=suppress,
        keep=fate in _KEEP or not known,
        account=account,
    )


def _int(value: Any) -> int:
    if isinstance(value, bool):
        return 0
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    return number if 0 < number < 2**62 else 0


def store(conn: Connection, body: bytes, now: int) -> None:
    """Keep a signed batch until it is applied, and seven days more."""
    put_back(conn, [(now, webhook_batch.pack(body))])


def put_back(conn: Connection, stored: Sequence[tuple[int, bytes]]) -> None:
    """Queue these batches to be applied: when each was received (ms), and its stored bytes."""
    if stored:
        conn.execute(insert(webhook), [{"received_at": at, "body": body} for at, body in stored])


def take(conn: Connection, limit: int) -> list[StoredBatch]:
    """Batches to be applied, locked for this transaction."""
    rows = conn.execute(
        select(webhook.c.id, webhook.c.received_at, webhook.c.body)
        .where(webhook.c.applied_at.is_(None))
        .order_by(webhook.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [StoredBatch(*row) for row in rows]


def backlog(conn: Connection) -> tuple[int, int | None]:
    """How many batches are to be applied, and when (ms) the oldest was received."""
    number, oldest = conn.execute(
        select(func.count(), func.min(webhook.c.received_at)).where(webhook.c.applied_at.is_(None))
    ).one()
    return number, oldest


def waiting(conn: Connection) -> bool:
    return conn.execute(select(webhook.c.id).where(webhook.c.applied_at.is_(None)).limit(1)).first() is not None


def mark_applied(conn: Connection, ids: Sequence[int], now: int) -> None:
    conn.execute(update(webhook).where(webhook.c.id.in_(ids)).values(applied_at=now))


def forget(conn: Connection, before: int) -> int:
    """Delete batches applied before that time: they hold addresses."""
    return conn.execute(delete(webhook).where(webhook.c.applied_at < before)).rowcount


def keep(conn: Connection, events: Iterable[tuple[EmailEvent, bool]]) -> None:
    """Store the events an operator will ask about; the flag says whether the delivery is one of ours."""
    rows = [
        {"delivery_id": item.delivery_id if ours else None, "kind": item.kind, "detail": item.detail, "at": item.at}
        for item, ours in events
        if item.keep
    ]
    if rows:
        conn.execute(upsert(conn, event).on_conflict_do_nothing(), rows)
