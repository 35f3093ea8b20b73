"""The person's fields: derived in Python, so that a template only prints them and never branches on a person."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from babel.dates import format_date

from campaign.compose.rendering.names import BABEL
from campaign.config import ListSource
from campaign.model import DELEGATES, Recipient, Seat

GREETING = {"en": ("Hi {},", "Hello,"), "es": ("Hola, {}:", "Hola:")}
LONGEST_GREETED = 60  # characters; a longer "first name" is a row that slipped, and is not called out

# Before the name: in English, and in Spanish for a man and for a woman, there without the article.
_TITLES = {
    "representative": ("Rep.", "representante", "representante"),
    "delegate": ("Delegate", "delegado", "delegada"),
    "commissioner": ("Resident Commissioner", "comisionado residente", "comisionada residente"),
    "senator": ("Senator", "senador", "senadora"),
}
_SHORT = {  # in a subject
    "en": {"representative": "Rep.", "delegate": "Delegate", "commissioner": "Res. Com.", "senator": "Sen."},
    "es": {"representative": "Rep.", "delegate": "Del.", "commissioner": "Com. Res.", "senator": "Sen."},
}
# For a list without a title or a consent sentence in Spanish: its own words are in English.
_UNTITLED, _AGREED = "simpatizantes", "usted aceptó recibir nuestros correos"
_DAY = re.compile(r"\b20\d\d-[01]\d-[0-3]\d\b")
_ARTICLES = {"F": "la", "M": "el"}
_VACANT = {
    True: {"en": "your representative", "es": "su representante"},
    False: {"en": "your senator", "es": "su senador o senadora"},
}

# Control characters, line ends, the signs that turn the writing direction of what follows, and half characters.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def person(
    recipient: Recipient,
    locale: str,
    *,
    action_url: str,
    unsubscribe_url: str,
    share_url: str,
    source: ListSource | None = None,
    representative: Seat | None = None,
) -> dict[str, str]:
    """The fields of `language.PERSON` for one recipient. Names become one line, without runs of spaces.

    `source`: the recipient's list, if it is configured. `representative`: the House seat that the recipient's ZIP
    proves; without it, or while it is vacant, the fields say "your representative".
    """
    first = one_line(recipient.first_name)
    return {
        "first_name": first,
        "last_name": one_line(recipient.last_name),
        "greeting": greeting(first, locale),
        "action_url": action_url,
        "unsubscribe_url": unsubscribe_url,
        "share_url": share_url,
        **_membership(recipient, locale, source),
        **_representative(representative, locale),
    }


def titled(seat: Seat, locale: str) -> str:
    """Who holds the seat, with the title: Rep. Alma S. Adams, la senadora ...; "your senator" while it is vacant."""
    if seat.holder is None:
        return _VACANT[seat.house][locale]
    return f"{_title(seat, locale)} {seat.holder.name}".strip()


def spoken(seat: Seat, locale: str) -> str:
    """Who holds the seat, by last name as one says it: Representative Adams, la representante Adams."""
    if seat.holder is None:
        return _VACANT[seat.house][locale]
    title = _title(seat, locale).replace("Rep.", "Representative")
    return f"{title} {seat.holder.last_name}" if title else seat.holder.name


def short(seat: Seat, locale: str) -> tuple[str, str]:
    """Who holds the seat, for a subject, and the same as an object: Rep. Adams, a la Rep. Adams."""
    if seat.holder is None:
        vacant = _VACANT[seat.house][locale]
        return vacant, to(vacant, locale)
    if not _title(seat, locale):
        return seat.holder.name, to(seat.holder.name, locale)
    named = f"{_SHORT[locale][_office(seat)]} {seat.holder.last_name}"
    return named, to(f"{_ARTICLES[seat.holder.gender]} {named}" if locale == "es" else named, locale)


def dear(seat: Seat, locale: str) -> str:
    """The salutation of a letter: Dear Senator Budd, / Estimada representante Adams:"""
    english, man, woman = _TITLES[_office(seat)]
    if locale == "en":
        title = english.replace("Rep.", "Representative")
        return f"Dear {title} {seat.holder.last_name}," if seat.holder else f"Dear {title},"
    if seat.holder is None:
        return "A quien corresponda:"
    if not _title(seat, locale):
        return f"Apreciable {seat.holder.name}:"
    female = seat.holder.gender == "F"
    return f"Estimad{'a' if female else 'o'} {woman if female else man} {seat.holder.last_name}:"


def to(phrase: str, locale: str) -> str:
    """The indirect object: "a la representante Adams", "al Rep. Soto". English gets no "to"."""
    if locale == "en":
        return phrase
    return f"al {phrase.removeprefix('el ')}" if phrase.startswith("el ") else f"a {phrase}"


def greeting(first_name: str, locale: str) -> str:
    """A whole greeting, for people without a name too."""
    named, nameless = GREETING[locale]
    # A "name" with a link or an address in it is an advertisement typed into a sign-up form.
    if not first_name or len(first_name) > LONGEST_GREETED or "/" in first_name or "@" in first_name:
        return nameless
    return named.format(first_name)


def one_line(text: str) -> str:
    """The text without control characters and line ends, and without runs of spaces."""
    if not text.isprintable():
        text = _UNPRINTABLE.sub(" ", text)
    return " ".join(text.split())


def _membership(recipient: Recipient, locale: str, source: ListSource | None) -> dict[str, str]:
    """The list, and how and when they agreed to be emailed, in words for them."""
    title = source.title.get(locale, "") if source else ""
    agreed = source.agreed.get(locale, "") if source else ""
    return {
        "list_name": title or (_UNTITLED if locale == "es" else one_line(recipient.list)),
        "consent": agreed or (_AGREED if locale == "es" else _dated(recipient.consent)),
    }


@lru_cache(maxsize=4096)
def _dated(consent: str) -> str:
    """The list's own words with each ISO date as people write it: petition page, September 12, 2026."""
    return _DAY.sub(_in_words, one_line(consent))


def _in_words(found: re.Match[str]) -> str:
    try:
        return one_line(format_date(date.fromisoformat(found[0]), "long", locale=BABEL["en"]))
    except ValueError:
        return found[0]


def _representative(seat: Seat | None, locale: str) -> dict[str, str]:
    """The four fields that name the representative, by last name and with the title."""
    if seat is None or seat.holder is None:
        named = brief = _VACANT[True][locale]
        to_brief = to(brief, locale)
    else:
        title = _title(seat, locale)
        named = f"{title} {seat.holder.last_name}" if title else seat.holder.name
        brief, to_brief = short(seat, locale)
    return {
        "representative": named,
        "representative_short": brief,
        "to_representative": to(named, locale),
        "to_representative_short": to_brief,
    }


def _title(seat: Seat, locale: str) -> str:
    """The title, in Spanish with its article. "" in Spanish when the gender is not known: a bare name needs neither."""
    english, man, woman = _TITLES[_office(seat)]
    if locale == "en" or seat.holder is None:
        return english
    article = _ARTICLES.get(seat.holder.gender, "")
    return f"{article} {woman if article == 'la' else man}" if article else ""


def _office(seat: Seat) -> str:
    return DELEGATES.get(seat.state, "representative") if seat.house else "senator"
