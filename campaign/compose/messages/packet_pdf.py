"""Letters on paper for one office, as one PDF: a cover sheet with counts, then the letters in their order.

The letters' words are those that were confirmed. They reach Typst as JSON, never as its source; a character that no
font has is replaced by words that say which one it is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from babel.dates import format_date

from campaign.clock import WASHINGTON
from campaign.compose.campaign_folder.folder import Organization
from campaign.compose.campaign_folder.images import Image
from campaign.compose.messages import typesetter
from campaign.compose.messages.printable import COMMON, cleaned, missing_glyphs, printable, unreadable
from campaign.compose.messages.typesetter import Unprintable
from campaign.compose.rendering import fields
from campaign.compose.rendering.colors import PETROL
from campaign.compose.rendering.names import BABEL
from campaign.config import ROOT
from campaign.model import Seat

SOURCE = ROOT / "templates" / "packet" / "packet.typ"
SUMMARY = "[English summary:"  # how a letter with words in Spanish begins: compose/letters.summary
TOWNS = 60  # places named on the cover, at most


@dataclass(frozen=True, slots=True)
class PrintedLetter:
    """One letter to print, at `place` in the packet. `core` ends with the closing; `envelope` is name and town."""

    place: int
    subject: str
    core: str
    envelope: tuple[str, ...]
    town: str
    own_words: bool
    confirmed_at: int  # ms
    postscript: str = ""


@dataclass(frozen=True, slots=True)
class Packet:
    """Letters to one seat's holder. `room` is the office in Washington; `first_printed` (ms) is None the first time;
    `accent` is a color, "" for ours.
    """

    seat: Seat
    room: str
    number: int
    organization: Organization
    letters: tuple[PrintedLetter, ...]
    printed_at: int  # ms
    first_printed: int | None
    logo: Image | None = None
    accent: str = ""


def printed(packet: Packet) -> tuple[bytes, dict[int, int]]:
    """The PDF, and by place how many characters of a letter words replace; letters without any are left out.

    Raises CampaignError: Typst is missing or fails.
    """
    content, bad = compiled(packet)
    counts = {one.place: sum(printable(text, bad)[1] for text in _strings(_letter(one))) for one in packet.letters}
    return content, {place: number for place, number in counts.items() if number}


def compiled(packet: Packet) -> tuple[bytes, frozenset[str]]:
    """The PDF, and the characters that words replace in it: those that Typst refuses, or all but COMMON."""
    uncommon = {sign for text in _strings(_shown(packet)) for sign in cleaned(text)} - COMMON
    bad = frozenset(filter(unreadable, uncommon))
    while True:
        try:
            return pdf(packet, bad), bad
        except Unprintable as error:
            if bad == uncommon and packet.logo is None:
                raise
            if bad == uncommon:  # letters matter more than a logo that Typst can't read
                return compiled(replace(packet, logo=None))
            bad |= (missing_glyphs(error) & uncommon) - bad or uncommon


def pdf(packet: Packet, bad: Collection[str] = ()) -> bytes:
    """The PDF, tagged for readers who do not see it (PDF/UA-1). Raises Unprintable, or CampaignError without Typst."""
    inputs = {"packet": data(packet, bad), "accent": packet.accent or PETROL, "logo": _logo(packet.logo)}
    return typesetter.compile_pdf(SOURCE, root=SOURCE.parent, sys_inputs=inputs)


def _logo(logo: Image | None) -> str:
    """Its format and bytes as JSON, for Typst, which reads no base64."""
    return json.dumps({"format": logo.kind, "bytes": list(logo.data)} if logo else None)


def data(packet: Packet, bad: Collection[str] = ()) -> str:
    """What the PDF is made from, as JSON, with words for the bad characters."""
    return json.dumps(_printable(_shown(packet), bad), ensure_ascii=False)


def _printable(value: Any, bad: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {key: _printable(one, bad) for key, one in value.items()}
    if isinstance(value, list):
        return [_printable(one, bad) for one in value]
    return printable(value, bad)[0] if isinstance(value, str) else value


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)
    elif isinstance(value, str):
        yield value


def _shown(packet: Packet) -> dict[str, Any]:
    """What templates/packet/packet.typ prints: texts only."""
    who, count = packet.organization, len(packet.letters)
    titled = fields.titled(packet.seat, "en")
    letters = "1 letter" if count == 1 else f"{count:,} letters"
    return {
        "title": f"{letters} to {titled}",
        "count": f"{letters} from constituents",
        "printed": _day(packet.printed_at),
        "again": _again(packet),
        "to": _to(packet, titled),
        "about": _about(packet),
        "asks": [[subject, f"{number:,}"] for subject, number in _counted(one.subject for one in packet.letters)],
        "towns": _towns(packet.letters),
        "organization": {
            "name": who.legal_name,
            "postal": who.postal_address,
            "reply_to": who.reply_to,
            "signer": who.signer_name,
            "role": who.signer_role["en"] if "en" in who.signer_role else next(iter(who.signer_role.values())),
        },
        "letters": [_letter(one) for one in packet.letters],
    }


def _to(packet: Packet, titled: str) -> dict[str, str]:
    seat, holder = packet.seat, packet.seat.holder
    assert holder is not None, "a packet for a vacant seat"
    district = "at large" if seat.district == 0 else f"district {seat.district}"
    return {
        "titled": titled,
        "honorable": f"The Honorable {holder.name}",
        "chamber": "U.S. House of Representatives" if seat.house else "United States Senate",
        "room": packet.room,
        "town": f"Washington, DC {20515 if seat.house else 20510}",  # as the addresses of the data have it
        "seat": f"{district}, {seat.state}" if seat.house else f"senator of {seat.state}",
    }


def _about(packet: Packet) -> list[str]:
    """Sentences for who opens the packet: only what is counted."""
    letters = packet.letters
    first, last = _day(letters[0].confirmed_at), _day(letters[-1].confirmed_at)
    when = f"on {first}" if first == last else f"from {first} to {last}"
    own, spanish = sum(one.own_words for one in letters), sum(one.core.startswith(SUMMARY) for one in letters)
    many = len(letters) > 1
    return [
        f"Each of these letters was read and confirmed by its writer, {when}. They are in that order. The statement "
        "that they share is labeled."
        if many
        else f"This letter was read and confirmed by its writer {when}.",
        f"{own:,} of {len(letters):,} have a personal note"
        + (f"; {spanish:,} of these in Spanish, with an English summary on top." if spanish else "."),
        "Each ends with its writer’s name and ZIP code.",
    ]


def _again(packet: Packet) -> str:
    if packet.first_printed is None:
        return ""
    first = _day(packet.first_printed)
    return f"Printed again: packet {packet.number}, first printed on {first}. Deliver only one copy."


def _letter(letter: PrintedLetter) -> dict[str, Any]:
    first, *rest = letter.core.split("\n\n")
    summary = first.strip("[]") if first.startswith(SUMMARY) else ""
    return {
        "place": letter.place,
        "day": _day(letter.confirmed_at),
        "subject": letter.subject,
        "summary": summary,
        "parts": [part.split("\n") for part in (rest if summary else [first, *rest])],
        "envelope": list(letter.envelope),
        "postscript": [line for line in letter.postscript.split("\n") if line],
        "confirmed": f"Confirmed by the writer on {_day(letter.confirmed_at)}.",
    }


def _towns(letters: Sequence[PrintedLetter]) -> list[list[str]]:
    counted = _counted(one.town for one in letters if one.town)
    shown, more = counted[:TOWNS], sum(number for _, number in counted[TOWNS:])
    rows = [[town, f"{number:,}"] for town, number in shown]
    return [*rows, ["elsewhere", f"{more:,}"]] if more else rows


def _counted(values: Any) -> list[tuple[str, int]]:
    return sorted(Counter(values).items(), key=lambda row: (-row[1], row[0]))


def _day(ms: int) -> str:
    return format_date(datetime.fromtimestamp(ms / 1000, WASHINGTON), "long", locale=BABEL["en"])
