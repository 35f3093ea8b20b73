"""Events from SendGrid, whatever their bytes: what can be applied is, the rest is set aside and shown."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from structlog.testing import capture_logs

from campaign.delivery.sendgrid import webhook as stored_events
from campaign.delivery.sendgrid import webhook_batch
from campaign.outreach.reports import health
from campaign.outreach.sending import webhook_events
from campaign.store import engine
from campaign.store.engine import Database
from campaign.store.schema import event, webhook
from campaign.store.schema import set_aside as aside
from tests.store.webhooks import KEYS, OPEN, STOP, bounce, clear, reasons, suppressed, waits

READABLE = {
    "a byte of Latin-1": bounce(b"550 usu\xe1rio inexistente"),
    "UTF-16": bounce(b"5\x005\x000\x00"),
    "half an emoji, escaped": bounce(rb"550 no such user \ud83d"),
    "the other half": bounce(rb"550 \ude00"),
    "half an emoji, as CESU-8": bounce(b"550 \xed\xa0\xbd"),
    "NUL, escaped": bounce(rb"550 \u0000"),
    "NUL": bounce(b"550 \x00"),
    "control characters": bounce(b"550 \x01\x1b[2J\r\n\tx"),
    "an overlong text": bounce(b"a@" * 200_000),
    "a key twice": bounce(b"x").replace(b'"type"', b'"event":"bounce","type"'),
    "a time that is no number": bounce(b"x").replace(b"1796000000", b"NaN"),
    "an endless time": bounce(b"x").replace(b"1796000000", b"-Infinity"),
    "a time beyond any calendar": bounce(b"x").replace(b"1796000000", b"4611686018427387903"),
    "a number of 5,000 digits": bounce(b"x").replace(b"1796000000", b"1" * 5_000),
    "a number beyond a double": bounce(b"x").replace(b"1796000000", b"1e999"),
    "a time with a fraction": bounce(b"x").replace(b"1796000000", b"1796000000.5"),
    "true for a time": bounce(b"x").replace(b"1796000000", b"true"),
    "an object for a reason": bounce(b"x").replace(b'"x"', b'{"a":[1,{"b":null}]}'),
    "a list for a type": bounce(b"x").replace(b'"type":"bounce"', b'"type":["bounce"]'),
    "an object for an id": bounce(b"x").replace(b'"type"', b'"ct_delivery":{"a":1},"ct_request":[1],"type"'),
    "an id that is none": bounce(b"x").replace(b'"type"', b'"ct_delivery":"1\\ud83d","ct_request":true,"type"'),
    "a kind nobody knows": bounce(b"x").replace(b'"bounce"', b'"br\xffand_new"', 1),
}


def test_an_odd_event_is_read_and_the_one_beside_it_is_applied(database: Database) -> None:
    for name, odd in READABLE.items():
        clear(database)
        webhook_events.receive(database, b"[" + odd + b",\r\n" + STOP + b"]\r\n")
        webhook_events.receive(database, b"[" + OPEN + b"]")
        assert webhook_events.apply(database, KEYS) == webhook_events.AppliedEvents(2, 3, 0), name
        assert suppressed(database) == "unsubscribed", name
        assert not waits(database), name
        with database.read() as conn:
            kept = conn.execute(select(event)).all()
        assert [row.kind for row in kept] in (["bounce"], ["br\N{REPLACEMENT CHARACTER}and_new"]), name
        assert all(one.isprintable() or one in "\r\n\t" for row in kept for one in row.detail), name


UNREADABLE = {
    "nothing": (b"null", "it is not an event"),
    "numbers": (b"1, 2.5", "it is not an event"),
    "a string like an event": (b'"{\\"event\\":\\"open\\"}"', "it is not an event"),
    "an object without a kind": (b'{"email":"a@example.org"}', "it is not an event"),
    "a kind that is no text": (b'{"email":"a@example.org","event":["unsubscribe"]}', "it is not an event"),
    "an open quote": (b'{"email":"a@example.org,"event":"bounce"}', "it is not JSON"),
    "no colon": (b'{"email" "a@example.org","event":"bounce"}', "it is not JSON"),
    "an open bracket": (b'{"email":"a@example.org","event":"bounce","a":[1}', "it is not JSON"),
    "a half event": (b'{"email":"a@example.org","eve', "it is not JSON"),
    "binary": (bytes(range(128, 256)) * 8, "it is not JSON"),
    "a deep hole": (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "it is nested too deeply"),
    "an opt-out of no one": (b'{"event":"unsubscribe"}', "address cannot be read"),
    "an opt-out of many": (b'{"event":"unsubscribe","email":["a@example.org"]}', "address cannot be read"),
    "an opt-out that is garbled": (b'{"event":"unsubscribe","email":"a\xff@example.org"}', "address cannot be read"),
}


def test_what_cannot_be_read_is_set_aside_alone_and_shown(database: Database) -> None:
    for name, (odd, why) in UNREADABLE.items():
        clear(database)
        for body in (b"[" + odd + b"," + STOP + b"," + OPEN + b"]", b"[" + OPEN + b"]"):
            webhook_events.receive(database, body)
        with capture_logs() as logs:
            assert webhook_events.apply(database, KEYS) == webhook_events.AppliedEvents(2, 3, 1), name
        assert suppressed(database) == "unsubscribed", name
        assert not waits(database), name
        (reason,) = reasons(database)
        assert why in reason, name
        warned = [entry for entry in logs if entry["event"] == "events_set_aside"]
        assert [(entry["number"], entry["log_level"]) for entry in warned] == [(1, "warning")], name
        assert "example.org" not in str(logs) + reason, name
        with database.read() as conn:
            assert health.health(conn, engine.now(conn)).set_aside.number == 1
            (row,) = conn.execute(select(aside)).all()
        assert row.position == 0, name
        assert webhook_batch.unpack(row.body) == odd, f"{name}: its own bytes are kept"
        assert webhook_events.retry(database, KEYS) == (1, 1), f"{name}: nothing is lost when it fails again"
        with database.read() as conn:
            (again,) = conn.execute(select(aside)).all()
        assert (webhook_batch.unpack(again.body), again.received_at) == (odd, row.received_at), name


BROKEN = (
    b"[" + OPEN + b"," + STOP,
    b"[" + STOP + b"][" + OPEN + b"]",
    STOP + b"\n" + OPEN + b"\n",
    b"\xef\xbb\xbf [" + STOP + OPEN + b"]",
    b"[[" + STOP + b"],[" + OPEN + b"]]",
    b'{"events":[' + STOP + b"," + OPEN + b"]}",
    b"[" + STOP + b"," + OPEN + b"] and what no one expected",
    b"[" + OPEN + b'{"email":"' + STOP + b"]",
    b"[" + OPEN + b"," + b'{"a":' * 2_000 + b"," + STOP + b"]",
)


def test_whole_events_are_applied_from_a_batch_that_is_broken(database: Database) -> None:
    for body in BROKEN:
        clear(database)
        webhook_events.receive(database, body)
        assert webhook_events.apply(database, KEYS).events == 2, body
        assert suppressed(database) == "unsubscribed", body
        assert not waits(database), body


def test_a_batch_that_is_too_much_to_search_is_set_aside_in_one_piece(database: Database) -> None:
    """Nested too deeply, with a long value at each level: reading on from each opening would take much too long."""
    webhook_events.receive(database, b"[" + STOP + b"," + (b'{"a":[' + b"1," * 100) * 1_000 + b"]")
    webhook_events.receive(database, b"[" + OPEN + b',{"a":1,"b":' + b'{"a":1,"b":' * 20_000 + b"]")
    webhook_events.receive(database, b"[" + STOP.replace(b"stop", b"later") + b"]")
    assert webhook_events.apply(database, KEYS).set_aside == 2
    assert suppressed(database) == suppressed(database, "later@example.org") == "unsubscribed"
    assert not waits(database)


def test_a_batch_that_cannot_be_opened_is_set_aside_whole(database: Database) -> None:
    whole = zlib.compress(b"[" + STOP + b"]")
    bomb = zlib.compressobj()
    large = b"".join(bomb.compress(b" " * 1024**2) for _ in range(webhook_batch.LARGEST // 1024**2 + 2)) + bomb.flush()
    damaged = [b"", b"no zlib", whole[:-6], whole[:9] + b"\0\0\0" + whole[12:], large]
    with database.begin() as conn:
        conn.execute(insert(webhook), [{"received_at": 5, "body": body} for body in damaged])
    webhook_events.receive(database, b"[" + STOP + b"]")
    found = webhook_events.apply(database, KEYS)
    assert (found.batches, found.events, found.set_aside) == (len(damaged) + 1, 1, len(damaged))
    assert suppressed(database) == "unsubscribed"
    with database.read() as conn:
        assert list(conn.scalars(select(aside.c.body).order_by(aside.c.id))) == damaged, "as they were stored"


def poison(database: Database) -> None:
    """From now on the database refuses an event of this kind, as it would something that no one thought of."""
    with database.begin() as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(text("ALTER TABLE event ADD CONSTRAINT poison CHECK (kind <> 'poison')"))
        else:
            raised = "BEGIN SELECT RAISE(ABORT, 'poison@example.org'); END"
            conn.exec_driver_sql(f"CREATE TRIGGER poison BEFORE INSERT ON event WHEN NEW.kind = 'poison' {raised}")


def cure(database: Database) -> None:
    with database.begin() as conn:
        postgresql = conn.dialect.name == "postgresql"
        conn.execute(text("ALTER TABLE event DROP CONSTRAINT poison" if postgresql else "DROP TRIGGER poison"))


def test_an_event_that_the_database_refuses_is_set_aside_alone_and_can_be_tried_again(database: Database) -> None:
    poison(database)
    people_ = [f"person{number}@example.org" for number in range(20)]
    for place in (0, 7, 19):
        items = [{"event": "unsubscribe", "email": email, "timestamp": 1} for email in people_]
        items.insert(place, {"event": "poison", "email": "poison@example.org", "timestamp": 1})
        webhook_events.receive(database, json.dumps(items).encode())
    found = webhook_events.apply(database, KEYS)
    assert (found.batches, found.events, found.set_aside) == (3, 60, 3)
    assert {suppressed(database, email) for email in people_} == {"unsubscribed"}
    assert reasons(database) == ["IntegrityError when it was applied"] * 3
    with database.read() as conn:
        assert list(conn.scalars(select(aside.c.position).order_by(aside.c.id))) == [0, 7, 19]
        assert conn.execute(select(func.count()).select_from(event)).scalar_one() == 0
    assert webhook_events.retry(database, KEYS) == (3, 3)
    cure(database)
    assert webhook_events.retry(database, KEYS) == (3, 0)
    with database.read() as conn:
        assert list(conn.scalars(select(event.c.kind))) == ["poison"] * 3
    assert webhook_events.retry(database, KEYS) == (0, 0)


def error(cls: type[DBAPIError], *, gone: bool = False) -> DBAPIError:
    return cls("INSERT", None, Exception("it"), connection_invalidated=gone)


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        (error(DataError), True),
        (error(IntegrityError), True),
        (error(OperationalError), False),  # locked, disconnected, serialization, deadlock, disk full
        (error(ProgrammingError), False),  # a table is missing
        (error(InterfaceError), False),
        (error(DataError, gone=True), False),
        (UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed"), True),
        (OverflowError("int too large"), True),
        (RecursionError(), True),
        (MemoryError(), False),
        (OSError(28, "No space left on device"), False),
        (RuntimeError("event loop is closed"), False),
    ],
)
def test_what_is_an_events_own_fault(why: Exception, expected: bool) -> None:
    assert webhook_events.is_fault_of_event(why) is expected


def test_the_time_that_a_task_may_take_is_no_events_fault() -> None:
    from celery.exceptions import SoftTimeLimitExceeded

    assert not webhook_events.is_fault_of_event(SoftTimeLimitExceeded())


def test_while_the_database_fails_nothing_is_set_aside_and_afterwards_all_is_applied(database: Database) -> None:
    webhook_events.receive(database, b"[" + STOP + b"," + OPEN + b"]")
    with database.begin() as conn:
        conn.execute(text("ALTER TABLE suppression RENAME TO away"))
    for _ in range(2):
        with pytest.raises(DBAPIError):
            webhook_events.apply(database, KEYS)
    with database.begin() as conn:
        conn.execute(text("ALTER TABLE away RENAME TO suppression"))
    assert reasons(database) == []
    assert waits(database)
    assert webhook_events.apply(database, KEYS) == webhook_events.AppliedEvents(1, 2, 0)
    assert suppressed(database) == "unsubscribed"


def test_a_crash_before_the_end_loses_nothing_and_applies_nothing_twice(database: Database) -> None:
    kept = b'{"event":"brand_new","timestamp":1}'
    webhook_events.receive(database, b"[" + kept + b",null," + STOP + b"]")
    for fatal in (1, 2):
        calls = iter(range(1, 3))

        def now(conn: Any, calls: Iterator[int] = calls, fatal: int = fatal) -> int:
            if next(calls) == fatal:
                raise KeyboardInterrupt
            return engine.now(conn)

        with pytest.raises(KeyboardInterrupt):
            webhook_events.apply(database, KEYS, now=now)
        assert (reasons(database), suppressed(database), waits(database)) == ([], None, True)
    webhook_events.apply(database, KEYS)
    webhook_events.apply(database, KEYS)
    with database.read() as conn:
        assert list(conn.scalars(select(event.c.kind))) == ["brand_new"]
    assert len(reasons(database)) == 1
    assert suppressed(database) == "unsubscribed"


def test_more_events_than_a_statement_takes_are_applied(database: Database) -> None:
    one = b'{"event":"open","ct_delivery":"%d","ct_request":"%x"}'
    for first in (0, 34_000):  # together more than the 65,535 values of PostgreSQL's protocol
        body = (
            b"[" + b",".join(one % (number, number) for number in range(first + 1, first + 34_000)) + b"," + STOP + b"]"
        )
        assert len(body) <= 2 * 1024**2, "the web takes it"
        webhook_events.receive(database, body)
    assert webhook_events.apply(database, KEYS).events == 68_000
    assert suppressed(database) == "unsubscribed"


def test_an_opt_out_counts_also_when_its_ids_are_of_another_installation(database: Database) -> None:
    item = {"event": "unsubscribe", "email": "Stop@Example.org", "ct_delivery": "77", "ct_request": "f" * 32}
    webhook_events.receive(database, json.dumps([item]).encode())
    webhook_events.apply(database, KEYS)
    assert suppressed(database) == "unsubscribed"


def test_what_is_set_aside_is_dropped_thirty_days_after_it_was_received(database: Database) -> None:
    day = 24 * 3600 * 1000
    with database.begin() as conn:
        now = engine.now(conn)
        old, young = (now - days * day for days in (31, 29))
        stored_events.put_back(conn, [(at, webhook_batch.pack(b"[null]")) for at in (old, young)])
    webhook_events.apply(database, KEYS)
    assert len(reasons(database)) == 2
    with capture_logs() as logs:
        webhook_events.forget(database)
    assert [entry["number"] for entry in logs if entry["event"] == "set_aside_events_dropped"] == [1]
    with database.read() as conn:
        assert list(conn.scalars(select(aside.c.received_at))) == [young]
