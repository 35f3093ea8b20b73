"""A signed batch, as bytes -> its events. Lenient: what can be read is read; what can't is returned separately.

The bytes come from mail servers all over the world by way of the provider: text in other encodings, half emoji, control
characters, numbers of any size. None of it may hide the event beside it.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LARGEST = 64 * 1024 * 1024  # bytes; the web takes far less
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_BETWEEN = " \t\r\n,[]\ufeff"  # what may be between events, and around them
_UNSTORABLE = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]"
)  # PostgreSQL refuses some, terminals obey others
_BEGINS = re.compile(r'\{\s*"')
_NESTED = re.compile(r'(?:\{\s*"[^"\\{]*"\s*:[\s\[]*(?=\{))+')
_LONGEST_INTEGER = 30  # digits
_PATIENCE = 20_000_000  # characters that may be read without finding an event, some seconds; the rest is one stretch
_ATTEMPT = 1_000  # what each attempt costs beside its own characters


class Unreadable(ValueError):
    """Why a stored batch cannot be opened, in a sentence."""


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One event of a batch, or a stretch of text that holds none. `raw`: its own bytes, exactly as they came."""

    position: int  # from 0
    raw: bytes
    value: dict[str, Any] | None
    problem: str = ""  # why there is no value


def pack(body: bytes) -> bytes:
    """How a body is stored."""
    return zlib.compress(body)


def unpack(stored: bytes) -> bytes:
    """The body again. Raises Unreadable when the stored bytes are damaged, or the body is larger than any batch."""
    opened = zlib.decompressobj()
    try:
        body = opened.decompress(stored, LARGEST)
    except zlib.error:
        raise Unreadable("its stored bytes are damaged") from None
    if opened.unconsumed_tail:
        raise Unreadable(f"it is larger than {LARGEST // 1024**2} MB")
    if not opened.eof:
        raise Unreadable("its stored bytes end too early")
    return body


def read(body: bytes) -> Iterator[BatchItem]:
    """Every event object of a batch, in order, and each stretch between them that is neither event nor separator.

    Brackets and commas are not required: a batch that was cut off, two batches in one, and a single event are read too.
    """
    text = body.decode("utf-8", "surrogateescape")  # a byte that is not UTF-8 stays itself, as half a character
    position = done = 0
    for start, end, value in _objects(text):
        if rest := text[done:start].strip(_BETWEEN):
            yield BatchItem(position, _bytes(rest), None, _problem(rest))
            position += 1
        yield BatchItem(position, _bytes(text[start:end]), value)
        position, done = position + 1, end
    if rest := text[done:].strip(_BETWEEN):
        yield BatchItem(position, _bytes(rest), None, _problem(rest))


def _objects(text: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Every event object with its place: whatever begins like an object is tried, inside a broken one too."""
    patience, found = _PATIENCE, _BEGINS.search(text)
    while found is not None and patience > 0:
        start = found.start()
        resume = start + 1
        try:
            value, end = _decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            value, end = None, error.pos
        except RecursionError:
            nested = _NESTED.match(text, start)
            value, end = None, len(text)  # how much was read is not known
            resume = nested.end() if nested else resume
        kind = value.get("event") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind:
            yield start, end, value
            resume = end
        else:
            patience -= _ATTEMPT + end - start
        found = _BEGINS.search(text, resume)


def clean(value: Any) -> str:
    """A value as text that every database and terminal takes. Numbers and lists are written as Python does."""
    text = "" if value is None else value if isinstance(value, str) else str(value)
    return _UNSTORABLE.sub(REPLACEMENT, text)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)  # Python refuses to read longer ones


_decoder = json.JSONDecoder(strict=False, parse_int=_integer)


def _problem(text: str) -> str:
    try:
        _decoder.decode(f"[{text}]")
    except json.JSONDecodeError as error:
        return f"it is not JSON: {error.msg}"
    except RecursionError:
        return "it is nested too deeply"
    return "it is not an event: expected an object that names an event"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
