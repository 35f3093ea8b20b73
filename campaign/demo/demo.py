"""`campaign demo`: the main job on embedded defaults, with nothing leaving this machine.

Every part is a process of its own and none is eager. What was sent is read from the sandbox's ledger over HTTP.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import rich_click as click
from celery import Celery
from rich.columns import Columns
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from campaign.cli import processes, server
from campaign.cli.app import CliContext, as_json
from campaign.cli.processes import Parts
from campaign.config import HOME, ROOT, Settings, load_settings
from campaign.config_cwc import KEYS
from campaign.congress import contacts, roster
from campaign.delivery import campaigns, outbox
from campaign.demo import congress_transition, simulated_supporters, summary_screen
from campaign.demo.simulated_supporters import SimulationCounts
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.outreach.launch import launch as launches
from campaign.outreach.launch import preview as previews
from campaign.outreach.lists import pull
from campaign.outreach.lists.pull import Pulled
from campaign.outreach.reports import ask_counts as reports
from campaign.outreach.reports import letter_funnel
from campaign.outreach.reports.letter_funnel import Letters
from campaign.sandbox import hooks
from campaign.states import Fate, Proof
from campaign.store import engine, migrate, root_key
from campaign.store.engine import Database
from campaign.tasks import make_app, nudge

SLUG = "end-287g"
LIST = "examples"
MARKER = "this folder is a demo's and is emptied when the next one starts"
PATIENCE = 300  # seconds for each wait: ten times what a slow machine needs
SETTLED = {fate.name.lower() for fate in (Fate.DELIVERED, Fate.BLOCKED, Fate.DROPPED, Fate.BOUNCED, Fate.COMPLAINED)}
OURS = ("CAMPAIGN_SECRET", "CAMPAIGN_CAMPAIGN_PER_HOUR", *KEYS.values())


def register(root: click.Group) -> None:
    root.add_command(demo)


@dataclass(frozen=True, slots=True)
class Running:
    """A demo that is up."""

    settings: Settings
    database: Database
    keys: Keys
    app: Celery
    parts: Parts
    sandbox: str
    console: Console

    def wait(self, ready: Callable[[], bool], what: str) -> None:
        processes.wait(self.parts, ready, what, PATIENCE)


@click.command()
@click.option("--exit", "leave", is_flag=True, help="End when it is done, instead of staying up until Ctrl-C.")
@click.option("--json", "as_json_", is_flag=True, help="End with one JSON object.")
@click.option("--clock", metavar="TIME", help="Through the switch of Congress: 2027-01-03T11:30-05:00. Needs --exit.")
@click.pass_obj
def demo(ctx: CliContext, leave: bool, as_json_: bool, clock: str | None) -> int:
    """The main job from start to end: pull a list, render, send to a sandbox SendGrid, and see what arrived.

    With --clock all of its processes live at that time, a little before noon on the day on which a Congress ends. Then
    the clock jumps: past noon, on to when an invented new House is known, and on to when letters leave. At the end it
    prints what each letter did that had not left at noon.
    """
    console = Console(stderr=as_json_, highlight=False, emoji=False)
    if clock is not None:
        return congress_transition.through(ctx, clock, console, leave=leave, as_json_=as_json_)
    started = time.monotonic()
    with ExitStack() as stack:
        home = home_of(ctx.home, stack)
        running = start(home, console, stack)
        pulled = pull_list(running)
        _check(running)
        load_contacts(running)
        number = launches.launch(running.database, running.settings, SLUG, by="the demo")
        nudge(running.app, "send", SLUG)
        sending = time.monotonic()
        took = watch(running, number, sending)
        played = _play(running)
        _morning(running)
        _settle(running)
        end = summary_screen.read(
            running.database, running.keys, running.settings, running.sandbox, pulled, played, home
        )
        seconds = round(time.monotonic() - started, 1)
        summary_screen.show(console, end, seconds, number / took)
        if as_json_:
            as_json(summary_screen.result(end, seconds))
        if not leave and not as_json_ and sys.stdout.isatty():
            console.print("\nUp until Ctrl-C.")
            try:
                server.watch(running.parts)
            except KeyboardInterrupt:
                console.print("Stopping.")
    return 0 if end.good else 1


# ---------------------------------------------------------------------------------------------------- start


def home_of(given: Path | None, stack: ExitStack) -> Path:
    """An empty home that no other demo uses: the given one, else the first free one under .campaign/."""
    wanted = [given.resolve()] if given else [Path(HOME).resolve() / f"demo-{number}" for number in range(1, 33)]
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


def start(home: Path, console: Console, stack: ExitStack, **more: str) -> Running:
    """Bind the ports, then start broker, sandbox, worker with its tick, and web; `more` goes into their environment."""
    if os.environ.get("SENDGRID_API_KEY"):
        console.print("[yellow]There is a SENDGRID_API_KEY in the environment: the demo ignores it.[/]")
    web, sandbox = processes.listen("127.0.0.1", 0), processes.listen("127.0.0.1", 0)
    (home / "sandbox").mkdir(mode=0o700)
    _, webhook_key = hooks.signing_key(home / "sandbox")
    environ = {name: value for name, value in os.environ.items() if name not in OURS} | {
        "CAMPAIGN_HOME": str(home),
        "CAMPAIGN_DATABASE_URL": "",  # embedded, whatever config.toml names: the demo must never touch real people
        "CAMPAIGN_REDIS_URL": "",
        "CAMPAIGN_SENDGRID_URL": processes.address(sandbox),
        "CAMPAIGN_SENDGRID_WEBHOOK_KEY": webhook_key,
        "CAMPAIGN_WEB_BASE_URL": processes.address(web),
        "CAMPAIGN_CAMPAIGN_TICK": "0.2",
        "CAMPAIGN_CAMPAIGN_TAKE_BACK": "1",
        "CAMPAIGN_CWC_ENVIRONMENT": "",
        "CAMPAIGN_CAMPAIGN_OFFICE_HOURS": "0-24",  # letters show at once, at night and on Sundays too
        "SENDGRID_API_KEY": "SG.demo",
        **more,
    }
    settings = load_settings(home=home, environ=environ)
    database = engine.connect(settings.database_url)
    stack.callback(database.close)
    migrate.upgrade(database)
    found = root_key.open_keys(database, home, environ=environ)
    parts = stack.enter_context(server.running(settings, environ))
    console.print("Starting, each as a process of its own: broker, sandbox SendGrid, Celery worker with its tick, web.")
    processes.start_broker(parts, settings)
    webhook = f"{processes.address(web)}/webhooks/sendgrid"
    parts.campaign("sandbox", "sandbox", "--webhook", webhook, "--slow", "2", sock=sandbox)
    parts.campaign("web", "web", sock=web)
    server.start_worker(parts)
    running = Running(settings, database, found, make_app(settings), parts, processes.address(sandbox), console)
    running.wait(lambda: processes.healthy(running.sandbox) and processes.healthy(settings.web.base_url), "web")
    for sock in (web, sandbox):
        sock.close()  # the parts hold their own
    return running


# ---------------------------------------------------------------------------------------------------- steps


def pull_list(running: Running) -> Pulled:
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
        f"          rejected rows, each with its reason: {summary_screen.short(pulled.rejected_path)}", soft_wrap=True
    )
    return pulled


def _check(running: Running) -> None:
    now = time.time_ns() // 1_000_000
    found = launches.check(running.database, running.settings, SLUG, now)
    running.console.print(
        f"[bold]Check[/]     {SLUG}: {len(found.errors)} errors, {len(found.warnings)} things to look at "
        f"(campaign check {SLUG})"
    )
    folder = launches.load_folder(running.settings.templates, SLUG)
    panels = []
    for locale, name in (("en", "Ana"), ("es", "Ana")):
        text = previews.preview_message(folder, locale, name, wave=launches.FIRST, now=now, list_name=LIST)
        panels.append(Panel(escape(text.text.strip()), title=escape(text.subject), title_align="left", width=76))
    running.console.print(Columns(panels))
    plan = launches.plan(running.database, running.settings, SLUG)
    sizes = ", ".join(f"{people:,} {locale} {variant}" for (locale, variant), people in sorted(plan.asks.items()))
    running.console.print(f"[bold]Launch[/]    {plan.total:,} asks in {plan.requests:,} requests: {sizes}")


def watch(running: Running, number: int, started: float) -> float:
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


def load_contacts(running: Running) -> None:
    """Load the invented staff contacts: about four offices in ten get their letters by e-mail."""
    with running.database.begin() as conn:
        now = engine.now(conn)
        known = roster.at(conn, now)
        found, _ = contacts.read(ROOT / "examples" / "offices.csv", known)
        contacts.load(conn, found, now)
    every = sum(seat.holder is not None for seat in known.seats.values())
    daily = sum(one.wants == "daily" for one in found)
    running.console.print(
        f"[bold]Offices[/]   {len(found)} of {every} have an invented contact, {daily} want one summary a day; "
        "the others get letters by the form on their website. Mail to offices goes at any hour here, not from 8 to 18"
    )


def _play(running: Running) -> SimulationCounts:
    """A scanner, then supporters, over HTTP: they have what stands in the list, in their mail, and on the pages."""
    base, played, say = running.settings.web.base_url, SimulationCounts(), running.console.print
    with running.console.status("mail arrives"):
        asks = simulated_supporters.mails(running.sandbox)
        everything = [link for mail in asks for kind in "au" for link in simulated_supporters.links(mail, kind)]
        simulated_supporters.scan(base, everything, played)
    before = _letters(running)
    quiet = before.confirmed == before.people["visited"] == 0
    say(
        f"[bold]Scanner[/]   opened {played.scanned:,} links of {len(asks):,} mails, with GET, some with HEAD: "
        + ("nothing happened" if quiet else "[bold red]NO[/]  something happened")
    )
    if not quiet:
        played.trouble.append("opening links did something")
    take_back = running.settings.campaign.take_back
    say(f"[bold]People[/]    one in ten follows the link; what they confirm can be taken back for {take_back} s here")
    source = running.settings.list_named(LIST)
    with running.console.status("people read, write and confirm"):
        simulated_supporters.follow(
            base, simulated_supporters.choose(asks, simulated_supporters.people(Path(source.path))), played
        )
        running.wait(lambda: _letters(running).receipts.get("accepted", 0) > 0, "first receipt")
        simulated_supporters.answer_mails(base, simulated_supporters.mails(running.sandbox, skip=len(asks)), played)
    say(
        f"          {played.opened} opened it, {played.typed} typed their ZIP, {played.confirmed} letters confirmed, "
        f"{played.wrote} with words of their own"
    )
    say(
        f"          {played.guarded} was asked about a sentence that tells somebody's status, {played.withdrew} took a "
        f"letter back, {played.disowned} said: I did not send this, {played.moved} had moved and answered by mail"
    )
    for trouble in played.trouble:
        say(f"          [bold red]NO[/]  {escape(trouble)}")
    return played


def _morning(running: Running) -> None:
    """Summaries go in an office's morning; nobody wants to wait for it here."""
    with running.database.begin() as conn:
        now = engine.now(conn) + running.settings.campaign.take_back * 1000
        number = outbox.send_digests_now(conn, campaigns.get(conn, SLUG).id, now)
    running.console.print(
        f"[bold]Morning[/]   {number} offices want one summary a day: here their morning comes at once"
    )


def _settle(running: Running) -> None:
    """Until every letter and receipt is settled, and the offices' mail servers have answered."""

    def settled() -> bool:
        now = _letters(running)
        waiting = ("queued", "claimed", "sending", "unknown")
        letters = sum(now.proved(proof) for proof in (Proof.GOING, Proof.SENDING, Proof.DOUBT, Proof.SENT))
        return not letters and not now.proved(Proof.RETURNED) and not any(now.receipts.get(name) for name in waiting)

    with running.console.status("letters go to offices, receipts to their writers"):
        running.wait(settled, "last letter")


def _letters(running: Running) -> Letters:
    with running.database.read() as conn:
        return letter_funnel.letters(conn, campaigns.get(conn, SLUG).id)
