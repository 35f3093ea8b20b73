"""`campaign demo`: a whole campaign with embedded defaults. Nothing leaves this machine.

Every part runs in a process of its own. What was sent is read from the simulator over HTTP.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from rich.columns import Columns
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from campaign import clock
from campaign.compose.campaign_folder import disk
from campaign.delivery import campaigns, outbox
from campaign.demo import simulated_supporters, stage, summary_screen
from campaign.demo.simulated_supporters import SimulationCounts
from campaign.demo.stage import FAILED, LIST, SLUG, DemoResult, Running
from campaign.outreach.launch import launch as launches
from campaign.outreach.launch import preview as previews
from campaign.states import Proof
from campaign.store import engine

PANEL_WIDTH = 78


def run(home: Path | None, console: Console, *, stay: bool = False) -> DemoResult:
    """Run the demo in `home`, or in a new folder under .campaign/. `stay`: keep it running until Ctrl-C."""
    started = time.monotonic()
    with ExitStack() as stack:
        running = stage.start(stage.home_of(home, stack), console, stack)
        pulled = stage.pull_list(running)
        _check(running)
        stage.load_contacts(running)
        number, sending_seconds = stage.launch(running)
        counts = _simulate(running)
        _send_digests(running)
        _settle(running)
        summary = summary_screen.read(running, pulled, counts)
        seconds = round(time.monotonic() - started, 1)
        summary_screen.show(summary, seconds, number / sending_seconds, stay=stay)
        if stay:
            console.print("\nEverything keeps running. Press Ctrl-C to stop.")
            try:
                running.group.watch()
            except KeyboardInterrupt:
                console.print("Stopping.")
    return DemoResult(summary.good, summary_screen.counts(summary, seconds))


def _check(running: Running) -> None:
    """Check the campaign folder, and show the ask in both languages."""
    now = clock.now()
    report = launches.check(running.database, running.settings, SLUG, now)
    running.say(
        "Check",
        f"messages, facts and settings of {SLUG}: {len(report.errors)} errors, {len(report.warnings)} warnings",
    )
    folder = disk.load(running.settings.templates, SLUG)
    panels = []
    for locale in ("en", "es"):
        ask = previews.preview_message(folder, locale, "Ana", wave=launches.FIRST, now=now, list_name=LIST)
        panels.append(Panel(escape(ask.text.strip()), title=escape(ask.subject), title_align="left", width=PANEL_WIDTH))
    running.console.print(Columns(panels))
    plan = launches.plan(running.database, running.settings, SLUG)
    spanish = sum(number for (locale, _), number in plan.asks.items() if locale == "es")
    running.say(
        "Launch",
        f"{plan.total:,} emails like these ({plan.total - spanish:,} English, {spanish:,} Spanish)",
        f"in {plan.requests:,} API requests of up to {running.settings.sendgrid.per_request}",
    )


def _simulate(running: Running) -> SimulationCounts:
    """Simulate a link scanner, then supporters. They know the list, their email and the pages they get."""
    base, counts = running.settings.web.base_url, SimulationCounts()
    with running.console.status("a link scanner opens every link"):
        asks = simulated_supporters.mails(running.sandbox)
        links = [link for mail in asks for kind in "au" for link in simulated_supporters.links(mail, kind)]
        simulated_supporters.scan(base, links, counts)
    before = running.letters()
    quiet = before.confirmed == before.people["visited"] == 0
    running.say(
        "Scanner",
        f"it opens all {counts.scanned:,} links in {len(asks):,} emails, as security software does",
        "nothing was confirmed, no one was unsubscribed" if quiet else f"{FAILED}  opening links had an effect",
    )
    if not quiet:
        counts.trouble.append("opening links had an effect")
    source = running.settings.list_named(LIST)
    with running.console.status("supporters write, call and fill in forms"):
        supporters = simulated_supporters.people(Path(source.path))
        simulated_supporters.follow(base, simulated_supporters.choose(asks, supporters), counts)
        running.wait(lambda: running.letters().receipts.get("accepted", 0) > 0, "the first receipt")
        simulated_supporters.answer_mails(base, simulated_supporters.mails(running.sandbox, skip=len(asks)), counts)
    running.say(
        "Supporters",
        f"{counts.opened} simulated supporters open their link; {counts.gave_up} give up somewhere, by a stated rule",
        f"they confirm {counts.confirmed} letters, {counts.wrote} with a personal note",
        f"{counts.finished} send an office's form to its end (a stand-in), {counts.called} call and leave a message",
        f"warned that a note may reveal someone's immigration status: {counts.guarded}",
        f"letters taken back by {counts.withdrew}; reported as not theirs by {counts.disowned}",
        f"one refuses cookies; {counts.moved} moved and confirmed the new ZIP code with a code sent by email",
        *(f"{FAILED}  {escape(trouble)}" for trouble in counts.trouble),
    )
    return counts


def _send_digests(running: Running) -> None:
    """Send the digests now: offices get theirs in the morning, and the demo doesn't wait for it."""
    with running.database.begin() as conn:
        now = engine.now(conn) + running.settings.campaign.take_back * 1000
        number = outbox.send_digests_now(conn, campaigns.get(conn, SLUG).id, now)
    running.say("Digests", f"{number} offices get their daily digest now instead of in the morning")


def _settle(running: Running) -> None:
    """Wait until every letter and receipt is settled and the offices' mail servers have answered."""
    open_proofs = (Proof.GOING, Proof.SENDING, Proof.DOUBT, Proof.SENT, Proof.RETURNED)
    open_states = ("queued", "claimed", "sending", "unknown")

    def settled() -> bool:
        now = running.letters()
        return not any(map(now.proved, open_proofs)) and not any(now.receipts.get(state) for state in open_states)

    with running.console.status("letters are sent to offices, receipts to supporters"):
        running.wait(settled, "outcomes of all letters")
