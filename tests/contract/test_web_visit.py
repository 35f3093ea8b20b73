"""A request to a supporter's page: its link is opened once, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from sqlalchemy import event, update

from campaign import links
from campaign.store.schema import campaign, release, supporter
from tests import censusgov
from tests.contract.doors import ACTION, UNSUBSCRIBE, page_of, press, suppressed
from tests.contract.web import SLUG, Web, on_sqlite

SPLIT = "60632"  # in two districts
STREET = "100 Sample Street"


@dataclass
class Counts:
    transactions: int = 0
    writing: int = 0
    links: int = 0


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    made, read = Counts(), links.read

    def counting(*arguments: object) -> links.Link:
        made.links += 1
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(links, "read", counting)
    return made


@contextmanager
def counting(door: Web, counts: Counts) -> Iterator[Counts]:
    """Counts the transactions of the requests inside."""

    def begun(conn: object) -> None:
        counts.transactions += 1
        counts.writing += bool(conn.get_execution_options().get("campaign_write"))  # type: ignore[attr-defined]

    counts.transactions = counts.writing = counts.links = 0
    event.listen(door.database.engine, "begin", begun)
    try:
        yield counts
    finally:
        event.remove(door.database.engine, "begin", begun)


@pytest.mark.parametrize("kind", ["a", "c", "n", "u"])
def test_a_get_opens_its_link_once_in_one_reading_transaction(small: Web, counts: Counts, kind: str) -> None:
    with counting(small, counts) as counted:
        assert small.get(page_of(small, kind)).status == 200
    assert counted == Counts(transactions=1, writing=0, links=1)


def post(door: Web, path: str, **form: str) -> int:
    """The status of a form's answer to a browser with our cookie."""
    return door.ask("POST", path, urlencode(form).encode(), {"Cookie": f"browser={'a' * 22}"}).status


@pytest.mark.parametrize(
    "form",
    [
        {"step": "zip", "zip": "28205"},
        {"step": "zip", "zip": "1"},
        {"go": "letter", "zip": "28205"},
        {"go": "form S:NC:2", "zip": "28205"},
        {"step": "confirm", "zip": "28205", "seat": "S:NC:2"},
        {"step": "back", "zip": "28205", "letter": "1"},
        {"step": "told", "zip": "28205", "seat": "S:NC:2", "told": "sent"},
        {"go": "call S:NC:2", "zip": "28205"},
        {"step": "called", "zip": "28205", "seat": "S:NC:2", "outcome": "answered"},
        {"step": "names", "zip": "28205"},
        {"step": "street", "zip": "28205", "street": STREET},
        {"step": "forget", "zip": "28205", "word": ""},
        {"step": "forget", "zip": "28205", "word": "erase"},
        {"step": "unsubscribe"},
    ],
    ids=lambda form: " ".join(form.values()),
)
def test_a_form_opens_its_link_once_in_one_writing_transaction(
    small: Web, counts: Counts, form: dict[str, str]
) -> None:
    with counting(small, counts) as counted:
        assert post(small, small.link(ACTION), **form) in (200, 303)
    assert counted == Counts(transactions=1, writing=1, links=1)


@pytest.mark.parametrize("kind", ["c", "n", "u"])
def test_so_do_the_forms_of_the_other_links(small: Web, counts: Counts, kind: str) -> None:
    with counting(small, counts) as counted:
        assert post(small, page_of(small, kind), code="000000") in (200, 303)
    assert counted == Counts(transactions=1, writing=1, links=1)


def test_a_street_lookup_checks_the_link_again_after_it(
    tmp_path_factory: pytest.TempPathFactory, counts: Counts
) -> None:
    """No transaction is open while the Census answers, so the supporter may be erased meanwhile."""
    form = {"step": "street", "zip": SPLIT, "street": STREET}
    with (
        censusgov.serve(streets={STREET: [censusgov.Spot("17", "04", SPLIT)]}) as gov,
        on_sqlite(tmp_path_factory.mktemp("street"), matching=gov.matching()) as door,
    ):
        with door.database.begin() as conn:
            conn.execute(update(supporter).values(zip=SPLIT))
        with counting(door, counts) as counted:
            assert post(door, door.link(ACTION), **form) == 303
        assert gov.asked
        # The link twice; between, the cache and the outages are read, and the answer is stored.
        assert counted == Counts(transactions=4, writing=3, links=2)


def test_an_unsubscribe_holds_for_a_campaign_that_a_restored_backup_lost(small: Web) -> None:
    with small.database.begin() as conn:
        conn.execute(update(campaign).where(campaign.c.slug == SLUG).values(slug="renamed"))
    answer = press(small, small.link(UNSUBSCRIBE))
    assert answer.status == 200
    assert suppressed(small.database) == {(1).to_bytes(16, "big"): "unsubscribed"}
    assert press(small, small.link(ACTION), step="zip", zip="28205").status == 404


def test_an_unsubscribe_holds_when_the_release_cannot_be_read(small: Web) -> None:
    with small.database.begin() as conn:
        conn.execute(update(release).values(files=b"damaged"))
    assert press(small, small.link(UNSUBSCRIBE)).status == 200
    assert suppressed(small.database) == {(1).to_bytes(16, "big"): "unsubscribed"}


def test_the_button_to_erase_gives_no_guess_for_free(small: Web) -> None:
    """Every wrong ZIP code counts once, also the one typed to erase."""
    path = small.link(ACTION)
    wrong = [f"{number:05d}" for number in range(10001, 10013)]
    statuses = [press(small, path, step="forget", word="erase", zip=zip_code).status for zip_code in wrong]
    assert statuses == [200] * 10 + [429] * 2
    assert len(small.rows()["zip_guess"]) == 10
