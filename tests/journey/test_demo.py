"""The demo as people run it: it succeeds, its totals add up, and it leaves nothing running."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from campaign.config import ROOT
from campaign.demo import stage
from campaign.errors import CampaignError

FIELDS = [
    "read", "imported", "updated", "unchanged", "rejected", "mended", "suppressed",
    "pulled_by", "asks", "visits", "letters", "receipts", "offices", "arrivals", "sandbox", "seconds", "home",
]  # fmt: skip


DEMO = (sys.executable, "-P", "-m", "campaign", "demo", "--exit", "--json")


def demo(home: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DEMO, "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environ},
    )


def running_in(home: Path) -> list[str]:
    """The processes that still carry this home in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(home).encode() in entry.read_bytes() and entry.parent.name != str(os.getpid()):
                found.append((entry.parent / "cmdline").read_text(errors="replace"))
        except OSError:
            continue
    return found


@pytest.mark.deep
def test_the_demo_ends_well_and_leaves_nothing_running(tmp_path: Path) -> None:
    home = tmp_path / "home"
    config = tmp_path / "config.toml"  # of an installation with real people, a key and a database of its own
    config.write_text(
        (ROOT / "config.toml").read_text().replace('[database]\nurl = ""', '[database]\nurl = "postgresql://nowhere/x"')
    )
    here = {"CAMPAIGN_CONFIG": str(config), "CAMPAIGN_SECRET": "ab" * 32, "CAMPAIGN_REDIS_URL": "redis://nowhere"}
    done = demo(home, SENDGRID_API_KEY="SG.a-real-key", CAMPAIGN_DATABASE_URL="postgresql://nowhere/nothing", **here)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert list(found) == FIELDS
    assert found["read"] == found["imported"] + found["updated"] + found["unchanged"] + found["rejected"] == 2060
    assert (found["imported"], found["rejected"], found["mended"]) == (2000, 60, 15)
    assert found["pulled_by"].startswith("worker process")
    asks = found["asks"]
    assert asks["launched"] == sum(asks["states"].values()) == 2000
    assert asks["states"]["accepted"] == sum(asks["fates"].values())
    assert found["sandbox"]["duplicates"] == 0
    letters = found["letters"]
    assert letters["confirmed"] == sum(letters["states"].values()) > 50
    assert letters["states"].keys() == {"accepted", "handed_off", "cancelled"}
    arrived = found["arrivals"]
    assert arrived["asks"] == asks["states"]["accepted"]
    assert arrived["letters"] == letters["fates"]["delivered"]
    assert min(arrived["forms"], arrived["calls"]) > 3
    ways = sum(arrived[way] for way in ("letters", "forms", "calls"))
    assert arrived["per_1000_asks"] == round(1000 * ways / arrived["asks"], 1)
    assert found["visits"] <= arrived["opened"], "only who enters the ZIP code on file counts as a visit"
    assert letters["states"]["accepted"] == letters["channels"]["email"]
    assert {"delivered", "bounced"} == letters["fates"].keys(), "what bounced went on by form"
    receipts = found["receipts"]["states"]
    assert receipts["accepted"] > letters["confirmed"] / 2
    assert receipts.keys() <= {"accepted", "suppressed", "refused"}, "who complained gets none, nor does a stranger"
    assert 20 < found["offices"] <= letters["confirmed"]
    by_mail = letters["fates"]["delivered"] + letters["fates"]["bounced"]
    told = letters["summaries"]
    assert told["letters"] >= told["mails"] > 3, "one mail to an office, however many letters it tells of"
    by_mail -= told["letters"] - told["mails"]
    mails = asks["states"]["accepted"] + by_mail + receipts["accepted"]
    assert found["sandbox"]["accepted"] == mails + 1, "and the mail to the person who had moved"
    assert {"delivered", "bounced", "blocked", "dropped", "complained"} <= asks["fates"].keys()
    assert "The demo ignores the SENDGRID_API_KEY" in done.stderr
    assert "failed" not in done.stderr
    for path in home.rglob("*"):
        if path.is_file():
            assert b"SG.a-real-key" not in path.read_bytes(), path
    if Path("/proc").exists():
        assert running_in(home) == []


def test_a_demo_does_not_empty_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    done = demo(tmp_path)
    assert done.returncode == 1
    assert "is not empty" in " ".join(done.stderr.split())
    assert (tmp_path / "letter.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.long
def test_two_demos_run_side_by_side(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    started = [subprocess.Popen(DEMO, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    homes = set()
    for process in started:
        shown, errors = process.communicate()
        assert process.returncode == 0, errors
        homes.add(json.loads(shown.splitlines()[-1])["home"])
    assert homes == {str(tmp_path / ".campaign" / f"demo-{number}") for number in (1, 2)}


def test_each_demo_gets_a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with ExitStack() as first, ExitStack() as second:
        assert stage.home_of(None, first) == tmp_path / ".campaign" / "demo-1"
        assert stage.home_of(None, second) == tmp_path / ".campaign" / "demo-2"
        with pytest.raises(CampaignError, match="another demo is running"):
            stage.home_of(tmp_path / ".campaign" / "demo-1", second)
        first.close()
        assert stage.home_of(None, first) == tmp_path / ".campaign" / "demo-1", "a stopped demo's home is used again"


@pytest.mark.long
def test_the_demo_passes_the_change_of_congress(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = demo(home, "--clock", "2027-01-03T11:30-05:00")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["invented"]
    assert not found["trouble"]
    assert found["sent_before_noon"] > 0
    assert sum(found["outcomes"].values()) == found["unsent_at_noon"] == len(found["letters"]) > 0
    assert found["outcomes"]["sent to the same member"] > 0
    assert found["outcomes"]["returned to its writer, who confirmed a new one"] > 0
    for letter in found["letters"]:
        if letter["seat"].startswith("H:"):
            assert letter["steps"][1][1].startswith(("on hold: the new House", "returned to its writer")), letter
    assert running_in(home) == []


def test_another_clock_needs_a_time_before_the_end_of_a_congress(tmp_path: Path) -> None:
    for time, why in (
        ("tomorrow", "not a time with a time zone"),
        ("2027-01-03T11:55-05:00", "20 minutes to 12 hours"),
    ):
        done = demo(tmp_path / "home", "--clock", time)
        assert done.returncode == 1
        assert why in " ".join(done.stderr.split())
