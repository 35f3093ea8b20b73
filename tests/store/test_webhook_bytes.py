"""Whatever bytes come, no event of a batch is lost, and an opt-out beside a broken one is applied."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import HealthCheck, example, given
from hypothesis import settings as settings_
from hypothesis import strategies as st
from structlog.testing import capture_logs

from campaign.delivery.sendgrid import set_aside_batches, webhook_batch
from campaign.outreach.sending import webhook_events
from campaign.store.engine import Database
from tests.store.webhooks import KEYS, STOP, bounce, clear, reasons, suppressed, waits

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None, exclude_categories=()))
    | st.sampled_from(["bounce", "unsubscribe", "dropped", "x@example.org", "spamreport", 10**400, 2**62 - 1]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["event", "email", "timestamp", "reason", "type", "status", "ct_delivery", "ct_request"])
            | st.text(max_size=4),
            inner,
            max_size=8,
        )
    ),
    max_leaves=12,
)


@given(
    st.lists(VALUES, max_size=5), st.integers(0, 5), st.booleans(), st.integers(0, 6), st.randoms(use_true_random=False)
)
@settings_(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_unsubscribe_is_applied_whatever_stands_beside_it(
    database: Database, others: list[Any], place: int, ascii_: bool, flips: int, random: Random
) -> None:
    """Any values beside it, and any bits flipped in their bytes."""
    raw = [json.dumps(one, ensure_ascii=ascii_).encode("utf-8", "surrogatepass") for one in others]
    before = b"[" + b"".join(one + b"," for one in raw[:place])
    after = b"".join(b"," + one for one in raw[place:]) + b"]"
    around = bytearray(before + after)
    for _ in range(flips):
        around[random.randrange(len(around))] ^= 1 << random.randrange(8)
    clear(database)
    webhook_events.receive(database, bytes(around[: len(before)]) + STOP + bytes(around[len(before) :]))
    webhook_events.apply(database, KEYS)
    assert suppressed(database) == "unsubscribed"
    assert not waits(database)


@example(b"\xef")
@given(
    st.binary(max_size=300)
    | st.text(st.characters(codec=None, exclude_categories=())).map(lambda t: t.encode("utf-8", "surrogatepass"))
)
def test_no_bytes_of_a_batch_are_lost(body: bytes) -> None:
    """Put together, what was read and what was not are the batch again, but for what separates events."""
    separators = " \t\r\n,[]\N{ZERO WIDTH NO-BREAK SPACE}"
    items = list(webhook_batch.read(body))
    rest = body.removeprefix(b"\xef\xbb\xbf")
    for item in items:
        assert item.raw in rest
        rest = rest[rest.index(item.raw) + len(item.raw) :]
    assert bool(items) == bool(body.decode("utf-8", "surrogateescape").strip(separators))
    assert [item.position for item in items] == list(range(len(items)))


def test_a_batch_with_a_bad_byte_stops_no_later_batch_and_the_operator_sees_it(database: Database) -> None:
    bodies = [
        b'[{"email":"x1@example.org","event":"bounce","reason":"550 usu\xe1rio","timestamp":1796000000}]',
        b"[" + STOP + b"]",
    ]
    for body in bodies:
        webhook_events.receive(database, body)
    with capture_logs() as logs:
        webhook_events.apply(database, KEYS)
    assert suppressed(database) == "unsubscribed"
    assert suppressed(database, "x1@example.org") == "bounced"
    assert [entry["events"] for entry in logs if entry["event"] == "event_text_not_utf8"] == [1]
    assert reasons(database) == [set_aside_batches.GARBLED]
    assert webhook_events.retry(database, KEYS) == (0, 0), "it was applied"
    with database.read() as conn:
        assert set_aside_batches.summary(conn) == set_aside_batches.Summary(garbled=1)


def test_an_event_in_utf8_is_applied_without_a_mark_and_one_that_fails_is_listed_once(database: Database) -> None:
    unreadable = b'{"event":"unsubscribe","email":"a\xff@example.org"}'
    webhook_events.receive(
        database, b"[" + bounce("550 usuário \N{REPLACEMENT CHARACTER}".encode()) + b"," + unreadable + b"]"
    )
    assert webhook_events.apply(database, KEYS).set_aside == 1
    assert len(reasons(database)) == 1
    with database.read() as conn:
        assert (set_aside_batches.summary(conn).number, set_aside_batches.summary(conn).garbled) == (1, 0)
