"""The digest of a day for one office: which letters are in it, and what their writers allow it to quote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from campaign import private_file
from campaign.compose.messages import digest as texts
from campaign.compose.messages.digest import DigestEntry
from campaign.compose.messages.letter import OFFICES_READ
from campaign.delivery import campaigns, outbox
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.letters import access, pending
from campaign.letters import letters as letter_records
from campaign.letters.letters import LetterContent
from campaign.letters.pending import DueLetter
from campaign.model import Claimed, Text
from campaign.outreach.reports.small_counts import LEAST
from campaign.outreach.sending.batch import ClaimedBatch
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people

DAYS = 5  # that a message names
GONE = "the letter's text has been deleted"


@dataclass(frozen=True, slots=True)
class DigestLetters:
    """The letters of one request. `gone`: letters whose text was deleted; then the digest has no text either."""

    letters: Mapping[int, DueLetter]  # by delivery, in the order of confirmation
    text: Text | None = None
    valid_until: int | None = None
    gone: Mapping[int, str] = field(default_factory=dict)


def read(conn: Connection, batch: ClaimedBatch, claim: Claimed) -> DigestLetters:
    """What this digest says at the time of the batch."""
    letters = pending.letters_in_digest(conn, claim.id)
    ids = [letter.letter_id for letter in letters.values()]
    contents, quoted = letter_records.read_contents(conn, batch.sender.keys, ids), letter_records.quotable(conn, ids)
    gone = {delivery: GONE for delivery, letter in letters.items() if letter.letter_id not in contents}
    if gone or not letters:
        return DigestLetters(letters, gone=gone)
    entries = [entry(contents[number], quote=number in quoted) for number in ids]
    seat, day = batch.roster.seats[claim.variant], claim.wave.partition("-")[2]
    text = texts.digest(
        batch.release, seat, entries, towns=towns([contents[number] for number in ids]), day=day, now=batch.now
    )
    ends = min((letter.valid_until for letter in letters.values() if letter.valid_until), default=None)
    return DigestLetters(letters, text, ends)


def entry(content: LetterContent, *, quote: bool) -> DigestEntry:
    """What the digest may say about one letter. `quote`: its writer allowed their own words to be shown."""
    typed = dict(content.typed)
    core, story = content.core, typed.get("story", "")
    spanish = bool(story) and typed.get("tongue", OFFICES_READ) != OFFICES_READ
    if spanish:
        core = core.partition("\n\n")[2]  # without the line in English at the top
    shared = core.replace(f"\n\n{story}\n\n", "\n\n", 1) if story else core
    shared = "\n\n".join(filter(None, (shared, content.postscript)))
    if not (quote and story):
        return DigestEntry(content.subject, shared)
    writer = ", ".join(filter(None, map(typed.get, ("first_name", "city"))))
    return DigestEntry(content.subject, shared, story, writer, spanish=spanish)


def towns(contents: Sequence[LetterContent]) -> dict[str, int]:
    """Letters by town as their writers spelled it, the most first; towns with fewer than LEAST are counted under ""."""
    spelled: dict[str, Counter[str]] = {}
    for content in contents:
        if city := dict(content.typed).get("city", ""):
            spelled.setdefault(city.casefold(), Counter())[city] += 1
    sizes = {name.most_common(1)[0][0]: name.total() for name in spelled.values()}
    named = dict(
        sorted(((n, size) for n, size in sizes.items() if size >= LEAST), key=lambda pair: (-pair[1], pair[0]))
    )
    others = len(contents) - sum(named.values())
    return named | ({"": others} if others else {})


def full(
    database: Database, keys: Keys, slug: str, path: Path, *, seat: str, day: str, by: str, now: int | None = None
) -> int:
    """Write the letters that a digest counted into a new file, for their office, and record who exported them.

    Returns how many. The file is for its owner only (mode 600), and removed if the access cannot be recorded. Raises
    CampaignError when no digest of that day was accepted.
    """
    created: list[Path] = []
    try:
        with database.begin() as conn:
            at = engine.now(conn) if now is None else now
            letters = _export(conn, keys, slug, seat=seat, day=day, by=by, now=at)
            _write(path, letters, created)
            return len(letters)
    except BaseException:
        for file in created:
            file.unlink(missing_ok=True)
        raise


def _export(conn: Connection, keys: Keys, slug: str, *, seat: str, day: str, by: str, now: int) -> list[str]:
    """The letters as text."""
    campaign = campaigns.get(conn, slug)
    number = outbox.find_digest(conn, campaign.id, seat, day)
    if number is None:
        accepted = ", ".join(outbox.digest_days(conn, campaign.id, seat)[:DAYS]) or "none"
        raise CampaignError(f"no digest of {day} for {seat} was accepted", do=f"There are: {accepted}.")
    letters = list(pending.letters_in_digest(conn, number).values())
    ids = [letter.letter_id for letter in letters]
    contents = access.read(conn, keys, ids, what="export", campaign_id=campaign.id, seat=seat, by=by, now=now)
    emails = {to.supporter_id: to.email for to in people.recipients(conn, [number])[number]}
    kept = [
        _whole(contents[letter.letter_id], emails.get(letter.supporter_id, ""))
        for letter in letters
        if letter.letter_id in contents
    ]
    if not kept:
        raise CampaignError("the text of these letters has been deleted", where=f"{seat} {day}")
    outbox.note_release(conn, number, by, now)
    return kept


def _whole(content: LetterContent, email: str) -> str:
    answer = f"Answer to: {email}" if email else ""
    return "\n\n".join(filter(None, (f"Subject: {content.subject}", content.signed(content.envelope), answer)))


def _write(path: Path, letters: Sequence[str], created: list[Path]) -> None:
    """Write the file. `created` names it as soon as it exists."""
    parts = (f"Letter {place} of {len(letters)}\n\n{text}" for place, text in enumerate(letters, start=1))
    try:
        with private_file.writing(path, replace=False) as file:
            file.write(f"\n\n{'-' * 72}\n\n".join(parts) + "\n")
    except OSError as error:
        raise CampaignError(f"cannot be written: {error.strerror}", where=str(path), do="Name a new file.") from None
    created.append(path)
