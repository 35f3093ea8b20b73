"""Print the packets of a campaign: one PDF for each office.

A letter is printed only when its writer chose the packet, and then no other channel has it. In one transaction the rows
are written, and then the PDF on disk under a temporary name; then the file takes its place. A lost file is printed
again, marked as such. Each office is printed on its own: where one fails, nothing of it counts as printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from sqlalchemy import Connection

from campaign.compose.messages import packet_pdf as papers
from campaign.compose.messages import typesetter
from campaign.compose.messages.packet_pdf import PrintedLetter
from campaign.compose.rendering import release as releases
from campaign.config import Settings
from campaign.congress import field_offices, roster
from campaign.congress.roster import Roster
from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.letters import access, pending, printed, promises
from campaign.letters.letters import LetterContent
from campaign.letters.printed import PacketPage, PrintedPacket, WaitingForPrint
from campaign.model import Member, Seat
from campaign.outreach.channels.packet import packet_file
from campaign.outreach.sending import unannounced_letters
from campaign.store import engine
from campaign.store.engine import Database

log = structlog.get_logger()

_TOWN = re.compile(r"(?:.+, )?[A-Z]{2} [0-9]{5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """A packet as it was printed. `missing`: its letters that are gone, because their writers were erased.

    `replaced`: by letter, as numbered in the packet, how many characters no font has; words replace them.
    """

    seat: str
    name: str
    number: int
    letters: int
    missing: int
    again: bool
    file: Path
    replaced: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FailedPacket:
    """A packet that could not be printed, and why. `number`: of one printed before, else None."""

    seat: str
    number: int | None
    why: str


@dataclass(frozen=True, slots=True)
class PrintedBatch:
    """What was printed. `held`: letters not printed, because their text or their reader is no longer current."""

    papers: tuple[PrintJob, ...]
    held: int
    early: int  # letters that can still be taken back: they are in the next packet
    failed: tuple[FailedPacket, ...] = ()
    without_visit: dict[str, int] = field(default_factory=dict)  # by seat: letters that no one has promised to take


@dataclass(frozen=True, slots=True, kw_only=True)
class _Printer:
    """What printing a campaign's packets needs. `by`: who prints them."""

    database: Database
    keys: Keys
    campaign: Campaign
    folder: Path
    by: str


def print_all(
    database: Database,
    keys: Keys,
    settings: Settings,
    slug: str,
    *,
    seats: Collection[str] = (),
    to: Path | None = None,
    by: str = "",
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> PrintedBatch:
    """Print a new packet of the waiting letters for each office, and again each one not handed in yet.

    `by`: who prints them; recorded with the system's account name. `tell` gets how many of how many are done. One
    office's failure does not stop the next. Raises CampaignError for an unknown seat or campaign, and without Typst.
    """
    with database.read() as conn:
        campaign, now = campaigns.get(conn, slug), engine.now(conn)
        congress = roster.at(conn, now)
        if unknown := [code for code in seats if code not in congress.seats]:
            raise CampaignError(f"there is no seat {unknown[0]}", do="Write H:NC:12, H:AK:0 (at large) or S:OH:3.")
        waiting = printed.waiting(conn, campaign.id, now)
        ready, held = _ready(waiting, congress, seats, now)
        packets = [packet for packet in printed.list_packets(conn, campaign.id, seats) if not packet.handed_on]
        without_visit = promises.visits(conn, slug, campaign.id, now).without_visit
        early = len(printed.waiting(conn, campaign.id, 2**53)) - len(waiting)
    jobs: list[tuple[str, PrintedPacket | None]] = [(packet.seat, packet) for packet in packets]
    jobs += [(code, None) for code in ready]
    if jobs:
        typesetter.require()
    printer = _Printer(database=database, keys=keys, campaign=campaign, folder=to or settings.home / "packets", by=by)
    packet_file.prepare(printer.folder, slug)
    made, failed = list[PrintJob](), list[FailedPacket]()
    for code, packet in sorted(jobs, key=lambda job: (job[0], job[1] is None)):
        try:
            paper = _print_one(printer, code, packet)
        except Exception as error:  # whatever it is: the other offices get their packets, and an operator looks
            failed.append(FailedPacket(code, packet.number if packet else None, _why(error)))
        else:
            made += [paper] if paper else []
        tell(len(made) + len(failed), len(jobs))
    return PrintedBatch(tuple(made), held, early, tuple(failed), without_visit)


def _why(error: Exception) -> str:
    """The reason without any text of a letter: an unexpected error may quote one."""
    if isinstance(error, CampaignError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return f"unexpected {type(error).__name__}"


def _ready(
    waiting: Collection[WaitingForPrint], congress: Roster, seats: Collection[str], now: int
) -> tuple[dict[str, list[int]], int]:
    """By seat: the letters that may be printed; and how many may not, because they are no longer current."""
    ready: dict[str, list[int]] = {}
    held = 0
    for letter in waiting:
        holder = congress.seats[letter.seat].holder if letter.seat in congress.seats else None
        if seats and letter.seat not in seats:
            continue
        ended = letter.valid_until is not None and now >= letter.valid_until
        if holder is None or holder.bioguide != letter.holder or ended:
            held += 1
        else:
            ready.setdefault(letter.seat, []).append(letter.letter_id)
    return ready, held


def _print_one(printer: _Printer, code: str, packet: PrintedPacket | None) -> PrintJob | None:
    """Print one packet, or None when it has no letters left. It counts as printed once its PDF is on disk."""
    file: Path | None = None
    again = packet is not None
    try:
        with printer.database.begin() as conn:
            now = engine.now(conn)
            congress = roster.at(conn, now)
            holder = congress.seats[code].holder
            packet = packet or _create(conn, printer.campaign, code, congress, now)
            if packet is None:
                return None
            if holder is None or holder.bioguide != packet.holder:
                log.warning("packet_of_another_holder", seat=code, number=packet.number)
                return None
            pages = printed.pages(conn, packet.id)
            letters = _letters(conn, printer, pages, congress.seats[code], now)
            if not letters:
                return None
            folder = releases.load(conn, printer.campaign.release).folder
            document = papers.Packet(
                seat=congress.seats[code],
                room=_room(congress, holder),
                number=packet.number,
                organization=folder.campaign.organization,
                letters=letters,
                printed_at=now,
                first_printed=packet.printed_at if again else None,
                logo=folder.image(folder.campaign.brand.logo),
                accent=folder.campaign.brand.accent,
            )
            content, replaced = papers.printed(document)
            file = printer.folder / f"{printer.campaign.slug}-{code.replace(':', '-')}-{packet.number}.pdf"
            packet_file.write_draft(file, content)
    except BaseException:
        if file is not None:
            packet_file.discard(file)
        raise
    packet_file.keep(file)
    return PrintJob(
        seat=code,
        name=holder.name,
        number=packet.number,
        letters=len(letters),
        missing=max(page.place for page in pages) - len(letters),
        again=again,
        file=file,
        replaced=replaced,
    )


def _create(conn: Connection, campaign: Campaign, code: str, congress: Roster, now: int) -> PrintedPacket | None:
    """A new packet of the letters that are ready; None when there are none."""
    ready, _ = _ready(printed.waiting(conn, campaign.id, now), congress, (code,), now)
    letter_ids = ready.get(code, [])
    unannounced_letters.stop_letters(conn, pending.unannounced(conn, letters=letter_ids), now)
    moved = outbox.mark_printed(conn, letter_ids, now)
    holder = congress.seats[code].holder
    if not moved or holder is None:
        return None
    in_order = [letter_id for letter_id in letter_ids if letter_id in moved]
    printed.create_packet(conn, campaign.id, code, holder=holder.bioguide, letter_ids=in_order, now=now)
    return printed.list_packets(conn, campaign.id, (code,))[-1]


def _letters(
    conn: Connection, printer: _Printer, pages: Collection[PacketPage], seat: Seat, now: int
) -> tuple[PrintedLetter, ...]:
    """The letters of a packet, with their text where it is still kept. Who prints them is recorded."""
    contents = access.read(
        conn,
        printer.keys,
        [page.letter_id for page in pages],
        what="packet",
        campaign_id=printer.campaign.id,
        seat=seat.code,
        by=printer.by,
        now=now,
    )
    return tuple(_letter(page, seat, contents[page.letter_id]) for page in pages if page.letter_id in contents)


def _letter(page: PacketPage, seat: Seat, content: LetterContent) -> PrintedLetter:
    zip_ = dict(content.fields).get("zip", "")
    lines = (content.on_paper or f"{content.name}\n{seat.state} {zip_}").split("\n")
    town = next((line for line in lines[1:] if _TOWN.fullmatch(line)), "")
    return PrintedLetter(
        place=page.place,
        subject=content.subject,
        core=content.core,
        envelope=tuple(lines),
        town=town,
        own_words=page.own_words,
        confirmed_at=page.confirmed_at,
        postscript=content.postscript,
    )


def _room(congress: Roster, holder: Member) -> str:
    """The holder's office in Washington, "" where it is not known."""
    places = field_offices.of(congress).get(holder.bioguide)
    return places.washington if places else ""
