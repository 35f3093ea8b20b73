"""A home for one test, and `campaign` run in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from campaign.cli import app
from campaign.config import ROOT
from campaign.store.engine import Database
from tests.prepared import migrated

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
        if not processes:  # an empty database is migrated by the first command
            migrated(path / "home" / "campaign.db").close()
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


SANDBOX = {"CAMPAIGN_SENDGRID_URL": "http://127.0.0.1:9", "SENDGRID_API_KEY": "SG.test"}


@pytest.fixture
def home(tmp_path: Path, request: pytest.FixtureRequest) -> Home:
    return Home(tmp_path, processes=getattr(request, "param", False))


only_in_processes = pytest.mark.parametrize("home", [True], indirect=True, ids=["processes"])
also_in_processes = pytest.mark.parametrize(
    "home", [False, pytest.param(True, marks=pytest.mark.long)], indirect=True, ids=["here", "processes"]
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
