"""A pull stores what is good, says why the rest is not, changes nothing the second time, and survives a kill."""

from __future__ import annotations

import csv
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text

from campaign.config import ROOT, ListSource
from campaign.errors import CampaignError
from campaign.outreach.lists.pull import last_pull, pull, suppress_file
from campaign.store import engine, migrate
from campaign.store.engine import Database
from campaign.store.schema import pull as pulls
from campaign.store.schema import supporter, suppression
from campaign.supporters import importer, people
from tests.conftest import fresh_postgresql
from tests.store.pulled import ANA, BO, HEAD, KEYS, counts, pull_lines, rejected, stored_people
from tests.store.pulled import small_batches as small_batches

pytestmark = pytest.mark.both_databases


def test_a_list_is_stored_and_pulled_again_without_a_change(database: Database, tmp_path: Path) -> None:
    first = pull_lines(database, tmp_path, ANA, BO, "no-address,X,Y,28205,,,page")
    assert counts(first) == (3, 2, 0, 0, 1)
    assert (first.mended, first.by, first.finished, first.problem) == (1, "worker 1", True, "")
    with database.read() as conn:
        before = conn.execute(select(supporter).order_by(supporter.c.id)).all()
    assert counts(pull_lines(database, tmp_path, ANA, BO, "no-address,X,Y,28205,,,page")) == (3, 0, 0, 2, 1)
    with database.read() as conn:
        assert conn.execute(select(supporter).order_by(supporter.c.id)).all() == before
    assert last_pull(database, "tests") != first
    assert last_pull(database, "other") is None


def test_a_changed_row_is_updated_and_keeps_the_links_that_were_sent(database: Database, tmp_path: Path) -> None:
    pull_lines(database, tmp_path, ANA, BO)
    nonces = select(supporter.c.email, supporter.c.id, supporter.c.nonce, supporter.c.created_at)
    with database.read() as conn:
        before = conn.execute(nonces).all()
    assert counts(pull_lines(database, tmp_path, ANA.replace("28205", "77011"), BO)) == (2, 0, 1, 1, 0)
    with database.read() as conn:
        assert sorted(conn.execute(nonces)) == sorted(before)
        assert conn.scalar(select(supporter.c.zip).where(supporter.c.email == "ana@example.org")) == "77011"
        street = conn.execute(
            select(supporter.c.street, supporter.c.email_hash).where(supporter.c.email == "bo@example.org")
        ).one()
    assert KEYS.unseal(street[0], b"supporter.street\0" + street[1]) == "12 Elm Ave"


def test_the_same_person_twice_in_a_list_is_stored_once_unless_the_first_was_bad(
    database: Database, tmp_path: Path
) -> None:
    bad_zip = BO.replace("2139", "nowhere")
    pulled = pull_lines(database, tmp_path, ANA, ANA.replace("ana@example", "ANA@Example"), bad_zip, BO)
    assert counts(pulled) == (4, 2, 0, 0, 2)
    assert [row["line"] for row in rejected(pulled)] == ["3", "4"]


def test_who_was_erased_is_never_stored_again_and_who_unsubscribed_stays_so(database: Database, tmp_path: Path) -> None:
    pull_lines(database, tmp_path, ANA)
    with database.begin() as conn:
        people.erase(conn, people.email_hash(KEYS, "ana@example.org"), 5)
        people.suppress(conn, [KEYS.email_hash("bo@example.org")], "unsubscribed", "link", 5)
    pulled = pull_lines(database, tmp_path, "bad,X,Y,1,,,", ANA, BO, "worse,X,Y,1,,,")
    assert counts(pulled) == (4, 1, 0, 0, 3)
    assert (pulled.suppressed, pulled.mended) == (1, 1)
    assert [row["line"] for row in rejected(pulled)] == ["2", "3", "5"]
    assert "erased at their request" in rejected(pulled)[1]["reason"]
    with database.read() as conn:
        assert conn.scalars(select(supporter.c.email).order_by(supporter.c.id)).all() == [None, "bo@example.org"]


def test_who_is_erased_while_a_pull_runs_is_not_stored_by_it(database: Database, tmp_path: Path) -> None:
    running = threading.Thread(target=pull_lines, args=(database, tmp_path, ANA))
    with database.begin() as conn:
        people.erase(conn, people.email_hash(KEYS, "ana@example.org"), 5)
        running.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND database IS NOT NULL")
        while database.engine.dialect.name == "postgresql" and running.is_alive() and not conn.scalar(waiting):
            pass
    running.join()
    with database.read() as conn:
        assert conn.scalar(select(func.count()).select_from(supporter)) == 0


def test_rejected_rows_come_back_for_their_owner_only_and_harmless(database: Database, tmp_path: Path) -> None:
    row = '=cmd|,"+1",-2,@x,"\t=1",,page'
    pulled = pull_lines(database, tmp_path, ANA, row, "a@example.org,Bo,,28205,,,page,more,and")
    formulas, ragged = rejected(pulled)
    assert list(formulas) == [*HEAD.split(","), "line", "reason"]
    assert list(formulas.values())[:5] == ["'=cmd|", "'+1", "'-2", "'@x", "'\t=1"]
    assert ragged["consent"] == "page,more,and"
    assert ragged["reason"] == "the row has too many columns: 9, the header has 7"
    path = Path(pulled.rejected_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["rejected.csv"]
    assert pull_lines(database, tmp_path, ANA).rejected_path == ""
    assert not path.exists()


def test_each_list_has_rejected_rows_of_its_own(database: Database, tmp_path: Path) -> None:
    paths = {pull_lines(database, tmp_path, "bad,,,,,,", name=name).rejected_path for name in ("petition", "fair")}
    assert len(paths) == 2
    assert all(path.endswith("/rejected.csv") for path in paths)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("after", range(4))
def test_a_killed_pull_runs_again_and_ends_with_the_same_table(database: Database, tmp_path: Path, after: int) -> None:
    lines = [ANA.replace("ana", f"ana{number}") for number in range(7)] + ["bad,,,,,,"]
    source = ListSource("tests", str(tmp_path / "tests.csv"))
    (tmp_path / "tests.csv").write_text("\n".join((HEAD, *lines)), encoding="utf-8")

    def kill(read: int) -> None:
        if read == 2 * (after + 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(database, KEYS, source, home=tmp_path, by="one", progress=kill)
    killed = last_pull(database, "tests")
    assert killed is not None
    assert not killed.finished
    stored = 2 * (after + 1)
    assert counts(killed) == (stored, min(stored, 7), 0, 0, max(0, stored - 7))
    assert not list(tmp_path.rglob("*rejected*"))
    again = pull(database, KEYS, source, home=tmp_path, by="two")
    assert counts(again) == (8, 7 - min(stored, 7), 0, min(stored, 7), 1)
    with database.begin() as conn:
        ended = stored_people(conn)
        conn.execute(delete(supporter))
    pull(database, KEYS, source, home=tmp_path, by="three")
    with database.read() as conn:
        assert stored_people(conn) == ended


def test_a_list_that_cannot_be_read_says_so_and_leaves_a_trace(database: Database, tmp_path: Path) -> None:
    source = ListSource("gone", str(tmp_path / "gone.csv"))
    with pytest.raises(CampaignError, match="no such file"):
        pull(database, KEYS, source, home=tmp_path, by="worker 1")
    last = last_pull(database, "gone")
    assert last is not None
    assert last.finished
    assert last.problem.endswith("gone.csv: there is no such file")


def test_the_files_own_consent_serves_a_list_without_such_a_column(database: Database, tmp_path: Path) -> None:
    (tmp_path / "fair.csv").write_text("email;código postal\nana@example.org;28205\n", encoding="utf-8")
    source = ListSource("fair", str(tmp_path / "fair.csv"), consent="county fair, 2026-08-03")
    assert pull(database, KEYS, source, home=tmp_path, by="cli").imported == 1
    with database.read() as conn:
        assert conn.scalar(select(supporter.c.consent)) == "county fair, 2026-08-03"


def test_another_tools_unsubscribes_are_kept_known_or_not(database: Database, tmp_path: Path) -> None:
    pull_lines(database, tmp_path, ANA)
    path = tmp_path / "out.txt"
    path.write_text("ANA@example.org\nnew@example.org\nnot an address\n", encoding="utf-8")
    done = suppress_file(database, KEYS, path)
    assert (done.read, done.new, done.known, [line for line, _ in done.bad]) == (3, 2, 0, [3])
    path.write_text("Name,E-mail\nA,ana@example.org\nB,third@example.org\n", encoding="utf-8")
    assert suppress_file(database, KEYS, path).new == 1
    assert suppress_file(database, KEYS, path).known == 2
    assert pull_lines(database, tmp_path, ANA).suppressed == 1


def test_the_example_list_has_twelve_kinds_of_bad_rows(database: Database, tmp_path: Path) -> None:
    source = ListSource("examples", str(ROOT / "examples" / "supporters.csv"))
    pulled = pull(database, KEYS, source, home=tmp_path, by="worker 1")
    assert counts(pulled) == (2060, 2000, 0, 0, 60)
    assert pulled.mended == 15
    kinds = Counter(row["reason"].split(":")[0] for row in rejected(pulled))
    assert list(kinds.values()) == [5] * 12
    with database.read() as conn:
        first = conn.execute(select(supporter).order_by(supporter.c.id).limit(1)).one()
        names = conn.scalars(select(supporter.c.email).order_by(supporter.c.id)).all()
    assert (first.first_name, first.last_name, first.zip, first.locale) == ("Ana", "Ruiz", "16750", "es")
    assert first.consent == "petition page, 2026-09-12"
    assert all(str(name).endswith(("@example.org", "@example.com", "@example.net")) for name in names)


def test_the_addresses_that_misbehave_fall_into_requests_of_their_own(database: Database, tmp_path: Path) -> None:
    source = ListSource("examples", str(ROOT / "examples" / "supporters.csv"))
    pull(database, KEYS, source, home=tmp_path, by="worker 1")
    s = supporter.c
    place = func.row_number().over(partition_by=[s.locale == "es", s.locale == ""], order_by=s.id)
    with database.read() as conn:
        rows = conn.execute(select(s.email, s.locale, (place - 1) / 100)).all()
    faults = Counter(str(email).split("+")[0] for email, _, _ in rows if "+" in str(email))
    few = {"lost-answer": 1, "429": 2, "bad": 1, "slow": 1}
    assert faults == {"bounce": 24, "block": 6, "drop": 6, "defer": 12, "complaint": 1} | few
    alone = {(locale, int(request)) for email, locale, request in rows if str(email).split("+")[0] in few}
    assert len(alone) == 5


_EMAIL = st.sampled_from(
    ["ana@example.org", "ANA@example.org", "bo@example.org", "cy@example.net", "", "bad", "a@b.org;c@d.org"]
)
_CELL = st.sampled_from(["", "Ana", "=1", "x" * 101, "Zoë", "a\nb", "es"])
_ZIP = st.sampled_from(["28205", "2139", "", "x", "28205-1234"])
_CONSENT = st.sampled_from(["page", "page", "no", "", "yes"])
_ROW = st.tuples(_EMAIL, _CELL, _CELL, _ZIP, _CELL, _CELL, _CONSENT).map(list) | st.lists(_CELL, max_size=9)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def reused(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One migrated database for all examples of a property, once for each kind."""
    if request.param == "sqlite":
        database = engine.connect(f"sqlite:///{tmp_path_factory.mktemp('db')}/test.db")
        migrate.upgrade(database)
        yield database
        database.close()
        return
    with fresh_postgresql(request.getfixturevalue("postgresql_url")) as url:
        database = engine.connect(url)
        migrate.upgrade(database)
        yield database
        database.close()


@settings(max_examples=40)
@given(rows=st.lists(_ROW, max_size=12), erased=st.booleans(), batch=st.integers(1, 5))
def test_any_rows_add_up_and_a_second_pull_changes_nothing(
    reused: Database, tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], erased: bool, batch: int
) -> None:
    folder = tmp_path_factory.mktemp("any")
    with (folder / "any.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEAD.split(","), *rows])
    with reused.begin() as conn:
        for table in (supporter, suppression, pulls):
            conn.execute(delete(table))
        if erased:
            people.erase(conn, people.email_hash(KEYS, "ana@example.org"), 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importer, "BATCH", batch)
        source = ListSource("any", str(folder / "any.csv"))
        first, second = (pull(reused, KEYS, source, home=folder, by="tests") for _ in range(2))
    for done in (first, second):
        assert done.read == done.imported + done.updated + done.unchanged + done.rejected
    assert (second.imported, second.updated) == (0, 0)
    assert (second.unchanged, second.rejected, second.mended) == (first.imported, first.rejected, first.mended)
    with reused.read() as conn:
        assert conn.scalar(select(func.count()).select_from(supporter)) == first.imported
        assert conn.scalar(select(func.count()).where(supporter.c.email == "ana@example.org")) in (0, int(not erased))
    if first.rejected:
        assert len(rejected(first)) == first.rejected
