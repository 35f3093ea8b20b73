"""Whatever ends a command that started processes, none of them is left, and it ends soon."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from campaign.config import ROOT
from campaign.demo import simulated_supporters
from campaign.demo.simulated_supporters import SimulationCounts
from campaign.demo.simulated_visit import SimulatedSupporter
from tests.journey.test_demo import DEMO, running_in

# Starts one process, and gets the signal before it knows which.
EARLY = """
import signal, subprocess, sys
from pathlib import Path
from campaign import processes
from campaign.config import load_settings

class Popen(subprocess.Popen):
    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        signal.raise_signal(int(sys.argv[2]))

processes.subprocess.Popen = Popen
with processes.running(load_settings(home=Path(sys.argv[1]), path=Path("config.toml"), environ={})) as group:
    group.start("sleeper", ["sleep", "60"])
"""


class Slow(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        time.sleep(0.05)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def slow() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_comes_while_a_process_starts_leaves_none(tmp_path: Path, number: int) -> None:
    script = [sys.executable, "-c", EARLY, str(tmp_path / "home"), str(int(number))]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert "KeyboardInterrupt" in done.stderr, done.stderr
    assert running_in(tmp_path) == []


def test_ctrl_c_does_not_wait_for_all_links_and_supporters(slow: str) -> None:
    person = SimulatedSupporter("ana@example.org", "28205", "en")
    counts, urls = SimulationCounts(), [f"{slow}/a/{number}" for number in range(1000)]
    for simulate in (
        partial(simulated_supporters.scan, slow, urls, counts),
        partial(simulated_supporters.follow, slow, [(person, url) for url in urls], counts),
    ):
        started = time.monotonic()
        threading.Timer(0.2, signal.raise_signal, [signal.SIGINT]).start()
        with pytest.raises(KeyboardInterrupt):
            simulate()
        assert time.monotonic() - started < 5, "250 links for each of four connections take 12 seconds"


@pytest.mark.long
def test_sigterm_ends_a_demo_with_all_its_processes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    demo = subprocess.Popen([*DEMO, "--home", str(home)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert demo.stderr is not None
    for line in demo.stderr:
        if line.startswith(b"Scanner"):  # its supporters are at work
            break
    assert len(running_in(home)) > 3
    demo.terminate()
    started = time.monotonic()
    demo.communicate()
    assert demo.returncode == 130
    assert time.monotonic() - started < 40, "each of four processes gets 8 seconds before it is killed"
    assert running_in(home) == []
