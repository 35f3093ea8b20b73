"""The letter to one office: ask line, own words, labelled statement, reference, sources. Plain text, in English.

A letter is rendered from letter/<variant>/ for the person who reads it before confirming; what they confirm is kept as
it stands and never rendered again. Who reads Spanish sees the same in Spanish beside it, which no office gets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace

from campaign.compose import names, render
from campaign.compose.acts import Act
from campaign.compose.fields import one_line
from campaign.compose.folder import Folder
from campaign.compose.names import Seen
from campaign.compose.release import Release
from campaign.errors import CampaignError
from campaign.model import Seat

VARIANTS = ("house", "senate", "thanks-house", "thanks-senate", "after")
STORY_LIMIT = 2000  # characters of the person's own words
SHORT_ROOM = 400  # characters: a form that leaves less for them gets the short letter
OFFICES_READ = "en"

_BLANK_LINES = re.compile(r"\n{3,}")
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter before the person's own words. From `valid_until` (ms) on it would be untrue.

    `statement` begins with its label, on a line of its own. `gloss_*` are ask and statement in the language that the
    writer reads, empty where that is English. `brief` is ask, fact and reply line for a form with little room, and
    `gloss_brief` the same for the writer.
    """

    variant: str
    subject: str
    ask: str
    statement: str
    reference: str
    sources: str
    valid_until: int | None
    gloss_ask: str = ""
    gloss_statement: str = ""
    brief: tuple[str, str, str] = ("", "", "")
    gloss_brief: tuple[str, str, str] = ("", "", "")


def variant(folder: Folder, seat: Seat, now: int) -> str:
    """Which letter this seat's holder gets at `now` (ms): by what that person did, and until the bill dies."""
    if now >= folder.campaign.bill.expires:
        return "after"
    chamber = "house" if seat.house else "senate"
    act = _act(folder, seat)
    thanked = act is not None and seat.holder is not None and seat.holder.bioguide in act.members
    return f"thanks-{chamber}" if thanked else chamber


def fits(folder: Folder, ask: str, seat: Seat | None) -> bool:
    """Whether an ask of this variant, which names a representative, is still true of who sits there."""
    if seat is None or seat.holder is None:
        return False
    return folder.acts.sponsors(seat.holder.bioguide) == ask.startswith("sponsor")


def draft(release: Release, variant: str, locale: str, seat: Seat, now: int) -> LetterText:
    """The letter to this seat as it reads at `now` (ms), for a writer who reads `locale`.

    Raises CampaignError when it cannot be made then: a fact has expired, a dead bill is named, a part is missing.
    """
    seen = Seen()
    found = {**names.common(release.folder, OFFICES_READ, now, seen), **_about(release.folder, seat)}
    parts = _paragraphs(release, f"letter/{variant}/{OFFICES_READ}.txt", found, least=4)
    cites = dict.fromkeys(names.words(fact, "cite", OFFICES_READ) for fact in seen.facts.values())
    gloss, gloss_brief = ["", "", ""], ("", "", "")
    if locale != OFFICES_READ:
        own = {**names.common(release.folder, locale, now, seen), **_about(release.folder, seat)}
        gloss = _paragraphs(release, f"letter/{variant}/{locale}.txt", own, least=3)
        gloss_brief = _brief(release, f"letter/{variant}/short-{locale}.txt", own)
    return LetterText(
        variant=variant,
        subject=one_line(render.part_of(release, f"letter/{variant}/subject.txt", found)),
        ask=parts[0],
        statement="\n".join(parts[1:-1]),
        reference=parts[-1],
        sources=f"Sources: {'. '.join(cites)}." if cites else "",
        valid_until=seen.until,
        gloss_ask=gloss[0],
        gloss_statement="\n".join(gloss[1:]).strip(),
        brief=_brief(release, f"letter/{variant}/short-{OFFICES_READ}.txt", found),
        gloss_brief=gloss_brief,
    )


def core(text: LetterText, story: str, locale: str) -> str:
    """The letter without name and address; `story` as `clean_story` gives it, or empty.

    Own words from the Spanish page may be in Spanish: an English line on top says so, and what the letter asks. In a
    short letter there is no room for it.
    """
    top = f"[English summary: {text.subject}. The writer's own words below may be in Spanish.]"
    parts = (
        top if story and locale == "es" and text.reference else "",
        text.ask,
        story,
        text.statement,
        text.reference,
        text.sources,
    )
    return "\n\n".join(filter(None, parts))


def room(text: LetterText, limit: int, locale: str) -> int:
    """How many characters the person's own words may have, in a form that takes `limit` (0: not known)."""
    if not limit:
        return STORY_LIMIT
    made = shortened(text) if is_short(text, limit) else text
    return max(0, min(STORY_LIMIT, limit - len(core(made, "-", locale)) + 1))


def is_short(text: LetterText, limit: int) -> bool:
    """Whether a form that takes `limit` characters (0: not known) gets the short letter."""
    return 0 < limit < len(core(text, "", OFFICES_READ)) + SHORT_ROOM


def shortened(text: LetterText) -> LetterText:
    """The letter for a form with little room: ask, one fact, reply line. The page shows it as it is; nothing is cut."""
    (ask, *rest), (gloss, *more) = text.brief, text.gloss_brief
    return replace(
        text,
        ask=ask,
        statement="\n\n".join(rest),
        reference="",
        sources="",
        gloss_ask=gloss,
        gloss_statement="\n\n".join(more).strip(),
    )


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


def _act(folder: Folder, seat: Seat) -> Act | None:
    """The bill for which this chamber's members are thanked."""
    return folder.acts.bill if seat.house else folder.acts.precedent


def _about(folder: Folder, seat: Seat) -> dict[str, object]:
    """The names of language.LETTER that are not common."""
    holder = seat.holder.bioguide if seat.holder else ""
    act, precedent = _act(folder, seat), folder.acts.precedent
    return {
        "seat": SimpleNamespace(state=seat.state),
        "member": SimpleNamespace(
            sponsor=act is not None and act.sponsor == holder, opposed=folder.acts.opposes(holder)
        ),
        "precedent": SimpleNamespace(number=precedent.number, year=precedent.year) if precedent else _Missing(),
    }


class _Missing:
    """A precedent that acts.toml does not have."""

    def __getattr__(self, name: str) -> str:
        raise CampaignError(f"names precedent.{name}, and there is none", do="Write [precedent] in acts.toml.")


def _brief(release: Release, path: str, found: Mapping[str, object]) -> tuple[str, str, str]:
    """Ask, fact and reply line of a short letter."""
    ask, fact, reply = _paragraphs(release, path, found, least=3)[:3]
    return ask, fact, reply


def _paragraphs(release: Release, path: str, found: Mapping[str, object], *, least: int) -> list[str]:
    """The file's paragraphs, each on one line."""
    blocks = re.split(r"\n\s*\n", render.part_of(release, path, found).strip())
    made = [" ".join(block.split()) for block in blocks]
    if len(made) < least:
        do = (
            "Part ask, label, statement, and in English the reference by an empty line. A tag at the end of a line "
            "swallows its line end: write +%} there, as letter/_en.txt does."
        )
        raise CampaignError(f"has {len(made)} paragraph(s) of at least {least}", where=path, do=do)
    return made
