"""The person's fields: derived in Python, so that a template only prints them and never branches on a person."""

from __future__ import annotations

import re

from campaign.model import Recipient, Seat

GREETING = {"en": ("Hi {},", "Hello,"), "es": ("Hola, {}:", "Hola:")}
LONGEST_GREETED = 60  # characters; a longer "first name" is a row that slipped, and is not called out

# Before the name: in English, and in Spanish for a man and for a woman.
_TITLES = {
    "representative": ("Rep.", "el representante", "la representante"),
    "delegate": ("Delegate", "el delegado", "la delegada"),
    "commissioner": ("Resident Commissioner", "el comisionado residente", "la comisionada residente"),
    "senator": ("Senator", "el senador", "la senadora"),
}
_SHORT = {  # in a subject
    "en": {"representative": "Rep.", "delegate": "Delegate", "commissioner": "Res. Com."},
    "es": {"representative": "Rep.", "delegate": "Del.", "commissioner": "Com. Res."},
}
_NOBODY = {
    True: {"en": "your representative", "es": "su representante"},
    False: {"en": "your senator", "es": "su senador o senadora"},
}
_OFFICES = {**dict.fromkeys(("AS", "DC", "GU", "MP", "VI"), "delegate"), "PR": "commissioner"}  # who has no vote

# Control characters, line ends, the signs that turn the writing direction of what follows, and half characters.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def person(
    recipient: Recipient, locale: str, *, action_url: str, unsubscribe_url: str, representative: Seat | None = None
) -> dict[str, str]:
    """The fields of `language.PERSON` for one recipient. Names become one line, without runs of spaces.

    `representative`: the House seat that the recipient's ZIP proves; without it, or while it is vacant, the fields say
    "your representative".
    """
    first = one_line(recipient.first_name)
    named, short = _representative(representative, locale)
    return {
        "first_name": first,
        "last_name": one_line(recipient.last_name),
        "greeting": greeting(first, locale),
        "action_url": action_url,
        "unsubscribe_url": unsubscribe_url,
        "list_name": one_line(recipient.list),
        "consent": one_line(recipient.consent),
        "representative": named,
        "representative_short": short,
    }


def titled(seat: Seat, locale: str) -> str:
    """Who holds the seat, with the title: Rep. Alma S. Adams, la senadora ...; "your senator" while it is vacant."""
    if seat.holder is None:
        return _NOBODY[seat.house][locale]
    return f"{_title(seat, locale)} {seat.holder.name}"


def spoken(seat: Seat, locale: str) -> str:
    """Who holds the seat, by last name as one says it: Representative Adams, la representante Adams."""
    if seat.holder is None:
        return _NOBODY[seat.house][locale]
    title = _title(seat, locale).replace("Rep.", "Representative")
    return f"{title} {seat.holder.last_name}"


def greeting(first_name: str, locale: str) -> str:
    """A whole greeting, for people without a name too."""
    named, nameless = GREETING[locale]
    # A "name" with a link or an address in it is an advertisement that somebody typed into a sign-up form.
    if not first_name or len(first_name) > LONGEST_GREETED or "/" in first_name or "@" in first_name:
        return nameless
    return named.format(first_name)


def one_line(text: str) -> str:
    """The text without control characters and line ends, and without runs of spaces."""
    if not text.isprintable():
        text = _UNPRINTABLE.sub(" ", text)
    return " ".join(text.split())


def _representative(seat: Seat | None, locale: str) -> tuple[str, str]:
    """By last name, with the title: for a sentence, and for a subject."""
    if seat is None or seat.holder is None:
        return _NOBODY[True][locale], _NOBODY[True][locale]
    last = seat.holder.last_name
    return f"{_title(seat, locale)} {last}", f"{_SHORT[locale][_office(seat)]} {last}"


def _title(seat: Seat, locale: str) -> str:
    words = _TITLES[_office(seat)]
    if locale == "en" or seat.holder is None:
        return words[0]
    return words[2] if seat.holder.gender == "F" else words[1]


def _office(seat: Seat) -> str:
    return _OFFICES.get(seat.state, "representative") if seat.house else "senator"
