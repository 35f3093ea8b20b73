"""Images of a campaign folder, known by their bytes and not by their name: PNG, JPEG and WebP.

A folder's files are text, so an image is kept there as base64. SVG is refused, because it can hold scripts.
"""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from campaign.errors import CampaignError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
LARGEST = 300_000  # bytes
TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # JPEG markers that begin with the size of the picture


@dataclass(frozen=True, slots=True)
class Image:
    """An image with its size in pixels. `name`: its address, which changes with its bytes."""

    data: bytes = field(repr=False)
    kind: str  # a key of TYPES
    width: int
    height: int

    @property
    def name(self) -> str:
        return f"{sha256(self.data).hexdigest()[:20]}.{self.kind}"

    def path(self, slug: str) -> str:
        """Where our server serves it for this campaign."""
        return f"/brand/{slug}/{self.name}"


def pack(data: bytes) -> str:
    """The bytes as a folder keeps them."""
    return b64encode(data).decode()


def unpack(text: str) -> bytes:
    return b64decode(text)


@lru_cache(maxsize=16)
def image(text: str) -> Image:
    """The image of a packed file. Raises CampaignError if it is none of ours."""
    data = unpack(text)
    try:
        kind, (width, height) = _size(data)
    except (struct.error, IndexError):
        kind, width, height = "", 0, 0
    if not (width and height):
        raise CampaignError("is not a PNG, JPEG or WebP image", do="Save it as one of these. SVG can hold scripts.")
    return Image(data, kind, width, height)


def _size(data: bytes) -> tuple[str, tuple[int, int]]:
    """The kind of image, and its width and height; 0 for what is none."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return "png", struct.unpack_from(">II", data, 16)
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg", _jpeg_size(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp", _webp_size(data)
    return "", (0, 0)


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    while data[at] == 0xFF:
        marker, length = struct.unpack_from(">BH", data, at + 1)
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + length
    return 0, 0


def _webp_size(data: bytes) -> tuple[int, int]:
    """https://developers.google.com/speed/webp/docs/riff_container"""
    chunk = data[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if chunk == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if chunk == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return 0, 0
