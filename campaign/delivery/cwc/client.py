"""The two gateways over HTTP: validate, send, list of offices; what their answers mean, and the pace.

A DeliveryId is taken once: asking again with the same one is answered with 409 if it was taken. So a lost answer can be
asked for again, which no other channel allows.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import aiohttp
import msgspec

from campaign.delivery.cwc import hours
from campaign.delivery.cwc.codes import Chamber
from campaign.delivery.transport import Accepted, Answer, NoAnswer, Refused, Stop, TryLater
from campaign.errors import CampaignError

Environment = str  # uat or production

HOSTS: dict[Chamber, dict[str, str]] = {
    "house": {"uat": "https://uat-cwc.house.gov", "production": "https://cwc.house.gov"},
    "senate": {"uat": "https://soapbox.senate.gov/api", "production": "https://soapbox.senate.gov/api"},
}
_SEND = {
    ("house", "uat"): "/v2/message",
    ("house", "production"): "/v2/message",
    ("senate", "uat"): "/testing-messages/",
    ("senate", "production"): "/production-messages/",
}
_OFFICES = {"house": "/v2/offices", "senate": "/active_offices"}
_VALIDATE = "/v2/validate"  # the House's; it saves nothing
_TAKEN = {"house": (200, 201, 202), "senate": (201,)}
_OFFICE = {"house": re.compile(r"H[A-Z]{2}[0-9]{2}"), "senate": re.compile(r"S[A-Z]{2}0[1-3]")}

PER_SECOND = 5  # the Senate told a third party 5 to 10
BACKOFF_MS = (5_000, 15 * 60_000)
TIMEOUT = aiohttp.ClientTimeout(total=8)  # of a call: a task of 45 seconds waits for two in a row
UNUSED = "409 for a DeliveryId that was never used"
_ERROR = re.compile(r"<Error>(.*?)</Error>", re.DOTALL)
_VALUE = re.compile(r"The value '.*?' (?=is invalid according)", re.DOTALL)  # quotes the writer
_OWN = re.compile(rb"<(?:FirstName|LastName|Address1|Email|ConstituentMessage)>([^<]+)<")
_LONGEST = 300  # characters of a text that is no list of errors


@dataclass(frozen=True, slots=True)
class Gateway:
    """One chamber's gateway, as config.toml and the environment describe it."""

    chamber: Chamber
    environment: Environment
    url: str
    key: str = field(repr=False)

    def at(self, path: str) -> str:
        """The address of a call. It holds the key, which the gateways want there: never log it."""
        return f"{self.url.rstrip('/')}{path}?apikey={quote(self.key, safe='')}"


@dataclass(slots=True)
class Pace:
    """At most so many calls a second of this process, in the order in which they ask."""

    per_second: float = PER_SECOND
    next_at: float = 0.0  # of the monotonic clock

    async def turn(self) -> None:
        """Wait for the next place."""
        now = time.monotonic()
        mine = max(now, self.next_at)
        self.next_at = mine + 1 / self.per_second
        await asyncio.sleep(mine - now)


async def post(
    client: aiohttp.ClientSession, gateway: Gateway, pace: Pace, content: bytes, *, at: int, again: bool
) -> Answer:
    """Send one message, once, at `at` (ms). `again`: its DeliveryId may have been used before."""
    if (opens := hours.opens(gateway.chamber, at)) > at:
        return TryLater("the gateway's quiet hours", opens - at)
    if gateway.chamber == "house" and not again:
        checked = await _call(client, gateway, pace, _VALIDATE, content)
        if isinstance(checked, NoAnswer):  # validating saves nothing
            return TryLater(f"not validated: {checked.reason}", BACKOFF_MS[0])
        if not isinstance(checked, Accepted):
            return checked
    found = await _call(client, gateway, pace, _SEND[gateway.chamber, gateway.environment], content)
    if isinstance(found, Refused) and found.reason.startswith("409"):
        return Accepted() if again else NoAnswer(UNUSED)
    return found


async def _call(client: aiohttp.ClientSession, gateway: Gateway, pace: Pace, path: str, content: bytes) -> Answer:
    await pace.turn()
    headers = {"Content-Type": "application/xml"}
    try:
        async with client.post(
            gateway.at(path), data=content, headers=headers, allow_redirects=False, timeout=TIMEOUT
        ) as answer:
            taken = (200, 201, 202) if path == _VALIDATE else _TAKEN[gateway.chamber]
            try:
                said = await answer.text(errors="replace")
            except (TimeoutError, aiohttp.ClientError, OSError):
                said = ""  # the status line has arrived, and it decides; the body only explains
            return read(answer.status, answer.headers, _without(content, said), taken)
    except (aiohttp.ClientConnectorError, aiohttp.ClientConnectorCertificateError, aiohttp.ConnectionTimeoutError) as e:
        return TryLater(f"not connected: {type(e).__name__}", BACKOFF_MS[0])  # before the first byte
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        return NoAnswer(f"no answer: {type(error).__name__}")


def _without(content: bytes, said: str) -> str:
    """What a gateway said, without what the message holds of its writer."""
    for own in _OWN.findall(content):
        said = said.replace(own.decode(), "...")
    return said


def read(status: int, headers: Mapping[str, str], text: str, taken: tuple[int, ...]) -> Answer:
    """What an answer means. Only 429, 5xx and silence may be asked again, and only with the same DeliveryId."""
    if status in taken:
        return Accepted()
    if status == 429:
        return TryLater("429 too many requests", _wait(headers))
    if status in (401, 403):
        return Stop(f"{status}: the gateway does not take our key, or not from this address of the network")
    if 400 <= status < 500 and status != 408:
        return Refused(f"{status}: {errors(text) or 'no reason given'}")
    return NoAnswer(f"status {status}")


def errors(text: str) -> str:
    """The reasons in a refusal, each once, and without the values that they quote: they are the writer's own."""
    found = _ERROR.findall(text)
    said = [" ".join(_unescaped(one).split()) for one in found] if found else [" ".join(text.split())[:_LONGEST]]
    return "; ".join(dict.fromkeys(_VALUE.sub("The value ", one) for one in said if one))


def _unescaped(text: str) -> str:
    for sign, entity in (
        ("<", "&lt;"),
        (">", "&gt;"),
        ("'", "&apos;"),
        ("'", "&#39;"),
        ('"', "&quot;"),
        ("&", "&amp;"),
    ):
        text = text.replace(entity, sign)
    return text


def _wait(headers: Mapping[str, str]) -> int:
    asked = headers.get("Retry-After", "")
    wanted = int(asked) * 1000 if asked.isascii() and asked.isdigit() else 0
    return max(BACKOFF_MS[0], min(wanted, BACKOFF_MS[1]))


async def offices(client: aiohttp.ClientSession, gateway: Gateway) -> tuple[str, ...]:
    """The codes of the offices that take messages now. Raises CampaignError when the list cannot be had."""
    where = f"{gateway.chamber} office list"
    try:
        url = gateway.at(_OFFICES[gateway.chamber])
        async with client.get(url, allow_redirects=False, timeout=TIMEOUT) as answer:
            status, content = answer.status, await answer.read()
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise CampaignError(f"no answer: {type(error).__name__}", where=where, do="Look again later.") from None
    if status in (401, 403):
        do = "Ask the programme whether the key is active and this machine's address of the network is on its list."
        raise CampaignError(f"{status}: the key is not taken", where=where, do=do)
    if status != 200:
        raise CampaignError(f"status {status}", where=where, do="Look again later.")
    return codes(gateway.chamber, content)


def codes(chamber: Chamber, content: bytes) -> tuple[str, ...]:
    """The codes in a gateway's list: JSON, of strings (House) or of objects with office_code (Senate). Raises
    CampaignError for anything else, an empty list too; codes of another form are passed over.
    """
    try:
        rows = msgspec.json.decode(content)
    except msgspec.DecodeError:
        rows = None
    found = [row.get("office_code") if isinstance(row, dict) else row for row in rows] if isinstance(rows, list) else []
    good = {code for code in found if isinstance(code, str) and _OFFICE[chamber].fullmatch(code)}
    if not good:
        raise CampaignError("it is no list of office codes", where=f"{chamber} office list", do="Look again later.")
    return tuple(sorted(good))
