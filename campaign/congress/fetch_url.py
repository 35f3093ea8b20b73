"""One question to somebody else's server, with an end to the wait and to the answer. No error repeats the question."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aiohttp

MOST = 2 * 1024 * 1024  # bytes of an answer


class Down(Exception):
    """It gave no answer that can be used. The text says why, in English, without what was asked. `status` is HTTP's."""

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(why)
        self.status = status


def get(url: str, query: Mapping[str, str], *, seconds: float, most: int = MOST) -> bytes:
    """The answer to a GET. Raises Down for all but a 200 in time; no redirect is followed, for it would tell others."""
    return asyncio.run(_ask("GET", url, seconds, most, params=dict(query)))


def post(
    url: str, fields: Mapping[str, str], file: tuple[str, str, bytes], *, seconds: float, most: int = MOST
) -> bytes:
    """The answer to a form with one `file`: (field, name, content). Raises Down as `get` does."""
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, value)
    form.add_field(file[0], file[2], filename=file[1], content_type="text/csv")
    return asyncio.run(_ask("POST", url, seconds, most, data=form))


async def _ask(
    method: str,
    url: str,
    seconds: float,
    most: int,
    params: Mapping[str, str] | None = None,
    data: aiohttp.FormData | None = None,
) -> bytes:
    wait = aiohttp.ClientTimeout(total=seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=wait, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(method, url, params=params, data=data, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise Down(f"it answered with status {answer.status}", answer.status)
            found = bytearray()
            async for part in answer.content.iter_chunked(64 * 1024):
                found += part
                if len(found) > most:
                    raise Down(f"its answer is longer than {most:,} bytes")
            return bytes(found)
    except TimeoutError:
        raise Down(f"it did not answer within {seconds:g} seconds") from None
    except (aiohttp.ClientError, OSError) as error:
        raise Down(f"the connection failed ({type(error).__name__})") from None
