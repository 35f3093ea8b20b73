"""SendGrid's v3 mail send: build the body of a request, post it, and read the answer.

Limits and answers: twilio.com/docs/sendgrid/api-reference/mail-send and its errors page, as read in 2026.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence

import aiohttp
import msgspec

from campaign.delivery.transport import Accepted, Answer, NoAnswer, Refused, Stop, TryLater
from campaign.model import Claimed, Recipient, Text

MAX_SUBSTITUTION_BYTES = 10_000  # a personalization; the lowest of the documented figures
BACKOFF_MS = (1_000, 60_000)

# No email reports who opened or clicked, and no link passes through a redirector.
_NO_TRACKING = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}
_ROW = re.compile(r"personalizations[.\[](\d{1,6})")
_SANDBOX_MODE = "status 200, not 202: sandbox mode may be on, and then nothing is delivered"
_encode = msgspec.json.Encoder().encode


def personalization(
    to: Recipient, substitutions: Mapping[str, str], unsubscribe_url: str, *, subject: str = ""
) -> msgspec.Raw:
    """One supporter's part of a request, with the one-click headers of RFC 8058 (headers are not substituted).

    `subject`: in place of the request's.
    """
    part = {
        "to": [{"email": to.email}],
        "headers": {
            "List-Unsubscribe": f"<{unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        "substitutions": substitutions,
        "custom_args": {"ct_delivery": str(to.delivery_id)},
        **({"subject": subject} if subject else {}),
    }
    return msgspec.Raw(_encode(part))  # encoded now: bytes cost the garbage collector nothing


def too_long(substitutions: Mapping[str, str]) -> bool:
    """Whether SendGrid would refuse these values for their size."""
    letters = sum(map(len, substitutions.values())) + sum(map(len, substitutions))
    if letters * 4 <= MAX_SUBSTITUTION_BYTES:
        return False
    return sum(len((key + value).encode()) for key, value in substitutions.items()) > MAX_SUBSTITUTION_BYTES


def body(claim: Claimed, text: Text, people: Iterable[msgspec.Raw], *, sender: tuple[str, str], reply_to: str) -> bytes:
    """The JSON of one request. `sender` is (address, name). Ids are opaque: SendGrid stores custom_args."""
    return _encode(
        {
            "from": {"email": sender[0], "name": sender[1]},
            "reply_to": {"email": reply_to},
            "subject": text.subject,
            "content": [
                {"type": "text/plain", "value": text.text},
                {"type": "text/html", "value": text.html},
            ],
            "custom_args": {"ct_request": f"{claim.token}.{claim.attempt}"},
            "tracking_settings": _NO_TRACKING,
            "personalizations": list(people),
        }
    )


def session(*, in_flight: int, timeout: int) -> aiohttp.ClientSession:
    """A pooled client. Create it after the fork, inside the event loop that will use it."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=in_flight, keepalive_timeout=4),
        timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=min(5, timeout)),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


async def post(
    client: aiohttp.ClientSession, url: str, key: str, content: bytes, *, deliveries: Sequence[int], attempt: int
) -> Answer:
    """Post one request, once. `deliveries`: of its personalizations, in order."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        async with client.post(f"{url}/v3/mail/send", data=content, headers=headers, allow_redirects=False) as response:
            try:
                body = await response.read()
            except (TimeoutError, aiohttp.ClientError, OSError):
                body = b""  # the status line has arrived and decides; the body only explains
            return read(response.status, response.headers, body, deliveries, attempt)
    except (aiohttp.ClientConnectorError, aiohttp.ClientConnectorCertificateError, aiohttp.ConnectionTimeoutError) as e:
        return TryLater(f"not connected: {type(e).__name__}", _backoff(attempt))  # before the first byte
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        return NoAnswer(f"no answer: {type(error).__name__}")


def read(status: int, headers: Mapping[str, str], content: bytes, deliveries: Sequence[int], attempt: int) -> Answer:
    """What an answer means. Unless it clearly says that nothing was taken, the request is unknown."""
    if status == 202:
        return Accepted(headers.get("X-Message-Id", ""))
    errors = _reasons(content)
    reason = "; ".join(dict.fromkeys(message for message, _ in errors)) or f"status {status}"
    if status == 429:
        return TryLater("429 too many requests", _wait(headers, attempt))
    if status in (401, 403):
        return Stop(f"{status}: {reason}")
    if status in (404, 405, 410):
        return Stop(f"{status}: there is no mail/send endpoint at this address; check [sendgrid] url")
    if status in (400, 413, 415):
        rows = {int(match[1]) for _, name in errors if (match := _ROW.match(name))}
        return Refused(f"{status}: {reason}", tuple(deliveries[row] for row in sorted(rows) if row < len(deliveries)))
    # 408, 5xx, 3xx, every 2xx but 202, and whatever is not documented
    return NoAnswer(_SANDBOX_MODE if status == 200 else f"status {status}")


def _reasons(content: bytes) -> list[tuple[str, str]]:
    """(message, field) of each error; none where the body is not SendGrid's JSON."""
    try:
        raw = msgspec.json.decode(content)
    except (ValueError, RecursionError):  # also of bytes that are not UTF-8
        return []
    errors = raw.get("errors") if isinstance(raw, dict) else None
    if not isinstance(errors, list):
        return []
    return [(str(e.get("message") or ""), str(e.get("field") or "")) for e in errors if isinstance(e, dict)]


def _backoff(attempt: int) -> int:
    """Milliseconds to wait: 1 s, doubled with each attempt, a minute at most."""
    return min(BACKOFF_MS[0] << min(attempt - 1, 10), BACKOFF_MS[1])


def _wait(headers: Mapping[str, str], attempt: int) -> int:
    """The wait that X-RateLimit-Reset (unix seconds) asks for, where it is there and sensible, else the backoff."""
    try:
        asked = int(float(headers.get("X-RateLimit-Reset", "")) * 1000 - time.time() * 1000)
    except (ValueError, OverflowError):
        asked = 0
    return max(_backoff(attempt), min(asked, 10 * BACKOFF_MS[1]))
