"""`campaign demo --clock`: simulate the change of Congress, with a clock that jumps and a made-up new House.

The processes, the simulator, the list and the pages are those of the normal demo. All processes read the clock's
offset from one file. Whoever holds a seat after noon is made up and called Example, so no one mistakes it for fact.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from campaign import clock
from campaign.clock import WASHINGTON
from campaign.congress import roster
from campaign.congress.sync import invented, store
from campaign.delivery import campaigns
from campaign.demo import forms, simulated_supporters, stage
from campaign.demo.letter_history import SENT, LetterHistories, LetterHistory, clock_time
from campaign.demo.simulated_supporters import SimulationCounts
from campaign.demo.simulated_visit import SimulatedSupporter, SimulatedVisit
from campaign.demo.stage import FAILED, LIST, SLUG, DemoResult, Running
from campaign.demo.summary_screen import STATUS
from campaign.demo.web_client import Client
from campaign.errors import CampaignError
from campaign.letters import letters as letter_records
from campaign.letters.letters import Letter
from campaign.outreach.transition import letter_decision
from campaign.states import Proof
from campaign.store import engine

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
WRITERS = 36  # in each of the two groups
EVERY = 3  # every third House seat changes hands
SPECIAL = ("S:FL:3", "S:OH:3")  # and these two Senate seats
RETURNED = ("come back to you", "came back", "ha vuelto", "regres")  # in emails to writers of returned letters


@dataclass(slots=True)
class Simulation:
    """A running demo that passes `noon` (ms), when the Congress ends."""

    running: Running
    noon: int
    histories: LetterHistories
    people: Mapping[str, SimulatedSupporter]
    played: SimulationCounts = field(default_factory=SimulationCounts)
    sent_before_noon: int = 0
    with_writers: int = 0  # ready to be sent with an office's form
    confirmed_again: int = 0

    def say(self, at: int, text: str) -> None:
        self.running.say(clock_time(at), text)

    def jump(self, to: int, why: str) -> None:
        """Move the clock of all processes, once no message is being sent."""
        self.running.wait(self._quiet, "messages that are being sent")
        clock.move(self.running.settings.home / "clock", to)
        self.say(to, f"the clock jumps: {why}")

    def advance(self, to: int, why: str, *, until: Callable[[Sequence[Letter]], bool], what: str) -> None:
        """Jump, wait until the letters are in this state (`what` names it), and note their states."""
        self.jump(to, why)
        self.running.wait(lambda: until(self.letters()), what)
        self.note()

    def _quiet(self) -> bool:
        letters = self.running.letters()
        receipts = any(letters.receipts.get(state) for state in ("claimed", "sending", "unknown"))
        return not receipts and not letters.proved(Proof.SENDING) and not letters.proved(Proof.DOUBT)

    def letters(self) -> list[Letter]:
        with self.running.database.read() as conn:
            return letter_records.by_campaign(conn, campaigns.get(conn, SLUG).id)

    def note(self) -> None:
        with self.running.database.read() as conn:
            now = engine.now(conn)
        self.histories.note(self.letters(), now)

    def misdelivered(self) -> list[LetterHistory]:
        with self.running.database.read() as conn:
            seats = roster.at(conn, self.noon + 90 * MINUTE).seats
        holders = {code: seat.holder.bioguide for code, seat in seats.items() if seat.holder}
        return self.histories.misdelivered(self.letters(), holders)


def run(home: Path | None, time_text: str, console: Console) -> DemoResult:
    """Run the demo from that time until a day after the Congress ends. Raises CampaignError for any other time."""
    begins = _parse_time(time_text)
    noon = _end_of_congress(begins)
    started = time.monotonic()
    with ExitStack() as stack:
        simulation = _start(stage.home_of(home, stack), console, stack, begins=begins, noon=noon)
        _before_noon(simulation, begins)
        _after_noon(simulation)
        _a_day_later(simulation)
        seconds = round(time.monotonic() - started, 1)
        _show(console, simulation, seconds)
        wrong = simulation.misdelivered()
    for history in wrong:
        console.print(f"{FAILED}  letter {history.letter} was sent to someone who does not hold {history.seat}")
    good = bool(simulation.histories.by_letter) and not wrong and not simulation.played.trouble
    return DemoResult(good, _counts(simulation, seconds))


def _parse_time(text: str) -> int:
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return int(moment.timestamp() * 1000)
    do = "Write it like this: 2027-01-03T11:30-05:00"
    raise CampaignError(f"{text!r} is not a time with a time zone", where="--clock", do=do)


def _end_of_congress(begins: int) -> int:
    """The noon at which the Congress in office at `begins` ends."""
    noon = roster.view(roster.load().snapshot, begins).until
    if not 20 * MINUTE <= noon - begins <= 12 * 60 * MINUTE:
        day = datetime.fromtimestamp(noon / 1000, WASHINGTON)
        do = f"Write: --clock {day.replace(hour=11, minute=30).isoformat(timespec='minutes')}"
        what = "the time must be 20 minutes to 12 hours before a Congress ends"
        raise CampaignError(what, where="--clock", do=do)
    return noon


def _start(home: Path, console: Console, stack: ExitStack, *, begins: int, noon: int) -> Simulation:
    file = home / "clock"
    clock.move(file, begins)
    os.environ[clock.VARIABLE] = str(file)
    stack.callback(os.environ.pop, clock.VARIABLE, None)
    more = {clock.VARIABLE: str(file), "CAMPAIGN_CAMPAIGN_TAKE_BACK": "900"}
    running = stage.start(home, console, stack, environ=more)
    with running.database.read() as conn:
        book = roster.snapshot_in_force(conn)
    house = [code for code in sorted(book.holders) if code.startswith("H:")]
    after = invented.after(book, roster.view(book, noon).congress, {*house[::EVERY], *SPECIAL})
    people = simulated_supporters.people(Path(running.settings.list_named(LIST).path))
    simulation = Simulation(running, noon, LetterHistories(after), people)
    simulation.say(begins, "all processes start at this time, which is not the real one")
    stage.pull_list(running)
    stage.load_contacts(running)
    stage.launch(running)
    return simulation


def _before_noon(simulation: Simulation, begins: int) -> None:
    """One group's letters are sent before noon; the other group confirms too late for that."""
    running, played = simulation.running, simulation.played
    asks = simulated_supporters.mails(running.sandbox)
    writers = simulated_supporters.choose(asks, simulation.people, every=1)
    _write(running, writers[:WRITERS], played)
    early = played.confirmed
    simulation.say(begins, f"{early} letters are confirmed; they can be taken back for 15 minutes")
    late_at = simulation.noon - 9 * MINUTE
    simulation.advance(late_at, "they are sent", until=_all_sent, what="letters sent before noon")
    _write(running, writers[WRITERS : 2 * WRITERS], played)
    simulation.say(late_at, f"{played.confirmed - early} more are confirmed, too late to be sent before noon")
    letters = simulation.letters()
    simulation.sent_before_noon = sum(STATUS[letter.proof] in SENT for letter in letters)
    simulation.with_writers = sum(letter.proof is Proof.READY for letter in letters)
    simulation.histories.follow(letters)
    simulation.note()


def _after_noon(simulation: Simulation) -> None:
    """Letters wait until the new House is known; then they are sent, or returned and confirmed again."""
    running, noon = simulation.running, simulation.noon
    why = "the Congress has ended, and the new House is not known yet"
    simulation.advance(noon + MINUTE, why, until=_no_house_queued, what="House letters on hold")
    simulation.jump(noon + 70 * MINUTE, "a made-up new House is synced; a third of its members are new")
    with running.database.begin() as conn:
        store.save(conn, simulation.histories.after, engine.now(conn))
    running.wait(lambda: _none_held(simulation.letters()), "letters that are sent or returned")
    simulation.note()
    running.wait(lambda: bool(_returned_mails(running)), "emails to writers")
    simulation.confirmed_again = _confirm_again(simulation)
    simulation.say(noon + 70 * MINUTE, f"{simulation.confirmed_again} writers confirm a new letter")
    simulation.note()


def _a_day_later(simulation: Simulation) -> None:
    noon = simulation.noon
    simulation.advance(noon + 90 * MINUTE, "the new letters are sent", until=_all_sent, what="letters without a digest")
    simulation.advance(noon + DAY, "the daily digests are sent", until=_digests_sent, what="digests")


def _write(running: Running, people: Sequence[tuple[SimulatedSupporter, str]], played: SimulationCounts) -> None:
    """Each of these supporters enters a ZIP code and confirms letters, or saves one for an office's own form."""
    for person, link in people:
        visit = _at_letters(running, person, link)
        if forms.step(visit.page, "confirm"):
            simulated_supporters.confirm(visit, played)
        elif visit.press("go", "form"):
            visit.submit("save")
        visit.client.close()


def _at_letters(running: Running, person: SimulatedSupporter, link: str) -> SimulatedVisit:
    """A supporter who has entered the ZIP code."""
    visit = SimulatedVisit(Client(running.settings.web.base_url), link, person, patient=True)
    visit.open()
    visit.enter_zip(person.zip)
    return visit


def _digests_sent(letters: Sequence[Letter]) -> bool:
    return not any(letter.proof in (Proof.GOING, Proof.SENDING) for letter in letters)


def _all_sent(letters: Sequence[Letter]) -> bool:
    """Whether every letter is sent, except those that wait for a digest."""
    return _digests_sent([letter for letter in letters if not letter.daily])


def _no_house_queued(letters: Sequence[Letter]) -> bool:
    queued = (letter for letter in letters if letter.proof is Proof.GOING and not letter.daily)
    return not any(letter.seat.startswith("H:") for letter in queued)


def _none_held(letters: Sequence[Letter]) -> bool:
    waits = letter_decision.WAITS.values()
    return not any(letter.proof is Proof.HELD and letter.why in waits for letter in letters)


def _returned_mails(running: Running) -> list[dict[str, str]]:
    """The emails that tell writers about a returned letter."""
    mails = simulated_supporters.mails(running.sandbox)
    return [mail for mail in mails if any(words in mail["subject"] + mail["text"] for words in RETURNED)]


def _confirm_again(simulation: Simulation) -> int:
    """Every other writer opens the link in the email and presses the one button there."""
    confirmed = 0
    for mail in {mail["to"]: mail for mail in _returned_mails(simulation.running)}.values():
        person, link = simulation.people[mail["to"]], simulated_supporters.links(mail, "a")[0]
        if len(person.email) % 2:
            continue
        visit = _at_letters(simulation.running, person, link)
        if visit.press("go", "letter"):
            simulated_supporters.confirm(visit, simulation.played)
            confirmed += not forms.step(visit.page, "confirm")
        visit.client.close()
    return confirmed


def _show(console: Console, simulation: Simulation, seconds: float) -> None:
    console.print(f"\nThe change of Congress took {seconds:.0f} seconds here, and nothing left this machine.")
    console.print("Every new member is made up and called Example.\n")
    histories = simulation.histories.by_letter.values()
    console.print(f"[bold]{len(histories)} letters were not sent by noon.[/] What happened to them:")
    for outcome, number in simulation.histories.outcomes.items():
        console.print(f"[bold]{number}[/] {escape(outcome)}")
        for history in histories:
            if history.outcome == outcome:
                steps = " → ".join(f"{at} {step}" for at, step in history.steps)
                console.print(f"  {history.seat:<8} {escape(f'{history.name}: {steps}')}", soft_wrap=True)
    console.print(
        f"{simulation.sent_before_noon} letters were sent before noon; "
        f"{simulation.with_writers} are ready for their writers to send with an office's form."
    )


def _counts(simulation: Simulation, seconds: float) -> dict[str, Any]:
    """The demo's JSON object."""
    return {
        "noon": simulation.noon,
        "sent_before_noon": simulation.sent_before_noon,
        "with_writers": simulation.with_writers,
        "unsent_at_noon": len(simulation.histories.by_letter),
        "outcomes": simulation.histories.outcomes,
        "confirmed_again": simulation.confirmed_again,
        "trouble": simulation.played.trouble,
        "letters": [asdict(history) for history in simulation.histories.by_letter.values()],
        "invented": True,
        "seconds": seconds,
    }
