"""How long a person takes for a page. A rule that is stated, not measured: it compares ways, and predicts nothing.

A person reads each page once, from the top to what they tap: 240 words a minute. A tap takes a second, a key 0.2
seconds, a list 5 seconds. A browser fills in name, address, phone and email with two taps. Four more digits of a ZIP
code are on an envelope: 20 seconds. A call: 15 seconds until someone or something answers, then the script, 150 words a
minute. No one hesitates, makes a mistake, or gets pictures from a captcha.
"""

from __future__ import annotations

from html.parser import HTMLParser

READ, SPEAK = 240, 150  # words a minute
TAP, KEY, LIST, ENVELOPE, ANSWER = 1.0, 0.2, 5.0, 20.0, 15.0  # seconds
_UNSEEN = {"head", "script", "style", "select", "textarea", "svg", "template"}
_VOID = {"input", "meta", "link", "br", "img", "hr"}


class _WordCount(HTMLParser):
    """Counts the words outside lists, text fields and what is folded up, whose summary alone can be seen."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        folded = tag == "details" and "open" not in at
        unseen = tag in _UNSEEN or folded or "hidden" in at or at.get("class") in ("vh", "skip", "pot")
        if tag not in _VOID and (unseen or self.hidden):
            self.hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.hidden:
            while self.hidden.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.hidden or self.hidden[:2] == ["details", "summary"]:
            self.number += len(data.split())


def words(page: str, until: str = "") -> int:
    """The words of a page that can be seen without a tap, up to this piece of HTML."""
    reader = _WordCount()
    reader.feed(page.partition(until)[0] if until else page)
    return reader.number


def seconds(*, read: int = 0, taps: int = 0, keys: int = 0, lists: int = 0, envelopes: int = 0) -> float:
    """How long this takes. `read`: words."""
    return read * 60 / READ + taps * TAP + keys * KEY + lists * LIST + envelopes * ENVELOPE


def call(script: int) -> float:
    """How long a call takes whose script has this many words."""
    return ANSWER + script * 60 / SPEAK
