"""`campaign demo`: the main job on embedded defaults, with nothing leaving this machine.

Every part is a process of its own and none is eager. What was sent is read from the sandbox's ledger over HTTP.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import rich_click as click
from celery import Celery
from rich.columns import Columns
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from campaign import keys, links
from campaign.cli import processes, server
from campaign.cli.app import Context, as_json, table
from campaign.cli.processes import Parts
from campaign.config import ROOT, Settings, load_settings
from campaign.errors import CampaignError
from campaign.outreach import launch as launches
from campaign.outreach import preview as previews
from campaign.outreach import pull
from campaign.outreach import report as reports
from campaign.outreach.pull import Pulled
from campaign.sandbox import hooks
from campaign.states import Fate
from campaign.store import engine, migrate
from campaign.store.engine import Database
from campaign.tasks import make_app, nudge

SLUG = "end-287g"
LIST = "examples"
MARKER = "this folder is a demo's and is emptied when the next one starts"
PATIENCE = 60  # seconds for each wait
SETTLED = {fate.name.lower() for fate in (Fate.DELIVERED, Fate.BLOCKED, Fate.DROPPED, Fate.BOUNCED, Fate.COMPLAINED)}
OURS = ("CAMPAIGN_DATABASE_URL", "CAMPAIGN_REDIS_URL", "CAMPAIGN_SECRET", "CAMPAIGN_CAMPAIGN_PER_HOUR")


def register(root: click.Group) -> None:
    root.add_command(demo)


@dataclass(frozen=True, slots=True)
class Running:
    """A demo that is up."""

    settings: Settings
    database: Database
    app: Celery
    parts: Parts
    sandbox: str
    console: Console

    def wait(self, ready: Callable[[], bool], what: str) -> None:
        processes.wait(self.parts, ready, what, PATIENCE)


@click.command()
@click.option("--exit", "leave", is_flag=True, help="End when it is done, instead of staying up until Ctrl-C.")
@click.option("--json", "as_json_", is_flag=True, help="End with one JSON object.")
@click.pass_obj
def demo(ctx: Context, leave: bool, as_json_: bool) -> int:
    """The main job from start to end: pull a list, render, send to a sandbox SendGrid, and see what arrived."""
    console = Console(stderr=as_json_, highlight=False)
    started = time.monotonic()
    with ExitStack() as stack:
        home = _home(ctx.home, stack)
        running = _start(home, console, stack)
        pulled = _pull(running)
        _check(running)
        number = launches.launch(running.database, running.settings, SLUG)
        nudge(running.app, "send", SLUG)
        sending = time.monotonic()
        took = _watch(running, number, sending)
        wave = _report(running).waves[0]
        ledger = _get(f"{running.sandbox}/ledger.json")
        seconds = round(time.monotonic() - started, 1)
        good = wave.adds_up and ledger["duplicates"] == 0 and pulled.finished
        _finish(running, pulled, wave, ledger, seconds, number / took)
        if as_json_:
            as_json(_result(pulled, wave, ledger, seconds, home))
        if not leave and not as_json_ and sys.stdout.isatty():
            console.print("\nUp until Ctrl-C.")
            try:
                server.watch(running.parts)
            except KeyboardInterrupt:
                console.print("Stopping.")
    return 0 if good else 1


# ---------------------------------------------------------------------------------------------------- start


def _home(given: Path | None, stack: ExitStack) -> Path:
    """An empty home that no other demo uses: the given one, else the first free one under .campaign/."""
    wanted = [given.resolve()] if given else [ROOT / ".campaign" / f"demo-{number}" for number in range(1, 33)]
    for home in wanted:
        home.parent.mkdir(parents=True, exist_ok=True)
        lock: IO[str] = stack.enter_context((home.parent / f".{home.name}.lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        if home.exists() and any(home.iterdir()):
            if not (home / "DEMO").exists():
                raise CampaignError(f"{home} is not empty, and no demo made it", where="--home", do="Choose another.")
            shutil.rmtree(home)
        home.mkdir(mode=0o700, exist_ok=True)
        (home / "DEMO").write_text(MARKER + "\n", encoding="utf-8")
        return home
    raise CampaignError("a demo is running there already", where="--home", do="Stop it, or choose another --home.")


def _start(home: Path, console: Console, stack: ExitStack) -> Running:
    """Bind the ports, then start broker, sandbox, worker with its tick, and web."""
    if os.environ.get("SENDGRID_API_KEY"):
        console.print("[yellow]There is a SENDGRID_API_KEY in the environment: the demo ignores it.[/]")
    web, sandbox = processes.listen("127.0.0.1", 0), processes.listen("127.0.0.1", 0)
    (home / "sandbox").mkdir(mode=0o700)
    _, webhook_key = hooks.signing_key(home / "sandbox")
    environ = {name: value for name, value in os.environ.items() if name not in OURS} | {
        "CAMPAIGN_HOME": str(home),
        "CAMPAIGN_SENDGRID_URL": processes.address(sandbox),
        "CAMPAIGN_SENDGRID_WEBHOOK_KEY": webhook_key,
        "CAMPAIGN_WEB_BASE_URL": processes.address(web),
        "CAMPAIGN_CAMPAIGN_TICK": "0.2",
        "SENDGRID_API_KEY": "SG.demo",
    }
    settings = load_settings(home=home, environ=environ)
    database = engine.connect(settings.database_url)
    stack.callback(database.close)
    migrate.upgrade(database)
    parts = stack.enter_context(server.running(settings, environ))
    console.print("Starting, each as a process of its own: broker, sandbox SendGrid, Celery worker with its tick, web.")
    processes.start_broker(parts, settings)
    webhook = f"{processes.address(web)}/webhooks/sendgrid"
    parts.campaign("sandbox", "sandbox", "--webhook", webhook, "--slow", "2", sock=sandbox)
    parts.campaign("web", "web", sock=web)
    server.start_worker(parts)
    running = Running(settings, database, make_app(settings), parts, processes.address(sandbox), console)
    running.wait(lambda: processes.healthy(running.sandbox) and processes.healthy(settings.web.base_url), "web")
    for sock in (web, sandbox):
        sock.close()  # the parts hold their own
    return running


# ---------------------------------------------------------------------------------------------------- steps


def _pull(running: Running) -> Pulled:
    """A worker pulls the list; this process only asks for it, and looks at the database."""
    nudge(running.app, "pull_list", LIST)
    columns = (SpinnerColumn(), TextColumn("a worker pulls the list: {task.completed:,} rows"))
    with Progress(*columns, console=running.console, transient=True) as progress:
        bar = progress.add_task("", total=None)

        def done() -> bool:
            now = pull.last_pull(running.database, LIST)
            progress.update(bar, completed=now.read if now else 0)
            return now is not None and now.finished

        running.wait(done, "worker's pull")
    pulled = pull.last_pull(running.database, LIST)
    assert pulled is not None
    if pulled.problem:
        raise CampaignError(f"the list could not be pulled: {pulled.problem}")
    sums = f"{pulled.imported:,} new + {pulled.updated:,} updated + {pulled.unchanged:,} unchanged"
    running.console.print(
        f"[bold]List[/]      {pulled.read:,} rows = {sums} + {pulled.rejected:,} rejected; pulled by {pulled.by}",
        soft_wrap=True,
    )
    running.console.print(f"          {pulled.mended:,} ZIP codes had lost their leading zero; it was put back")
    running.console.print(
        f"          rejected rows, each with its reason: {_short(pulled.rejected_path)}", soft_wrap=True
    )
    return pulled


def _check(running: Running) -> None:
    now = time.time_ns() // 1_000_000
    found = launches.check(running.settings, SLUG, now)
    running.console.print(
        f"[bold]Check[/]     {SLUG}: {len(found.errors)} errors, {len(found.warnings)} things to look at "
        f"(campaign check {SLUG})"
    )
    folder = launches.load_folder(running.settings.templates, SLUG)
    panels = []
    for locale, name in (("en", "Ana"), ("es", "Ana")):
        text = previews.one(folder, locale, name, wave=launches.FIRST, now=now, list_name=LIST)
        panels.append(Panel(escape(text.text.strip()), title=escape(text.subject), title_align="left", width=76))
    running.console.print(Columns(panels))
    plan = launches.plan(running.database, running.settings, SLUG)
    sizes = ", ".join(f"{people:,} {locale} {variant}" for (locale, variant), people in sorted(plan.asks.items()))
    running.console.print(f"[bold]Launch[/]    {plan.total:,} asks in {plan.requests:,} requests: {sizes}")


def _watch(running: Running, number: int, started: float) -> float:
    """Live bars until every ask is settled; returns the seconds from the launch until the last one had left."""
    left_after: float | None = None
    columns = (TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=running.console) as progress:
        accepted = progress.add_task("accepted by SendGrid (sandbox)", total=number)
        told = progress.add_task("heard of again, by signed events", total=number)

        def settled() -> bool:
            nonlocal left_after
            wave = _report(running).waves[0]
            done = wave.states.get("accepted", 0)
            heard = sum(count for fate, count in wave.fates.items() if fate in SETTLED)
            own = sum(wave.states.get(name, 0) for name in ("suppressed", "cancelled", "refused"))
            progress.update(accepted, completed=done + own)
            progress.update(told, completed=heard + own)
            if left_after is None and done + own + wave.states.get("unknown", 0) == number:
                left_after = time.monotonic() - started
            return heard + own == number

        running.wait(settled, "last answer")
    return left_after or time.monotonic() - started


def _report(running: Running) -> reports.Report:
    with running.database.read() as conn:
        return reports.report(conn, SLUG)


# ---------------------------------------------------------------------------------------------------- end


def _finish(
    running: Running, pulled: Pulled, wave: reports.WaveReport, ledger: dict[str, int], seconds: float, rate: float
) -> None:
    say = running.console.print
    say(
        f"\n{SLUG} ran here in {seconds:.0f} s. Nothing left this machine: "
        "SendGrid is a sandbox, people are invented.\n"
    )
    rows = table("What we did", "state", "asks", "")
    for state, count in wave.states.items():
        rows.add_row(state, f"{count:,}")
    say(rows)
    told = table("What others told us of them", "fate", "asks")
    for fate, count in wave.fates.items():
        told.add_row(fate, f"{count:,}")
    say(told)
    for why, count in wave.reasons.items():
        say(f"  {count:,} {escape(why)}")
    kept = pulled.imported + pulled.updated + pulled.unchanged + pulled.rejected
    say(_sum(pulled.read == kept, f"rows read {pulled.read:,} = stored and rejected {kept:,}"))
    say(_sum(wave.adds_up, f"launched {wave.launched:,} = sum over states {sum(wave.states.values()):,}"))
    say(
        _sum(
            ledger["duplicates"] == 0,
            f"the sandbox saw every delivery at most once: {ledger['accepted']:,}, {ledger['duplicates']} twice",
        )
    )
    with running.database.read() as conn:
        met = reports.trouble(conn, SLUG)
        kept_out = launches.kept_out(conn)
    say(
        _sum(
            met.unanswered == met.settled, f"{met.unanswered} answer lost on the way, {met.settled} settled by an event"
        )
    )
    say(f"    {met.later} requests had to try later; {met.refused} was refused for one address, its neighbours went on")
    say(f"    {kept_out} people will not be written to again: their mail bounced, or they complained")
    say(f"    {rate:,.0f} messages a second, with a slow answer and the second tries among them\n")
    token = links.organizer_token(keys.load(running.settings.home).organizer, SLUG)
    say(f"Look      what arrived    {running.sandbox}/", soft_wrap=True)
    say(f"          the report      {running.settings.web.base_url}/report/{SLUG}/{token}", soft_wrap=True)
    say(f"          rejected rows   {_short(pulled.rejected_path)}", soft_wrap=True)
    say(f"          state and logs  {_short(str(running.settings.home))}", soft_wrap=True)


def _sum(holds: bool, text: str) -> str:
    return f"[green]ok[/]  {text}" if holds else f"[bold red]NO[/]  {text}"


def _result(
    pulled: Pulled, wave: reports.WaveReport, ledger: dict[str, int], seconds: float, home: Path
) -> dict[str, Any]:
    return {
        "read": pulled.read,
        "imported": pulled.imported,
        "updated": pulled.updated,
        "unchanged": pulled.unchanged,
        "rejected": pulled.rejected,
        "mended": pulled.mended,
        "suppressed": pulled.suppressed,
        "pulled_by": pulled.by,
        "asks": {"launched": wave.launched, "states": wave.states, "fates": wave.fates},
        "sandbox": {"accepted": ledger["accepted"], "duplicates": ledger["duplicates"]},
        "seconds": seconds,
        "home": str(home),
    }


def _get(url: str) -> dict[str, int]:
    with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310 - our own loopback address
        found: dict[str, int] = json.load(response)
    return found


def _short(path: str) -> str:
    return os.path.relpath(path) if path.startswith(str(Path.cwd())) else path
