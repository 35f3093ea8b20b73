"""The Event Webhook: signed batches, shuffled, sometimes repeated, like SendGrid's.

Shapes, headers and the signed bytes (timestamp + raw body, ECDSA P-256 with SHA-256): Twilio's event webhook reference
and the official SDK's verifier. `sg_event_id` is derived from the event, so the set of distinct events is known.
"""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import msgspec
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from campaign import private_file
from campaign.sandbox.account import SandboxAccount
from campaign.sandbox.mail import Request, smtp_id

log = structlog.get_logger()

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
BATCH_EVENTS = 1_000
BATCH_BYTES = 768_000
AGAIN = 0.1  # share of events and of batches that are sent twice
TRIES = 40
LONGEST_GAP = 15.0  # seconds
SERVER = {"ip": "192.0.2.25", "tls": 1}  # an address reserved for documentation
DETAILS: dict[str, dict[str, Any]] = {
    "processed": {},
    "deferred": {"response": "451 4.7.1 try again later", "attempt": "1"},
    "delivered": {"response": "250 2.0.0 OK", **SERVER},
    "bounce": {
        "type": "bounce",
        "status": "5.1.1",
        "reason": "550 5.1.1 The email account that you tried to reach does not exist.",
        "bounce_classification": "Invalid Address",
        **SERVER,
    },
    "block": {
        "event": "bounce",
        "type": "blocked",
        "status": "5.7.1",
        "reason": "550 5.7.1 Message refused by policy.",
        "bounce_classification": "Reputation",
        **SERVER,
    },
    "dropped": {"status": "5.0.0"},
    "spamreport": {},
}


def signing_key(home: Path) -> tuple[ec.EllipticCurvePrivateKey, str]:
    """The account's webhook key, created once in `home` (PEM, mode 600), and the public key as SendGrid shows it."""
    path = home / "webhook.pem"
    if not path.exists():
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with suppress(FileExistsError), private_file.writing(path, encoding=None, replace=False) as file:
            file.write(pem)  # if two processes start at once, the first key stays
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key, b64encode(public).decode()


def sign(key: ec.EllipticCurvePrivateKey, timestamp: str, body: bytes) -> dict[str, str]:
    """The two headers of a signed batch."""
    signature = key.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))
    return {SIGNATURE: b64encode(signature).decode(), TIMESTAMP: timestamp}


@dataclass(slots=True)
class Hooks:
    """The events to send to one URL. `waiting` counts requests whose events are not sent yet, and unfinished POSTs."""

    url: str
    key: ec.EllipticCurvePrivateKey
    rng: Random
    every: float
    queue: list[tuple[Request, int]] = field(default_factory=list)
    under_way: int = 0

    def add(self, request: Request, seq: int) -> None:
        if self.url:
            self.queue.append((request, seq))

    @property
    def waiting(self) -> int:
        return len(self.queue) + self.under_way


def events(request: Request, seq: int, account: SandboxAccount) -> Iterator[dict[str, Any]]:
    """All events of an accepted request. Custom arguments are at the top level; reserved names win."""
    for number, (part, address) in enumerate(request.body.recipients()):
        story, reason = account.story(address.email, seq)
        common = request.body.args(part) | {
            "email": address.email,
            "timestamp": request.at // 1000,
            "smtp-id": smtp_id(request.id),
            "sg_message_id": f"{request.id}.filter-sandbox-1.{number}",
        }
        if request.body.categories:
            common["category"] = request.body.categories
        for kind in story:
            event_id = urlsafe_b64encode(f"{kind}-{number}-{request.id}".encode()).decode().rstrip("=")
            event = common | {"event": kind, "sg_event_id": event_id} | DETAILS[kind]
            yield event | {"reason": reason} if reason else event


def batches(queue: list[tuple[Request, int]], account: SandboxAccount, rng: Random) -> Iterator[bytes]:
    """The bodies to POST: events in random order, some repeated with the same id or a new one."""
    encoded: list[bytes] = []
    for request, seq in queue:
        for event in events(request, seq, account):
            encoded.append(msgspec.json.encode(event))
            if rng.random() < AGAIN:
                if rng.random() < 0.5:
                    event["sg_event_id"] += f"-{rng.getrandbits(32):08x}"
                encoded.append(msgspec.json.encode(event))
    rng.shuffle(encoded)
    batch: list[bytes] = []
    size = 0
    for item in encoded:
        if batch and (len(batch) == BATCH_EVENTS or size + len(item) > BATCH_BYTES):
            yield b"[" + b",\r\n".join(batch) + b"]\r\n"
            batch, size = [], 0
        batch.append(item)
        size += len(item) + 3
    if batch:
        yield b"[" + b",\r\n".join(batch) + b"]\r\n"


async def run(hooks: Hooks, account: SandboxAccount) -> None:
    """Send the new events every `hooks.every` seconds, forever."""
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=10)
    headers = {"Content-Type": "application/json", "User-Agent": "SendGrid Event API"}
    async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as posts:
        while True:
            await asyncio.sleep(hooks.every)
            queue = list(hooks.queue)
            for body in batches(queue, account, hooks.rng):
                signed = headers | sign(hooks.key, str(int(time.time())), body)
                for _ in range(2 if hooks.rng.random() < AGAIN else 1):
                    hooks.under_way += 1
                    posts.create_task(_post(session, hooks, body, signed))
                await asyncio.sleep(0)
            del hooks.queue[: len(queue)]


async def _post(session: aiohttp.ClientSession, hooks: Hooks, body: bytes, headers: dict[str, str]) -> None:
    """Send one batch until it is accepted, with growing gaps; give up after TRIES."""
    gap = max(hooks.every, 0.05)
    try:
        for _ in range(TRIES):
            try:
                async with session.post(hooks.url, data=body, headers=headers, allow_redirects=False) as answer:
                    if answer.status // 100 == 2:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(gap * hooks.rng.uniform(0.8, 1.2))
            gap = min(gap * 2, LONGEST_GAP)
        log.error("webhook_batch_given_up", bytes=len(body), tries=TRIES)
    finally:
        hooks.under_way -= 1
