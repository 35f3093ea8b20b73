"""A mail/send body: its shape (wrong types and unknown keys do not decode), and the messages made from it.

Shape: SendGrid's OpenAPI description of /v3/mail/send. This account has no templates, groups or pools. Substitution: an
exact, raw replacement in subject, reply-to and content only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from msgspec import Struct, field


class MailAddress(Struct, frozen=True, forbid_unknown_fields=True):
    email: str = ""
    name: str | None = None

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


class Content(Struct, frozen=True, forbid_unknown_fields=True):
    type: str = ""
    value: str = ""


class Switch(Struct, frozen=True):
    enable: bool = False


class Personalization(Struct, frozen=True, forbid_unknown_fields=True):
    """One message. SendGrid knows no other keys here: no reply_to, no content."""

    to: list[MailAddress] = []
    cc: list[MailAddress] = []
    bcc: list[MailAddress] = []
    sender: MailAddress | None = field(default=None, name="from")
    subject: str | None = None
    headers: dict[str, str] = {}
    substitutions: dict[str, str] = {}
    dynamic_template_data: dict[str, Any] = {}
    custom_args: dict[str, str] | None = None
    send_at: Any = None


class Mail(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of one request."""

    personalizations: list[Personalization] = []
    sender: MailAddress | None = field(default=None, name="from")
    reply_to: MailAddress | None = None
    reply_to_list: list[MailAddress] = []
    subject: str | None = None
    content: list[Content] = []
    attachments: list[dict[str, Any]] = []
    template_id: str | None = None
    headers: dict[str, str] = {}
    categories: list[str] = []
    custom_args: dict[str, str] | None = None
    send_at: Any = None
    batch_id: str | None = None
    asm: dict[str, Any] | None = None
    ip_pool_name: str | None = None
    mail_settings: dict[str, Switch] = {}
    tracking_settings: dict[str, Switch] = {}

    @property
    def sandbox_mode(self) -> bool:
        return self.mail_settings.get("sandbox_mode", Switch()).enable

    def recipients(self) -> Iterator[tuple[Personalization, MailAddress]]:
        """Every recipient: to, cc and bcc of every personalization."""
        for part in self.personalizations:
            for address in (*part.to, *part.cc, *part.bcc):
                yield part, address

    def args(self, part: Personalization) -> dict[str, str]:
        """The arguments that events return: merged by key; the personalization wins."""
        return {**(self.custom_args or {}), **(part.custom_args or {})}


class Request(Struct, frozen=True):
    """An accepted request in the ledger: X-Message-Id, time in ms, the answer, and the body."""

    id: str
    at: int
    answered: Literal["202", "lost"]
    body: Mail


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """One message as its recipient sees it; `delivery` is its ct_delivery."""

    id: str
    number: int
    at: int
    answered: str
    delivery: str | None
    to: str
    name: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    args: dict[str, str]


def substitute(text: str, values: Mapping[str, str], rng: Random) -> str:
    """Replace each tag with its value, in random order, which exposes overlapping tags and values that contain tags.

    SendGrid leaves a tag like <%name%> alone.
    """
    tags = [tag for tag in values if tag and not (tag.startswith("<%") and tag.endswith("%>"))]
    rng.shuffle(tags)
    for tag in tags:
        text = text.replace(tag, values[tag])
    return text


def smtp_id(message_id: str) -> str:
    return f"<{message_id}@sandbox.invalid>"


def subject(request: Request, number: int, seed: int) -> str:
    part = request.body.personalizations[number]
    rng = Random(f"{seed} {request.id} {number}")
    return substitute(part.subject or request.body.subject or "", part.substitutions, rng)


def render(request: Request, number: int, seed: int) -> RenderedMessage:
    """The message of one personalization. All messages of a request carry the same Message-ID, as SendGrid's do."""
    mail, part = request.body, request.body.personalizations[number]
    rng = Random(f"{seed} {request.id} {number} body")
    content = {item.type: item.value for item in reversed(mail.content)}
    reply_to = [mail.reply_to] if mail.reply_to else mail.reply_to_list
    headers = {
        "From": str(part.sender or mail.sender),
        "To": ", ".join(map(str, part.to)),
        "Cc": ", ".join(map(str, part.cc)),
        "Reply-To": substitute(", ".join(map(str, reply_to)), part.substitutions, rng),
        "Subject": subject(request, number, seed),
        "Message-ID": smtp_id(request.id),
        **mail.headers,
        **part.headers,
    }
    return RenderedMessage(
        id=request.id,
        number=number,
        at=request.at,
        answered=request.answered,
        delivery=mail.args(part).get("ct_delivery"),
        to=part.to[0].email,
        name=part.to[0].name or "",
        subject=headers["Subject"],
        text=substitute(content.get("text/plain", ""), part.substitutions, rng),
        html=substitute(content.get("text/html", ""), part.substitutions, rng),
        headers={name: value for name, value in headers.items() if value},
        args=mail.args(part),
    )
