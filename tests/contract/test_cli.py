"""The command line: every command has help and is documented, and every hurried mistake is told in plain words."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import click
import pytest

from campaign import keys
from campaign.cli import app
from campaign.config import ROOT
from campaign.outreach.sending import webhook_events
from campaign.store import engine
from tests.contract.cli_home import SANDBOX, Home, also_in_processes, only_in_processes, root
from tests.contract.cli_home import home as home
from tests.contract.cli_home import people as people


def test_each_command_is_in_the_module_that_is_imported_for_it() -> None:
    assert set(app.MODULES) == set(root.commands)
    for name, command in root.commands.items():
        assert command.callback.__module__ == f"campaign.cli.{app.MODULES[name][0]}"


def test_a_command_imports_no_other() -> None:
    code = "from campaign.cli.app import root; root.get_command(None, 'facts'); print(*root.commands)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(ended.stdout.split()) == {"facts", "test-send"}


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


@pytest.mark.parametrize("command", [("status",), ("check", "end-287g"), ("preview", "end-287g"), ("demo", "--exit")])
def test_a_home_that_cannot_be_written_is_named(home: Home, command: tuple[str, ...]) -> None:
    words = home.fails("--home", "/dev/null/home", *command)
    assert words.startswith("Error /dev/null")
    assert words.endswith("Check that this user may read and write there.")


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
