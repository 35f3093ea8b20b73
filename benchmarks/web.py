"""`python -m benchmarks web`: the CPU of each step of a supporter beside a bare page of Litestar and Jinja, and how
long visitors wait at many connections beside the code of `--before`.

The bare page has the same bytes, no database and no link to check, and runs in the same uvicorn. All take turns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rich.console import Console

from benchmarks import cpu
from benchmarks.machine import machine
from benchmarks.visitors import Server, Step, Visitor, at_once, one_by_one
from benchmarks.web_server import CONTACT, NOWHERE
from campaign import processes
from campaign.cli.output import show_table
from campaign.config import ROOT
from campaign.errors import CampaignError
from campaign.processes import ProcessGroup

SCRIPT = ROOT / "benchmarks" / "web_server.py"
# What is measured: the step, the bare page that it is compared with, whose step it is, and what they do.
STEPS = (
    ("GET, ZIP question", "zip", CONTACT, "open"),
    ("POST, ZIP code", "letter", CONTACT, "enter"),
    ("GET, letter", "letter", CONTACT, "arrive"),
    ("POST, confirm", "thanks", CONTACT, "confirm"),
    ("GET, thanks", "thanks", CONTACT, "arrive"),
    ("GET, offices", "offices", NOWHERE, "arrive"),
)
WAITS = (("ZIP question", "open"), ("ZIP code, until its page is there", "enter_and_arrive"))


@dataclass(slots=True)
class Contender:
    """A server of the product with the links of its people."""

    server: Server
    links: dict[str, list[str]]

    def take(self, zip_code: str, number: int) -> list[Visitor]:
        """So many people who have not come yet."""
        taken = [self.links[zip_code].pop() for _ in range(number)]
        return [Visitor(link, zip_code) for link in taken]


@dataclass(slots=True)
class Measured:
    """By step and server: CPU seconds a request, of each round; by wait and server: seconds, of all rounds."""

    cpu: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    waits: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


def main(arguments: list[str]) -> None:
    options = _options(arguments)
    with _servers(options) as (contenders, start_bare):
        measured = Measured()
        asyncio.run(_measure(options, contenders, start_bare, measured))
    found = {
        "machine": machine(),
        "rounds": options.rounds,
        "requests": options.requests,
        "gzip": options.gzip,
        "cpu": {name: _cpu(measured, name) for name, *_ in STEPS},
        "waits": {name: _waits(one) for name, one in measured.waits.items()},
    }
    if options.json:
        print(json.dumps(found))
    else:
        _print(options, found)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks web", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=200, help="of each step in a round (200)")
    parser.add_argument("--connections", type=int, default=50, help="for the waits (50)")
    parser.add_argument("--before", type=Path, help="a checkout of older code, to wait for as well")
    parser.add_argument("--gzip", action="store_true", help="visitors take compressed pages")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    return parser.parse_args(arguments)


@contextmanager
def _servers(options: argparse.Namespace) -> Iterator[tuple[list[Contender], Callable[[dict[str, str]], Server]]]:
    """Ours and the one before, with people; and a function that starts the bare pages."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    parts = ProcessGroup(folder / "logs", {})
    people = 2 * (options.requests * 4 * (options.rounds + 1) + 100)
    encoding = "gzip" if options.gzip else ""

    def start(name: str, checkout: Path, *program: str) -> tuple[Server, Path]:
        home, sock = folder / name, processes.listen("127.0.0.1", 0)
        home.mkdir()
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("CAMPAIGN_", "SENDGRID_"))}
        parts.environ = kept | {
            "PYTHONPATH": str(checkout),
            "CAMPAIGN_HOME": str(home),
            "CAMPAIGN_CAMPAIGN_TEMPLATES": str(home / "templates"),
            "CAMPAIGN_WEB_BASE_URL": processes.address(sock),
            "CAMPAIGN_SENDGRID_URL": "http://127.0.0.1:9",  # a launch checks less where nothing can leave
            "SENDGRID_API_KEY": "SG.bench",
        }
        started = parts.start(name, [sys.executable, "-P", *program, "--fd", str(sock.fileno())], sock=sock)
        url, port = processes.address(sock), sock.getsockname()[1]
        sock.close()
        processes.wait(parts, lambda: processes.healthy(url), name, 300)
        return Server(name, started.process.pid, port, encoding), home

    def product(name: str, checkout: Path) -> Contender:
        server, home = start(name, checkout, str(SCRIPT), "--home", str(folder / name), "--people", str(people))
        return Contender(server, json.loads((home / "links.json").read_text(encoding="utf-8")))

    def bare(pages: dict[str, str]) -> Server:
        (folder / "pages.json").write_text(json.dumps(pages), encoding="utf-8")
        return start("bare", ROOT, "-m", "benchmarks.web_bare", "--pages", str(folder / "pages.json"))[0]

    try:
        yield [product("ours", ROOT), *([product("before", options.before)] if options.before else [])], bare
    finally:
        parts.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(
    options: argparse.Namespace,
    contenders: list[Contender],
    start_bare: Callable[[dict[str, str]], Server],
    measured: Measured,
) -> None:
    pages = await _pages(contenders[0])
    bare = start_bare(pages)
    measured.sizes = {name: len(page.encode()) for name, page in pages.items()}
    for number in range(options.rounds + 1):  # the first one warms up
        found = Measured() if not number else measured
        await _round(options, number, contenders, bare, found)
        for name, does in WAITS:
            for contender in contenders[:: 1 if number % 2 else -1]:
                steps = [getattr(visitor, does) for visitor in contender.take(CONTACT, options.requests)]
                seconds = await at_once(contender.server, steps, options.connections)
                found.waits.setdefault(name, {}).setdefault(contender.server.name, []).extend(seconds)
        print(f"{number}/{options.rounds}", file=sys.stderr)


async def _pages(ours: Contender) -> dict[str, str]:
    """The pages that the bare server shows, too."""
    pages = dict[str, str]()
    for zip_code in (CONTACT, NOWHERE):
        (visitor,) = ours.take(zip_code, 1)
        await one_by_one(ours.server, [visitor.open, visitor.enter])
        for _, page, whose, does in STEPS:
            if whose == zip_code:
                await one_by_one(ours.server, [getattr(visitor, does)])
                pages[page] = visitor.page
    if 'class="postmark"' not in pages["thanks"]:
        raise CampaignError("the letter was not confirmed")
    return pages


async def _round(
    options: argparse.Namespace, number: int, contenders: list[Contender], bare: Server, found: Measured
) -> None:
    """Every step once by all servers in turn; whoever begins changes with the round."""
    people = dict[str, dict[str, list[Visitor]]]()
    for contender in contenders:
        both = {zip_code: contender.take(zip_code, options.requests) for zip_code in (CONTACT, NOWHERE)}
        await one_by_one(contender.server, [step for one in both[NOWHERE] for step in (one.open, one.enter)])
        people[contender.server.name] = both
    for name, page, whose, does in STEPS:
        turns = [(bare, [_get(page)] * options.requests)]
        for contender in contenders:
            visitors = people[contender.server.name][whose]
            if does != "arrive" or visitors[0].at:  # what was posted may have been answered with the page itself
                turns.append((contender.server, [getattr(visitor, does) for visitor in visitors]))
        for server, steps in turns if number % 2 else reversed(turns):
            spent = await _spent(server, steps)
            found.cpu.setdefault(name, {}).setdefault(server.name, []).append(spent / len(steps))


def _get(page: str) -> Step:
    return lambda connection: connection.ask("GET", f"/{page}")


async def _spent(server: Server, steps: Sequence[Step]) -> float:
    """CPU seconds of the server's process, from before the first request until all is answered."""
    before = cpu.of_process(server.pid)
    await one_by_one(server, steps)
    time.sleep(0.02)  # what it still does after its answer
    return cpu.of_process(server.pid) - before


def _cpu(measured: Measured, name: str) -> dict[str, Any]:
    """Medians in ms; ratios round by round."""
    by_server = measured.cpu[name]
    found = {f"{server}_ms": round(median(values) * 1000, 3) for server, values in by_server.items()}
    page = next(page for step, page, *_ in STEPS if step == name)
    ratio = median(mine / theirs for mine, theirs in zip(by_server["ours"], by_server["bare"], strict=True))
    return found | {"bytes": measured.sizes[page], "ratio": round(ratio, 2)}


def _waits(by_server: dict[str, list[float]]) -> dict[str, Any]:
    """In ms."""
    found = dict[str, Any]()
    for server, seconds in by_server.items():
        hundredths = quantiles(seconds, n=100)
        found[server] = {"p50": round(hundredths[49] * 1000, 1), "p99": round(hundredths[98] * 1000, 1)}
    if "before" in found:
        found["ratio"] = {key: round(found["ours"][key] / found["before"][key], 2) for key in ("p50", "p99")}
    return found


def _print(options: argparse.Namespace, found: dict[str, Any]) -> None:
    here = found["machine"]
    to = Console(highlight=False, width=120)
    title = (
        f"CPU ms a request of the server's process; {options.rounds} round(s) of {options.requests}, medians; "
        f"{'gzip' if options.gzip else 'not compressed'}; "
        f"{here['cores']} cores ({here['cpu']}), Python {here['python']}"
    )
    rows: list[tuple[str, ...]] = []
    for name, one in found["cpu"].items():
        times = [f"{one[key]:.2f}" if key in one else "" for key in ("bare_ms", "ours_ms", "before_ms")]
        rows.append((name, f"{one['bytes']:,}", *times, f"{one['ratio']:.1f}"))
    show_table(title, ("", "bytes", "bare", "ours", "before", "x bare"), rows, to=to)
    rows = [
        (f"{name}: {server}", f"{one['p50']:.0f}", f"{one['p99']:.0f}")
        for name, waits in found["waits"].items()
        for server, one in waits.items()
        if server != "ratio"
    ]
    show_table(f"ms until the answer at {options.connections} connections", ("", "p50", "p99"), rows, to=to)
