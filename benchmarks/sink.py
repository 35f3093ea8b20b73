"""A provider that takes everything and does next to nothing: `python -m benchmarks.sink --fd N --latency MS`.

It answers 202 as cheaply as Python can, and keeps who each request was for. Who was seen twice is counted when asked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_RECIPIENT = re.compile(rb'"to": ?\[\{"email": ?"([^"]+)"')
_TAKEN = b"HTTP/1.1 202 Accepted\r\nX-Message-Id: sink\r\nContent-Length: 0\r\n\r\n"


@dataclass(slots=True)
class Seen:
    """Who each request was for, in the order of arrival."""

    latency: float  # seconds before each answer
    requests: int = 0
    recipients: list[bytes] = field(default_factory=list)

    def count(self) -> dict[str, int]:
        return {"requests": self.requests, "recipients": len(self.recipients)}

    def unique(self) -> dict[str, int]:
        return self.count() | {"unique": len(set(self.recipients))}


class Connection(asyncio.Protocol):
    """One client's connection; it reads nothing of a request but its length and its recipients."""

    def __init__(self, seen: Seen) -> None:
        self.seen, self.buffer, self.head, self.end = seen, bytearray(), 0, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self._whole():
            request = bytes(self.buffer[: self.end])
            del self.buffer[: self.end]
            head, self.head, self.end = self.head, 0, 0
            self._answer(request, head)

    def _whole(self) -> bool:
        """Whether the buffer begins with a whole request: `head` bytes of headers, `end` in all."""
        if not self.end:
            self.head = self.buffer.find(b"\r\n\r\n") + 4
            if self.head < 4:
                return False
            length = _LENGTH.search(self.buffer, 0, self.head)
            self.end = self.head + (int(length[1]) if length else 0)
        return len(self.buffer) >= self.end

    def _answer(self, request: bytes, head: int) -> None:
        if request.startswith(b"POST /v3/mail/send "):
            if self.seen.latency:
                asyncio.get_running_loop().call_later(self.seen.latency, self.transport.write, _TAKEN)
            else:
                self.transport.write(_TAKEN)
            self.seen.requests += 1
            self.seen.recipients += _RECIPIENT.findall(request, head)
            return
        content = json.dumps(self.seen.unique() if request.startswith(b"GET /unique ") else self.seen.count()).encode()
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content))


async def _serve(fd: int, latency_ms: int) -> None:
    seen = Seen(latency_ms / 1000)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)  # type: ignore[union-attr]
    server = await loop.create_server(lambda: Connection(seen), sock=socket.socket(fileno=fd), backlog=512)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.sink")
    parser.add_argument("--fd", type=int, required=True, help="an open listening socket, handed down")
    parser.add_argument("--latency", type=int, default=0, help="milliseconds before each answer")
    options = parser.parse_args()
    with suppress(asyncio.CancelledError):
        asyncio.run(_serve(options.fd, options.latency))


if __name__ == "__main__":
    main()
