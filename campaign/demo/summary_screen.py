"""The demo's last screen: one supporter, one office, all letters, and checks that every total adds up."""

from __future__ import annotations

import json
import re
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from campaign import links
from campaign.demo import simulated_supporters
from campaign.demo.arrivals import Arrivals
from campaign.demo.simulated_supporters import ANA, SimulationCounts
from campaign.demo.stage import FAILED, SLUG, Running, short
from campaign.outreach.action_page import actions
from campaign.outreach.action_page import visit as visits
from campaign.outreach.action_page.views import ActionPage
from campaign.outreach.action_page.visit import LinkRequest
from campaign.outreach.lists.pull import Pulled
from campaign.outreach.reports import delivery_history, letter_funnel
from campaign.outreach.reports.ask_counts import WaveReport
from campaign.outreach.reports.delivery_history import Trouble
from campaign.outreach.reports.letter_funnel import Letters
from campaign.states import Proof
from campaign.supporters import segments

ANA_ZIP = "16750"
WIDTH = 78
PARAGRAPHS = 5  # of a digest
PULLED = ("read", "imported", "updated", "unchanged", "rejected", "mended", "suppressed")
_DIGEST = re.compile(r"(\d+) letters? from your constituents: ")
CHANNELS = {"email": "email", "form": "web form"}
STATUS = {
    Proof.GOING: "will be sent soon",
    Proof.SENDING: "being sent",
    Proof.SENT: "accepted by SendGrid",
    Proof.DELIVERED: "delivered to the office's mail server",
    Proof.RETURNED: "bounced",
    Proof.REFUSED: "refused by SendGrid",
    Proof.DOUBT: "unknown: SendGrid's answer was lost; not sent again",
    Proof.HELD: "on hold",
    Proof.READY: "ready; the supporter has not sent it yet",
    Proof.REPORTED: "sent, according to the supporter",
    Proof.TO_PRINT: "waiting to be printed",
    Proof.PRINTED: "printed, not delivered yet",
    Proof.HANDED_IN: "hand-delivered, according to the organization",
    Proof.BACK: "returned to the supporter",
    Proof.WITHDRAWN: "taken back",
}


REPORTED = {
    "sent": "its form was sent, according to her",
    "voicemail": "she left a message, according to her",
}


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """Everything the last screen shows. `ledger` is the simulator's own count of messages, `finished` of forms."""

    running: Running
    pulled: Pulled
    wave: WaveReport
    letters: Letters
    trouble: Trouble
    suppressed: int
    ledger: dict[str, int]
    finished: int
    played: SimulationCounts
    ana: ActionPage
    ana_mails: list[dict[str, str]]  # newest first
    digest: dict[str, str]  # the email with the most letters; empty: there is none

    @property
    def good(self) -> bool:
        """Whether every total adds up."""
        return (
            self.wave.adds_up
            and self.letters.adds_up
            and self.ledger["duplicates"] == 0
            and self.pulled.finished
            and not self.played.trouble
            and self.played.confirmed == self.letters.confirmed
            and self.finished == self.letters.forms.get("sent", 0)
        )

    @property
    def arrivals(self) -> Arrivals:
        return Arrivals(
            asks=self.wave.states["accepted"],
            opened=self.played.opened,
            letters=self.letters.proved(Proof.DELIVERED),
            forms=self.finished,
            calls=sum(self.letters.calls.get(outcome, 0) for outcome in ("answered", "voicemail")),
        )


def read(running: Running, pulled: Pulled, played: SimulationCounts) -> DemoSummary:
    """The state at the end. Ana's letters are read as her action page does, with the link in her email."""
    mails = simulated_supporters.mails(running.sandbox, to=ANA)
    link = LinkRequest(SLUG, simulated_supporters.links(mails[-1], "a")[0].rsplit("/", 1)[1])
    with visits.acting(running.database, running.keys, running.settings, link) as (conn, visit):
        ana = actions.enter(conn, visit, {"zip": ANA_ZIP})
    with running.database.read() as conn:
        trouble = delivery_history.trouble(conn, SLUG)
        suppressed = sum(segments.excluded(conn).values())
    digests = [mail for mail in simulated_supporters.mails(running.sandbox) if _letters_in(mail)]
    return DemoSummary(
        running=running,
        pulled=pulled,
        wave=running.wave(),
        letters=running.letters(),
        trouble=trouble,
        suppressed=suppressed,
        ledger=_get(f"{running.sandbox}/ledger.json"),
        finished=sum(_get(f"{running.sandbox}/forms.json")["submissions"].values()),
        played=played,
        ana=ana,
        ana_mails=mails,
        digest=max(digests, key=_letters_in, default={}),
    )


def _letters_in(mail: dict[str, str]) -> int:
    """The number of letters in a digest; 0 for any other email."""
    match = _DIGEST.match(mail["text"])
    return int(match[1]) if match else 0


def show(summary: DemoSummary, seconds: float, rate: float, *, stay: bool) -> None:
    """Print the last screen. `rate`: asks per second. `stay`: its pages keep working."""
    say = summary.running.console.print
    say(f"\n[bold]The campaign {SLUG} ran in {seconds:.0f} seconds, and nothing left this machine.[/]")
    say("SendGrid is simulated; supporters and office contacts are made up.\n")
    for line in _arrivals(summary.arrivals):
        say(line)
    say()
    say(_one_supporter(summary))
    if summary.digest:
        say(_one_office(summary.digest))
    say()
    say(_all_letters(summary.letters))
    say()
    for line in _checks(summary, rate):
        say(line)
    say()
    for line in _addresses(summary, stay=stay):
        say(line, soft_wrap=True)  # an address stays whole in a narrow terminal


def _arrivals(arrivals: Arrivals) -> Iterator[RenderableType]:
    yield "[bold]How many asks ended at an office?[/]"
    yield arrivals.chart()
    opened = arrivals.per_thousand(arrivals.opened)
    yield f"Opened links are not counted: {opened:.1f} per 1,000 asks, as one supporter in ten"
    yield "opens it here. Most give up somewhere, by a rule that docs/benchmarks.md states."


def _one_supporter(summary: DemoSummary) -> Group:
    ask, *receipts = reversed(summary.ana_mails)
    ana = summary.ana
    rows = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0), width=WIDTH)
    rows.add_row("List", "imported with her consent and its date")
    rows.add_row("Ask", f"“{escape(ask['subject'])}”")
    for report in ana.reported:
        rows.add_row("Form" if report.way == "form" else "Call", f"{report.office.name}: {REPORTED[report.outcome]}")
    for mail in receipts:
        rows.add_row("Receipt", f"“{escape(mail['subject'])}”")
    rows.add_row("On file", "name, email, ZIP code, and that she did these; no letter, no street address")
    return Group(f"[bold]One supporter: {ana.first_name} {ana.last_name}, ZIP code {ana.zip}, reads Spanish[/]", rows)


def _one_office(digest: dict[str, str]) -> Panel:
    """The beginning of the longest digest, as its office reads it."""
    body = digest["text"].strip().split("\n\n")
    text = "\n\n".join(
        [f"To: {digest['to']}\nSubject: {digest['subject']}", *body[:PARAGRAPHS], "..."],
    )
    return Panel(escape(text), title="One office: its daily digest", title_align="left", width=WIDTH)


def _all_letters(letters: Letters) -> Table:
    rows = Table(box=None, title="All letters", title_justify="left", title_style="bold", pad_edge=False, width=WIDTH)
    rows.add_column("channel", style="cyan")
    rows.add_column("status", ratio=1)
    rows.add_column("letters", justify="right")
    for channel, proofs in letters.proofs.items():
        for proof, number in proofs.items():
            rows.add_row(CHANNELS.get(channel, channel), STATUS[Proof(proof)], f"{number:,}")
    for reason, number in letters.withdrawn.items():
        rows.add_row("", f"withdrawn: {escape(reason)}", f"{number:,}")
    return rows


def _checks(summary: DemoSummary, rate: float) -> Iterator[str]:
    pulled, wave, letters, trouble = summary.pulled, summary.wave, summary.letters, summary.trouble
    stored = pulled.imported + pulled.updated + pulled.unchanged
    yield "[bold]Do the numbers add up?[/]"
    yield _check(
        pulled.read == stored + pulled.rejected,
        f"{pulled.read:,} rows = {stored:,} supporters + {pulled.rejected:,} rejected",
    )
    yield _check(wave.adds_up, f"{wave.launched:,} asks = {_sum(wave.states)}")
    yield f"      then: {_sum(wave.fates)}"
    withdrawn = sum(letters.withdrawn.values())
    kept = sum(number for proofs in letters.proofs.values() for number in proofs.values())
    yield _check(
        letters.adds_up, f"{letters.confirmed:,} letters confirmed = {kept:,} in the table + {withdrawn:,} withdrawn"
    )
    pressed, sent = summary.played.confirmed, letters.forms.get("sent", 0)
    yield _check(pressed == letters.confirmed, f"{pressed:,} letters were confirmed by the simulated supporters")
    yield _check(
        summary.finished == sent, f"{summary.finished:,} forms reached the stand-ins = {sent:,} reported as sent"
    )
    accepted, twice = summary.ledger["accepted"], summary.ledger["duplicates"]
    yield _check(twice == 0, f"{accepted:,} emails reached the simulator, {twice} of them twice")
    yield _check(
        trouble.unanswered == trouble.settled,
        f"{trouble.unanswered} answer from SendGrid was lost; its webhook settled {trouble.settled}",
    )
    offices, digests = letters.offices, letters.summaries
    yield f"      letters to {offices['written']} offices, {offices['email']} of them by email"
    yield f"      {digests['letters']} letters were sent in {digests['mails']} daily digests"
    yield f"      {letters.moved} letters bounced; their writers were asked to use the web form"
    yield f"      {trouble.later} API requests had to be repeated"
    yield f"      {trouble.refused} API request was refused for one bad address; the others in it were sent"
    yield f"      {summary.suppressed} supporters are on the suppression list: bounce or spam complaint"
    yield f"      {rate:,.0f} asks per second, slow answers and retries included"


def _sum(counts: dict[str, int]) -> str:
    return " + ".join(f"{number:,} {name}" for name, number in counts.items())


def _check(holds: bool, text: str) -> str:
    return f"  {'[green]ok[/]' if holds else FAILED}  {text}"


def _addresses(summary: DemoSummary, *, stay: bool) -> Iterator[str]:
    running, web = summary.running, summary.running.settings.web.base_url
    command, home = Path(sys.executable).with_name("campaign"), running.settings.home
    pages = (
        (f"Ana's action page (her ZIP code is {ANA_ZIP})", simulated_supporters.links(summary.ana_mails[-1], "a")[0]),
        ("the organizer's report", f"{web}/report/{SLUG}/{links.organizer_token(running.keys.organizer, SLUG)}"),
        ("all emails that were sent", f"{running.sandbox}/"),
        ("only the emails to offices", f"{running.sandbox}/?q=staff"),
    )
    files = (
        ("the record for lawyers", f"{short(str(command))} --home {short(str(home))} counsel-record {SLUG}"),
        ("rows that were rejected", short(summary.pulled.rejected_path)),
    )
    yield "[bold]See for yourself[/]" + (". These pages work until you press Ctrl-C." if stay else "")
    for name, place in (*(pages if stay else ()), *files):
        yield f"  {name}:"
        yield f"    {place}"


def counts(summary: DemoSummary, seconds: float) -> dict[str, Any]:
    """The demo's JSON object."""
    pulled, wave, ledger = summary.pulled, summary.wave, summary.ledger
    return {
        **{name: getattr(pulled, name) for name in PULLED},
        "pulled_by": pulled.by,
        "asks": {"launched": wave.launched, "states": wave.states, "fates": wave.fates},
        **letter_funnel.summary(summary.letters),
        "arrivals": summary.arrivals.counts(),
        "sandbox": {"accepted": ledger["accepted"], "duplicates": ledger["duplicates"]},
        "seconds": seconds,
        "home": str(summary.running.settings.home),
    }


def _get(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310 - our own loopback address
        found: dict[str, Any] = json.load(response)
    return found
