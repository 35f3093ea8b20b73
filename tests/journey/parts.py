"""A small installation of a test's own: a home, and its parts as processes, which all stop at the end."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from campaign import processes
from campaign.config import ROOT, Settings, load_settings
from campaign.processes import ProcessGroup, StartedProcess
from campaign.sandbox import ledger
from campaign.store import engine, migrate, root_key
from campaign.store.engine import Database

SLUG = "end-287g"
LIST = "tests"
PATIENCE = 300  # seconds for each wait: a slow machine is no fault
SMALL = {"per_request": 5, "in_flight": 8, "timeout": 5, "lease": 1}
Sections = dict[str, dict[str, str | int | float]]


@dataclass(frozen=True, slots=True)
class Site:
    """One installation. `port` is the sandbox's listening socket: it stays open while the sandbox is started anew."""

    settings: Settings
    database: Database
    parts: ProcessGroup
    port: socket.socket
    orphans: list[int] = field(default_factory=list)  # process groups of workers that were killed

    @property
    def ledger(self) -> Path:
        return self.settings.home / "sandbox" / ledger.NAME

    def wait(self, ready: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Raises CampaignError when a part ends by itself, or the time is over."""
        processes.wait(self.parts, ready, what, seconds)


@contextmanager
def site(
    home: Path,
    *,
    database_url: str = "",
    lists: Mapping[str, Path] | None = None,
    sendgrid: Mapping[str, int] | None = None,
) -> Iterator[Site]:
    """An installation in `home`, migrated, without any part running. Requests are small, and leases short."""
    port = processes.listen("127.0.0.1", 0)
    sections: Sections = {
        "database": {"url": database_url},
        "sendgrid": {"url": processes.address(port), **SMALL, **(sendgrid or {})},
        "campaign": {
            "templates": str(_templates(home / "templates")),
            "scheduler_seconds": 0.2,
            "take_back": 1,
            "office_hours": "0-24",
        },
    }
    config = home / "config.toml"
    config.write_text(_toml(sections, lists or {}), encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("CAMPAIGN_", "SENDGRID_"))}
    environ |= {"SENDGRID_API_KEY": "SG.tests", "CAMPAIGN_CONFIG": str(config), "CAMPAIGN_HOME": str(home / "state")}
    settings = load_settings(home=home / "state", path=config, environ=environ)
    database = engine.connect(settings.database_url)
    made = None
    try:
        migrate.upgrade(database)
        root_key.open_keys(database, settings.home, environ=environ)
        with processes.running(settings, environ) as parts:
            made = Site(settings, database, parts, port)
            try:
                yield made
            finally:
                for part in list(parts.started):
                    kill_all(made, part)
    finally:
        for group in made.orphans if made else []:
            _kill_group(group)
        database.close()
        port.close()
        shutil.rmtree(settings.broker_socket.parent, ignore_errors=True)


def _templates(folder: Path) -> Path:
    """The shipped campaign, with a window that is open whenever a test runs."""
    shutil.copytree(ROOT / "templates" / SLUG, folder / SLUG)
    file = folder / SLUG / "campaign.toml"
    text = file.read_text(encoding="utf-8")
    text = re.sub(r"^opens = \S+", "opens = 2026-01-01", text, flags=re.MULTILINE)
    text = re.sub(r"^closes = \S+", "closes = 2099-12-31", text, flags=re.MULTILINE)
    file.write_text(text, encoding="utf-8")
    return folder


def _toml(sections: Sections, lists: Mapping[str, Path]) -> str:
    lines: list[str] = []
    for name, values in sections.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    for name, path in lists.items():
        lines += ["[[lists]]", f"name = {json.dumps(name)}", f"path = {json.dumps(str(path))}"]
    return "\n".join(lines) + "\n"


def write_list(path: Path, people: int, *, first: int = 1) -> Path:
    """A list of invented people who have all agreed, every third of them in Spanish."""
    with path.open("w", encoding="utf-8") as file:
        file.write("email,first name,zip,language,consent\n")
        for number in range(first, first + people):
            language = "es" if number % 3 == 0 else "en"
            file.write(f"person{number}@example.org,Person {number},28205,{language},petition of 2026-09-12\n")
    return path


# ---------------------------------------------------------------------------------------------------- parts


def start_sandbox(site: Site, *, faults: float = 0, seed: int = 1, latency_ms: int = 0) -> StartedProcess:
    options = ("--faults", str(faults), "--seed", str(seed), "--latency", str(latency_ms))
    part = site.parts.campaign("sandbox", "sandbox", *options, sock=site.port)
    site.wait(lambda: processes.healthy(processes.address(site.port)), "sandbox")
    return part


def start_broker(site: Site) -> StartedProcess:
    processes.start_broker(site.parts, site.settings)
    return site.parts.started[-1]


def start_worker(site: Site) -> StartedProcess:
    """`celery -A worker worker`, as anybody would start it; it may not be ready yet."""
    processes.start_worker(site.parts)
    return site.parts.started[-1]


def start_celery(site: Site, *options: str) -> StartedProcess:
    """The same worker with options of Celery's own, for example `--loglevel=INFO`."""
    return site.parts.start("worker", [*processes.CELERY, *options])


def kill(site: Site, part: StartedProcess) -> None:
    """SIGKILL to this one process. What it had forked lives on, at most until the installation ends."""
    site.parts.started.remove(part)
    site.orphans.append(part.process.pid)
    part.process.kill()
    part.process.wait()


def kill_all(site: Site, part: StartedProcess) -> None:
    """SIGKILL to it and to all that it has started."""
    _kill_group(part.process.pid)
    kill(site, part)


def stop(site: Site, part: StartedProcess) -> None:
    """SIGTERM, and wait for the end."""
    site.parts.started.remove(part)
    part.process.terminate()
    part.process.wait(PATIENCE)


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def pool(worker: StartedProcess) -> list[int]:
    """The process ids of a Celery worker's pool."""
    return [child for child, command in _children(worker) if b"scheduler" not in command]


def scheduler(worker: StartedProcess) -> list[int]:
    """The process id of a Celery worker's scheduler, if it lives."""
    return [child for child, command in _children(worker) if b"scheduler" in command]


def _children(worker: StartedProcess) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    for children in Path(f"/proc/{worker.process.pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in children.read_text().split():
                with suppress(OSError):
                    found.append((int(child), Path(f"/proc/{child}/cmdline").read_bytes()))
    return [(child, command) for child, command in found if command]  # one that has ended has no command


def open_files(pid: int) -> set[str]:
    """What a process holds open; nothing when it has ended."""
    found: set[str] = set()
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found.add(os.readlink(link))
    return found


def sends(site: Site, pid: int) -> bool:
    """Whether this process holds a connection to the sandbox."""
    port = f":{site.port.getsockname()[1]:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    return bool({f"socket:[{row[9]}]" for row in rows if row[2].endswith(port)} & open_files(pid))


# ---------------------------------------------------------------------------------------------------- what arrived


def arrived(site: Site) -> Counter[int]:
    """How often each delivery stands in the sandbox's ledger."""
    found: Counter[int] = Counter()
    for request in ledger.read(site.ledger):
        for part in request.body.personalizations:
            found[int(request.body.args(part)["ct_delivery"])] += 1
    return found


def mails(site: Site) -> int:
    """How many mails the ledger holds by now."""
    return arrived(site).total() if site.ledger.exists() else 0
