"""The webhook over real HTTP: what SendGrid signed is stored as it came, and nothing else is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sendgrid.helpers.eventwebhook import EventWebhook
from sqlalchemy import func, select
from structlog.testing import capture_logs

from campaign.config import ROOT, load_settings
from campaign.delivery.sendgrid import webhook as stored_events
from campaign.delivery.sendgrid import webhook_batch
from campaign.errors import CampaignError
from campaign.store import engine
from campaign.store.schema import webhook
from campaign.web.app import create_app
from campaign.web.webhooks import LARGEST, OLDEST
from tests.contract.web import KEYS, NEXT, SIGNER, Signer, Web

STRANGER = Signer()
BATCH = b'[{"event":"delivered","email":"person1@example.org","timestamp":1}]'


def deliver(door: Web, body: bytes, headers: dict[str, str]) -> int:
    return door.ask("POST", "/webhooks/sendgrid", body, headers | {"Content-Type": "application/json"}).status


def stored(door: Web) -> list[bytes]:
    with door.database.read() as conn:
        return [webhook_batch.unpack(one.body) for one in stored_events.take(conn, 100)]


def test_a_signed_batch_is_stored_as_it_came(door: Web) -> None:
    bodies = [BATCH, BATCH + b"\r\n", '[{"reason":"ñ"}]'.encode(), b"[" + b" " * 900_000 + b"]"]
    for body, signer in zip(bodies, (SIGNER, NEXT, SIGNER, SIGNER), strict=True):
        assert deliver(door, body, signer.headers(body)) == 204
    assert stored(door) == bodies


def test_whatever_is_signed_is_stored_also_what_cannot_be_read_yet(door: Web) -> None:
    """SendGrid repeats what is refused for a day, then drops it."""
    bodies = [
        b" \r\n" + BATCH,
        b"\xef\xbb\xbf" + BATCH,
        b"[]",
        b"",
        b"{}",
        BATCH[1:-1],
        BATCH[:-9],
        b"[\xff\x00]",
        b"null",
    ]
    for body in bodies:
        assert deliver(door, body, SIGNER.headers(body)) == 204
    assert stored(door) == bodies


def test_sendgrids_own_verifier_agrees_on_what_is_signed(door: Web) -> None:
    headers = SIGNER.headers(BATCH)
    official = EventWebhook(SIGNER.public)
    assert official.verify_signature(
        BATCH.decode(), headers[stored_events.SIGNATURE_HEADER], headers[stored_events.TIMESTAMP_HEADER]
    )
    assert deliver(door, BATCH, headers) == 204


def test_what_sendgrid_did_not_sign_is_refused_and_leaves_no_row(door: Web) -> None:
    now = int(time.time())
    good = SIGNER.headers(BATCH)
    signature, timestamp = good[stored_events.SIGNATURE_HEADER], good[stored_events.TIMESTAMP_HEADER]
    moved = {stored_events.SIGNATURE_HEADER: signature, stored_events.TIMESTAMP_HEADER: timestamp[:-1]}
    for body, headers in (
        (BATCH[:-1] + b" ]", good),
        (BATCH.replace(b"person1", b"person2"), good),
        (timestamp[-1:].encode() + BATCH, moved),  # the same signed bytes, parted elsewhere
        (BATCH, STRANGER.headers(BATCH)),
        (BATCH, {}),
        (BATCH, {stored_events.SIGNATURE_HEADER: signature}),
        (BATCH, {stored_events.TIMESTAMP_HEADER: timestamp}),
        (BATCH, good | {stored_events.TIMESTAMP_HEADER: str(int(timestamp) + 1)}),
        (BATCH, good | {stored_events.SIGNATURE_HEADER: "no base64"}),
        (BATCH, good | {stored_events.SIGNATURE_HEADER: signature[:-8]}),
        (BATCH, good | {stored_events.TIMESTAMP_HEADER: "-" + timestamp[1:]}),
        (b"1" + BATCH, SIGNER.headers(b"1" + BATCH)),  # a digit of the body could be one of the timestamp
        (BATCH, SIGNER.headers(BATCH, str(now - OLDEST - 5))),
        (BATCH, SIGNER.headers(BATCH, str(now + OLDEST + 5))),
    ):
        assert deliver(door, body, headers) == 401, headers
    assert deliver(door, BATCH, SIGNER.headers(BATCH, str(now - OLDEST + 60))) == 204
    assert stored(door) == [BATCH]


def test_an_oversized_batch_is_refused_unread(door: Web) -> None:
    body = b"[" + b" " * LARGEST + b"]"
    with door.connect() as raw:
        raw.sendall(
            b"POST /webhooks/sendgrid HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body[:1000]
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 413 ")
    with door.connect() as raw:  # and one that does not say its length
        raw.sendall(b"POST /webhooks/sendgrid HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        raw.sendall(b"%x\r\n" % len(body) + body)
        assert raw.recv(100).startswith(b"HTTP/1.1 413 ")
    assert not stored(door)


def test_without_a_key_nothing_is_taken_and_the_log_says_what_to_do(small: Web) -> None:
    with capture_logs() as logs:
        assert deliver(small, BATCH, SIGNER.headers(BATCH)) == 503
    assert [entry["event"] for entry in logs] == ["webhook_without_key"]
    with small.database.read() as conn:
        assert conn.execute(select(func.count()).select_from(webhook)).scalar_one() == 0


def test_a_key_that_is_none_is_told_at_the_start(tmp_path: Path) -> None:
    environ = {"CAMPAIGN_SENDGRID_WEBHOOK_KEY": f"{SIGNER.public} MFnothing"}
    settings = load_settings(home=tmp_path, path=ROOT / "config.toml", environ=environ)
    made = engine.connect(f"sqlite:///{tmp_path}/test.db")
    with pytest.raises(CampaignError, match="not a public key"):
        create_app(made, KEYS, settings)
    made.close()
