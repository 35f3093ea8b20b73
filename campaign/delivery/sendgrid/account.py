"""What the account at SendGrid is set to, read through the official package. Nothing is changed there.

Shapes: SendGrid's OpenAPI descriptions of webhooks, suppressions and scopes; Twilio's page on authenticated domains.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, TypeVar

import msgspec
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from campaign.errors import CampaignError

TIMEOUT = 10  # seconds; the package has none of its own
PAGE = 500  # entries of one answer, the most that SendGrid gives
MOST = 500_000  # entries of one list that are read: an end, should the answers never have one
SUPPRESSIONS = ("bounces", "spam_reports", "invalid_emails", "unsubscribes")  # what drops later mail; blocks do not
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SendGridAccount:
    """How to reach an account."""

    url: str
    client: Any  # the package's, without types


@dataclass(frozen=True, slots=True)
class Domain:
    """An authenticated domain; `valid` when SendGrid has found its DNS records."""

    domain: str
    valid: bool = False


@dataclass(frozen=True, slots=True)
class Webhook:
    """An event webhook as SendGrid names its settings. `public_key` is empty where batches are not signed."""

    url: str = ""
    enabled: bool = False
    public_key: str = ""
    processed: bool = False
    delivered: bool = False
    bounce: bool = False
    dropped: bool = False
    spam_report: bool = False
    account_status_change: bool = False


@dataclass(frozen=True, slots=True)
class _Scopes:
    scopes: list[str]


@dataclass(frozen=True, slots=True)
class _Webhooks:
    webhooks: list[Webhook]


@dataclass(frozen=True, slots=True)
class _Entry:
    email: str


def connect(url: str, key: str, *, timeout: float = TIMEOUT) -> SendGridAccount:
    """A client for `url` with this key. Nothing is asked yet."""
    client = SendGridAPIClient(api_key=key or "none", host=url.rstrip("/")).client  # the package takes "" for unset
    client.timeout = timeout
    return SendGridAccount(url, client)


def scopes(account: SendGridAccount) -> frozenset[str]:
    """What the key may do. Raises CampaignError, as all of these do, with what to do about it."""
    return frozenset(_get(account, "scopes", _Scopes).scopes)


def domains(account: SendGridAccount) -> list[Domain]:
    """The domains that the account may send from."""
    found: list[Domain] = []
    for offset in range(0, MOST, PAGE):
        page = _get(account, "whitelabel/domains", list[Domain], limit=PAGE, offset=offset)
        found += page
        if len(page) < PAGE:
            break
    return found


def webhooks(account: SendGridAccount) -> list[Webhook]:
    """Its event webhooks."""
    found = _get(account, "user/webhooks/event/settings/all", _Webhooks, include="account_status_change").webhooks
    return [webhook for webhook in found if webhook.url]  # an account without any is said to answer [{}]


def suppressed(account: SendGridAccount, name: str) -> Iterator[list[str]]:
    """The addresses on one of SUPPRESSIONS, in pages."""
    for offset in range(0, MOST, PAGE):
        page = _get(account, f"suppression/{name}", list[_Entry], limit=PAGE, offset=offset)
        yield [entry.email for entry in page]
        if len(page) < PAGE:
            return


def _get(account: SendGridAccount, path: str, shape: type[T], **query: str | int) -> T:
    try:
        answer = account.client._(path).get(query_params=query)
    except HTTPError as error:
        raise _refusal(error.status_code, path) from None
    except (OSError, HTTPException) as error:  # the package lets the socket's own errors through
        reason = getattr(error, "reason", error)
        raise CampaignError(
            f"{account.url} gives no answer: {type(reason).__name__}",
            where="[sendgrid] url",
            do="Look at the network and the address, and try again.",
        ) from None
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise CampaignError(
            f"the answer to GET /v3/{path} is not what SendGrid documents",
            where="[sendgrid] url",
            do="Look whether the address is SendGrid's.",
        ) from None


def _refusal(status: int, path: str) -> CampaignError:
    if status == 401:
        do = "Make an API key under Settings, API Keys, and put it into the environment as SENDGRID_API_KEY."
        return CampaignError("SendGrid does not take the key", where="SENDGRID_API_KEY", do=do)
    if status == 403:
        do = "Give the key that read permission under Settings, API Keys, or look there yourself."
        return CampaignError(f"the key may not read {path}", where="SENDGRID_API_KEY", do=do)
    do = "Try again in a minute." if status == 429 or status >= 500 else "Look whether the address is SendGrid's."
    return CampaignError(f"GET /v3/{path} was answered with status {status}", where="[sendgrid] url", do=do)
