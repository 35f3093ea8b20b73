"""Bare pages of Litestar and Jinja, without a database: `python -m benchmarks.web_bare --pages FILE --fd F`.

Each is a page of ours again, byte for byte: its tags are the template, its words are values that Jinja escapes.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import socket
from collections.abc import Mapping
from pathlib import Path

from jinja2 import DictLoader, Environment
from litestar import Litestar, get
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.params import FromPath
from litestar.response import Template
from litestar.template import TemplateConfig
from markupsafe import escape

from campaign.web import app

_WORDS = re.compile(r">([^<>]+)<")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.web_bare")
    parser.add_argument("--fd", type=int, required=True, help="an open listening socket, handed down")
    parser.add_argument("--pages", type=Path, required=True, help="a JSON object: name, page")
    options = parser.parse_args()
    pages = json.loads(options.pages.read_text(encoding="utf-8"))
    app.server(create_app(pages)).run(sockets=[socket.socket(fileno=options.fd)])


def create_app(pages: Mapping[str, str]) -> Litestar:
    """`/NAME` for each page."""
    made = {name: _template(page) for name, page in pages.items()}
    sources = {name: source for name, (source, _) in made.items()}
    environment = Environment(loader=DictLoader(sources), autoescape=True, keep_trailing_newline=True)

    @get("/{name:str}", sync_to_thread=False)
    def bare(name: FromPath[str]) -> Template:
        return Template(name, context={"words": made[name][1]})

    @get("/healthz", sync_to_thread=False)
    def health() -> str:
        return "ok"

    config = TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment))
    return Litestar([bare, health], template_config=config, openapi_config=None, logging_config=None)


def _template(page: str) -> tuple[str, list[str]]:
    """The page as a template, and its words."""
    words = list[str]()

    def hole(match: re.Match[str]) -> str:
        plain = html.unescape(match[1])
        if escape(plain) != match[1]:  # our own markup, spelled in another way
            return f">{_literal(match[1])}<"
        words.append(plain)
        return f">{{{{ words[{len(words) - 1}] }}}}<"

    head, end, body = page.partition("</style>")
    return _literal(head + end) + _WORDS.sub(hole, body), words


def _literal(text: str) -> str:
    return f"{{% raw %}}{text}{{% endraw %}}"


if __name__ == "__main__":
    main()
