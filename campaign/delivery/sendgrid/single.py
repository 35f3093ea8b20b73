"""One email: a letter, a digest, a receipt, an invitation. Built with the official package's `Mail` helper.

Asks are built in `bulk.py`, by the hundred. Both are posted by `bulk.post`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import msgspec
from sendgrid.helpers.mail import (
    ClickTracking,
    CustomArg,
    From,
    Ganalytics,
    Header,
    Mail,
    OpenTracking,
    ReplyTo,
    SubscriptionTracking,
    To,
    TrackingSettings,
)

from campaign.model import Text

LONGEST_FROM = 70  # characters of a From name; what is longer is cut off by mail programs anyway
LONGEST_NAME = 40  # of these for the supporter's own
NAMELESS = "A constituent"

_UNSAFE = re.compile(r'[<>"\\,;:@()\[\]]')  # RFC 5322: a name with these must be quoted, and not every client does
# letters and signs that Unicode does not take apart
_PLAIN = str.maketrans(
    dict(zip("ŁłØøĐđÐðĦħŦŧı\u2018\u2019\u02bc\u2010\u2011\u2013", "LlOoDdDdHhTti'''---", strict=True))
    | {"ß": "ss", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Þ": "Th", "þ": "th"}
)


def mail(
    *,
    to: str,
    to_name: str,
    sender: tuple[str, str],
    reply_to: tuple[str, str],
    subject: str,
    text: str,
    html: str = "",
    request: str,
    delivery: str,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """The JSON of one request with one message. `sender` and `reply_to` are (address, name); no `html`: text alone.

    `request` and `delivery` come back on events as ct_request and ct_delivery. SendGrid keeps them for long: opaque.
    """
    made = _message(to, to_name, sender, reply_to, Text(subject, text, html))
    made.add_custom_arg(CustomArg("ct_request", request))
    made.add_custom_arg(CustomArg("ct_delivery", delivery, p=0))
    for name, value in (headers or {}).items():
        made.add_header(Header(name, value))
    return msgspec.json.encode(made.get())


def trial(
    *, to: str, sender: tuple[str, str], reply_to: tuple[str, str], subject: str, text: str, html: str = ""
) -> bytes:
    """The JSON of a message that counts nowhere: its subject says so, and its events name no delivery."""
    made = _message(to, "", sender, reply_to, Text(f"[TEST] {subject}", text, html))
    made.add_custom_arg(CustomArg("ct_test", "1"))
    return msgspec.json.encode(made.get())


def _message(to: str, to_name: str, sender: tuple[str, str], reply_to: tuple[str, str], text: Text) -> Mail:
    made = Mail(
        From(sender[0], sender[1] or None),
        To(to, to_name or None),
        subject=text.subject,
        plain_text_content=text.text,
        html_content=text.html or None,
    )
    made.reply_to = ReplyTo(reply_to[0], reply_to[1] or None)
    made.tracking_settings = TrackingSettings(
        ClickTracking(enable=False, enable_text=False),
        OpenTracking(enable=False),
        SubscriptionTracking(enable=False),
        Ganalytics(enable=False),
    )
    return made


def ascii_name(name: str) -> str:
    """A supporter's name as a From name may hold it (Twilio's mail/send page: no Unicode there).

    "Begoña Núñez" becomes "Begona Nunez". A word in another script is left out, for half of it would be another word.
    """
    return _ascii(name) or NAMELESS


def via(name: str, organization: str) -> str:
    """The From name of a letter: "NAME via ORG", ASCII, without what breaks a From header, LONGEST_FROM at most."""
    writer = _cut(_UNSAFE.sub("", ascii_name(name)).strip(), LONGEST_NAME)
    through = _cut(_UNSAFE.sub("", _ascii(organization)).strip(), LONGEST_FROM - len(writer) - len(" via "))
    return f"{writer} via {through}" if through else writer


def _ascii(name: str) -> str:
    """The words of a name that have an ASCII form, when there is a letter among them; else nothing."""
    apart = unicodedata.normalize("NFKD", name.translate(_PLAIN))
    spaced = (" " if sign.isspace() else sign for sign in apart if sign.isspace() or sign.isprintable())
    letters = "".join(sign for sign in spaced if sign.isascii() or sign.isalpha())
    plain = " ".join(word for word in letters.split() if word.isascii())
    return plain if any(map(str.isalpha, plain)) else ""


def _cut(text: str, most: int) -> str:
    """Its first `most` characters, without a half word at the end where there is a whole one before it."""
    if len(text) <= most:
        return text
    whole, space, _ = text[: most + 1].rpartition(" ")
    return whole if space else text[:most]
