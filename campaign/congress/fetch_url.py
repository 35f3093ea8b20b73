"""One HTTP request, with a limit on time and size. Errors never contain what was asked: it may be an address."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp

MOST = 2 * 1024 * 1024  # bytes of a response

T = TypeVar("T")


class Down(Exception):
    """There was no usable response; the text says why. `status`: the HTTP status, or 0."""

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(why)
        self.status = status


def get(url: str, query: Mapping[str, str], *, seconds: float, most: int = MOST) -> bytes:
    """The response to a GET. Raises Down unless it is a 200 in time. Redirects are not followed: they would send the
    query to another server."""
    return asyncio.run(
        _request("GET", url, lambda response: _good(response, most), seconds=seconds, params=dict(query))
    )


@dataclass(frozen=True, slots=True)
class WebPage:
    """The response to a GET, whatever its status. `location`: where a redirect leads, as it was sent."""

    status: int
    location: str
    html: str  # "" unless it is HTML and the status is 200


def page(url: str, *, agent: str, seconds: float, most: int = MOST) -> WebPage:
    """A GET of a web page. Raises Down if there was no response in time. Redirects are not followed."""

    async def read(response: aiohttp.ClientResponse) -> WebPage:
        html = response.content_type in ("text/html", "application/xhtml+xml")
        body = await _body(response, most) if html and response.status == 200 else b""
        return WebPage(response.status, response.headers.get("Location", ""), body.decode("utf-8", errors="replace"))

    return asyncio.run(_request("GET", url, read, seconds=seconds, headers={"User-Agent": agent}))


def post(
    url: str, fields: Mapping[str, str], file: tuple[str, str, bytes], *, seconds: float, most: int = MOST
) -> bytes:
    """The response to a POST of a form with one `file`: (field, name, content). Raises Down as `get` does."""
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, value)
    form.add_field(file[0], file[2], filename=file[1], content_type="text/csv")
    return asyncio.run(_request("POST", url, lambda response: _good(response, most), seconds=seconds, data=form))


async def _request(
    method: str, url: str, read: Callable[[aiohttp.ClientResponse], Awaitable[T]], *, seconds: float, **content: Any
) -> T:
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(method, url, allow_redirects=False, **content) as response,
        ):
            return await read(response)
    except TimeoutError:
        raise Down(f"it did not answer within {seconds:g} seconds") from None
    except (aiohttp.ClientError, OSError) as error:
        raise Down(f"the connection failed ({type(error).__name__})") from None


async def _good(response: aiohttp.ClientResponse, most: int) -> bytes:
    if response.status != 200:
        raise Down(f"it answered with status {response.status}", response.status)
    return await _body(response, most)


async def _body(response: aiohttp.ClientResponse, most: int) -> bytes:
    body = bytearray()
    async for part in response.content.iter_chunked(64 * 1024):
        body += part
        if len(body) > most:
            raise Down(f"its answer is longer than {most:,} bytes")
    return bytes(body)
