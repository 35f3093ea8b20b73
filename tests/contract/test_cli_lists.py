"""Lists on the command line: what is imported, what is rejected, and who may never be emailed."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pytest

from campaign import log
from campaign.config import load_settings
from campaign.errors import CampaignError
from campaign.outreach.lists.pull import last_pull
from campaign.store import engine
from campaign.tasks import make_app
from tests.contract.cli_home import SANDBOX, Home
from tests.contract.cli_home import home as home
from tests.contract.cli_home import people as people


def test_a_list_goes_in_and_what_does_not_comes_back_with_the_reason(people: Home) -> None:
    again = json.loads(
        people.works(
            "lists",
            "pull",
            "people",
            "--path",
            str(people.path / "people.csv"),
            "--map",
            "first_name=Vorname",
            "--map",
            "consent=Opt-in",
            "--json",
        )
    )
    assert (again["read"], again["unchanged"], again["rejected"], again["mended"]) == (4, 3, 1, 1)
    kept = Path(again["rejected_path"]).read_text(encoding="utf-8-sig")
    assert "nobody" in kept
    assert "not an email address" in kept


def test_suppressed_people_are_not_asked(people: Home) -> None:
    (people.path / "gone.txt").write_text("ANA@example.org\nnot an address\n", encoding="utf-8")
    done = people.run("suppress", str(people.path / "gone.txt"))
    assert done.returncode == 1
    assert "line 2" in done.stderr
    planned = json.loads(people.works("launch", "end-287g", "--dry-run", "--json", **SANDBOX))
    assert sum(part["people"] for part in planned["asks"]) == 2
    assert planned["excluded"] == {"listed": 1}


def test_a_list_that_no_setting_names_is_pulled_with_a_warning(home: Home) -> None:
    path = home.path / "people.csv"
    path.write_text("email,zip,consent\nana@example.org,28205,form 2026-09-12\n", encoding="utf-8")
    first, second = (home.run("lists", "pull", "typo", "--path", str(path)) for _ in range(2))
    assert "config.toml has no list 'typo'" in first.stderr
    assert (first.returncode, second.returncode, second.stderr.strip()) == (0, 0, "")


def test_an_unreadable_list_is_named(home: Home) -> None:
    assert "no such file" in home.fails("lists", "pull", "x", "--path", "/nowhere/x.csv").lower()
    assert "no list is called 'x'" in home.fails("lists", "pull", "x")


def test_who_said_no_is_shown_by_column_and_never_asked(home: Home) -> None:
    path = home.path / "people.csv"
    path.write_text(
        "email,zip,Status,Deceased\nana@example.org,28205,active,no\nbo@example.org,28205,unsubscribed,no\n"
        "cy@example.org,28205,active,yes\ndi@example.org,28205,pending,no\n",
        encoding="utf-8",
    )
    pulled = ("lists", "pull", "x", "--path", str(path), "--consent", "sign-up form, 2024")
    shown = home.works(*pulled)
    assert "Status, Deceased" in shown
    assert "opted out" in shown
    found = json.loads(home.works(*pulled, "--json"))
    assert (found["read"], found["unchanged"], found["rejected"], found["suppressed"]) == (4, 1, 3, 0)
    assert found["emailed"]["columns"] == ["Status", "Deceased"]
    assert found["emailed"]["newly_suppressed"] == 0
    assert {"column": "Deceased", "why": "deceased", "rows": 1} in found["emailed"]["left_out"]
    assert json.loads(home.works("launch", "end-287g", "--json", **SANDBOX))["launched"] == 1


def test_a_column_of_status_words_that_we_do_not_know_is_asked_about(home: Home) -> None:
    path = home.path / "people.csv"
    path.write_text(
        "email,zip,Zustand,Notes\nana@example.org,28205,active,\nbo@example.org,28205,unsubscribed,bounced\n",
        encoding="utf-8",
    )
    pulled = ("lists", "pull", "x", "--path", str(path), "--consent", "sign-up form, 2024")
    told = home.fails(*pulled)
    assert "'Zustand' (active: 1, unsubscribed: 1); 'Notes' (bounced: 1)" in told
    assert '--map "status=Zustand"' in told
    assert '--ignore "Zustand"' in told
    assert "'Notes'" in home.fails(*pulled, "--map", "status=Zustand")
    found = json.loads(home.works(*pulled, "--map", "status=Zustand", "--ignore", "Notes", "--json"))
    assert (found["imported"], found["rejected"], found["emailed"]["newly_suppressed"]) == (1, 1, 1)


def test_a_worker_asks_nothing_imports_nothing_and_says_so(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    path = home.path / "people.csv"
    path.write_text("email,zip,Zustand\nana@example.org,28205,unsubscribed\n", encoding="utf-8")
    entry = f'[[lists]]\nname = "x"\npath = "{path}"\nconsent = "sign-up form, 2024"\n'
    home.config.write_text(entry, encoding="utf-8")
    home.works("db", "upgrade")

    def work() -> dict[str, object]:
        log.configure()
        settings = load_settings(home=home.path / "home", path=home.config, environ={})
        with suppress(CampaignError):  # Celery logs it as the task's failure
            make_app(settings).tasks["pull_list"]("x")
        database = engine.connect(settings.database_url)
        last = last_pull(database, "x")
        database.close()
        assert last is not None
        return asdict(last)

    log.configure()
    last = work()
    assert (last["read"], last["finished"]) == (0, True)
    assert "Zustand" in str(last["problem"])
    logged = capfd.readouterr().err
    assert "pull_failed" in logged
    assert "unsubscribed: 1" in logged
    assert "last pull of the list x failed" in " ".join(home.run("status").stderr.split())
    home.config.write_text(entry + 'status = ["Zustand"]\n', encoding="utf-8")
    last = work()
    assert (last["rejected"], last["problem"]) == (1, "")
    home.config.write_text(entry + 'ignore = "Zustand"\n', encoding="utf-8")
    assert "must be a list of columns" in home.fails("status")
