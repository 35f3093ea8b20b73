"""The person's fields: derived in Python, so that a template only prints them and never branches on a person."""

from __future__ import annotations

import re

from campaign.model import Recipient

GREETING = {"en": ("Hi {},", "Hello,"), "es": ("Hola, {}:", "Hola:")}
LONGEST_GREETED = 60  # characters; a longer "first name" is a row that slipped, and is not called out

# Control characters, line ends, the signs that turn the writing direction of what follows, and half characters.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def person(recipient: Recipient, locale: str, *, action_url: str, unsubscribe_url: str) -> dict[str, str]:
    """The fields of `language.PERSON` for one recipient. Names become one line, without runs of spaces."""
    first = _one_line(recipient.first_name)
    return {
        "first_name": first,
        "last_name": _one_line(recipient.last_name),
        "greeting": _greeting(first, locale),
        "action_url": action_url,
        "unsubscribe_url": unsubscribe_url,
        "list_name": _one_line(recipient.list),
    }


def _one_line(text: str) -> str:
    if not text.isprintable():
        text = _UNPRINTABLE.sub(" ", text)
    return " ".join(text.split())


def _greeting(first: str, locale: str) -> str:
    named, nameless = GREETING[locale]
    # A "name" with a link or an address in it is an advertisement that somebody typed into a sign-up form.
    if not first or len(first) > LONGEST_GREETED or "/" in first or "@" in first:
        return nameless
    return named.format(first)
