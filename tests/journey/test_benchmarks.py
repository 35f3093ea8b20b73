"""The bench measures what it says: both contenders reach everybody once. Its figures are not judged here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from campaign.config import ROOT

pytestmark = pytest.mark.deep


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the bench reads CPU seconds from Linux's /proc")
def test_ours_and_the_naive_sender_reach_everybody_once() -> None:
    few = ("--people", "600", "--naive-people", "60", "--rounds", "1", "--database", "sqlite", "--quick")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *few, "--json"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.keys() == {"machine", "rounds", "latency_ms", "databases"}
    assert found["databases"].keys() == {"sqlite"}
    sums = found["databases"]["sqlite"]
    assert sums.keys() == {"ours", "naive", "ratio"}
    for name, people in (("ours", 600), ("naive", 60)):
        assert sums[name]["people"] == people
        assert min(sums[name].values()) > 0
        assert f"{name}: {people} people once each" in done.stderr
    assert sums["ratio"].keys() == {"per_second", "cpu"}


def test_a_match_of_everybody_counts_the_same_in_three_ways() -> None:
    few = ("match", "--people", "2000", "--rounds", "1", "--database", "sqlite", "--json")
    done = subprocess.run([sys.executable, "-m", "benchmarks", *few], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["databases"]["sqlite"]
    assert found.keys() == {"seconds", "rows_seconds", "naive_seconds", "ratio", "rows_ratio"}
    assert min(found.values()) > 0
