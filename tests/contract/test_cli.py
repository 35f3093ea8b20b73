"""The command line: every command has help and is documented, and every hurried mistake is told in plain words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from campaign import keys, log
from campaign.cli import app
from campaign.config import ROOT, load_settings
from campaign.errors import CampaignError
from campaign.outreach.lists.pull import last_pull
from campaign.outreach.sending import webhook_events
from campaign.store import engine
from campaign.store.engine import Database
from campaign.tasks import make_app

root = app.root
root.list_commands(click.Context(root))  # imports them all
WIDTH = 200


@dataclass(frozen=True)
class Done:
    """A command that has ended: its exit code and what it printed."""

    returncode: int
    stdout: str
    stderr: str


class Home:
    """A home for one test, and `campaign` run in it: in this process, because a new one pays for all imports again."""

    def __init__(self, path: Path, *, processes: bool = False) -> None:
        self.path = path
        self.processes = processes
        self.config = path / "config.toml"
        self.config.write_text((ROOT / "config.toml").read_text(encoding="utf-8"), encoding="utf-8")

    def run(self, *arguments: str, **environ: str) -> Done:
        words = ["--home", str(self.path / "home"), *arguments]
        ours = {"CAMPAIGN_CONFIG": str(self.config), "COLUMNS": str(WIDTH), **environ}
        others = [name for name in os.environ if name.startswith(("CAMPAIGN_", "SENDGRID_"))]
        if not self.processes:
            return _in_this_process(words, {**dict.fromkeys(others), **ours})
        clean = {name: value for name, value in os.environ.items() if name not in others}
        done = subprocess.run(
            [sys.executable, "-m", "campaign", *words], capture_output=True, text=True, cwd=ROOT, env=clean | ours
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def fails(self, *arguments: str, **environ: str) -> str:
        done = self.run(*arguments, **environ)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return " ".join(done.stderr.split())

    def works(self, *arguments: str, **environ: str) -> str:
        done = self.run(*arguments, **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _in_this_process(words: list[str], environ: Mapping[str, str | None]) -> Done:
    """What the installed command does, without a new interpreter."""
    opened: list[Database] = []

    class Context(app.CliContext):
        @cached_property
        def database(self) -> Database:
            opened.append(super().database)
            return opened[-1]

    with CliRunner().isolation(env=environ) as (stdout, stderr, _), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["campaign", *words])
        patch.setattr(app, "CliContext", Context)
        for console in (app.out, app.err):
            patch.setattr(console, "_width", WIDTH)  # rich may have read another one at import
        try:
            app.main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        for database in opened:
            database.close()
        sys.stdout.flush()
        return Done(code, *(stream.getvalue().decode() for stream in (stdout, stderr)))


def test_each_command_is_in_the_module_that_is_imported_for_it() -> None:
    assert set(app.MODULES) == set(root.commands)
    for name, command in root.commands.items():
        assert command.callback.__module__ == f"campaign.cli.{app.MODULES[name][0]}"


def test_a_command_imports_no_other() -> None:
    code = "from campaign.cli.app import root; root.get_command(None, 'facts'); print(*root.commands)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(ended.stdout.split()) == {"facts", "test-send"}


SANDBOX = {"CAMPAIGN_SENDGRID_URL": "http://127.0.0.1:9", "SENDGRID_API_KEY": "SG.test"}


@pytest.fixture
def home(tmp_path: Path, request: pytest.FixtureRequest) -> Home:
    return Home(tmp_path, processes=getattr(request, "param", False))


only_in_processes = pytest.mark.parametrize("home", [True], indirect=True, ids=["processes"])
also_in_processes = pytest.mark.parametrize(
    "home", [False, pytest.param(True, marks=pytest.mark.deep)], indirect=True, ids=["here", "processes"]
)


@pytest.fixture
def people(home: Home) -> Home:
    """A home with three people on file."""
    (home.path / "people.csv").write_text(
        "E-Mail;Vorname;Postal Code;Opt-in\n"
        "ana@example.org;Ana;28205;petition page, 2026-09-12\n"
        "bo@example.org;Bo;2139;petition page, 2026-09-12\n"
        "cy@example.org;Cy;77011;petition page, 2026-09-12\n"
        "nobody;No;77011;petition page, 2026-09-12\n",
        encoding="utf-8",
    )
    home.works(
        "lists",
        "pull",
        "people",
        "--path",
        str(home.path / "people.csv"),
        "--map",
        "first_name=Vorname",
        "--map",
        "consent=Opt-in",
    )
    return home


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")
        elif not command.hidden:
            yield f"{path}{name}", command


@pytest.mark.parametrize(("name", "command"), list(commands(root)))
def test_every_command_has_help_and_is_documented(name: str, command: click.Command) -> None:
    assert command.help, f"campaign {name} says nothing about itself"
    documented = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"`campaign {name}" in documented, f"campaign {name} is not in docs/commands.md"


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


@also_in_processes
def test_a_campaign_from_dry_run_to_status(people: Home) -> None:
    shown = people.works("launch", "end-287g", "--dry-run", **SANDBOX)
    assert "last ask is due" in shown
    assert "Dry run" in shown
    assert json.loads(people.works("status", "--json")) == []
    assert json.loads(people.works("launch", "end-287g", "--json", **SANDBOX))["launched"] == 3
    found = json.loads(people.works("status", "end-287g", "--json"))[0]
    assert found["waves"][0]["states"] == {"queued": 3}
    assert "3 queued" in people.works("pause", "end-287g")
    assert json.loads(people.works("report", "end-287g", "--json"))["paused"]
    people.works("resume", "end-287g")
    people.works("erase", "bo@example.org")
    people.works("cancel", "end-287g", "--yes")
    found = json.loads(people.works("status", "end-287g", "--json"))[0]
    assert found["waves"][0]["states"] == {"cancelled": 3}
    assert found["waves"][0]["adds_up"]
    assert "cancelled" in people.works("explain", "1")


@also_in_processes
def test_status_shows_events_that_were_set_aside_and_they_can_be_tried_again(people: Home) -> None:
    people.works("launch", "end-287g", **SANDBOX)
    assert "could not be applied" not in people.works("status")
    database = engine.connect(f"sqlite:///{people.path}/home/campaign.db")
    webhook_events.receive(database, b'[null,{"event":"unsubscribe","email":"ana at example.org"},{"event":"open"}]')
    webhook_events.apply(database, keys.load(people.path / "home"))
    shown = people.works("status")
    assert "could not be applied: 2." in shown
    assert "campaign events" in shown
    (found,) = json.loads(people.works("status", "--json"))
    assert found["events"]["set_aside"]["number"] == 2
    assert found["events"]["waiting"] == 0
    assert found["failing_steps"] == []
    listed = json.loads(people.works("events", "--json"))
    assert [one["reason"] for one in listed] == [
        "it is not an event: expected an object that names an event",
        "unsubscribe: its address cannot be read",
    ]
    assert "address cannot be read" in people.works("events")
    assert json.loads(people.works("events", "retry", "--json")) == {"tried": 2, "set_aside": 2}
    database.close()


@contextmanager
def answering(*statuses: int) -> Iterator[dict[str, str]]:
    """An HTTP server that answers each POST with the next of these statuses, the last one again and again."""
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Be silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield SANDBOX | {"CAMPAIGN_SENDGRID_URL": f"http://127.0.0.1:{server.server_port}"}
    server.shutdown()
    thread.join()
    server.server_close()


def states(home: Home) -> dict[str, int]:
    found: dict[str, int] = json.loads(home.works("status", "end-287g", "--json"))[0]["waves"][0]["states"]
    return found


@also_in_processes
def test_what_was_refused_whole_is_queued_again_on_request(people: Home) -> None:
    people.works("launch", "end-287g", **SANDBOX)
    with answering(400) as there:
        people.works("send", "end-287g", **there)
    assert states(people) == {"refused": 3}
    assert "queued again" not in people.works("resume", "end-287g")
    assert "3 refused messages queued again" in people.works("resume", "end-287g", "--requeue-refused")
    with answering(202) as there:
        people.works("send", "end-287g", **there)
    assert states(people) == {"accepted": 3}


@also_in_processes
def test_a_cancel_says_what_may_have_been_sent_and_a_person_cannot_send_it_again(people: Home) -> None:
    people.works("launch", "end-287g", **SANDBOX)
    with answering(500) as there:
        people.works("send", "end-287g", **there)
    assert states(people) == {"unknown": 3}
    shown = people.works("cancel", "end-287g", "--yes")
    assert "Canceled 0 messages" in shown
    assert "3 asks may already have been sent. Any that were not stay canceled." in shown
    told = people.works("settle", "1", "--resend", "--by", "Ana", "--why", "not in the log")
    assert "was canceled while it was being sent" in told
    assert states(people)["cancelled"] >= 1
    assert "queued" not in states(people)


def test_a_second_launch_is_refused_and_changes_nothing(people: Home) -> None:
    people.works("launch", "end-287g", **SANDBOX)
    assert "was launched on" in people.fails("launch", "end-287g", **SANDBOX)
    assert json.loads(people.works("status", "--json"))[0]["waves"][0]["launched"] == 3


def test_suppressed_people_are_not_asked(people: Home) -> None:
    (people.path / "gone.txt").write_text("ANA@example.org\nnot an address\n", encoding="utf-8")
    done = people.run("suppress", str(people.path / "gone.txt"))
    assert done.returncode == 1
    assert "line 2" in done.stderr
    planned = json.loads(people.works("launch", "end-287g", "--dry-run", "--json", **SANDBOX))
    assert sum(part["people"] for part in planned["asks"]) == 2
    assert planned["excluded"] == {"listed": 1}


@only_in_processes
def test_before_a_launch_commands_say_what_to_do_next(home: Home) -> None:
    assert "0 supporters can be emailed" in home.works("status")
    assert "lists pull NAME" in home.works("status")
    assert "No one has printed or exported letters" in home.works("packet", "access", "end-287g")
    assert "end-287g" in home.fails("packet", "access", "end-278g")


def test_check_lists_a_placeholder_once_and_advises_a_command_that_works(home: Home) -> None:
    shown = home.run("check", "end-287g").stdout
    assert shown.count("[organization] sender_email") == shown.count("[organization] offices_email") == 1
    assert 'campaign sponsors set end-287g "H.R. 6890" --from FILE --checked DAY' in shown


def test_a_list_that_no_setting_names_is_pulled_with_a_warning(home: Home) -> None:
    path = home.path / "people.csv"
    path.write_text("email,zip,consent\nana@example.org,28205,form 2026-09-12\n", encoding="utf-8")
    first, second = (home.run("lists", "pull", "typo", "--path", str(path)) for _ in range(2))
    assert "config.toml has no list 'typo'" in first.stderr
    assert (first.returncode, second.returncode, second.stderr.strip()) == (0, 0, "")


def test_an_unknown_slug_names_the_known_ones(home: Home) -> None:
    assert "end-287g" in home.fails("check", "end-278g")
    assert "campaign launch" in home.fails("status", "end-287g")
    shown = home.fails("status", "nope")
    assert "end-287g" in shown
    assert "campaign launch" not in shown


def test_nothing_goes_to_the_real_sendgrid_without_key_or_with_placeholders(people: Home) -> None:
    assert "SENDGRID_API_KEY" in people.fails("launch", "end-287g")
    assert "placeholder" in people.fails("launch", "end-287g", SENDGRID_API_KEY="SG.x")
    assert json.loads(people.works("status", "--json")) == []


def test_a_launch_with_nobody_says_so(home: Home) -> None:
    assert "lists pull" in home.fails("launch", "end-287g", **SANDBOX)


def test_invitations_without_contacts_say_how_to_load_some(home: Home) -> None:
    shown = home.works("offices", "invite", "end-287g", "--all", "--dry-run", **SANDBOX)
    assert shown.strip() == "No contacts yet: campaign offices load FILE"


def test_a_broken_template_is_named_with_its_line(people: Home) -> None:
    copy = people.path / "templates" / "end-287g"
    subprocess.run(["cp", "-r", str(ROOT / "templates"), str(people.path / "templates")], check=True)
    body = copy / "ask" / "first.en.md"
    body.write_text(
        "---\nsubject: x\n---\n{{ greetnig }}\n{% if first_name %}you{% endif %}\n{{ fact.no_such }}\n",
        encoding="utf-8",
    )
    told = people.fails("launch", "end-287g", CAMPAIGN_CAMPAIGN_TEMPLATES=str(people.path / "templates"), **SANDBOX)
    for words in ("greetnig", "first_name", "no_such", "first.en.md line 4"):
        assert words in told
    assert json.loads(people.works("status", "--json")) == []


def test_a_launch_outside_the_window_is_refused(people: Home) -> None:
    subprocess.run(["cp", "-r", str(ROOT / "templates"), str(people.path / "templates")], check=True)
    file = people.path / "templates" / "end-287g" / "campaign.toml"
    text = file.read_text(encoding="utf-8").replace("opens = 2026-11-01", "opens = 2027-02-01")
    file.write_text(text, encoding="utf-8")
    told = people.fails("launch", "end-287g", CAMPAIGN_CAMPAIGN_TEMPLATES=str(people.path / "templates"), **SANDBOX)
    assert "window" in told


def test_an_unreadable_list_is_named(home: Home) -> None:
    assert "no such file" in home.fails("lists", "pull", "x", "--path", "/nowhere/x.csv").lower()
    assert "no list is called 'x'" in home.fails("lists", "pull", "x")


@pytest.mark.parametrize("command", [("status",), ("check", "end-287g"), ("preview", "end-287g"), ("demo", "--exit")])
def test_a_home_that_cannot_be_written_is_named(home: Home, command: tuple[str, ...]) -> None:
    words = home.fails("--home", "/dev/null/home", *command)
    assert words.startswith("Error /dev/null")
    assert words.endswith("Check that this user may read and write there.")


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


def test_a_newer_database_is_left_alone(people: Home) -> None:
    import sqlite3

    with sqlite3.connect(people.path / "home" / "campaign.db") as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    conn.close()
    assert "newer version" in people.fails("status")
    assert "newer version" in people.fails("db", "upgrade")


def test_a_port_in_use_is_named(home: Home) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = home.fails("web", CAMPAIGN_WEB_PORT=str(taken.getsockname()[1]))
    assert "cannot be used" in told


def test_faults_in_the_settings_are_all_told(home: Home) -> None:
    home.config.write_text('[sendgrid]\nper_request = 0\nurl = "ftp://x"\n[webb]\n', encoding="utf-8")
    told = home.fails("status")
    for words in ("per_request", "ftp://x", "webb"):
        assert words in told


def test_preview_writes_both_parts_for_odd_people(home: Home) -> None:
    home.works("preview", "end-287g", "--to", str(home.path / "out"))
    names = {path.suffix for path in (home.path / "out").iterdir()}
    assert names == {".html", ".txt"}
    assert len(list((home.path / "out").iterdir())) >= 20
    letters = [path.read_text() for path in (home.path / "out").glob("*letter-house*.txt")]
    assert letters
    assert all("[writer's name, city, ZIP code]" in text for text in letters)
    page = (home.path / "out" / "page-es-open-page-everyone.txt").read_text(encoding="utf-8")
    assert page.startswith("Subject: Pídale al Congreso que ponga fin al 287(g)\n")
    assert "¿Quién decide?\nEl Congreso creó el programa" in page
