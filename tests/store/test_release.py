"""A release is frozen once under the hash of its content, and comes back as it was or not at all."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from campaign.compose.rendering import release
from campaign.errors import CampaignError
from campaign.store.engine import Database
from campaign.store.schema import release as table
from tests.unit.compose_samples import SHIPPED

pytestmark = pytest.mark.both_databases


def test_a_release_comes_back_as_it_was_frozen(database: Database) -> None:
    with database.begin() as conn:
        hash = release.freeze(conn, SHIPPED, 5)
    with database.read() as conn:
        found = release.load(conn, hash)
        row = conn.execute(select(table.c.slug, table.c.made_at, table.c.versions)).one()
    assert found == release.from_folder(SHIPPED)
    assert found.folder == SHIPPED
    assert (row.slug, row.made_at) == ("end-287g", 5)
    assert "jinja2 " in row.versions


def test_freezing_again_changes_nothing(database: Database) -> None:
    with database.begin() as conn:
        first = release.freeze(conn, SHIPPED, 5)
    with database.begin() as conn:
        assert release.freeze(conn, SHIPPED, 6) == first
        assert conn.execute(select(func.count(), func.min(table.c.made_at))).one() == (1, 5)


def test_a_mended_word_makes_another_release(database: Database) -> None:
    mended = replace(SHIPPED, files={**SHIPPED.files, "ask/first.en.md": "---\nsubject: Another\n---\n"})
    with database.begin() as conn:
        assert release.freeze(conn, SHIPPED, 5) != release.freeze(conn, mended, 5)
        assert conn.execute(select(func.count()).select_from(table)).scalar_one() == 2


def test_a_release_that_is_not_there_is_told(database: Database) -> None:
    with database.read() as conn, pytest.raises(CampaignError, match="no release abc"):
        release.load(conn, "abc")


@pytest.mark.parametrize("files", [b"rotten", zlib.compress(b'{"campaign.toml": ""}'), zlib.compress(b"[]")])
def test_a_release_that_is_not_what_was_frozen_is_refused(
    database: Database, files: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "_loaded", {})  # as in a new process
    with database.begin() as conn:
        hash = release.freeze(conn, SHIPPED, 5)
        conn.execute(update(table).values(files=files))
    with database.read() as conn, pytest.raises(CampaignError, match="not what was frozen"):
        release.load(conn, hash)


def test_a_process_reads_a_release_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "_loaded", {})
    with database.begin() as conn:
        hash = release.freeze(conn, SHIPPED, 5)
    with database.read() as conn:
        first = release.load(conn, hash)
    with database.begin() as conn:
        conn.execute(update(table).values(files=b"rotten"))
    with database.read() as conn:
        assert release.load(conn, hash) is first
