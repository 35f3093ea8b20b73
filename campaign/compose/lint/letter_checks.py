"""Problems of a campaign's letters. Each is rendered here as it will be later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import product

from jinja2 import nodes

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import findings
from campaign.compose.lint.findings import LONGEST_SUBJECT
from campaign.compose.messages import letter
from campaign.compose.messages.letter import OFFICES_READ, LetterParts
from campaign.compose.rendering import language, message_file, release
from campaign.compose.rendering.release import Release
from campaign.errors import CampaignError
from campaign.model import Seat

MOST_FACTS = 4  # three, and one of the state
MOST_SHORT = 3  # lines of the short letter
MOST_WORDS = 150  # of the statement with its label, counting the organization's name as three

_STATE = re.compile(r"seat\.state\s*==\s*[\"'](\w+)[\"']")
_LINKS = re.compile(r"https?:|www\.|\S@\S|\b[\w-]+\.(?:gov|org|com|net|edu)\b", re.I)


def check(folder: Folder, now: int) -> Iterator[CampaignError]:
    """Problems of letters at `now` (ms). The template language must have no problems."""
    variants = [name for name in letter.VARIANTS if name == "after" or name.endswith(folder.campaign.targets)]
    locales = dict.fromkeys((OFFICES_READ, *folder.campaign.locales))
    paths = [letter.path_of(name, locale) for name, locale in product(variants, locales)]
    yield from findings.missing(folder, (*paths, "sponsors.toml"))
    yield from _lost_words(folder)
    made = release.from_folder(folder)
    for locale, (_who, seat) in product(folder.campaign.locales, samples(folder)):
        yield from findings.at_each_moment(folder, now, partial(_letter, made, locale, seat))


def samples(folder: Folder) -> Iterator[tuple[str, Seat]]:
    """(who, a seat) for each kind of holder that letters distinguish, in each state that has a fact of its own."""
    signed, opposite = folder.acts, folder.acts.opposite
    sources = "".join(text for path, text in folder.templates.items() if path.startswith("letter/"))
    states = list(dict.fromkeys(("NC", *_STATE.findall(sources))))
    for target, state in product(folder.campaign.targets, states):
        code = f"H:{state}:1" if target == "house" else f"S:{state}:1"
        own = signed.bill if target == "house" else signed.precedent
        kinds = {"a neutral member": "X000000"}
        if own is not None:
            kinds |= dict(zip(("its sponsor", "a cosponsor"), (own.sponsor, *own.cosponsors), strict=False))
        if opposite:
            kinds["an opposed member"] = opposite[0].sponsor
        thanked = [bioguide for bioguide in folder.positions.rows if folder.positions.treatment(bioguide) == "thank"]
        if thanked:
            kinds["a member thanked for a position"] = thanked[0]
        leaving = {f"{who} who is leaving": bioguide for who, bioguide in kinds.items() if state == states[0]}
        for who, bioguide in (kinds | leaving).items():
            left = "2026-11-30" if who in leaving else ""
            holder = replace(findings.SAMPLE_MEMBER, bioguide=bioguide, left=left)
            yield f"{who} of the {target} in {state}", Seat(code, holder)


def _lost_words(folder: Folder) -> Iterator[CampaignError]:
    """Words that no office would get: outside of blocks, and in blocks that letters do not have."""
    for path, source in folder.templates.items():
        if not path.startswith("letter/"):
            continue
        for node in language.SYNTAX.parse(message_file.parts(path, source)[path]).body:
            where, do = f"{path} line {node.lineno}", f"Letters have the blocks {', '.join(letter.BLOCKS)}."
            if isinstance(node, nodes.Block):
                if node.name not in letter.BLOCKS:
                    yield CampaignError(f"no block is called {node.name!r}", where=where, do=do)
            elif line := _first_words(node):
                yield CampaignError("has words outside of its blocks", where=f"{path} line {line}", do=do)


def _first_words(node: nodes.Node) -> int:
    """The line of the first words in a node outside of blocks; 0 if it has none."""
    for part in node.nodes if isinstance(node, nodes.Output) else (node,):
        if not isinstance(part, nodes.TemplateData):
            return part.lineno
        if words := part.data.strip():
            return part.lineno + part.data[: part.data.index(words)].count("\n")
    return 0


def _letter(made: Release, locale: str, seat: Seat, at: int) -> Iterator[CampaignError]:
    folder, name = made.folder, letter.variant(made.folder, seat, at)
    path, own_path = letter.path_of(name, OFFICES_READ), letter.path_of(name, locale)
    if path not in folder.files or own_path not in folder.files:
        return  # reported as missing
    text = letter.draft(made, name, locale, seat, at)
    for parts, written_in in ((text.english, path), (text.translation or text.english, own_path)):
        yield from _parts(folder, parts, written_in, like=text.english)
        if letter.is_leaving(folder, seat) or (seat.holder and folder.acts.opposes(seat.holder.bioguide)):
            yield from findings.next_congress(folder, written_in, f"{parts.ask} {parts.reply} {' '.join(parts.short)}")
    statement = text.english.statement.replace(folder.campaign.organization.legal_name, "a b c")
    if (count := len(statement.split())) > MOST_WORDS:
        do = f"At most {MOST_WORDS}: staff read the first lines."
        yield CampaignError(f"the statement has {count} words", where=_block(folder, path, "label"), do=do)
    whole = "\n".join((text.subject, letter.full_text(text, "", OFFICES_READ), *text.english.short))
    do = "Offices filter links: name sources in words."
    yield from findings.links(folder, path, whole, forbidden=_LINKS, do=do)
    yield from findings.not_ascii(folder, path, whole)


def _parts(folder: Folder, parts: LetterParts, path: str, *, like: LetterParts) -> Iterator[CampaignError]:
    """Problems of a letter in one language. `like` is the English letter."""
    yield from findings.subject(folder, path, parts.subject)
    if len(parts.subject) > LONGEST_SUBJECT:
        do = f"At most {LONGEST_SUBJECT}: many forms take no more."
        yield CampaignError(
            f"the subject has {len(parts.subject)} characters", where=findings.line_of(folder, path, "subject:"), do=do
        )
    if not (parts.label.endswith(":") and folder.campaign.organization.legal_name in parts.label):
        do = "Write it like: Statement by {{ organization.legal_name }}, which I have read and support:"
        yield CampaignError("the label names no organization", where=_block(folder, path, "label"), do=do)
    if not len(like.facts) == len(parts.facts) <= MOST_FACTS:
        what = f"has {len(parts.facts)} facts, and the English letter {len(like.facts)}"
        do = f"At most {MOST_FACTS}, each on a line of its own, and the same in each language."
        yield CampaignError(what, where=_block(folder, path, "facts"), do=do)
    if not len(like.short) == len(parts.short) <= MOST_SHORT:
        do = f"At most {MOST_SHORT}: the request, a fact, the question; and the same in each language."
        what = f"the short letter has {len(parts.short)} lines"
        yield CampaignError(what, where=_block(folder, path, "short"), do=do)


def _block(folder: Folder, path: str, name: str) -> str:
    return findings.line_of(folder, path, f"{{% block {name} ")
