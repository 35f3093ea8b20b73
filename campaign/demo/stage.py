"""What every demo needs: a home, running processes, a list and office contacts."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from celery import Celery
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from campaign import processes
from campaign.config import CONFIG, HOME, ROOT, Settings, load_settings
from campaign.congress import contacts, roster
from campaign.congress import snapshot as snapshots
from campaign.congress.snapshot import Snapshot
from campaign.congress.sync import store
from campaign.delivery import campaigns
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.model import Member
from campaign.outreach.launch import launch as launches
from campaign.outreach.lists import pull
from campaign.outreach.lists.pull import Pulled
from campaign.outreach.reports import ask_counts, letter_funnel
from campaign.outreach.reports.ask_counts import WaveReport
from campaign.outreach.reports.letter_funnel import Letters
from campaign.processes import ProcessGroup
from campaign.sandbox import hooks
from campaign.states import Fate
from campaign.store import engine, migrate, root_key
from campaign.store.engine import Database
from campaign.tasks import make_app, nudge

SLUG = "end-287g"
LIST = "examples"
MARKER = "This folder belongs to the demo, which empties it at the next start.\n"
PATIENCE = 300  # seconds for each wait: ten times what a slow machine needs
SETTLED = {fate.name.lower() for fate in (Fate.DELIVERED, Fate.BLOCKED, Fate.DROPPED, Fate.BOUNCED, Fate.COMPLAINED)}
FAILED = "[bold red]failed[/]"


@dataclass(frozen=True, slots=True)
class DemoResult:
    """`good`: every check passed. `counts`: the object that --json prints."""

    good: bool
    counts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Running:
    """A demo whose processes are up. `sandbox` is the simulator's address."""

    settings: Settings
    database: Database
    keys: Keys
    app: Celery
    group: ProcessGroup
    sandbox: str
    console: Console

    def wait(self, ready: Callable[[], bool], what: str) -> None:
        processes.wait(self.group, ready, what, PATIENCE)

    def say(self, title: str, *lines: str) -> None:
        """Print a step of the demo: a title, and lines beside it."""
        for number, line in enumerate(lines):
            self.console.print(f"[bold]{'' if number else title:<12}[/]{line}", soft_wrap=True)

    def wave(self) -> WaveReport:
        with self.database.read() as conn:
            return ask_counts.report(conn, SLUG).waves[0]

    def letters(self) -> Letters:
        with self.database.read() as conn:
            return letter_funnel.letters(conn, campaigns.get(conn, SLUG).id)


def home_of(given: Path | None, stack: ExitStack) -> Path:
    """An empty folder that no running demo uses: the given one, else the first free one of .campaign/demo-1 to -32."""
    candidates = [given.resolve()] if given else [Path(HOME).resolve() / f"demo-{number}" for number in range(1, 33)]
    for home in candidates:
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock: IO[str] = stack.enter_context((home.parent / f".{home.name}.lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        if home.exists() and any(home.iterdir()):
            if not (home / "DEMO").exists():
                do = "Choose an empty folder."
                raise CampaignError(f"{home} is not empty and was not made by a demo", where="--home", do=do)
            shutil.rmtree(home)
        home.mkdir(mode=0o700, exist_ok=True)
        (home / "DEMO").write_text(MARKER, encoding="utf-8")
        return home
    raise CampaignError("another demo is running there", where="--home", do="Stop it, or choose another folder.")


def start(
    home: Path,
    console: Console,
    stack: ExitStack,
    *,
    config: Path = ROOT / CONFIG,
    environ: Mapping[str, str] | None = None,
) -> Running:
    """Start broker, simulator, worker and web server on free ports. `environ` is added to their environment."""
    if os.environ.get("SENDGRID_API_KEY"):
        console.print("[yellow]The demo ignores the SENDGRID_API_KEY in the environment.[/]")
    web, sandbox = processes.listen("127.0.0.1", 0), processes.listen("127.0.0.1", 0)
    (home / "sandbox").mkdir(mode=0o700)
    _, webhook_key = hooks.signing_key(home / "sandbox")
    # None of the user's own settings: the demo must never touch real supporters.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CAMPAIGN_", "SENDGRID_"))}
    whole = kept | {
        "CAMPAIGN_SENDGRID_URL": processes.address(sandbox),
        "CAMPAIGN_SENDGRID_WEBHOOK_KEY": webhook_key,
        "CAMPAIGN_WEB_BASE_URL": processes.address(web),
        "CAMPAIGN_CAMPAIGN_SCHEDULER_SECONDS": "0.2",
        "CAMPAIGN_CAMPAIGN_TAKE_BACK": "1",
        "CAMPAIGN_CAMPAIGN_OFFICE_HOURS": "0-24",  # letters are sent at once, at night and on Sundays, too
        "SENDGRID_API_KEY": "SG.demo",
        **(environ or {}),
    }
    settings = load_settings(home=home, path=config, environ=whole)
    database = engine.connect(settings.database_url)
    stack.callback(database.close)
    migrate.upgrade(database)
    with database.begin() as conn:
        store.save(conn, stand_in(roster.snapshot_in_force(conn), processes.address(sandbox)), engine.now(conn))
    keys = root_key.open_keys(database, home, environ=whole)
    group = stack.enter_context(processes.running(settings, whole))
    console.print("Starting broker, SendGrid simulator, Celery worker and web server ...", soft_wrap=True)
    processes.start_broker(group, settings)
    webhook = f"{processes.address(web)}/webhooks/sendgrid"
    group.campaign("sandbox", "sandbox", "--webhook", webhook, "--slow", "2", sock=sandbox)
    group.campaign("web", "web", sock=web)
    processes.start_worker(group)
    running = Running(
        settings=settings,
        database=database,
        keys=keys,
        app=make_app(settings),
        group=group,
        sandbox=processes.address(sandbox),
        console=console,
    )
    running.wait(lambda: processes.healthy(running.sandbox) and processes.healthy(settings.web.base_url), "web server")
    for sock in (web, sandbox):
        sock.close()  # the processes hold their own
    return running


def stand_in(book: Snapshot, sandbox: str) -> Snapshot:
    """The snapshot with the simulator's stand-ins for offices' forms and websites: nothing leads to a real one."""

    def member(code: str, one: Member) -> Member:
        form = f"{sandbox}/forms/{code}" if one.form else ""
        return replace(one, form=form, url=f"{sandbox}/sites/{code}" if one.url else "")

    return snapshots.create(
        {code: tuple(member(code, one) for one in members) for code, members in book.holders.items()},
        book.maps,
        places=book.places,
        committees=book.committees,
        sources=book.sources,
        as_of=book.as_of,
        known_from=book.known_from,
        accepted=book.accepted,
    )


def pull_list(running: Running) -> Pulled:
    """Let a worker import the list, and show its progress."""
    nudge(running.app, "pull_list", LIST)
    with running.console.status("importing the list") as bar:

        def done() -> bool:
            now = pull.last_pull(running.database, LIST)
            bar.update(f"importing the list: {now.read if now else 0:,} rows")
            return now is not None and now.finished

        running.wait(done, "importing the list")
    pulled = pull.last_pull(running.database, LIST)
    assert pulled is not None
    if pulled.problem:
        raise CampaignError(f"the list could not be imported: {pulled.problem}")
    running.say(
        "List",
        f"{pulled.read:,} rows read by a Celery worker: {pulled.imported:,} supporters, {pulled.rejected:,} rejected",
        f"{pulled.mended:,} ZIP codes had lost their leading zero; restored",
        f"rejected rows, with reasons: {short(pulled.rejected_path)}",
    )
    return pulled


def load_contacts(running: Running) -> None:
    """Load the made-up staff contacts: about four offices in ten get letters by email."""
    with running.database.begin() as conn:
        now = engine.now(conn)
        offices = roster.at(conn, now)
        loaded, _ = contacts.read(ROOT / "examples" / "offices.csv", offices)
        contacts.load(conn, loaded, now)
    seats = sum(seat.holder is not None for seat in offices.seats.values())
    daily = sum(contact.wants == "daily" for contact in loaded)
    running.say(
        "Offices",
        f"{len(loaded)} of {seats} have a made-up email contact; {daily} want a daily digest",
        "supporters reach the other offices by phone or through the form on their website; a stand-in for each is here",
    )


def launch(running: Running) -> tuple[int, float]:
    """Launch, and show progress until every ask is settled. (asks, seconds until the last one was sent)."""
    number = launches.launch(running.database, running.settings, SLUG, by="the demo")
    nudge(running.app, "send", SLUG)
    started = time.monotonic()
    sent_after: float | None = None
    columns = (TextColumn("{task.description:<32}"), BarColumn(30), MofNCompleteColumn())
    with Progress(*columns, console=running.console) as progress:
        accepted = progress.add_task("accepted by SendGrid (simulated)", total=number)
        settled = progress.add_task("outcome reported by its webhook", total=number)

        def done() -> bool:
            nonlocal sent_after
            wave = running.wave()
            reported = sum(count for fate, count in wave.fates.items() if fate in SETTLED)
            unsent = sum(wave.states.get(name, 0) for name in ("suppressed", "cancelled", "refused"))
            sent = wave.states.get("accepted", 0) + unsent
            progress.update(accepted, completed=sent)
            progress.update(settled, completed=reported + unsent)
            if sent_after is None and sent + wave.states.get("unknown", 0) == number:
                sent_after = time.monotonic() - started
            return reported + unsent == number

        running.wait(done, "outcomes of all asks")
    return number, sent_after or time.monotonic() - started


def short(path: str) -> str:
    """A path as you would type it in the current folder."""
    return os.path.relpath(path) if path.startswith(str(Path.cwd())) else path
