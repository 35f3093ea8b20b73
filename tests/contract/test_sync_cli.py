"""`campaign congress sync` as a person and a script use it; the published files come over real sockets."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from campaign.congress.sync import download
from campaign.errors import CampaignError
from tests import congress
from tests.contract.cli_home import Home


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The list of today, but Ohio has a new senator."""
    people = congress.listed()
    del people[congress.at(people, "S:OH:3")["id"]["bioguide"]]
    people["N000999"] = congress.person("N000999", "Newcomer", congress.term("S:OH:3", "2026-11-20", "2029-01-03"))
    return congress.write(tmp_path / "published", people)


def test_a_sync_over_the_net_a_look_a_list_and_the_way_back(home: Home, folder: Path) -> None:
    with served(folder) as url:
        look = home.works("congress", "sync", "--url", url, "--dry-run")
        assert "nothing changed" in look
        assert "Jon Husted" in look
        done = json.loads(home.works("congress", "sync", "--url", url, "--json"))
    assert (done["number"], done["changes"][0]["seat"], done["overdue"]) == (1, "S:OH:3", ["S:FL:3"])
    assert "New Newcomer" in home.works("congress", "who", "--zip", "43215")
    assert json.loads(home.works("congress", "snapshots", "--json"))["in_force"] == 1
    assert "the package" in home.works("congress", "snapshots")
    assert "Jon Husted" in home.works("congress", "restore", "0")
    assert "Jon Husted" in home.works("congress", "who", "--zip", "s:oh:3")


@pytest.mark.deep
def test_a_seat_is_asked_for_at_a_minute(home: Home) -> None:
    def told(when: str) -> tuple[str, bool]:
        shown = json.loads(home.works("congress", "who", "--zip", "H:NC:12", "--on", when, "--json"))
        (one,) = shown["seats"]
        return one["name"], one["known"]

    assert told("2027-01-02T23:59-05:00") == ("Alma S. Adams", True)
    assert told("2027-01-03T11:59") == ("Alma S. Adams", True)  # Washington's, where no offset is given
    assert told("2027-01-03T12:01-05:00") == ("unknown", False)
    assert "not a time" in home.fails("congress", "who", "--zip", "28205", "--on", "tomorrow")


@pytest.mark.deep
def test_what_cannot_be_fetched_is_told_and_changes_nothing(home: Home, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with served(tmp_path / "empty") as url:
        told = home.fails("congress", "sync", "--url", url)
        assert "legislators-current.json could not be downloaded: it answered with status 404" in told
    assert "the connection failed" in home.fails("congress", "sync", "--url", url)
    assert "https://" in home.fails("congress", "sync", "--url", "http://example.org/")
    assert "legislators-current" in home.fails("congress", "sync", "--from", str(tmp_path / "empty"))
    assert json.loads(home.works("congress", "snapshots", "--json"))["snapshots"] == []


def test_a_file_without_end_is_cut_off(folder: Path, tmp_path: Path) -> None:
    with served(folder) as url, pytest.raises(CampaignError, match="longer than 1,000 bytes"):
        download.fetch(url, tmp_path, lambda _: None, most=1000)
