"""`python -m benchmarks`: ours and the naive sender by turns, then a launch of a million people."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from celery.exceptions import DuplicateTaskNameWarning
from rich.console import Console
from rich.markup import escape

from benchmarks import arrival, match, naive, ours, web
from benchmarks.machine import machine
from benchmarks.stage import Run, server, stage
from campaign import log
from campaign.cli.output import show_table
from campaign.errors import CampaignError

MILLION = 1_000_000
KINDS = ("sqlite", "postgresql")
err = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Rounds:
    """The runs on one kind of database. Ratios are taken round by round, then their median."""

    ours: list[Run] = field(default_factory=list)
    naive: list[Run] = field(default_factory=list)
    launches: list[float] = field(default_factory=list)  # seconds, each of a million asks
    drains: list[Run] = field(default_factory=list)

    def ratio(self, of: Callable[[Run], float]) -> float:
        return median(of(mine) / of(theirs) for mine, theirs in zip(self.ours, self.naive, strict=True))


def main() -> None:
    if sys.argv[1:2] in (["arrival"], ["match"], ["web"]):
        {"arrival": arrival, "match": match, "web": web}[sys.argv[1]].main(sys.argv[2:])
        return
    options = _options()
    log.configure()
    warnings.simplefilter("ignore", DuplicateTaskNameWarning)  # each run makes an app of its own, of the same tasks
    for ending in (signal.SIGTERM, signal.SIGHUP):  # what was started is stopped, however this ends
        signal.signal(ending, signal.default_int_handler)
    found = {kind: Rounds() for kind in options.database}
    try:
        for number in range(1, options.rounds + 1):
            for kind in options.database:
                _round(options, kind, number, found[kind])
    except CampaignError as error:
        err.print(f"[bold red]Error[/] {escape(str(error))}")
        sys.exit(1)
    except KeyboardInterrupt:
        err.print("Stopped.")
        sys.exit(130)
    if options.json:
        print(json.dumps(_as_json(options, found)))
    else:
        _print(options, found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--people", type=int, help="for ours (20,000)")
    parser.add_argument("--naive-people", type=int, help="for the naive sender (as many)")
    parser.add_argument("--rounds", type=int, help="of both by turns (3)")
    parser.add_argument("--database", choices=KINDS, action="append", help="only this one; may be given twice")
    parser.add_argument("--latency", type=int, default=0, metavar="MS", help="before each answer of the provider (0)")
    parser.add_argument("--no-million", dest="million", action="store_false", help="leave the big launch out")
    parser.add_argument("--drain", action="store_true", help="also send to the million")
    parser.add_argument("--quick", action="store_true", help="one round of 2,000 people, 200 naive, no million")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args()
    quick = options.quick
    options.people = options.people or (2_000 if quick else 20_000)
    options.naive_people = options.naive_people or (200 if quick else options.people)
    options.rounds = options.rounds or (1 if quick else 3)
    options.million = options.million and not quick
    options.database = options.database or list(KINDS)
    return options


def _round(options: argparse.Namespace, kind: str, number: int, found: Rounds) -> None:
    """Ours and naive once each, then the big launch; whoever begins changes with the round."""
    turns = [("ours", ours.run, options.people, found.ours), ("naive", naive.run, options.naive_people, found.naive)]
    with server(kind) as url:
        for name, run, people, runs in turns if number % 2 else reversed(turns):
            with stage(url, people, latency_ms=options.latency) as made:
                runs.append(run(made))
            _told(options, kind, number, name, runs[-1])
        if options.million:
            _million(options, kind, number, url, found)


def _million(options: argparse.Namespace, kind: str, number: int, url: str, found: Rounds) -> None:
    with stage(url, MILLION, latency_ms=options.latency) as made:
        if options.drain:
            found.drains.append(ours.run(made))
            found.launches.append(found.drains[-1].launch_seconds)
            _told(options, kind, number, "ours", found.drains[-1])
        else:
            found.launches.append(ours.launch_only(made))
            err.print(f"{number}/{options.rounds} {kind} launch of {MILLION:,}: {found.launches[-1]:.2f} s")


def _told(options: argparse.Namespace, kind: str, number: int, name: str, run: Run) -> None:
    err.print(
        f"{number}/{options.rounds} {kind} {name}: {run.people:,} people once each, {run.seconds:.2f} s, "
        f"{run.per_second:,.0f} a second, {run.cpu_per_1000:.4f} CPU s per 1,000"
    )


def _as_json(options: argparse.Namespace, found: dict[str, Rounds]) -> dict[str, Any]:
    return {
        "machine": machine(),
        "rounds": options.rounds,
        "latency_ms": options.latency,
        "databases": {kind: _summary(rounds) for kind, rounds in found.items()},
    }


def _summary(rounds: Rounds) -> dict[str, Any]:
    """Medians of the rounds; every run in it was seen whole, and nobody twice."""
    found: dict[str, Any] = {"ours": _medians(rounds.ours), "naive": _medians(rounds.naive)}
    found["ratio"] = {
        "per_second": round(rounds.ratio(lambda run: run.per_second), 1),
        "cpu": round(1 / rounds.ratio(lambda run: run.cpu_per_1000), 1),
    }
    if rounds.launches:
        found["million"] = {"launch_seconds": round(median(rounds.launches), 2)}
    if rounds.drains:
        found["million"] |= _medians(rounds.drains)
    return found


def _medians(runs: list[Run]) -> dict[str, Any]:
    return {
        "people": runs[0].people,
        "seconds": round(median(run.seconds for run in runs), 3),
        "per_second": round(median(run.per_second for run in runs)),
        "cpu_per_1000": round(median(run.cpu_per_1000 for run in runs), 4),
    }


def _print(options: argparse.Namespace, found: dict[str, Rounds]) -> None:
    here = machine()
    title = (
        f"{options.rounds} round(s), medians; {here['cores']} cores ({here['cpu']}), Python {here['python']}, "
        f"{options.latency} ms at the provider"
    )
    columns = ("", "people", "asks a second", "CPU s per 1,000", "x naive", "x naive in CPU", "launch of 1,000,000")
    rows: list[tuple[str, ...]] = []
    for kind, rounds in found.items():
        sums = _summary(rounds)
        launch = f"{sums['million']['launch_seconds']:.2f} s" if "million" in sums else ""
        rows.append((*_row(f"ours, {kind}", sums["ours"]), *map(str, sums["ratio"].values()), launch))
        if rounds.drains:
            rows.append(_row(f"ours, {kind}", sums["million"]))
        rows.append((*_row(f"naive, {kind}", sums["naive"]), "1", "1"))
    show_table(title, columns, rows, to=Console(highlight=False, width=120))


def _row(name: str, sums: dict[str, Any]) -> tuple[str, ...]:
    return name, f"{sums['people']:,}", f"{sums['per_second']:,}", f"{sums['cpu_per_1000']:.4f}"


if __name__ == "__main__":
    main()
