"""Text that the packet's fonts can print: what they can't print becomes visible words, so nothing disappears.

Typst itself decides. Under PDF/UA it refuses a document with a character that no font has, and names all of these.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from itertools import groupby

from campaign.compose.messages.typesetter import Unprintable

NAMED = 12  # code points that one replacement lists; it counts the others

# Characters that always print; only these stay when Typst refuses a packet without saying why.
COMMON = frozenset(
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

_MISSING = re.compile(r'the text (?:contains the disallowed codepoint )?`"((?:[^"\\]|\\.)*)"`')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
_JOINERS = "\u200c\u200d"  # they shape the letters of some scripts, and join emoji
_JOINS = _JOINERS + "".join(map(chr, range(0xFE00, 0xFE10)))  # with the variation selectors: the looks of a neighbor
_NO_MEANING = ("Cc", "Cs", "Co", "Cn")  # control, surrogate, private use, unassigned: no font's picture can be trusted
_FLAG = re.compile("regional indicator symbol letter (.), regional indicator symbol letter (.)")


def printable(text: str, bad: Collection[str]) -> tuple[str, int]:
    """The text with each run of bad characters replaced by words in brackets, and the number of bad characters."""
    text = cleaned(text)
    if not bad:
        return text, 0
    run = re.compile(f"(?:[{re.escape(''.join(sorted(bad)))}][{_JOINS}]*)+")
    return run.sub(_words, text), sum(sign in bad and sign not in _JOINS for sign in text)


def cleaned(text: str) -> str:
    """Composed, with plain spaces and line ends, without invisible characters: direction marks, soft hyphens."""
    seen = (
        " " if sign.isspace() and sign not in "\n\u00a0" else sign
        for sign in re.sub("\r\n|[\r\u0085\u2028\u2029]", "\n", text)
        if sign in _JOINERS or unicodedata.category(sign) != "Cf"
    )
    return unicodedata.normalize("NFC", "".join(seen))


def unreadable(sign: str) -> bool:
    """Whether a character has no meaning of its own; it is replaced even if a font has it."""
    return unicodedata.category(sign) in _NO_MEANING


def missing_glyphs(error: Unprintable) -> set[str]:
    """The characters that Typst names as missing; it quotes a text as Rust's debug format does."""
    return {
        sign
        for part in _MISSING.findall(error.diagnostic)
        for sign in _ESCAPED.sub(lambda code: chr(int(code[1], 16)) if code[1] else _PLAIN.get(code[2], code[2]), part)
    }


def _words(run: re.Match[str]) -> str:
    made = ""
    for kind, group in groupby((sign for sign in run[0] if sign not in _JOINS), key=_kind):
        signs = list(group)
        if kind:
            names = ", ".join(unicodedata.name(sign, f"U+{ord(sign):04X}").lower() for sign in signs[:NAMED])
            names = _FLAG.sub(lambda pair: f"flag {(pair[1] + pair[2]).upper()}", names)
            listed = f"{kind}: {names.replace('emoji modifier fitzpatrick', 'skin tone')}"
        else:
            listed = f"character{'s' * (len(signs) > 1)} {' '.join(f'U+{ord(sign):04X}' for sign in signs[:NAMED])}"
        made += f"[{listed}{f' and {len(signs) - NAMED:,} more' * (len(signs) > NAMED)}]"
    return made


def _kind(sign: str) -> str:
    """ "emoji" or "symbol" if the character's name describes it; "" for letters and marks, shown by code point."""
    if unicodedata.category(sign) not in ("So", "Sk", "Sm", "Sc"):
        return ""
    return "emoji" if sign >= "\U0001f000" or "\u2600" <= sign <= "\u27bf" else "symbol"
