"""The demo's last screen: one person first, then everybody, then the doors. Every sum is computed, none is written."""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from campaign import links
from campaign.cli.app import table
from campaign.config import Settings
from campaign.delivery import campaigns
from campaign.demo import simulated_supporters
from campaign.demo.simulated_supporters import ANA, SimulationCounts
from campaign.keys import Keys
from campaign.outreach.action_page import actions
from campaign.outreach.action_page import visit as visits
from campaign.outreach.action_page.views import ActionPage
from campaign.outreach.action_page.visit import LinkRequest
from campaign.outreach.launch import launch as launches
from campaign.outreach.lists.pull import Pulled
from campaign.outreach.reports import ask_counts as reports
from campaign.outreach.reports import delivery_history, letter_funnel
from campaign.outreach.reports.letter_funnel import Letters
from campaign.states import Proof
from campaign.store.engine import Database

SLUG = "end-287g"
ANA_ZIP = "28205"
_SUMMARY = re.compile(r"(\d+) letters? from your constituents: ")
SAID = {
    Proof.GOING: "goes out soon",
    Proof.SENDING: "on its way to SendGrid",
    Proof.SENT: "accepted by SendGrid",
    Proof.DELIVERED: "accepted, delivered to the office's mail server",
    Proof.RETURNED: "could not be delivered",
    Proof.REFUSED: "refused",
    Proof.DOUBT: "not known whether it was taken; never sent again on silence",
    Proof.HELD: "held until somebody decides",
    Proof.READY: "handed over: waits for its writer",
    Proof.REPORTED: "its writer says that it went through",
    Proof.TO_PRINT: "waits to be printed for the packet",
    Proof.PRINTED: "printed, to be handed in",
    Proof.HANDED_IN: "handed in on paper, as the organization says",
    Proof.BACK: "back with its writer",
    Proof.WITHDRAWN: "taken back",
}


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """All that the last screen tells."""

    settings: Settings
    sandbox: str
    home: Path
    pulled: Pulled
    wave: reports.WaveReport
    letters: Letters
    trouble: delivery_history.Trouble
    kept_out: int
    ledger: dict[str, int]
    played: SimulationCounts
    ana: ActionPage
    ana_mails: list[dict[str, str]]
    summary: dict[str, str]  # the one mail of a day that tells an office of the most letters
    organizer: str

    @property
    def good(self) -> bool:
        """Whether every sum holds."""
        return (
            self.wave.adds_up
            and self.letters.adds_up
            and self.ledger["duplicates"] == 0
            and self.pulled.finished
            and not self.played.trouble
            and self.played.confirmed + self.played.moved == self.letters.confirmed
        )


def read(
    database: Database,
    keys: Keys,
    settings: Settings,
    sandbox: str,
    pulled: Pulled,
    played: SimulationCounts,
    home: Path,
) -> DemoSummary:
    """Everything as it is now. Ana's letters are looked up as her own page does, by the link in her email."""
    mails = simulated_supporters.mails(sandbox, to=ANA)
    link = simulated_supporters.links(mails[-1], "a")[0]
    with database.read() as conn:
        wave = reports.report(conn, SLUG).waves[0]
        letters = letter_funnel.letters(conn, campaigns.get(conn, SLUG).id)
        trouble = delivery_history.trouble(conn, SLUG)
        kept_out = launches.kept_out(conn)
    with visits.acting(database, keys, settings, LinkRequest(SLUG, link.rsplit("/", 1)[1])) as (conn, visit):
        page = actions.enter(conn, visit, {"zip": ANA_ZIP})
    return DemoSummary(
        settings,
        sandbox,
        home,
        pulled,
        wave,
        letters,
        trouble,
        kept_out,
        _get(f"{sandbox}/ledger.json"),
        played,
        page,
        mails,
        max((mail for mail in simulated_supporters.mails(sandbox) if _told(mail)), key=_told, default={}),
        links.organizer_token(keys.organizer, SLUG),
    )


def _told(mail: dict[str, str]) -> int:
    """Of how many letters a summary tells; 0: it is none."""
    found = _SUMMARY.match(mail["text"])
    return int(found[1]) if found else 0


def show(console: Console, end: DemoSummary, seconds: float, rate: float) -> None:
    """The last screen."""
    say = console.print
    say(
        f"\n[bold]{SLUG}[/] ran here in {seconds:.0f} s. Nothing left this machine: "
        "SendGrid is a sandbox, people and contacts are invented.\n"
    )
    say(_one_person(end))
    if end.summary:
        _one_office(console, end.summary)
    say("[bold]Everyone[/]")
    _everyone(console, end, rate)
    say()
    _doors(console, end)


def _one_person(end: DemoSummary) -> Table:
    ask, *rest = reversed(end.ana_mails)
    page = end.ana
    rows = Table(
        title=f"One person, from start to end: {page.first_name} {page.last_name}, ZIP {page.zip}, reads Spanish",
        title_justify="left",
        title_style="bold",
        box=None,
        show_header=False,
        padding=(0, 2, 0, 0),
    )
    rows.min_width = 90
    rows.add_row("list", f"pulled by {end.pulled.by}, with her consent and its date")
    rows.add_row("ask", f"“{escape(ask['subject'])}”. A mail scanner opened its links: nothing happened")
    for one in page.letters:
        by = "e-mail to a staff contact" if one.office.channel == "email" and not one.fallback else "the office's form"
        rows.add_row(one.office.seat, f"{one.office.name}, by {by}: {SAID[Proof(one.state)]}")
    for mail in rest:
        rows.add_row("receipt", f"“{escape(mail['subject'])}”")
    rows.add_row("kept", f"name, e-mail, ZIP; the letters' words for {page.text_days} days more; no street was asked")
    return rows


SHOWN = 5  # paragraphs of a mail


def _one_office(console: Console, mail: dict[str, str]) -> None:
    """The beginning of the fullest summary, as its office reads it."""
    body = mail["text"].strip().split("\n\n")
    text = f"To: {mail['to']}\nSubject: {mail['subject']}\n\n" + "\n\n".join([*body[:SHOWN], "..."])
    console.print(Panel(escape(text), title="One office, that wants one summary a day", title_align="left", width=90))


def _everyone(console: Console, end: DemoSummary, rate: float) -> None:
    say, pulled, wave, letters, met = console.print, end.pulled, end.wave, end.letters, end.trouble
    told = table("Letters to Congress", "channel", "what is proved", "letters")
    for channel, proofs in letters.proofs.items():
        for proof, number in proofs.items():
            told.add_row(channel, SAID[Proof(proof)], f"{number:,}")
    for reason, number in letters.withdrawn.items():
        told.add_row("", f"withdrawn: {escape(reason)}", f"{number:,}")
    say(told)
    offices = letters.offices
    say(
        f"  {offices['written']} offices were written to, {offices['email']} of them through SendGrid; "
        f"{letters.moved} letters could not be mailed and went back to their writers, for the form"
    )
    daily = letters.summaries
    say(f"    {daily['letters']} of the letters by e-mail went in {daily['mails']} summaries, one a day to an office")
    kept = pulled.imported + pulled.updated + pulled.unchanged + pulled.rejected
    say(_sum(pulled.read == kept, f"rows read {pulled.read:,} = stored and rejected {kept:,}"))
    states = ", ".join(f"{number:,} {state}" for state, number in wave.states.items())
    say(_sum(wave.adds_up, f"asks launched {wave.launched:,} = {states}"))
    fates = ", ".join(f"{number:,} {fate}" for fate, number in wave.fates.items())
    say(f"    of the accepted: {fates}")
    live = sum(number for proofs in letters.proofs.values() for number in proofs.values())
    gone = sum(letters.withdrawn.values())
    say(
        _sum(
            letters.adds_up,
            f"letters confirmed {letters.confirmed:,} = {live:,} on their way or there + {gone:,} withdrawn",
        )
    )
    pressed = end.played.confirmed + end.played.moved
    say(_sum(pressed == letters.confirmed, f"each was confirmed by its person: {pressed:,} times, over HTTP"))
    twice = end.ledger["duplicates"]
    say(_sum(twice == 0, f"the sandbox saw every delivery at most once: {end.ledger['accepted']:,}, {twice} twice"))
    say(
        _sum(
            met.unanswered == met.settled, f"{met.unanswered} answer lost on the way, {met.settled} settled by an event"
        )
    )
    say(f"    {met.later} requests had to try later; {met.refused} was refused for one address, its neighbours went on")
    say(f"    {end.kept_out} people will not be written to again: their mail bounced, or they complained")
    say(f"    {rate:,.0f} asks a second, with a slow answer and the second tries among them")


def _doors(console: Console, end: DemoSummary) -> None:
    """Whole addresses, each on its line, however narrow the terminal is."""
    link = simulated_supporters.links(end.ana_mails[-1], "a")[0]
    command = short(str(Path(sys.executable).with_name("campaign")))
    doors = (
        ("as Ana", f"{link}   (her ZIP is {ANA_ZIP})"),
        ("as an office", f"{end.sandbox}/?q=staff"),
        ("as the organizer", f"{end.settings.web.base_url}/report/{SLUG}/{end.organizer}"),
        ("as counsel", f"{command} --home {short(str(end.home))} record {SLUG}"),
        ("all that arrived", f"{end.sandbox}/"),
        ("rejected rows", short(end.pulled.rejected_path)),
    )
    for number, (name, where) in enumerate(doors):
        console.print(f"[bold]{'' if number else 'Look':<6}[/]{name:<18}{where}", soft_wrap=True)


def _sum(holds: bool, text: str) -> str:
    return f"[green]ok[/]  {text}" if holds else f"[bold red]NO[/]  {text}"


def result(end: DemoSummary, seconds: float) -> dict[str, Any]:
    """The demo's JSON object."""
    pulled, wave, ledger = end.pulled, end.wave, end.ledger
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
        **letter_funnel.summary(end.letters),
        "sandbox": {"accepted": ledger["accepted"], "duplicates": ledger["duplicates"]},
        "seconds": seconds,
        "home": str(end.home),
    }


def _get(url: str) -> dict[str, int]:
    with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310 - our own loopback address
        found: dict[str, int] = json.load(response)
    return found


def short(path: str) -> str:
    """A path as somebody here would type it."""
    return os.path.relpath(path) if path.startswith(str(Path.cwd())) else path
