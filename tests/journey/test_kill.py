"""The kill harness: ours loses and doubles nothing, each known-bad engine is caught, and nothing stays behind."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from campaign.config import ROOT

pytestmark = pytest.mark.deep

MARK = "KILL_HARNESS_OF"
KEYS = ["mails", "kills", "duplicates", "losses", "unknown", "unknown_accepted", "seconds", "seed"]


def marked(mark: str) -> list[str]:
    """The commands of all processes that were started, directly or not, with this mark."""
    found: list[str] = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"{MARK}={mark}\0".encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    """An environment whose mark no process may bear when the test has ended."""
    mark = secrets.token_hex(8)
    yield {**os.environ, MARK: mark}
    assert not marked(mark)


def harness(environ: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.kill", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=pipe, stderr=pipe, text=True)


def result(environ: dict[str, str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the last line of stdout, and stderr."""
    with harness(environ, *arguments) as process:
        try:
            out, err = process.communicate()
        except BaseException:
            process.terminate()
            process.communicate()
            raise
    assert process.returncode in (0, 1), err
    assert out, err
    return process.returncode, json.loads(out.splitlines()[-1]), err


@pytest.mark.parametrize(("database", "kills"), [("sqlite", 20), ("postgresql", 10)])
def test_kills_at_random_moments_lose_and_double_nothing(
    environ: dict[str, str], database: str, kills: int, request: pytest.FixtureRequest
) -> None:
    if database == "postgresql":
        environ["CAMPAIGN_TEST_PG_URL"] = request.getfixturevalue("postgresql_url")
    code, found, err = result(environ, "--kills", str(kills), "--database", database, "--mails", "600")
    assert code == 0, err
    assert list(found) == KEYS
    assert (found["duplicates"], found["losses"], found["kills"], found["seed"]) == (0, 0, kills, 1)
    assert found["mails"] >= 600
    assert found["unknown"] >= found["unknown_accepted"] > 0, "no kill hit a request that was under way"
    said = re.search(r"letters: (\d+) confirmed, (\d+) alone and (\d+) in \d+ summaries in the ledger, 0 wrong", err)
    assert said is not None, err
    assert int(said[1]) >= int(said[2]) + int(said[3]) > 0, err


@pytest.mark.parametrize(
    ("engine", "kills", "faults", "pause"),
    [
        ("mark-after-send", 20, 0, 0.5),
        pytest.param("requeue-sending", 20, 0, 0.5, marks=pytest.mark.long),
        pytest.param("retry-timeout", 24, 0.5, 1, marks=pytest.mark.long),
    ],
)
def test_a_bad_engine_is_caught(environ: dict[str, str], engine: str, kills: int, faults: float, pause: float) -> None:
    more = ("--kills", str(kills), "--faults", str(faults), "--pause", str(pause), "--mails", "600")
    code, found, err = result(environ, "--engine", engine, *more)
    assert code == 1, err
    assert found["duplicates"] > 0


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only /proc tells who was started by whom")
def test_ctrl_c_leaves_nothing_running(environ: dict[str, str]) -> None:
    with harness(environ, "--kills", "1000") as process:
        assert process.stderr is not None
        assert "20 of 1000 kills" in process.stderr.readline()
        assert len(marked(environ[MARK])) > 3
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130, err
    assert not out
