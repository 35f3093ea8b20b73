"""Letters on paper: print the packets of a campaign, and write down that one was handed in.

A letter comes into a packet only when its writer chose paper, and nothing else has it. First the rows, then the PDF on
disk under a temporary name, in one transaction, then the file takes its place. A lost file is printed again, marked as
such. Each office is printed on its own: where one fails, nothing of it counts as printed.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection

from campaign.compose.campaign_folder.toml import WASHINGTON
from campaign.compose.messages import packet_pdf as papers
from campaign.compose.messages import typesetter
from campaign.compose.messages.packet_pdf import PrintedLetter
from campaign.compose.rendering import release as releases
from campaign.config import Settings
from campaign.congress import field_offices, roster
from campaign.congress.roster import Roster
from campaign.congress.terms import noon
from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.letters import access, pending, printed
from campaign.letters.letters import LetterContent
from campaign.letters.printed import PacketPage, PrintedPacket, WaitingForPrint
from campaign.model import Seat
from campaign.outreach.routing import queue_receipt
from campaign.outreach.sending import unannounced_letters
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people

log = structlog.get_logger()

_DRAFT = ".pdf.new"
_DRAFT_SECONDS = 3600  # longer than any process needs to print one packet
_TOWN = re.compile(r"(?:.+, )?[A-Z]{2} [0-9]{5}")


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A packet as it was printed. `missing`: letters of it that are not there any more, by their writers' erasure.

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
    """A packet that could not be printed, and why. `number`: of one that was printed before, else None."""

    seat: str
    number: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What came out of the printer. `held`: letters that stay, for their text or their reader is not true any more."""

    papers: tuple[PrintJob, ...]
    held: int
    early: int  # letters that can still be taken back: they come into the next packet
    failed: tuple[FailedPacket, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveredPacket:
    """Packets of a seat that were said to be handed in, and their letters."""

    seat: str
    numbers: tuple[int, ...]
    letters: int


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
) -> Batch:
    """A new packet of what waits for each office, and again each one that has not been handed in.

    `by`: who prints them; recorded with the system's account name. `tell` gets how many of how many are done. One
    office's failure does not stop the next. Raises CampaignError for what is no seat or campaign, and without Typst.
    """
    folder = to or settings.home / "packets"
    with database.read() as conn:
        campaign, now = campaigns.get(conn, slug), engine.now(conn)
        known = roster.at(conn, now)
        if unknown := [code for code in seats if code not in known.seats]:
            raise CampaignError(f"there is no seat {unknown[0]}", do="Write H:NC:12, H:AK:0 (at large) or S:OH:3.")
        ready, held = _ready(printed.waiting(conn, campaign.id, now), known, seats, now)
        open_ = [one for one in printed.list_packets(conn, campaign.id, seats) if not one.handed_on]
        early = len(printed.waiting(conn, campaign.id, 2**53)) - len(printed.waiting(conn, campaign.id, now))
    jobs: list[tuple[str, PrintedPacket | None]] = [
        *((one.seat, one) for one in open_),
        *((code, None) for code in ready),
    ]
    if jobs:
        typesetter.require()
    _prepare(folder, slug)
    made, failed = list[PrintJob](), list[FailedPacket]()
    for code, old in sorted(jobs, key=lambda job: (job[0], job[1] is None)):
        try:
            paper = _one(database, keys, campaign, code, old, folder, by)
        except Exception as error:  # whatever it is: a person must look, and the other offices get their packets
            failed.append(FailedPacket(code, old.number if old else None, _why(error)))
        else:
            made += [paper] if paper else []
        tell(len(made) + len(failed), len(jobs))
    return Batch(tuple(made), held, early, tuple(failed))


def _prepare(folder: Path, slug: str) -> None:
    """Make the folder, and remove drafts that a killed process left: they hold letters that do not count as printed."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder.glob(f"{slug}-*{_DRAFT}"):
            if left.stat().st_mtime < time.time() - _DRAFT_SECONDS:
                left.unlink(missing_ok=True)
    except OSError as error:
        raise CampaignError(f"cannot be written: {error.strerror}", where=str(folder)) from None


def _one(
    database: Database, keys: Keys, campaign: Campaign, code: str, old: PrintedPacket | None, folder: Path, by: str
) -> PrintJob | None:
    """Print one packet. It counts as printed once its PDF is on disk; then the PDF takes its place."""
    drafts: list[Path] = []
    try:
        with database.begin() as conn:
            paper = _print(conn, keys, campaign, code, old, folder, by, drafts)
    except BaseException:
        for draft in drafts:
            draft.unlink(missing_ok=True)
        raise
    if paper is None:
        return None
    draft = _draft(paper.file)
    try:
        draft.replace(paper.file)
    except OSError as error:
        raise CampaignError(f"it is printed, but only as {draft}: {error.strerror}", where=str(paper.file)) from None
    return paper


def _why(error: Exception) -> str:
    """The reason without any text of a letter: an unexpected error may quote one."""
    if isinstance(error, CampaignError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return f"unexpected {type(error).__name__}"


def _ready(
    found: list[WaitingForPrint], known: Roster, seats: Collection[str], now: int
) -> tuple[dict[str, list[WaitingForPrint]], int]:
    """By seat: what may be printed; and how many may not, because they would not be true any more."""
    ready: dict[str, list[WaitingForPrint]] = {}
    held = 0
    for one in found:
        holder = known.seats[one.seat].holder if one.seat in known.seats else None
        if seats and one.seat not in seats:
            continue
        if holder is None or holder.bioguide != one.holder or (one.valid_until is not None and now >= one.valid_until):
            held += 1
        else:
            ready.setdefault(one.seat, []).append(one)
    return ready, held


def _print(
    conn: Connection,
    keys: Keys,
    campaign: Campaign,
    code: str,
    old: PrintedPacket | None,
    folder: Path,
    by: str,
    drafts: list[Path],
) -> PrintJob | None:
    """One packet, into a temporary file beside its place, listed in `drafts`; None when nothing is left in it."""
    now = engine.now(conn)
    known = roster.at(conn, now)
    seat = known.seats[code]
    if old is None:
        ready, _ = _ready(printed.waiting(conn, campaign.id, now), known, (code,), now)
        wanted = [one.letter_id for one in ready.get(code, ())]
        unannounced_letters.stop_letters(conn, pending.unannounced(conn, letters=wanted), now)
        moved = outbox.mark_printed(conn, wanted, now)
        if not moved or seat.holder is None:
            return None
        printed.create_packet(
            conn, campaign.id, code, seat.holder.bioguide, [one for one in wanted if one in moved], now
        )
        old, again = printed.list_packets(conn, campaign.id, (code,))[-1], False
    else:
        again = True
    if seat.holder is None or seat.holder.bioguide != old.holder:
        log.warning("packet_of_another_holder", seat=code, number=old.number)
        return None
    pages = printed.pages(conn, old.id)
    ids = [page.letter_id for page in pages]
    words = access.read(conn, keys, ids, what="packet", campaign_id=campaign.id, seat=code, by=by, now=now)
    letters = tuple(_printed(page, seat, words[page.letter_id]) for page in pages if page.letter_id in words)
    if not letters:
        return None
    places = field_offices.of(known).get(seat.holder.bioguide)
    packet = papers.Packet(
        seat,
        places.washington if places else "",
        old.number,
        releases.load(conn, campaign.release).folder.campaign.organization,
        letters,
        printed_at=now,
        first_printed=old.printed_at if again else None,
    )
    file = folder / f"{campaign.slug}-{code.replace(':', '-')}-{old.number}.pdf"
    content, replaced = papers.printed(packet)
    drafts.append(_draft(file))
    _write(_draft(file), content)
    missing = max(page.place for page in pages) - len(letters)
    return PrintJob(code, seat.holder.name, old.number, len(letters), missing, again, file, replaced=replaced)


def _printed(page: PacketPage, seat: Seat, words: LetterContent) -> PrintedLetter:
    zip_ = dict(words.fields).get("zip", "")
    lines = (words.on_paper or f"{words.name}\n{seat.state} {zip_}").split("\n")
    town = next((line for line in lines[1:] if _TOWN.fullmatch(line)), "")
    return PrintedLetter(page.place, words.subject, words.core, tuple(lines), town, page.own_words, page.confirmed_at)


def _draft(file: Path) -> Path:
    return file.with_suffix(f".{os.getpid()}{_DRAFT}")


def _write(file: Path, content: bytes) -> None:
    """For its owner only: it holds what people wrote."""
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def hand_in(database: Database, slug: str, seat: str, *, on: date, by: str) -> DeliveredPacket:
    """Write down that all printed packets of this seat were handed in on that day; their writers get a receipt.

    Raises CampaignError when there is none, for a day to come, and for a name that is none.
    """
    name = " ".join(by.split())
    if not name or not name.isprintable():
        raise CampaignError("give the name of who handed it in", where="--by", do='Write: --by "Ana Ruiz"')
    with database.begin() as conn:
        campaign, now = campaigns.get(conn, slug), engine.now(conn)
        open_ = [one for one in printed.list_packets(conn, campaign.id, (seat,)) if not one.handed_on]
        if not open_:
            raise CampaignError(f"no packet of {seat} is printed and not handed in", do=f"campaign packet print {slug}")
        today = datetime.fromtimestamp(now / 1000, WASHINGTON).date()
        first = datetime.fromtimestamp(open_[-1].printed_at / 1000, WASHINGTON).date()
        if not first <= on <= today:
            raise CampaignError(
                f"is {on}", where="--on", do=f"Give a day from {first}, when it was printed, to {today}."
            )
        pages = {page.letter_id: page for one in open_ for page in printed.pages(conn, one.id)}
        people.lock_supporters(conn, *(page.supporter_id for page in pages.values()))
        moved = outbox.mark_handed_in(conn, list(pages), noon(on.isoformat()))
        for one in open_:
            printed.hand_in(conn, one.id, day=on.isoformat(), by=name)
        for letter_id in sorted(moved):
            page = pages[letter_id]
            queue_receipt.queue_receipt(
                conn,
                campaign.id,
                supporter_id=page.supporter_id,
                wave=f"paper-{letter_id}",
                locale=page.locale,
                due_at=now,
            )
    return DeliveredPacket(seat, tuple(one.number for one in open_), len(moved))
