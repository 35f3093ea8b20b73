"""The tables of a migrated database are the tables that the code knows, up, down and up again."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from campaign.errors import CampaignError
from campaign.store import engine, migrate
from campaign.store.engine import Database
from campaign.store.schema import metadata

pytestmark = pytest.mark.both_databases


def test_the_migrated_tables_are_the_tables_of_the_code(database: Database) -> None:
    with database.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrations_file_begins_with_its_number(database: Database) -> None:
    with database.read() as conn:
        known = ScriptDirectory.from_config(migrate._config(conn)).walk_revisions()
        assert [script.revision for script in known] == list(reversed(migrate.revisions()))
    assert migrate.current(database) == migrate.head()


def test_up_down_and_up_again(database: Database) -> None:
    migrate.downgrade(database, "base")
    with database.read() as conn:
        assert set(inspect(conn).get_table_names()) <= {"alembic_version"}
    migrate.upgrade(database)
    migrate.check(database)


def test_an_empty_database_is_told_what_to_do(empty_url: str) -> None:
    database = engine.connect(empty_url)
    with pytest.raises(CampaignError, match="campaign db upgrade"):
        migrate.check(database)
    database.close()


def test_a_newer_database_is_refused_and_left_alone(database: Database) -> None:
    with database.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CampaignError, match="newer version"):
        migrate.check(database)
    with pytest.raises(CampaignError, match="newer version"):
        migrate.upgrade(database)
    assert migrate.current(database) == "9999"


def test_nothing_leaves_accepted_and_launched_is_fixed(database: Database) -> None:
    with database.begin() as conn:
        conn.execute(text("INSERT INTO release VALUES ('r', 's', '', '', 0)"))
        conn.execute(
            text(
                "INSERT INTO campaign (id, slug, release, opens_at, closes_at, changed_at)"
                " VALUES (1, 's', 'r', 0, 9, 0)"
            )
        )
        conn.execute(text("INSERT INTO wave (campaign_id, name, launched, launched_at) VALUES (1, 'first', 5, 0)"))
        conn.execute(
            text(
                "INSERT INTO request (id, token, campaign_id, wave, kind, locale, variant, seq, state, due_at, size,"
                " answered_at) VALUES (1, 't', 1, 'first', 'ask', 'en', '', 0, 'accepted', 0, 5, 1)"
            )
        )
    for statement in (
        "UPDATE request SET state = 'queued'",
        "UPDATE wave SET launched = 6",
        "UPDATE request SET state = 'lost'",
        "UPDATE request SET size = -1",
    ):
        with pytest.raises(DBAPIError), database.begin() as conn:
            conn.execute(text(statement))


def test_letters_of_before_get_the_receipt_that_told_about_them(database: Database) -> None:
    migrate.downgrade(database, "0014-1")
    rows = [
        "INSERT INTO release VALUES ('r', 's', '', '', 0)",
        "INSERT INTO campaign (id, slug, release, opens_at, closes_at, changed_at) VALUES (1, 's', 'r', 0, 9, 0)",
    ]
    for number, seat in ((1, "a"), (2, "b")):
        rows += [
            'INSERT INTO evidence (id, at, text_hash, release, link, consent, "by")'
            f" VALUES ({number}, 0, :raw, 'r', :raw, 'c', 'page')",
            "INSERT INTO letter (id, evidence_id, campaign_id, supporter_id, seat, holder, matched, variant, locale,"
            f" nonce, characters, confirmed_at, due_at)"
            f" VALUES ({number}, {number}, 1, 7, '{seat}', 'h', 'zip', 'house', 'en', :raw, 0, 0, 0)",
        ]
    rows += [
        "INSERT INTO delivery (id, campaign_id, wave, kind, supporter_id, outcome, reason)"
        f" VALUES ({number}, 1, '{wave}', 'receipt', {who}, 'refused', '')"
        for number, wave, who in ((4, "letter-1", 7), (5, "fallback-9", 7), (6, "letter-2", 8))
    ]
    with database.begin() as conn:
        for row in rows:
            conn.execute(text(row), {"raw": b"x"} if ":raw" in row else {})
    migrate.upgrade(database)
    with database.read() as conn:
        found = conn.execute(text("SELECT id, receipt_id FROM letter ORDER BY id")).all()
    assert [tuple(row) for row in found] == [(1, 4), (2, 5)], "its own receipt, else the supporter's newest one"
    migrate.downgrade(database, "0014-1")
