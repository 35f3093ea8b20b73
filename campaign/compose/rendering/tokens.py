"""Tokens: what stands for each printed value while Markdown runs, so that no value is ever read as Markdown or HTML.

A token is one ASCII word. The letter in it says what Markdown may do with it: `v` a value, `o` a value that may be
empty, `u` a link, `a` the link of the button, `b` a block of several lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from jinja2 import Undefined
from markupsafe import escape

from campaign.errors import CampaignError

BUTTON_LINKS = ("action_url", "status_url", "next_url", "confirm_url", "answer_url")
BLOCKS = ("lines",)
MAY_BE_EMPTY = ("first_name", "last_name", "list_name", "consent")

_TOKEN = re.compile(r"zqx(\d+)([voaub])xqz")


@dataclass(frozen=True, slots=True)
class PersonalValue:
    """A person's value under the name that templates print it by."""

    name: str
    value: object

    def __str__(self) -> str:
        return str(self.value)

    def __html__(self) -> str:
        return str(escape(self.value))


class Printer:
    """The values that one rendering prints: gives a token for each, and later puts the values in the tokens' places."""

    def __init__(self) -> None:
        self._values: list[object] = []
        self._lines: list[Callable[[], int]] = []

    def token(self, value: object, *, line: Callable[[], int]) -> str:
        """The token for a value. `line`: finds the line of its file that prints it, for an error."""
        if isinstance(value, Undefined):
            str(value)  # raises
        self._values.append(value)
        self._lines.append(line)
        return f"zqx{len(self._values) - 1}{_kind(getattr(value, 'name', ''))}xqz"

    def check(self, *rendered: str) -> None:
        """Refuse text that forms a token by itself."""
        numbers = sorted(int(token[1]) for part in rendered for token in _TOKEN.finditer(part))
        if numbers != list(range(len(self._values))):
            raise CampaignError("holds a word like zqx0vxqz, which marks a value", do="Leave that word out.")

    def line_of(self, text: str) -> int:
        """The line of the first token in `text`, or 0."""
        first = _TOKEN.search(text)
        return self._lines[int(first[1])]() if first else 0

    def text(self, part: str) -> str:
        """`part` with the values as plain text: trimmed, and on one line unless the value is a block."""
        return self._fill(part, lambda value, kind: str(value) if kind == "b" else _trimmed(value))

    def html(self, part: str) -> str:
        return self._fill(part, lambda value, _kind: _html(value))

    def _fill(self, part: str, show: Callable[[object, str], str]) -> str:
        return _TOKEN.sub(lambda token: show(self._values[int(token[1])], token[2]), part)


def kinds(text: str) -> str:
    """The kinds of the tokens in `text`, in their order."""
    return "".join(token[2] for token in _TOKEN.finditer(text))


def only(text: str, allowed: Collection[str]) -> bool:
    """Whether `text` is tokens of these kinds and nothing else."""
    found = kinds(text)
    return bool(found) and not _TOKEN.sub("", text).strip() and set(found) <= set(allowed)


def starts_with(text: str, allowed: Collection[str]) -> bool:
    """Whether `text` begins with a token of one of these kinds."""
    first = _TOKEN.match(text)
    return first is not None and first[2] in allowed


def replace(text: str, allowed: Collection[str], shape: str) -> str:
    """`text` with each token of these kinds in `shape`."""
    return _TOKEN.sub(lambda token: shape.format(token[0]) if token[2] in allowed else token[0], text)


def literals(text: str) -> list[str]:
    """What stands between the tokens."""
    return _TOKEN.sub("\n", text).splitlines()


def _kind(name: str) -> str:
    if name in BUTTON_LINKS:
        return "a"
    if name.endswith("_url"):
        return "u"
    return "b" if name in BLOCKS else "o" if name in MAY_BE_EMPTY else "v"


def _trimmed(value: object) -> str:
    return " ".join(str(value).split())


def _html(value: object) -> str:
    return str(value.__html__()) if hasattr(value, "__html__") else str(escape(_trimmed(value)))
