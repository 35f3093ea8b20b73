"""The outbox against a model: any order of steps, a crash between any two, a provider that may lose its answer.

The engine and the databases are real; only the clock and the provider are scripted. After every step: nobody was
accepted twice, nothing is lost, and the database claims nothing that the provider's ledger does not show. Nothing that
was canceled, and no reminder to a supporter who has acted, is ever sent afterwards.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import update

from campaign.delivery import outbox
from campaign.store.engine import Database
from campaign.store.schema import request
from tests.store.outbox_model import LEASE, Machine

pytestmark = pytest.mark.both_databases
SHARD = 1_000  # steps under one seed: short enough that no shard is slow on a busy machine


def _explore(database: Database, number: int) -> None:
    """About SHARD random steps, always the same ones for the same `number`."""
    steps: Counter[str] = Counter()

    def machine() -> Machine:
        return Machine(database, steps)

    run_state_machine_as_test(
        seed(number)(machine),  # type: ignore[arg-type]
        settings=settings(
            max_examples=SHARD // 30,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    assert steps["taken"] >= SHARD


@pytest.mark.parametrize(
    "number",
    [0, *(pytest.param(more, marks=pytest.mark.long) for more in (1, 2, 3, 4))],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_order_of_steps_and_crashes_loses_or_doubles_anything(database: Database, number: int) -> None:
    _explore(database, number)


@pytest.mark.deep
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_order_of_steps_loses_or_doubles_anything_on_postgresql(database: Database) -> None:
    _explore(database, 5)


@pytest.mark.deep
@pytest.mark.parametrize(
    ("database_url", "number"),
    [
        ("sqlite", 10),
        *(pytest.param("sqlite", number, marks=pytest.mark.long) for number in range(11, 25)),
        *(pytest.param("postgresql", number, marks=pytest.mark.long) for number in (30, 31, 32)),
    ],
    indirect=["database_url"],
)
def test_many_more_orders_lose_and_double_nothing(database: Database, number: int) -> None:
    _explore(database, number)


def test_the_machine_catches_an_engine_that_requeues_what_was_sending(database: Database) -> None:
    """The invariants can fail: a worker dies after the bytes left, and the sweep of a bad engine queues it again."""
    machine = Machine(database, Counter())
    with database.begin() as conn:
        claims = outbox.claim(conn, machine.campaign.id, machine.now, requests=1, lease_ms=LEASE)
        outbox.mark(conn, machine.campaign.id, claims, machine.now, lease_ms=LEASE, release="r1")
        machine.ledger.update(machine._members(conn, claims[0].id))
    machine.nothing_is_lost()
    with database.begin() as conn:
        conn.execute(update(request).where(request.c.id == claims[0].id).values(state="queued", lease_until=None))
    with pytest.raises(AssertionError, match="would send it again"):
        machine.nothing_is_lost()
    machine.ledger.update(machine.ledger)
    with pytest.raises(AssertionError):
        machine.nobody_got_it_twice()
