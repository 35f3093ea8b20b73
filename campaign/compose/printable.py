"""Text that the packet's fonts can print: what they can't print becomes visible words, so nothing disappears.

Typst itself decides. Under PDF/UA it refuses a document with a character that no font has, and names that character.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from campaign.compose import typesetter
from campaign.compose.typesetter import Unprintable

NAMED = 12  # code points that one replacement lists; it counts the others
FONT = "Libertinus Serif"  # of templates/packet/packet.typ; Typst falls back on its other embedded fonts

# Every way that packet.typ prints a person's text: a fallback font may lack a character in one weight or style, and a
# mark needs the right neighbors.
_PROBE = f"""
#set document(title: "x")
#set text(font: "{FONT}", lang: "en", region: "us", hyphenate: false)
#let it = json(bytes(sys.inputs.it))
#it

#strong(it)

#emph(it)

#text(weight: "semibold", it)

#("· " + it + " (1) · ")
""".encode()

# Printed as they are, without asking Typst; a test compiles each of them.
COMMON = (
    "".join(
        chr(code)
        for first, last in (
            (0x20, 0x7E),
            (0xA1, 0xAC),
            (0xAE, 0x17F),
            (0x1EA0, 0x1EF9),
            (0x2010, 0x2015),
            (0x2018, 0x201E),
        )
        for code in range(first, last + 1)
    )
    + "ȘșȚț\u00a0\u2026\u2022\n"
)
_COMMON = frozenset(COMMON)

_MISSING = re.compile(r'the text (?:contains the disallowed codepoint )?`"((?:[^"\\]|\\.)*)"`')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
_JOINERS = frozenset("\u200c\u200d")  # they shape the letters of some scripts, and join emoji
_NO_MEANING = (
    "Cc",
    "Cs",
    "Co",
    "Cn",
)  # control, surrogate, private use, unassigned: no font's picture is to be trusted
_REGIONAL = 0x1F1E6  # the first of the 26 letters that make flags


@lru_cache(maxsize=4096)
def printable(text: str, *, plain: bool = False) -> tuple[str, int]:
    """The text as the packet prints it, and how many of its characters were replaced by words.

    `plain`: everything but COMMON is replaced, without asking Typst.
    """
    text = _clean(text)
    if _COMMON.issuperset(text):
        return text, 0
    uncommon = set(text) - _COMMON
    bad = {sign for sign in uncommon if plain or unicodedata.category(sign) in _NO_MEANING}
    while bad != uncommon and (missing := _missing(_replaced(text, bad))):
        # Where Typst names nothing new, everything uncommon is replaced, and what remains always prints.
        bad |= (missing & uncommon) - bad or uncommon
    return _replaced(text, bad), sum(sign in bad and not _joins(sign) for sign in text)


def _clean(text: str) -> str:
    """Composed, with plain spaces and line ends, without what no one can see: direction marks, soft hyphens."""
    seen = (
        " " if sign.isspace() and sign not in "\n\u00a0" else sign
        for sign in re.sub("\r\n|[\r\u0085\u2028\u2029]", "\n", text)
        if sign in _JOINERS or unicodedata.category(sign) != "Cf"
    )
    return unicodedata.normalize("NFC", "".join(seen))


def _missing(text: str) -> set[str]:
    """The characters that Typst names as missing, or NUL where it names none; empty when the text prints."""
    try:
        typesetter.compile_pdf(_PROBE, sys_inputs={"it": json.dumps(text)})
    except Unprintable as error:
        return {sign for part in _MISSING.findall(error.diagnostic) for sign in _unescaped(part)} or {"\0"}
    return set()


def _unescaped(text: str) -> str:
    """A text as Rust's debug format quotes it."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else _PLAIN.get(found[2], found[2]), text)


def _replaced(text: str, bad: set[str]) -> str:
    """The text with each run of bad characters, and what joins them, as words in brackets."""
    made = list[str]()
    for is_bad, run in groupby(_with_joiners(text, bad), key=lambda pair: pair[1]):
        signs = "".join(sign for sign, _ in run)
        made.append("".join(_words(signs)) if is_bad else signs)
    return "".join(made)


def _with_joiners(text: str, bad: set[str]) -> Iterator[tuple[str, bool]]:
    """Each character, and whether it is replaced. A joiner or a variation selector after a replaced one is, too."""
    before = False
    for sign in text:
        before = sign in bad or (before and _joins(sign))
        yield sign, before


def _joins(sign: str) -> bool:
    """A joiner, or a variation selector: it only changes how its neighbors look."""
    return sign in _JOINERS or "\ufe00" <= sign <= "\ufe0f"


def _words(signs: str) -> Iterator[str]:
    seen = [sign for sign in signs if not _joins(sign)]
    for kind, group in groupby(seen, key=_kind):
        same = list(group)
        yield f"[{kind}: {_list(list(_names(same)))}]" if kind else _code_points(same)


def _kind(sign: str) -> str:
    """The character's name if it says what is shown; "" for letters and marks of a script: only their number tells."""
    if unicodedata.category(sign) not in ("So", "Sk", "Sm", "Sc"):
        return ""
    return "emoji" if sign >= "\U0001f000" or "\u2600" <= sign <= "\u27bf" else "symbol"


def _names(signs: list[str]) -> Iterator[str]:
    """What each shows, in lower case. Two regional letters are a flag."""
    rest = iter(range(len(signs)))
    for place in rest:
        letters = [ord(sign) - _REGIONAL for sign in signs[place : place + 2]]
        if len(letters) == 2 and all(0 <= letter < 26 for letter in letters):
            next(rest)
            yield "flag " + "".join(chr(ord("A") + letter) for letter in letters)
        else:
            name = unicodedata.name(signs[place], f"U+{ord(signs[place]):04X}")
            yield name.lower().replace("emoji modifier fitzpatrick", "skin tone")


def _code_points(signs: list[str]) -> str:
    return f"[character{'s' if len(signs) > 1 else ''} {_list([f'U+{ord(sign):04X}' for sign in signs], ' ')}]"


def _list(found: list[str], comma: str = ", ") -> str:
    more = len(found) - NAMED
    return comma.join(found[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
