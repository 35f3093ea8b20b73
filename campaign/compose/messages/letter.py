"""The letter to one office: salutation, ask, personal note, labeled statement, question, closing. Plain English text.

A letter is rendered from letter/<variant>.<locale>.txt for the supporter to read. The text they confirm is stored and
never rendered again. Supporters who read Spanish see a translation beside it, which no office gets. `short_form` makes
shorter letters for offices whose forms limit the length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import SimpleNamespace

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.campaign_folder.sponsors import Sponsorship
from campaign.compose.rendering import fields, message_file, names, render
from campaign.compose.rendering.fields import one_line
from campaign.compose.rendering.names import NameRules
from campaign.compose.rendering.release import Release
from campaign.errors import CampaignError
from campaign.model import Seat

REQUIRED_BLOCKS = ("salutation", "ask", "label", "reply", "closing", "short")
BLOCKS = (*REQUIRED_BLOCKS, "definition", "facts", "state", "close", "reference")
VARIANTS = ("house", "senate", "thanks-house", "thanks-senate", "after")
STORY_LIMIT = 2000  # characters of the personal note
OFFICES_READ = "en"

_BLANK_LINES = re.compile(r"\n{3,}")
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class LetterParts:
    """A letter in one language, without the personal note. Optional parts may be empty."""

    subject: str
    salutation: str
    ask: str
    label: str  # says whose statement follows
    definition: str  # what the program is
    facts: tuple[str, ...]  # the state's fact is last
    close: str
    reply: str  # the question, or that no reply is needed
    closing: str
    short: tuple[str, ...]  # ask, facts and reply of the letter for a form that takes about 500 characters
    reference: str = ""
    sources: str = ""
    request: str = ""  # what follows "Ask Rep. Adams to" on a page; "" in a letter that thanks

    @property
    def opening(self) -> str:
        """What comes before the personal note."""
        return _paragraphs(self.salutation, self.ask)

    @property
    def statement(self) -> str:
        """Label, facts and close, one line each."""
        facts = " ".join(filter(None, (self.definition, *self.facts)))
        return "\n".join(filter(None, (self.label, facts, self.close)))

    @property
    def ending(self) -> str:
        """What comes after the personal note, down to the closing."""
        return _paragraphs(self.statement, self.reply, self.closing)

    @property
    def postscript(self) -> str:
        """What comes below the writer's name."""
        return _paragraphs(self.reference, self.sources)


@dataclass(frozen=True, slots=True)
class MissingBlock:
    """A part that does not fit on a short form, by its name in `short_form`, and its text."""

    part: str
    words: str
    translation: str


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter before the personal note is added. It is true until `valid_until` (ms).

    The office gets `english`. `translation` is the same in the writer's language; None if that is English.
    """

    variant: str
    english: LetterParts
    valid_until: int | None
    translation: LetterParts | None = None
    left_out: tuple[MissingBlock, ...] = ()

    @property
    def subject(self) -> str:
        return self.english.subject


def variant(folder: Folder, seat: Seat, now: int) -> str:
    """Which letter this seat's holder gets at `now` (ms): by their signature or position, until the bill expires."""
    if now >= folder.campaign.bill_at(now).expires:
        return "after"
    chamber = "house" if seat.house else "senate"
    thanked = seat.holder is not None and folder.positions.treatment(seat.holder.bioguide) == "thank"
    return f"thanks-{chamber}" if thanked or _signed(folder, seat, now) else chamber


def is_on_hold(folder: Folder, seat: Seat) -> bool:
    """Whether the campaign sends this seat's holder nothing, because of their position."""
    return seat.holder is not None and folder.positions.treatment(seat.holder.bioguide) == "hold"


def is_leaving(folder: Folder, seat: Seat) -> bool:
    """Whether this seat's holder will not be in the next Congress, as the data or the organizer says."""
    holder = seat.holder
    return holder is not None and (bool(holder.left) or holder.bioguide in folder.positions.leaving)


def ask_still_true(folder: Folder, ask: str, seat: Seat | None, now: int) -> bool:
    """Whether an ask of this variant, which names a representative, is still true of the seat's holder."""
    name = ask_variant(folder, seat, now) if seat is not None else ""
    return bool(name) and ask.startswith(name)


def ask_variant(folder: Folder, seat: Seat, now: int) -> str:
    """The variant of an ask that names this seat's holder as the reader's representative at `now` (ms); "" for none."""
    if seat.holder is None or is_on_hold(folder, seat):
        return ""
    if now < folder.campaign.bill_at(now).expires and _signed(folder, seat, now):
        return "signed_on"
    return "representative" if folder.positions.treatment(seat.holder.bioguide) == "ask" else ""


def draft(release: Release, variant: str, locale: str, seat: Seat, now: int) -> LetterText:
    """The letter to this seat at `now` (ms), for a writer who reads `locale`.

    Raises CampaignError if it can't be rendered then: a fact or the bill has expired, or a part is missing.
    """
    return _draft(release, variant, locale, seat, render.moment(release.folder, now))


@lru_cache(maxsize=2048)
def _draft(release: Release, variant: str, locale: str, seat: Seat, now: int) -> LetterText:
    used = NameRules()
    english = _parts(release, variant, OFFICES_READ, seat, now, used=used)
    cites = dict.fromkeys(names.words(fact, "cite", OFFICES_READ) for fact in used.facts.values())
    translation = None
    if locale != OFFICES_READ:
        translation = replace(_parts(release, variant, locale, seat, now, used=used), reference="")
    return LetterText(
        variant=variant,
        english=replace(english, sources=f"Sources: {'. '.join(cites)}." if cites else ""),
        valid_until=used.until,
        translation=translation,
    )


def core(text: LetterText, story: str, tongue: str) -> str:
    """The letter down to the closing. `story` is the personal note, from `clean_story`, and `tongue` its language."""
    top = summary(text) if story and tongue != OFFICES_READ else ""
    return _paragraphs(top, text.english.opening, story, text.english.ending)


def full_text(text: LetterText, story: str, tongue: str, signed: str = "") -> str:
    """The whole letter, with `signed` (the writer's name, or the lines of `envelope`) under the closing."""
    signature = f"\n{signed}" if signed else ""
    return _paragraphs(core(text, story, tongue) + signature, text.english.postscript)


def summary(text: LetterText) -> str:
    """The English line on top of a letter with a personal note in Spanish. In a short letter the ask says the rest."""
    asks = f"English summary: {text.subject}. " if text.english.label else ""
    return f"[{asks}Personal words in Spanish follow.]"


def envelope(name: str, city: str, state: str, zip: str, extra: Mapping[str, str]) -> str:
    """The writer's name and address, under the closing of an emailed letter. `extra`: prefix, street and phone."""
    town = ", ".join(filter(None, (city, f"{state} {zip}".strip())))
    first = " ".join(filter(None, (extra.get("prefix", ""), name)))
    phone = f"Phone: {extra['phone']}" if extra.get("phone") else ""
    return "\n".join(filter(None, (one_line(line) for line in (first, extra.get("street", ""), town, phone))))


def clean_story(raw: str) -> str:
    """The personal note with uniform line ends, no control characters, and at most one blank line in a row."""
    lines = re.sub("\r\n|[\r\u2028\u2029]", "\n", raw).split("\n")
    kept = "\n".join(_UNPRINTABLE.sub(" ", line).rstrip() for line in lines)
    return _BLANK_LINES.sub("\n\n", kept).strip()


def member_fields(folder: Folder, seat: Seat, locale: str, now: int) -> dict[str, object]:
    """The names of `language.CALL` that are not common: the seat, its holder, and the precedent."""
    holder = seat.holder.bioguide if seat.holder else ""
    act, precedent = _act(folder, seat, now), folder.acts.precedent
    return {
        "seat": SimpleNamespace(state=seat.state),
        "member": SimpleNamespace(
            dear=fields.dear(seat, locale),
            named=fields.spoken(seat, locale),
            sponsor=act is not None and act.sponsor == holder,
            signed=_signed(folder, seat, now),
            opposed=folder.acts.opposes(holder),
            leaving=is_leaving(folder, seat),
        ),
        "precedent": SimpleNamespace(number=precedent.number, year=precedent.year) if precedent else _Missing(),
    }


class _Missing:
    """Stands for a precedent that sponsors.toml does not have."""

    def __getattr__(self, name: str) -> str:
        raise CampaignError(f"names precedent.{name}, and there is none", do="Write [precedent] in sponsors.toml.")


def path_of(variant: str, locale: str) -> str:
    return f"letter/{variant}.{locale}.txt"


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(filter(None, parts))


def _signed(folder: Folder, seat: Seat, now: int) -> bool:
    act = _act(folder, seat, now)
    return act is not None and seat.holder is not None and seat.holder.bioguide in act.members


def _act(folder: Folder, seat: Seat, now: int) -> Sponsorship | None:
    """The bill for which this chamber's members are thanked at `now`."""
    return folder.acts.under(folder.campaign.bill_at(now).number) if seat.house else folder.acts.precedent


def _parts(release: Release, variant: str, locale: str, seat: Seat, now: int, *, used: NameRules) -> LetterParts:
    """The blocks of one file. Each is one line, except that `facts` and `state` have one fact a line."""
    path = path_of(variant, locale)
    found = {
        **names.common(release.folder, locale, now, used),
        **member_fields(release.folder, seat, locale, now),
    }
    front = message_file.parts(path, release.folder.files[path])
    subject, request = (
        one_line(render.part_of(release, part, found)) if (part := message_file.field(path, key)) in front else ""
        for key in ("subject", "request")
    )
    blocks = render.blocks_of(release, path, found)
    for name in REQUIRED_BLOCKS:
        if not blocks.get(name, "").strip():
            do = f"Write {{% block {name} %}}...{{% endblock %}}, as the letters of end-287g do."
            raise CampaignError(f"has nothing in its block {name!r}", where=path, do=do)

    def lines(*wanted: str) -> tuple[str, ...]:
        return tuple(filter(None, map(one_line, "\n".join(blocks.get(name, "") for name in wanted).splitlines())))

    def line(name: str) -> str:
        return one_line(blocks.get(name, ""))

    if len(short := lines("short")) < 2:
        do = "Write the request and the question on a line each, and a fact on a line between them."
        raise CampaignError("has one line in its block 'short'", where=path, do=do)
    return LetterParts(
        subject=subject,
        salutation=line("salutation"),
        ask=line("ask"),
        label=line("label"),
        definition=line("definition"),
        facts=lines("facts", "state"),
        close=line("close"),
        reply=line("reply"),
        closing=line("closing"),
        short=short,
        reference=line("reference"),
        request=request,
    )
