"""The summary of a day for one office: which letters are in it, and what their writers let be told."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from campaign.compose.messages import digest as texts
from campaign.compose.messages.digest import DigestEntry
from campaign.compose.messages.letter import OFFICES_READ
from campaign.compose.rendering.release import Release
from campaign.delivery import campaigns, outbox
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.letters import access, pending
from campaign.letters import letters as letter_records
from campaign.letters.letters import LetterContent
from campaign.letters.pending import DueLetter
from campaign.model import Claimed, Seat, Text
from campaign.outreach.reports.small_counts import LEAST
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people

DAYS = 5  # that a message names


@dataclass(frozen=True, slots=True)
class DigestLetters:
    """The letters of one request. `gone`: those whose words are not kept any more, and then there is no text."""

    letters: Mapping[int, DueLetter]  # by delivery, in the order of confirmation
    text: Text | None = None
    valid_until: int | None = None
    gone: Mapping[int, str] = field(default_factory=dict)


def read(
    conn: Connection, keys: Keys, release: Release, claim: Claimed, seats: Mapping[str, Seat], now: int
) -> DigestLetters:
    """What this request tells now (ms)."""
    found = pending.letters_in_digest(conn, claim.id)
    ids = [one.letter_id for one in found.values()]
    words, quoted = letter_records.read_contents(conn, keys, ids), letter_records.quotable(conn, ids)
    gone = {delivery: GONE for delivery, one in found.items() if one.letter_id not in words}
    if gone or not found:
        return DigestLetters(found, gone=gone)
    told = [words[one] for one in ids]
    entries = [entry(words[one], quote=one in quoted) for one in ids]
    seat, day = seats[claim.variant], claim.wave.partition("-")[2]
    text = texts.digest(release, seat, entries, towns(told), day, now)
    return DigestLetters(found, text, min((one.valid_until for one in found.values() if one.valid_until), default=None))


GONE = "the letter's words are not kept any more"


def entry(words: LetterContent, *, quote: bool) -> DigestEntry:
    """What may be told of one letter."""
    typed = dict(words.typed)
    core, story = words.core, typed.get("story", "")
    spanish = bool(story) and typed.get("tongue", OFFICES_READ) != OFFICES_READ
    if spanish:
        core = core.partition("\n\n")[2]  # the line in English on top
    shared = core.replace(f"\n\n{story}\n\n", "\n\n", 1) if story else core
    if not (quote and story):
        return DigestEntry(words.subject, shared)
    return DigestEntry(
        words.subject, shared, story, ", ".join(filter(None, map(typed.get, ("first_name", "city")))), spanish
    )


def towns(told: Sequence[LetterContent]) -> dict[str, int]:
    """Letters by town as their writers wrote it, the most first; towns of fewer than LEAST are together under ""."""
    spelled: dict[str, Counter[str]] = {}
    for one in told:
        if city := dict(one.typed).get("city", ""):
            spelled.setdefault(city.casefold(), Counter())[city] += 1
    sizes = {name.most_common(1)[0][0]: name.total() for name in spelled.values()}
    named = dict(sorted(((n, size) for n, size in sizes.items() if size >= LEAST), key=lambda one: (-one[1], one[0])))
    others = len(told) - sum(named.values())
    return named | ({"": others} if others else {})


def full(
    database: Database, keys: Keys, slug: str, seat: str, day: str, path: Path, *, by: str, now: int | None = None
) -> int:
    """Write the letters that one summary told of into a new file, for their office, and keep who took them; how many.

    For its owner only (mode 600). No file if the access cannot be recorded. Raises CampaignError where no
    summary of that day was accepted.
    """
    made: list[Path] = []
    try:
        with database.begin() as conn:
            return _full(conn, keys, slug, seat, day, path, by=by, now=now, made=made)
    except BaseException:
        for file in made:
            file.unlink(missing_ok=True)
        raise


def _full(
    conn: Connection,
    keys: Keys,
    slug: str,
    seat: str,
    day: str,
    path: Path,
    *,
    by: str,
    now: int | None,
    made: list[Path],
) -> int:
    """Write the file. `made` names it as soon as it is there."""
    at = engine.now(conn) if now is None else now
    campaign = campaigns.get(conn, slug)
    number = outbox.find_digest(conn, campaign.id, seat, day)
    if number is None:
        known = ", ".join(outbox.digest_days(conn, campaign.id, seat)[:DAYS]) or "none"
        raise CampaignError(f"no summary of {day} for {seat} was accepted", do=f"There are: {known}.")
    found = list(pending.letters_in_digest(conn, number).values())
    ids = [one.letter_id for one in found]
    words = access.read(conn, keys, ids, what="export", campaign_id=campaign.id, seat=seat, by=by, now=at)
    emails = {to.supporter_id: to.email for to in people.recipients(conn, [number])[number]}
    kept = [(words[one.letter_id], emails.get(one.supporter_id, "")) for one in found if one.letter_id in words]
    if not kept:
        raise CampaignError("the words of these letters are not kept any more", where=f"{seat} {day}")
    outbox.note_release(conn, number, by, at)
    _write(path, [_whole(*one) for one in kept], made)
    return len(kept)


def _whole(words: LetterContent, email: str) -> str:
    answer = f"Answer to: {email}" if email else ""
    return "\n\n".join(filter(None, (f"Subject: {words.subject}", words.core, words.envelope, answer)))


def _write(path: Path, letters: Sequence[str], made: list[Path]) -> None:
    number = len(letters)
    parts = (f"Letter {place} of {number}\n\n{text}" for place, text in enumerate(letters, start=1))
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise CampaignError(f"cannot be written: {error.strerror}", where=str(path), do="Name a new file.") from None
    made.append(path)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"\n\n{'-' * 72}\n\n".join(parts) + "\n")
