"""The letter to one office: ask line, own words, labelled statement, reference, sources. Plain text, in English.

A letter is made from the blocks of letter/<variant>/ for the person who reads it before confirming; what they confirm
is kept as it stands and never made again. Who reads Spanish sees the same in Spanish beside it, which no office gets.
What is left out where an office's form is short, `fit` knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.campaign_folder.sponsors import Sponsorship
from campaign.compose.rendering import names, render
from campaign.compose.rendering.fields import one_line
from campaign.compose.rendering.names import NameRules
from campaign.compose.rendering.release import Release
from campaign.errors import CampaignError
from campaign.model import Seat

PARTS = ("ask", "label", "reply")  # blocks without which it is no letter
VARIANTS = ("house", "senate", "thanks-house", "thanks-senate", "after")
STORY_LIMIT = 2000  # characters of the person's own words
OFFICES_READ = "en"

_BLANK_LINES = re.compile(r"\n{3,}")
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """What a letter says in one language, without the person's own words. A part that is not there is empty."""

    ask: str
    label: str  # whose statement it is
    definition: str  # what the program is
    facts: tuple[str, ...]  # the one of the state last
    close: str
    reply: str  # what the writer wants to hear, or that no answer is needed
    reference: str = ""
    sources: str = ""

    @property
    def statement(self) -> str:
        """Label, facts and close, each on a line of its own; the reply line stands at the end of the last."""
        facts = " ".join(filter(None, (self.definition, *self.facts)))
        return "\n".join(filter(None, (self.label, facts, " ".join(filter(None, (self.close, self.reply))))))


@dataclass(frozen=True, slots=True)
class MissingBlock:
    """A part that a short form has no room for, by its name in `fit`, and what it says."""

    part: str
    words: str
    gloss: str


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter before the person's own words. From `valid_until` (ms) on it would be untrue.

    `said` goes to the office; `gloss` is the same in the language that the writer reads, None where that is English.
    """

    variant: str
    subject: str
    said: RenderedFile
    valid_until: int | None
    gloss: RenderedFile | None = None
    left_out: tuple[MissingBlock, ...] = ()


def variant(folder: Folder, seat: Seat, now: int) -> str:
    """Which letter this seat's holder gets at `now` (ms): by what that person did or said, and until the bill dies."""
    if now >= folder.campaign.bill_at(now).expires:
        return "after"
    chamber = "house" if seat.house else "senate"
    thanked = seat.holder is not None and folder.positions.treatment(seat.holder.bioguide) == "thank"
    return f"thanks-{chamber}" if thanked or _signed(folder, seat, now) else chamber


def is_on_hold(folder: Folder, seat: Seat) -> bool:
    """Whether the campaign leaves this seat's holder alone, because of their position."""
    return seat.holder is not None and folder.positions.treatment(seat.holder.bioguide) == "hold"


def ask_still_true(folder: Folder, ask: str, seat: Seat | None, now: int) -> bool:
    """Whether an ask of this variant, which names a representative, is still true of who sits there."""
    name = ask_variant(folder, seat, now) if seat is not None else ""
    return bool(name) and ask.startswith(name)


def ask_variant(folder: Folder, seat: Seat, now: int) -> str:
    """The variant of an ask that may name this seat's holder as the reader's representative at `now` (ms); "": none."""
    if seat.holder is None or is_on_hold(folder, seat):
        return ""
    if now < folder.campaign.bill_at(now).expires and _signed(folder, seat, now):
        return "signed_on"
    return "representative" if folder.positions.treatment(seat.holder.bioguide) == "ask" else ""


def draft(release: Release, variant: str, locale: str, seat: Seat, now: int) -> LetterText:
    """The letter to this seat as it reads at `now` (ms), for a writer who reads `locale`.

    Raises CampaignError when it cannot be made then: a fact has expired, a dead bill is named, a part is missing.
    """
    seen = NameRules()
    found = {**names.common(release.folder, OFFICES_READ, now, seen), **member_fields(release.folder, seat, now)}
    said = _said(release, f"letter/{variant}/{OFFICES_READ}.txt", found)
    cites = dict.fromkeys(names.words(fact, "cite", OFFICES_READ) for fact in seen.facts.values())
    gloss = None
    if locale != OFFICES_READ:
        own = {**names.common(release.folder, locale, now, seen), **member_fields(release.folder, seat, now)}
        gloss = replace(_said(release, f"letter/{variant}/{locale}.txt", own), reference="")
    return LetterText(
        variant=variant,
        subject=one_line(render.part_of(release, f"letter/{variant}/subject.txt", found)),
        said=replace(said, sources=f"Sources: {'. '.join(cites)}." if cites else ""),
        valid_until=seen.until,
        gloss=gloss,
    )


def full_text(text: LetterText, story: str, tongue: str) -> str:
    """The letter without name and address; `story` as `clean_story` gives it, or empty, and `tongue` its language."""
    said = text.said
    top = summary(text) if story and tongue != OFFICES_READ else ""
    return "\n\n".join(filter(None, (top, said.ask, story, said.statement, said.reference, said.sources)))


def summary(text: LetterText) -> str:
    """The line in English on top of a letter with words in Spanish. In the shortest letter the ask says what for."""
    asks = f"English summary: {text.subject}. " if text.said.label else ""
    return f"[{asks}Personal words in Spanish follow.]"


def envelope(name: str, city: str, state: str, zip: str, extra: Mapping[str, str]) -> str:
    """Who writes, and from where: below the core of a letter by e-mail. `extra`: prefix, street, phone, if asked."""
    town = ", ".join(filter(None, (city, f"{state} {zip}".strip())))
    first = " ".join(filter(None, (extra.get("prefix", ""), name)))
    phone = f"Phone: {extra['phone']}" if extra.get("phone") else ""
    return "\n".join(filter(None, (one_line(line) for line in (first, extra.get("street", ""), town, phone))))


def clean_story(raw: str) -> str:
    """The person's own words with one kind of line ends, without control characters, and blank lines one at a time."""
    lines = re.sub("\r\n|[\r\u2028\u2029]", "\n", raw).split("\n")
    kept = "\n".join(_UNPRINTABLE.sub(" ", line).rstrip() for line in lines)
    return _BLANK_LINES.sub("\n\n", kept).strip()


def _signed(folder: Folder, seat: Seat, now: int) -> bool:
    act = _act(folder, seat, now)
    return act is not None and seat.holder is not None and seat.holder.bioguide in act.members


def _act(folder: Folder, seat: Seat, now: int) -> Sponsorship | None:
    """The bill for which this chamber's members are thanked at `now`."""
    return folder.acts.under(folder.campaign.bill_at(now).number) if seat.house else folder.acts.precedent


def member_fields(folder: Folder, seat: Seat, now: int) -> dict[str, object]:
    """The names of language.LETTER that are not common: who holds the seat, what that person did, the precedent."""
    holder = seat.holder.bioguide if seat.holder else ""
    act, precedent = _act(folder, seat, now), folder.acts.precedent
    return {
        "seat": SimpleNamespace(state=seat.state),
        "member": SimpleNamespace(
            sponsor=act is not None and act.sponsor == holder,
            signed=_signed(folder, seat, now),
            opposed=folder.acts.opposes(holder),
        ),
        "precedent": SimpleNamespace(number=precedent.number, year=precedent.year) if precedent else _Missing(),
    }


class _Missing:
    """A precedent that sponsors.toml does not have."""

    def __getattr__(self, name: str) -> str:
        raise CampaignError(f"names precedent.{name}, and there is none", do="Write [precedent] in sponsors.toml.")


def _said(release: Release, path: str, found: Mapping[str, object]) -> RenderedFile:
    """The parts of a letter from the blocks of its file, each on one line; `facts` and `state` have one fact a line."""
    blocks = render.blocks_of(release, path, found)
    for name in PARTS:
        if not blocks.get(name, "").strip():
            do = f"Write {{% block {name} %}}...{{% endblock %}}, as the letters of end-287g do."
            raise CampaignError(f"has nothing in its block {name!r}", where=path, do=do)
    lines = f"{blocks.get('facts', '')}\n{blocks.get('state', '')}".splitlines()
    return RenderedFile(
        ask=one_line(blocks["ask"]),
        label=one_line(blocks["label"]),
        definition=one_line(blocks.get("definition", "")),
        facts=tuple(filter(None, map(one_line, lines))),
        close=one_line(blocks.get("close", "")),
        reply=one_line(blocks["reply"]),
        reference=one_line(blocks.get("reference", "")),
    )
