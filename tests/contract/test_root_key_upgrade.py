"""An upgrade records the fingerprint of the root key if it can be proved; otherwise a person decides."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import click
import pytest
from sqlalchemy import select, text

from campaign import keys
from campaign.keys import KeyRefused
from campaign.store import migrate, root_key
from campaign.store.schema import root_key as fingerprints
from campaign.supporters import people
from tests.build import add_people
from tests.contract.key_home import Home
from tests.contract.key_home import home as home
from tests.contract.key_home import lived as lived

# ---------------------------------------------------------------------------------- upgrading an older database


@pytest.fixture
def older(lived: Home) -> Home:
    """The same installation before fingerprints."""
    database = lived.database()
    migrate.downgrade(database, "0010")
    return lived


def revision(home: Home) -> str | None:
    return migrate.current(home.database())


def test_an_upgrade_with_the_right_key_records_it(older: Home) -> None:
    older.run("db upgrade")
    with older.database().read() as conn:
        kept = conn.scalars(select(fingerprints.c.fingerprint)).one()
    assert bytes(kept) == keys.load(older.home).fingerprint
    older.run("status")


@pytest.mark.parametrize("lose", [Home.lose_key, Home.another_key])
@pytest.mark.parametrize("arguments", [("db upgrade",), ("db adopt-key", "--yes")])
def test_an_upgrade_with_a_wrong_key_changes_nothing(
    older: Home, lose: Callable[[Home], None], arguments: tuple[str, ...]
) -> None:
    lose(older)
    with pytest.raises(KeyRefused):
        older.run(*arguments)
    assert revision(older) == "0010"


def test_a_migrated_database_without_fingerprint_is_proved_when_it_is_opened(older: Home) -> None:
    database = older.database()
    migrate.upgrade(database)
    right = older.key.read_text(encoding="ascii")
    older.another_key()
    with pytest.raises(KeyRefused):
        older.run("status")
    with pytest.raises(KeyRefused):
        root_key.open_keys(database, older.home)
    older.key.write_text(right, encoding="ascii")
    older.run("status")
    assert root_key.open_keys(database, older.home).fingerprint == keys.load(older.home).fingerprint


def test_a_key_that_nothing_proves_needs_a_person(older: Home) -> None:
    with older.database().begin() as conn:  # nobody is on file whose address the key could fit
        conn.execute(text("UPDATE supporter SET email = NULL"))
    with pytest.raises(KeyRefused, match="campaign db adopt-key"):
        older.run("db upgrade")
    assert revision(older) == "0010"
    older.run("db adopt-key", "--yes")
    older.run("status")
    older.another_key()
    with pytest.raises(KeyRefused):
        older.run("db adopt-key", "--yes")


def test_people_stored_with_two_keys_need_a_person(older: Home) -> None:
    other = keys.derive(b"o" * 32)
    with older.database().begin() as conn:
        add_people(conn, [9], email="dee@example.org", email_hash=other.email_hash("dee@example.org"))
    with pytest.raises(KeyRefused, match="fits only 2 of 3 supporters"):
        older.run("db upgrade")
    assert revision(older) == "0010"
    older.run("db adopt-key", "--yes")
    older.run("status")


def test_adopting_without_a_yes_changes_nothing(older: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    with pytest.raises(click.Abort):
        older.run("db adopt-key")
    assert revision(older) == "0010"


def test_a_database_without_people_may_change_its_key(home: Home) -> None:
    root_key.open_keys(home.database(), home.home)
    home.another_key()
    with pytest.raises(KeyRefused):
        home.run("status")
    home.run("db adopt-key", "--yes")
    home.run("status")


def test_a_suppression_alone_is_enough_to_refuse_a_new_key(home: Home) -> None:
    with home.database().begin() as conn:
        people.suppress(conn, [b"h" * 16], "listed", "tests", 1)
    with pytest.raises(KeyRefused, match="missing"):
        root_key.open_keys(home.database(), home.home)
    assert not home.key.exists()
