"""A browser without scripts, for simulated supporters and for tests."""

from __future__ import annotations

from collections import defaultdict
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

REDIRECTS = 5


class Client:
    """Keeps cookies, unless it refuses them, and follows the address in an answer. `at`: the page it shows."""

    def __init__(self, url: str, *, cookies: bool = True) -> None:
        self.at = url
        self._cookies: defaultdict[str, SimpleCookie] = defaultdict(SimpleCookie)
        self._accepts = cookies
        self._connections: dict[str, HTTPConnection] = {}

    def ask(self, method: str, url: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """The status and text of the last answer. `url` may be relative to the page it shows."""
        for _ in range(REDIRECTS):
            self.at = urljoin(self.at, url)
            answer, text = self._once(method, form)
            if answer.status != 303:
                return answer.status, text
            method, url, form = "GET", answer.headers["Location"], None
        raise AssertionError("too many redirects")

    def _once(self, method: str, form: dict[str, str] | None) -> tuple[HTTPResponse, str]:
        where = urlsplit(self.at)
        connection = self._connections.setdefault(where.netloc, HTTPConnection(where.netloc, timeout=30))
        cookies = self._cookies[where.netloc]
        headers = {"Cookie": "; ".join(f"{name}={one.value}" for name, one in cookies.items())} if cookies else {}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        path = where.path + (f"?{where.query}" if where.query else "")
        connection.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = connection.getresponse()
        if self._accepts:
            for cookie in answer.headers.get_all("Set-Cookie", []):
                cookies.load(cookie)
        return answer, answer.read().decode()

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
