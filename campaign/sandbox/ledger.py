"""The ledger: one JSON line per accepted request, on disk before the response; and a count of duplicates.

A line is {"id": X-Message-Id, "at": milliseconds, "answered": "202" or "lost", "body": the request as received}.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from campaign.errors import CampaignError
from campaign.sandbox.mail import Request

NAME = "ledger.jsonl"
_decoder = msgspec.json.Decoder(Request)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Where a request of `size` messages is in the file. `seq` counts from 0."""

    seq: int
    size: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Counts:
    """`accepted` messages in `requests`. `duplicates`: messages of a delivery that was accepted before."""

    accepted: int
    duplicates: int
    requests: int


class Ledger:
    """The open file of one simulator. Requests that arrive together share an fsync."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path
        self.entries: dict[str, LedgerEntry] = {}  # by X-Message-Id, oldest first
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._end = self._durable = 0
        self._syncing = asyncio.Lock()
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._fd)
            raise CampaignError(
                "another simulator is using this ledger", where=str(path), do="Stop it first."
            ) from None
        for raw, request in _lines(path):
            self._enter(request, len(raw))
        os.ftruncate(self._fd, self._end)  # the request of an incomplete last line got no response
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def close(self) -> None:
        os.close(self._fd)

    def _enter(self, request: Request, length: int) -> LedgerEntry:
        entry = LedgerEntry(len(self.entries), len(request.body.personalizations), self._end, length)
        self.entries[request.id] = entry
        self._end += length
        return entry

    async def append(self, request: Request, body: bytes) -> LedgerEntry:
        """Write a request with its body as received; it is on disk when this returns. Raises OSError."""
        if b"\n" in body or b"\r" in body:
            body = msgspec.json.format(body, indent=-1)
        head = f'{{"id":"{request.id}","at":{request.at},"answered":"{request.answered}","body":'
        raw = head.encode() + body + b"}\n"
        if os.write(self._fd, raw) != len(raw):
            os.ftruncate(self._fd, self._end)
            raise OSError("the ledger's disk is full")
        entry = self._enter(request, len(raw))
        async with self._syncing:
            if self._durable < entry.start + entry.length:
                end = self._end
                await asyncio.to_thread(os.fsync, self._fd)
                self._durable = end
        return entry

    def request(self, entry: LedgerEntry) -> Request:
        return _decoder.decode(os.pread(self._fd, entry.length, entry.start))


def _lines(path: Path) -> Iterator[tuple[bytes, Request]]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            if not raw.endswith(b"\n"):
                return  # incomplete: the writer was killed, or is still writing
            try:
                yield raw, _decoder.decode(raw)
            except msgspec.DecodeError as error:
                raise CampaignError(f"is not a ledger line: {error}", where=f"{path}:{number}") from None


def read(path: Path) -> Iterator[Request]:
    """Every accepted request, oldest first; an incomplete last line is skipped."""
    return (request for _, request in _lines(path))


def verify(path: Path) -> Counts:
    """Count the messages in the ledger, by `ct_delivery` of the custom arguments."""
    accepted = duplicates = requests = 0
    seen: set[str] = set()
    for request in read(path):
        requests += 1
        for part in request.body.personalizations:
            accepted += 1
            if delivery := request.body.args(part).get("ct_delivery"):
                duplicates += delivery in seen
                seen.add(delivery)
    return Counts(accepted, duplicates, requests)
