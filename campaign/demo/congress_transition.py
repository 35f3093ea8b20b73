"""`campaign demo --clock`: the switch of Congress, rehearsed with a clock that jumps and a House that is invented.

Everything else is the demo's own: the same processes, sandbox, list and pages. The clock is a file that all of them
read; it jumps five times, and between two jumps it runs as always. Who sits after noon is invented and called Example,
so that nobody takes it for fact.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from campaign import clock as clocks
from campaign.cli.app import CliContext, as_json
from campaign.compose.campaign_folder.toml import WASHINGTON
from campaign.congress import roster
from campaign.congress.sync import invented, store
from campaign.delivery import campaigns
from campaign.demo import demo, forms, simulated_supporters, summary_screen
from campaign.demo.simulated_supporters import Client, SimulatedSupporter, SimulationCounts
from campaign.errors import CampaignError
from campaign.letters import letters as letter_records
from campaign.letters.letters import Letter
from campaign.outreach.launch import launch as launches
from campaign.outreach.reports import letter_funnel
from campaign.outreach.transition import pending_letters
from campaign.states import Proof
from campaign.store import engine
from campaign.tasks import nudge

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
WRITERS = 36  # in each of the two groups
LETTERS = 3  # of each writer at most
EVERY = 3  # one seat of the House in so many has somebody else
SPECIAL = ("S:FL:3", "S:OH:3")  # and these two seats of the Senate


@dataclass(slots=True)
class DemoRun:
    """What one letter did, as (time in Washington, what), and who confirmed another one in its place."""

    letter: int
    seat: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    @property
    def last(self) -> str:
        return self.steps[-1][1]

    def note(self, at: int, what: str) -> None:
        if not self.steps or self.last != what:
            self.steps.append((f"{datetime.fromtimestamp(at / 1000, WASHINGTON):%a %H:%M}", what))


@dataclass(slots=True)
class Rehearsal:
    """A demo that runs through the switch at `noon` (ms)."""

    running: demo.Running
    noon: int
    names: Mapping[tuple[str, str], str]  # (seat, bioguide id) -> who that is
    ways: dict[int, DemoRun] = field(default_factory=dict)
    gone: int = 0  # letters that had left by noon
    with_writers: int = 0  # handed to their writers for a form

    def jump(self, to: int, why: str) -> None:
        """Move everybody's clock, when nothing is on its way."""
        self.running.wait(self._quiet, "mail that is on its way")
        clocks.move(self.running.settings.home / "clock", to)
        said = f"{datetime.fromtimestamp(to / 1000, WASHINGTON):%H:%M}"
        self.running.console.print(f"[bold]{said}[/]     the clock jumps: {why}")

    def _quiet(self) -> bool:
        with self.running.database.read() as conn:
            found = letter_funnel.letters(conn, campaigns.get(conn, demo.SLUG).id)
        moving = ("claimed", "sending", "unknown")
        sending = sum(found.proved(proof) for proof in (Proof.SENDING, Proof.DOUBT))
        return not sending and not any(found.receipts.get(state) for state in moving)

    def letters(self) -> tuple[int, list[Letter]]:
        with self.running.database.read() as conn:
            return engine.now(conn), letter_records.by_campaign(conn, campaigns.get(conn, demo.SLUG).id)

    def look(self) -> None:
        """Note what became of each letter that had not left at noon, and of those that took its place."""
        now, found = self.letters()
        for one in found:
            if one.id in self.ways:
                if not pending_letters.replaced(
                    one, [other for other in found if other.supporter_id == one.supporter_id]
                ):
                    self.ways[one.id].note(now, said(one))
                continue
            before = [
                other
                for other in found
                if other.id in self.ways
                and other.supporter_id == one.supporter_id
                and pending_letters.replaced(other, [one])
            ]
            for other in before:
                name = self.names.get((one.seat, one.holder), one.holder)
                way, anew = self.ways[other.id], f"confirmed anew, to {name}"
                if all(what != anew for _, what in way.steps):
                    way.note(one.confirmed_at, anew)
                way.note(now, f"the new one: {summary_screen.SAID[one.proof]}")


def said(one: Letter) -> str:
    """A letter's state in words."""
    if one.proof is Proof.BACK:
        return f"back with its writer: {one.why}"
    if one.proof is Proof.HELD:
        return f"held: {one.why}"
    return "queued" if one.proof is Proof.GOING else summary_screen.SAID[one.proof]


def through(ctx: CliContext, clock: str, console: Console, *, leave: bool, as_json_: bool) -> int:
    """Run the demo from that time on, past the noon at which a Congress ends. Raises CampaignError for another time."""
    if not leave:
        raise CampaignError("a demo with another clock ends by itself", where="--clock", do="Write --exit too.")
    begins = _moment(clock)
    book = roster.load().book
    noon = roster.view(book, begins).until
    if not 20 * MINUTE <= noon - begins <= 12 * 60 * MINUTE:
        day = datetime.fromtimestamp(noon / 1000, WASHINGTON)
        do = f"Write: --clock {day.replace(hour=11, minute=30).isoformat(timespec='minutes')}"
        raise CampaignError("give a time from twelve hours to twenty minutes before it", where="--clock", do=do)
    started = time.monotonic()
    with ExitStack() as stack:
        home = demo.home_of(ctx.home, stack)
        clocks.move(home / "clock", begins)
        os.environ[clocks.VARIABLE] = str(home / "clock")
        stack.callback(os.environ.pop, clocks.VARIABLE, None)
        more = {clocks.VARIABLE: str(home / "clock"), "CAMPAIGN_CAMPAIGN_TAKE_BACK": "900"}
        running = demo.start(home, console, stack, **more)
        house = [code for code in sorted(book.holders) if code.startswith("H:")]
        after = invented.after(book, roster.view(book, noon).congress, {*house[::EVERY], *SPECIAL})
        names = {(code, one.bioguide): one.name for code, every in after.holders.items() for one in every}
        told = Rehearsal(running, noon, names)
        console.print(f"[bold]{_clock(begins)}[/]     all processes live at this time; nothing of it is the real clock")
        _begin(running)
        asks = simulated_supporters.mails(running.sandbox)
        people = simulated_supporters.choose(
            asks, simulated_supporters.people(Path(running.settings.list_named(demo.LIST).path)), every=1
        )
        played = SimulationCounts()
        _write(running, people[:WRITERS], played)
        console.print(f"[bold]{_clock(begins)}[/]     {played.confirmed} letters are confirmed, to leave in 15 minutes")
        told.jump(noon - 9 * MINUTE, "they leave")
        running.wait(lambda: not _going(told.letters()[1]), "letters that leave before noon")
        early = played.confirmed
        _write(running, people[WRITERS : 2 * WRITERS], played)
        late = played.confirmed - early
        console.print(f"[bold]{_clock(noon - 9 * MINUTE)}[/]     {late} more are confirmed: at noon they have not left")
        _, found = told.letters()
        told.gone = sum(one.proof in (Proof.SENT, Proof.DELIVERED, Proof.RETURNED) for one in found)
        told.with_writers = sum(one.proof is Proof.READY for one in found)
        told.ways = {
            one.id: DemoRun(one.id, one.seat, names.get((one.seat, one.holder), one.holder))
            for one in found
            if one.proof is Proof.GOING
        }
        told.look()
        told.jump(noon + MINUTE, "the Congress has ended, and who sits in the new House is not known")
        running.wait(lambda: not _house_queued(told.letters()[1]), "letters that wait for the House")
        told.look()
        told.jump(noon + 70 * MINUTE, "an invented new House is synced; a third of it is somebody else")
        with running.database.begin() as conn:
            store.save(conn, after, engine.now(conn))
        running.wait(lambda: not _held(told.letters()[1]), "letters that go on, or back")
        told.look()
        running.wait(lambda: bool(_came_back(running)), "mail to writers")
        anew = _confirm_anew(running, _came_back(running))
        console.print(
            f"[bold]{_clock(noon + 70 * MINUTE)}[/]     {anew} new letters are confirmed, each with one click"
        )
        told.look()
        told.jump(noon + 90 * MINUTE, "the new letters leave")
        running.wait(lambda: not _going(told.letters()[1]), "last letter that goes alone")
        told.look()
        told.jump(noon + DAY, "the summaries of a day leave")
        running.wait(lambda: not _going(told.letters()[1], alone=False), "last summary")
        told.look()
        seconds = round(time.monotonic() - started, 1)
        _show(console, told, seconds)
        if as_json_:
            as_json(_result(told, anew, played, seconds))
        wrong = _for_somebody_else(told)
    for one in wrong:
        console.print(f"[bold red]NO[/]  letter {one.letter} left for somebody who does not hold {one.seat}")
    return 0 if told.ways and not wrong and not played.trouble else 1


def _moment(text: str) -> int:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise CampaignError(f"{text!r} is no time with a zone", where="--clock", do="Write: 2027-01-03T11:30-05:00")
    return int(found.astimezone(UTC).timestamp() * 1000)


def _clock(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, WASHINGTON):%H:%M}"


def _begin(running: demo.Running) -> None:
    """The list, the contacts, the launch, as in every demo."""
    demo.pull_list(running)
    demo.load_contacts(running)
    number = launches.launch(running.database, running.settings, demo.SLUG, by="the demo")
    nudge(running.app, "send", demo.SLUG)
    demo.watch(running, number, time.monotonic())


def _write(running: demo.Running, people: Sequence[tuple[SimulatedSupporter, str]], played: SimulationCounts) -> None:
    """Each of these types the ZIP code and confirms up to three letters."""
    client = Client(running.settings.web.base_url)
    for person, link in people:
        _, page = client.ask("POST", link, {"step": "zip", "zip": person.zip})
        if (names := forms.step(page, "write")) is not None and forms.step(page, "confirm") is None:
            page = simulated_supporters.press(client, link, names)
        simulated_supporters.write(client, link, page, person, 1, LETTERS, played)


def _going(found: Sequence[Letter], *, alone: bool = True) -> bool:
    """Whether some are still to leave; `alone`: of those that wait for no summary."""
    return any(one.proof in (Proof.GOING, Proof.SENDING) and not (alone and one.daily) for one in found)


def _house_queued(found: Sequence[Letter]) -> bool:
    return any(one.proof is Proof.GOING and one.seat.startswith("H:") and not one.daily for one in found)


def _held(found: Sequence[Letter]) -> bool:
    return any(one.proof is Proof.HELD and one.why in pending_letters.WAITS.values() for one in found)


def _came_back(running: demo.Running) -> list[dict[str, str]]:
    """The mails that tell writers of letters that came back."""
    return [
        mail
        for mail in simulated_supporters.mails(running.sandbox)
        if "come back to you" in mail["text"] or "ha vuelto" in mail["text"]
    ]


def _confirm_anew(running: demo.Running, mails: Sequence[dict[str, str]]) -> int:
    """Every other writer opens the page of the mail's link and presses the one button there."""
    client = Client(running.settings.web.base_url)
    people = simulated_supporters.people(Path(running.settings.list_named(demo.LIST).path))
    done = 0
    for mail in {mail["to"]: mail for mail in mails}.values():
        person, link = people[mail["to"]], simulated_supporters.links(mail, "a")[0]
        if len(person.email) % 2:
            continue
        _, page = client.ask("POST", link, {"step": "zip", "zip": person.zip})
        sheet = forms.step(page, "confirm")
        if sheet is None:
            continue
        status, _ = client.ask("POST", link, sheet.fields)
        done += status == 200
    return done


def _show(console: Console, told: Rehearsal, seconds: float) -> None:
    console.print(
        f"\nThe switch took {seconds:.0f} s here. Nothing left this machine, and nobody of the new House is real: "
        "each is called Example.\n"
    )
    console.print(f"[bold]{len(told.ways)} letters had not left at noon[/], and this is what each did:")
    for what, number in _ends(told).items():
        console.print(f"[bold]{number}[/] {escape(what)}")
        for way in told.ways.values():
            if _end(way) == what:
                steps = " → ".join(f"{at} {step}" for at, step in way.steps)
                console.print(f"  {way.seat:<8} {escape(f'{way.name}: {steps}')}", soft_wrap=True)
    console.print(f"{told.gone} letters had left before noon; {told.with_writers} are with their writers, for a form.")


def _ends(told: Rehearsal) -> dict[str, int]:
    """How the letters that waited at noon ended."""
    return dict(Counter(_end(way) for way in told.ways.values()))


def _end(way: DemoRun) -> str:
    words = [what for _, what in way.steps]
    if any(word.startswith("confirmed anew") for word in words):
        return "back with its writer, and confirmed anew"
    return "gone on to the same member" if words[-1] in GONE else words[-1]


GONE = {summary_screen.SAID[proof] for proof in (Proof.SENT, Proof.DELIVERED, Proof.RETURNED)}


def _for_somebody_else(told: Rehearsal) -> list[DemoRun]:
    """Letters that left after noon for who does not hold the seat: there must be none."""
    with told.running.database.read() as conn:
        seats = roster.at(conn, told.noon + 90 * MINUTE).seats
    left = {one.id: one for one in told.letters()[1] if one.id in told.ways and summary_screen.SAID[one.proof] in GONE}
    holders = {code: seat.holder.bioguide for code, seat in seats.items() if seat.holder}
    return [told.ways[one.id] for one in left.values() if holders.get(one.seat) != one.holder]


def _result(told: Rehearsal, anew: int, played: SimulationCounts, seconds: float) -> dict[str, Any]:
    return {
        "noon": told.noon,
        "gone_before_noon": told.gone,
        "with_writers": told.with_writers,
        "waited_at_noon": len(told.ways),
        "ends": _ends(told),
        "confirmed_anew": anew,
        "trouble": played.trouble,
        "letters": [
            {"letter": way.letter, "seat": way.seat, "name": way.name, "did": way.steps} for way in told.ways.values()
        ],
        "invented": True,
        "seconds": seconds,
    }
