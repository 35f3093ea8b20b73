"""One HTTP request, with a limit on time and size. Errors never contain what was asked: it may be an address."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp

MOST = 2 * 1024 * 1024  # bytes of a response


class Down(Exception):
    """There was no usable response; the text says why. `status`: the HTTP status, or 0."""

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(why)
        self.status = status


def get(url: str, query: Mapping[str, str], *, seconds: float, most: int = MOST) -> bytes:
    """The response to a GET. Raises Down unless it is a 200 in time. Redirects are not followed: they would send the
    query to another server."""
    return asyncio.run(_request("GET", url, seconds=seconds, most=most, params=dict(query)))


def post(
    url: str, fields: Mapping[str, str], file: tuple[str, str, bytes], *, seconds: float, most: int = MOST
) -> bytes:
    """The response to a POST of a form with one `file`: (field, name, content). Raises Down as `get` does."""
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, value)
    form.add_field(file[0], file[2], filename=file[1], content_type="text/csv")
    return asyncio.run(_request("POST", url, seconds=seconds, most=most, data=form))


async def _request(method: str, url: str, *, seconds: float, most: int, **content: Any) -> bytes:
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(method, url, allow_redirects=False, **content) as response,
        ):
            if response.status != 200:
                raise Down(f"it answered with status {response.status}", response.status)
            body = bytearray()
            async for part in response.content.iter_chunked(64 * 1024):
                body += part
                if len(body) > most:
                    raise Down(f"its answer is longer than {most:,} bytes")
            return bytes(body)
    except TimeoutError:
        raise Down(f"it did not answer within {seconds:g} seconds") from None
    except (aiohttp.ClientError, OSError) as error:
        raise Down(f"the connection failed ({type(error).__name__})") from None
