"""The checks of mail/send and their error messages. One fault fails the whole request; all faults are reported.

Messages: Twilio's page of mail/send errors (2026-07-02), and answers published by users (an invalid address, too many
bytes of substitutions). We found no source for reply_to together with reply_to_list; that message is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgspec

from campaign.sandbox.mail import Mail, MailAddress, Personalization

HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message."
MOST = 1000  # personalizations, and recipients, of one request
CUSTOM_ARGS_BYTES = 10_000
AHEAD = 72 * 3600  # seconds
RESERVED = {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"}
RESERVED |= {"to", "from", "subject", "reply-to", "cc", "bcc"}
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(
    rf"{_ATOM}(?:\.{_ATOM})*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{{2,63}}"
)
_HEADER = re.compile(r"[!-~]+")
_ORDER = {"text/plain": 0, "text/html": 1}
_decoder = msgspec.json.Decoder(Mail)

Fault = dict[str, str | None]
Broken = tuple[str, str]  # the field, the message
BAD_REQUEST: Fault = {"message": "Bad Request", "field": None, "help": None}


@dataclass(frozen=True, slots=True)
class SubstitutionLimits:
    """For one personalization. Accounts differ: 50,000 bytes are reported, too."""

    substitution_bytes: int = 10_000
    substitution_items: int = 150


def decode(body: bytes) -> Mail | Fault:
    """The mail, or SendGrid's unspecific error for a wrong shape."""
    try:
        return _decoder.decode(body)
    except UnicodeDecodeError:
        return {**BAD_REQUEST, "message": "Invalid UTF8 in request."}
    except msgspec.DecodeError:
        return BAD_REQUEST


def fault(field: str, words: str) -> Fault:
    """One error in SendGrid's form; the help address names the field without indices."""
    return {"message": words, "field": field, "help": HELP + re.sub(r"\.\d+|\.email$", "", field)}


def faults(mail: Mail, now: float, limits: SubstitutionLimits) -> list[Fault]:
    """Everything wrong with a request at `now` (Unix seconds); empty if it would be accepted."""
    broken = list(_root(mail, now))
    for number, part in enumerate(mail.personalizations):
        broken += _personalization(mail, part, f"personalizations.{number}", now, limits)
    return [fault(field, words) for field, words in broken]


def _root(mail: Mail, now: float) -> Iterator[Broken]:
    parts = mail.personalizations
    if not parts:
        yield "personalizations", "The personalizations field is required and must have at least one personalization."
    if len(parts) > MOST:
        words = f"The personalization block is limited to {MOST} personalizations per API request. You have provided "
        words += f"{len(parts)} personalizations. Please consider splitting this into multiple requests and resending "
        yield "personalizations", words + "your request."
    if sum(len(part.to) + len(part.cc) + len(part.bcc) for part in parts) > MOST:
        yield "personalizations", f"There is a limit of {MOST} total recipients (to + cc + bcc) per request."
    if mail.sender is None:
        words = "The from object must be provided for every email send. It is an object that requires the email "
        words += 'parameter, but may also contain a name parameter. e.g. {"email": "example@example.com"} or '
        yield "from", words + '{"email": "example@example.com", "name": "Example Recipient"}'
    elif not _ADDRESS.fullmatch(mail.sender.email):
        yield "from.email", "The from email does not contain a valid address."
    if mail.reply_to is not None:
        yield from _address(mail.reply_to, "reply_to", "reply_to")
        if mail.reply_to_list:
            yield "reply_to_list", "The reply_to and reply_to_list parameters may not be used together."
    for number, address in enumerate(mail.reply_to_list):
        yield from _address(address, f"reply_to_list.{number}", "reply_to_list")
    if mail.subject is None and not all(part.subject for part in parts):
        words = "The subject is required. You can get around this requirement if you use a template with a subject "
        yield "subject", words + "defined or if every personalization has a subject defined."
    yield from _subject(mail.subject, "subject")
    yield from _content(mail)
    yield from _headers(mail.headers, "headers")
    yield from _categories(mail.categories)
    yield from _custom_args(mail.custom_args, mail.custom_args, "custom_args")
    yield from _send_at(mail.send_at, "send_at", now)
    if mail.template_id is not None:
        words = "The Template ID must be a valid template id for your account. You provided "
        yield "template_id", f"{words}{mail.template_id}."


def _personalization(
    mail: Mail, part: Personalization, path: str, now: float, limits: SubstitutionLimits
) -> Iterator[Broken]:
    if not part.to:
        words = "The to array is required for all personalization objects, and must have at least one email object "
        yield f"{path}.to", words + "with a valid email address."
    seen: set[str] = set()
    for kind, people in (("to", part.to), ("cc", part.cc), ("bcc", part.bcc)):
        for number, person in enumerate(people):
            yield from _address(person, f"{path}.{kind}.{number}", kind)
            if (email := person.email.lower()) in seen:
                words = "Each email address in the personalization block should be unique between to, cc, and bcc. We "
                yield path, f"{words}found the first duplicate instance of [{person.email}] in the {path}.{kind} field."
            seen.add(email)
    yield from _subject(part.subject, f"{path}.subject")
    yield from _headers(part.headers, f"{path}.headers")
    yield from _custom_args(part.custom_args, mail.args(part), f"{path}.custom_args")
    yield from _send_at(part.send_at, f"{path}.send_at", now)
    for given, most, unit in (
        (len(part.substitutions), limits.substitution_items, "items"),
        (_bytes(part.substitutions), limits.substitution_bytes, "bytes"),
    ):
        if given > most:
            yield f"{path}.substitutions", f"Substitutions are limited to {most} {unit} per personalization block."


def _bytes(values: Mapping[str, str]) -> int:
    return len("".join(chain(values, values.values())).encode())


def _address(address: MailAddress, path: str, kind: str) -> Iterator[Broken]:
    if not address.email:
        yield f"{path}.email", f"The {kind} email parameter is required."
    elif not _ADDRESS.fullmatch(address.email):
        yield f"{path}.email", "Does not contain a valid address."


def _subject(subject: str | None, path: str) -> Iterator[Broken]:
    if subject == "":
        yield path, "The subject of your email must be a string at least one character in length."


def _content(mail: Mail) -> Iterator[Broken]:
    if not mail.content and mail.template_id is None:
        words = "The content param is required unless you are using a transactional template and have defined a "
        yield "content", words + "template_id."
    order = [_ORDER.get(content.type, 2) for content in mail.content]
    if order != sorted(order):
        words = "Following RFC 1341, section 7.2, if either text/html or text/plain are to be sent in your email: "
        yield "content", words + "text/plain needs to be first, followed by text/html, followed by any other content."
    for number, content in enumerate(mail.content):
        if not content.type:
            words = "A content type is required, this tells email clients how to display the email."
            yield f"content.{number}.type", words
        if not content.value:
            yield f"content.{number}.value", "The content value must be a string at least one character in length."


def _headers(headers: Mapping[str, str], path: str) -> Iterator[Broken]:
    names = [name.lower() for name in headers]
    if not all(map(_HEADER.fullmatch, names)):
        yield path, "Header keys can't contain non-ASCII characters or empty spaces."
    if len(set(names)) < len(names):
        yield path, "The headers can't contain duplicate keys."
    if not RESERVED.isdisjoint(names):
        yield path, "Header can't be one of the reserved keys."


def _categories(names: list[str]) -> Iterator[Broken]:
    if len(names) > 10:
        words = f"There is a limit of 10 categories for each email that is sent. You provided {len(names)} categories."
        yield "categories", words
    for number, name in enumerate(names):
        path = f"categories.{number}"
        if len(name) > 255:
            yield path, f"Each category must not be longer than 255 characters. {name} exceeds this limit."
        if name in names[:number]:
            yield path, f"The categories must be a unique list, and you have included {name} more than once."
        if not name.isascii():
            yield path, "Categories can not contain non-ASCII characters."


def _custom_args(given: Mapping[str, str] | None, merged: Mapping[str, str] | None, path: str) -> Iterator[Broken]:
    if given == {}:
        yield path, "custom_args can't be empty."
    if merged and _bytes(merged) > CUSTOM_ARGS_BYTES:
        words = "The combined size of both global and personalization custom arguments may not exceed "
        yield path, f"{words}{CUSTOM_ARGS_BYTES} bytes per personalization."


def _send_at(when: Any, path: str, now: float) -> Iterator[Broken]:
    if when is None:
        return
    if type(when) is not int:
        words = "The send_at parameter is expecting a UNIX timestamp as an integer. We will send immediately if you "
        yield path, words + "include a send_at timestamp that is in the past."
    elif when > now + AHEAD:
        yield path, "Scheduling more than 72 hours in advance is forbidden."
