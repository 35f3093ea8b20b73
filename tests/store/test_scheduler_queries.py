"""One pass of the scheduler asks the database a bounded number of questions, however many seats there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from campaign import clock, scheduler
from campaign.delivery.sender import open_sender
from campaign.scheduler import Schedule
from campaign.store.schema import letter, request
from campaign.tasks import make_app
from tests.store.new_congress import new_house, rule, sync
from tests.store.site import ADAMS, BUDD, KEYS, MINUTE, SWITCHED, TILLIS, Site

pytestmark = pytest.mark.both_databases

SEATS = (ADAMS, BUDD, TILLIS)


@contextmanager
def statements(site: Site) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            found.append(statement)

    event.listen(site.database.engine, "before_cursor_execute", note)
    yield found
    event.remove(site.database.engine, "before_cursor_execute", note)


@pytest.fixture
def look(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """One pass at the site's time with every step due: how many statements it took."""
    ahead = tmp_path / "clock"
    monkeypatch.setenv(clock.VARIABLE, str(ahead))
    with make_app(site.settings) as app, closing(open_sender(site.database, KEYS, site.settings)) as sender:

        def one_pass() -> int:
            schedule = Schedule(site.database)
            clock.move(ahead, site.at)
            with statements(site) as found:
                schedule.run_due(scheduler.plan(sender, app), 0)
            assert schedule.failing == {}
            return len(found)

        yield one_pass


@pytest.mark.parametrize("name", ["outgoing", "both", "incoming"])
def test_a_pass_takes_as_many_statements_for_541_seats_as_for_one(
    site: Site, look: Callable[[], int], name: str
) -> None:
    rule(site, name)
    for seat in SEATS:
        site.contact(seat)
        site.write(seat=seat)
    look()
    assert look() <= 45


def test_a_pass_that_finds_a_new_holder_takes_few_statements_more(site: Site, look: Callable[[], int]) -> None:
    wrote_before_the_turn(site)
    assert look() <= 70
    assert len(site.rows(select(request.c.wave).where(request.c.wave.startswith("turn-")))) == 2


def wrote_before_the_turn(site: Site) -> None:
    """Two people have written to a representative who is then followed by another one."""
    rule(site, "both")
    site.contact(ADAMS)
    for number in (1, 2):
        site.write(seat=ADAMS, number=number)
    site.at += 20 * MINUTE
    assert site.drain().count("letter") == 2
    site.at = SWITCHED
    sync(site, new_house((ADAMS,)))


def test_a_writer_is_told_once_of_a_new_holder_and_not_at_all_after_writing_to_that_one(
    site: Site, look: Callable[[], int]
) -> None:
    wrote_before_the_turn(site)
    site.write(seat=ADAMS, number=2)
    for _ in range(2):
        look()
    ((letter_id,),) = site.rows(select(letter.c.id).where(letter.c.supporter_id == site.people[0]))
    told = select(request.c.wave).where(request.c.wave.startswith("turn-"))
    assert [row.wave for row in site.rows(told)] == [f"turn-{letter_id}"]
