"""An independent rendering of a message, which split rendering must equal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from jinja2 import Environment
from markdown_it import MarkdownIt

WALL = "\ue000"  # around each value of the reference: a letter to Markdown, so that no value joins what is beside it


@dataclass
class Block:
    """A paragraph, a list item or a rule, as a reader sees it: runs of (text, strong, emphasized, link)."""

    kind: str
    runs: list[tuple[str, bool, bool, str]] = field(default_factory=list)

    def add(self, text: str, strong: bool, emphasized: bool, href: str) -> None:
        if self.runs and self.runs[-1][1:] == (strong, emphasized, href):
            text = self.runs.pop()[0] + text
        self.runs.append((text, strong, emphasized, href))


class Reader(HTMLParser):
    """Reads the body of an HTML document, without styles, as blocks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self._strong = self._em = 0
        self._href = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        style = known.get("style") or ""
        if tag in ("p", "li", "table") and not (tag == "p" and self.blocks and self.blocks[-1] == Block("li")):
            self.blocks.append(Block("li" if tag == "li" else "p"))
            self._strong = int(tag == "p" and "font-weight:600" in style)  # a paragraph that is all strong
        elif tag == "hr" or (tag == "div" and "border-top" in style):
            self.blocks.append(Block("hr"))
        elif tag == "br":
            self.handle_data("\0")
        self._strong += tag == "strong"
        self._em += tag == "em"
        self._href = known.get("href") or "" if tag == "a" else self._href

    def handle_endtag(self, tag: str) -> None:
        self._strong -= tag == "strong"
        self._em -= tag == "em"
        self._href = "" if tag == "a" else self._href

    def handle_data(self, data: str) -> None:
        if data := data.replace("\n", "").replace("\0", "\n"):
            self.blocks[-1].add(data, bool(self._strong), bool(self._em), self._href)


def reference(body: str, names: Mapping[str, object]) -> list[Block]:
    """The same template by the usual tools: each value escaped with backslashes, then Markdown on the whole."""

    def escaped(value: object) -> str:
        return WALL + re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", str(value)) + WALL

    environment = Environment(trim_blocks=True, lstrip_blocks=True, finalize=escaped)
    source = environment.from_string(body).render(names)
    html = MarkdownIt("commonmark", {"html": False, "breaks": True}).render(source)
    return Reader(html.replace(WALL, "").replace("%EE%80%80", "")).blocks


def as_text(blocks: list[Block]) -> str:
    """How a mail program would show blocks without HTML."""
    made = ""
    for before, block in zip([Block(""), *blocks], blocks, strict=False):
        made += "" if before.kind in ("", "hr") else "\n" if before.kind == block.kind == "li" else "\n\n"
        made += {"hr": "--\n", "li": "- ", "p": ""}[block.kind]
        for number, (text, _strong, _em, href) in enumerate(block.runs):
            alone = block.runs == [(text, _strong, _em, href)] and href.endswith("/act")
            last = number == len(block.runs) - 1 and not (_strong or _em)
            link = f":\n{href}" if alone and block.kind == "p" else f": {href}" if last else f" <{href}>"
            made += text + (link if href else "")
    return made + "\n"
