"""Members' websites on this machine: pages by path, and what was asked of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from campaign.congress.form_check import SiteReader

SEARCH = '<form action="/search"><input type="search" name="q" placeholder="Search"></form>'
NEWSLETTER = '<form action="/news"><label>Email <input type="email" name="e"></label><input name="zip5"></form>'
FORM = """<form method="post" action="/send"><label for="m">Message</label><textarea name="m" id="m"></textarea>
<label for="a">Your e-mail address</label><input id="a" name="field-7"><input type="submit"></form>"""
GATE = '<form method="post"><input name="zipcode"><input name="zipfour"><input type="submit" value="Go to form"></form>'


def page(body: str) -> str:
    return f"<!doctype html><html><body><nav>{SEARCH}</nav>{body}<footer>{NEWSLETTER}</footer></body></html>"


def link(target: str, text: str) -> str:
    return f'<a href="{target}">{text}</a>'


@dataclass
class Websites:
    """`pages`: by path, HTML or a status, or where a path redirects to (an address or a path)."""

    base: str
    pages: dict[str, str | int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    def reader(self) -> SiteReader:
        """Asks these pages and no others, without a pause."""
        return SiteReader(lambda url: url.startswith(self.base), pause=0)


@contextmanager
def serving(pages: Mapping[str, str | int] | None = None) -> Iterator[Websites]:
    made = Websites("", dict(pages or {}))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            made.agents.add(self.headers.get("User-Agent", ""))
            answer = made.pages.get(self.path, 404)
            moved = isinstance(answer, str) and not answer.startswith("<")
            self.send_response(302 if moved else answer if isinstance(answer, int) else 200)
            if moved:
                self.send_header("Location", str(answer))
            self.send_header("Content-Type", "text/html; charset=utf-8")
            body = str(answer).encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
