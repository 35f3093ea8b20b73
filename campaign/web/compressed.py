"""Answers compressed with gzip where the reader takes it. What pages begin with, most of all their style, is compressed
once.
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from typing import Any

from litestar import Litestar, Response
from litestar.response.base import ASGIResponse

from campaign.web.guards import WebRequest

LEVEL = 4  # of 9; measured in docs/benchmarks.md
SMALLEST = 1_000  # bytes: less fits in one packet anyway
_TAKES = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)
_END = b"</style>"


class Compressed(Response[Any]):
    """An answer that is compressed if its reader takes that."""

    def to_asgi_response(self, app: Litestar | None, request: WebRequest, **options: Any) -> ASGIResponse:
        self.headers["Vary"] = "Accept-Encoding"
        content: bytes = self.content.encode() if isinstance(self.content, str) else self.content
        if len(content) >= SMALLEST and _TAKES.search(request.headers.get("accept-encoding", "")):
            self.headers["Content-Encoding"] = "gzip"
            content = compress(content)
        self.content = content
        return super().to_asgi_response(app, request, **options)


def compress(content: bytes) -> bytes:
    head, end, rest = content.partition(_END)
    begun, before = _begin(head + end if end else b"")
    stream = before.copy()
    return b"".join((begun, stream.compress(rest if end else content), stream.flush()))


@lru_cache(maxsize=16)
def _begin(head: bytes) -> tuple[bytes, Any]:
    """What compressing `head` has given so far, and the state in which it goes on."""
    stream = zlib.compressobj(LEVEL, wbits=zlib.MAX_WBITS | 16)  # 16: as gzip
    return stream.compress(head), stream
