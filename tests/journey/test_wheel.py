"""The wheel, installed with the lock into a fresh environment, works in an empty folder without the sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign import __version__
from campaign.config import ROOT

pytestmark = pytest.mark.deep

SOURCES = ("campaign", "config.toml", "examples", "LICENSE", "pyproject.toml", "README.md", "templates")
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("CAMPAIGN_", "PYTHON", "SENDGRID_"))}


def run(folder: Path, *command: str) -> str:
    """What it prints. Fails with its output when it does not succeed."""
    environ = {**CLEAN, "COLUMNS": "200", "CAMPAIGN_SENDGRID_URL": "http://127.0.0.1:9"}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the installed commands."""
    base = tmp_path_factory.mktemp("wheel")
    sources, environment = base / "sources", base / "environment"
    sources.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, sources / name)
    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check")
    run(base, sys.executable, *pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(base), str(sources))
    shutil.rmtree(sources)
    run(base, sys.executable, "-m", "venv", str(environment))
    python = str(environment / "bin" / "python")
    run(base, python, *pip, "install", "--require-hashes", "-r", str(ROOT / "requirements.txt"))
    (wheel,) = base.glob("*.whl")
    run(base, python, *pip, "install", "--no-deps", str(wheel))
    yield environment / "bin"
    shutil.rmtree(environment)


@pytest.mark.long
def test_the_wheel_brings_all_that_its_commands_need(installed: Path, tmp_path: Path) -> None:
    where = run(tmp_path, str(installed / "python"), "-c", "import campaign; print(campaign.__file__)")
    assert Path(where).is_relative_to(installed.parent)
    command = str(installed / "campaign")
    assert run(tmp_path, command, "--version").split() == ["campaign,", "version", __version__]
    assert "end-287g can be launched" in run(tmp_path, command, "check", "end-287g")
    assert "nothing left this machine" in run(tmp_path, command, "demo", "--exit")
    assert [path.name for path in tmp_path.iterdir()] == [".campaign"], "everything is in the home"
