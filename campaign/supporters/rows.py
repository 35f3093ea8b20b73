"""The rules that a row of a list must meet to become a supporter. A broken rule is a sentence for the list's owner."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from hashlib import blake2b
from operator import itemgetter
from typing import Any, NamedTuple

from campaign.formats import email_address
from campaign.keys import Keys
from campaign.supporters import email_status
from campaign.supporters.consent import read_consent
from campaign.supporters.email_status import StatusFinding, StatusReader
from campaign.supporters.sources import COLUMNS, Row
from campaign.supporters.status_words import Meaning

NAME_LENGTH = 100
TEXT_LENGTH = 500

_ZIP = re.compile(r"([0-9]{3,5})(?:\.0+|[- ]?[0-9]{4})?")
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")  # and what turns the text's direction
# Two consent cells that differ only in such a date mean the same.
_STAMP = re.compile(r"20\d\d-[01]\d-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-][01]\d:?[0-5]\d)?)?")
_LOCALES = dict.fromkeys(("en", "eng", "english", "ingles", "inglés"), "en")
_LOCALES |= dict.fromkeys(("es", "esp", "spa", "spanish", "espanol", "español", "castellano"), "es")


class BadRow(ValueError):
    """Why a row cannot become a supporter, in a sentence."""


class RowLeftOut(BadRow):
    """Why a row may not be emailed. `email_hash`: whose address it is, where the row's address can be read."""

    def __init__(self, finding: StatusFinding, reason: str, email_hash: bytes | None = None) -> None:
        self.finding, self.email_hash = finding, email_hash
        super().__init__(reason)


class ListedPerson(NamedTuple):
    """A row that meets the rules: what is stored, whether its ZIP was mended, and the row as it stood."""

    stored: dict[str, Any]
    mended: bool
    row: Row


def address(raw: str) -> str:
    """An email address as it is stored. Raises BadRow."""
    try:
        return email_address(raw)
    except ValueError as error:
        raise BadRow(str(error)) from None


def zip_code(raw: str) -> tuple[str, bool]:
    """(5 digits, whether leading zeros that a spreadsheet took were put back). Raises BadRow.

    ZIPs run from 00501 (Holtsville, NY) to 99950 (Ketchikan, AK), says the US Postal Service.
    """
    text = raw.strip(" '=\"")  # ="02139" is how a spreadsheet is told to leave a ZIP alone
    if not text:
        raise BadRow("there is no ZIP")
    if (found := _ZIP.fullmatch(text)) and "00501" <= (digits := found[1].zfill(5)) <= "99950":
        return digits, len(found[1]) < 5
    raise BadRow("this is not a ZIP, which has 5 digits: 28205 or 28205-1234")


def locale(raw: str) -> str:
    """'en', 'es', or '' for every other language and for none."""
    word = raw.casefold()
    return _LOCALES.get(word) or _LOCALES.get(re.split(r"[-_ (,;/]", word, maxsplit=1)[0], "")


class RowConsent(NamedTuple):
    """What a consent cell comes to: the text to store, or else why there is none."""

    text: str
    fault: str = ""
    finding: StatusFinding | None = None  # None with a fault: the cell says nothing


def consent(raw: str, column: str, whole_file: str) -> str:
    """How and when this person agreed. The file's own sentence fills an empty field, never a "no". Raises BadRow."""
    agreed = _agreed(raw, column, whole_file)
    if agreed.finding is not None:
        raise RowLeftOut(agreed.finding, agreed.fault)
    if agreed.fault:
        raise BadRow(agreed.fault)
    return agreed.text


def _agreed(raw: str, column: str, whole_file: str) -> RowConsent:
    said, evidence, bare = read_consent(raw, column)
    if said in {Meaning.NOTHING, Meaning.YES} and whole_file and (bare or said is Meaning.NOTHING):
        return RowConsent(whole_file)
    if said is Meaning.NOTHING:
        empty = f" ({raw.strip()})" if raw.strip() else ""
        return RowConsent("", f"nothing says that they agreed to be emailed: the consent column is empty{empty}")
    if said is Meaning.YES and evidence:
        return RowConsent(f"{column}: {raw}" if bare else raw)
    finding = StatusFinding(column, raw, Meaning.UNKNOWN if said is Meaning.YES else said)
    value = finding.shown
    if said in {Meaning.YES, Meaning.UNKNOWN}:
        example = '"sign-up form, 2024-05-01"'
        return RowConsent(
            "", f"the consent column doesn't say how or when they agreed, as {example} does: {value}", finding
        )
    if said is Meaning.NOT_YET:
        return RowConsent("", f"they have not confirmed that they want email: the consent column says {value}", finding)
    if said in {Meaning.NO, Meaning.UNSUBSCRIBED, Meaning.DO_NOT_EMAIL}:
        return RowConsent("", f"they did not agree to be emailed: the consent column says no ({value})", finding)
    return RowConsent("", finding.reason, finding)


def _consents(column: str, whole_file: str) -> Callable[[str], RowConsent]:
    """`_agreed` that reads a cell once: a list has few that differ in more than a date."""
    seen: dict[str, RowConsent] = {}

    def read(raw: str) -> RowConsent:
        key = _STAMP.sub("2024-01-02", raw) if len(raw) > 9 else raw
        agreed = seen.get(key)
        if agreed is None:
            if len(seen) >= email_status.CACHE:
                seen.clear()
            agreed = seen[key] = _agreed(key, column, whole_file)
        if key == raw:
            return agreed
        return RowConsent(raw) if agreed.text == key else _agreed(raw, column, whole_file) if agreed.fault else agreed

    return read


def reader(
    keys: Keys,
    list_name: str,
    header: tuple[str, ...],
    at: Mapping[str, int],
    whole_file: str,
    status: StatusReader | None = None,
) -> Callable[[Row], ListedPerson]:
    """A function that makes a person of a row, or raises BadRow; LeftOut for a person who may not be emailed.

    `status` reads the columns that say who may be emailed; without it, those that the header shows.
    """
    width = len(header)
    pick = itemgetter(*(at.get(ours, width) for ours in COLUMNS))
    read_agreed = _consents(header[at["consent"]] if "consent" in at else "", whole_file)
    status_of = status or email_status.reader(header, at)

    def left_out(finding: StatusFinding, reason: str, fields: list[str]) -> RowLeftOut:
        if not finding.meaning.withdraws:
            return RowLeftOut(finding, reason)
        try:
            return RowLeftOut(finding, reason, keys.email_hash(address("".join(fields[at["email"] : at["email"] + 1]))))
        except BadRow as error:
            return RowLeftOut(finding, f"{reason}; and {error}, so the suppression list can't hold it")

    def person(row: Row) -> ListedPerson:
        fields = row.fields
        if row.fault or len(fields) != width:
            _check_shape(row, width, status_of, left_out)
        email, first, last, name, zip_, language, street, agreed = map(str.strip, pick([*fields, ""]))
        finding, (agreed, fault, refusal) = status_of(fields), read_agreed(agreed)
        if refusal is not None and (finding is None or refusal.meaning > finding.meaning):
            raise left_out(refusal, fault, fields)
        if finding is not None:
            raise left_out(finding, finding.reason, fields)
        if name and not (first or last):
            # with a comma it may be "Ruiz, Ana" or "Ana Ruiz, MD": nobody is greeted by a guess
            first, _, last = ("", "", name) if "," in name else name.partition(" ")
        email = address(email)
        zip_, mended = zip_code(zip_)
        if fault:
            raise BadRow(fault)
        first, last, street, agreed = _texts(first, last, street, agreed)
        language = locale(language) if language else ""
        key = keys.email_hash(email)
        canonical = "\x1f".join((email, first, last, zip_, language, street, agreed, list_name))
        stored = {
            "email_hash": key,
            "email": email,
            "first_name": first,
            "last_name": last,
            "locale": language,
            "zip": zip_,
            "street": keys.seal(street, b"supporter.street\0" + key) if street else None,
            "consent": agreed,
            "list": list_name,
            # keyed: a copied database must not let anybody try out streets against it
            "digest": blake2b(canonical.encode(), digest_size=16, key=keys.index, person=b"supporter.digest").digest(),
        }
        return ListedPerson(stored, mended, row)

    return person


def _check_shape(
    row: Row, width: int, status: StatusReader, left_out: Callable[[StatusFinding, str, list[str]], RowLeftOut]
) -> None:
    """Raises BadRow for a row that could not be read, or that does not fit the header. A refusal in it still counts."""
    try:
        if row.fault:
            raise BadRow(row.fault)
        _check_width(row.fields, width)
    except BadRow as error:
        finding = status.refusal_in_ragged_row(row.fields, width)
        if finding is None:
            raise
        raise left_out(finding, f"{finding.reason}; and {error}", row.fields) from None


def _check_width(fields: list[str], width: int) -> None:
    if len(fields) < width:
        raise BadRow(f"the row has too few columns: {len(fields)}, the header has {width}")
    if any(fields[width:]):  # empty ones at the end are a spreadsheet's habit
        raise BadRow(f"the row has too many columns: {len(fields)}, the header has {width}")


def _texts(first: str, last: str, street: str, agreed: str) -> tuple[str, str, str, str]:
    """The same texts, composed (NFC). Raises BadRow for what must not get into a mail or a spreadsheet."""
    if "\n" in street or "\r" in street:
        street = ", ".join(street.split("\n")).replace("\r", "")
    for name in (first, last):
        if name[:1] in {"=", "+", "-", "@"}:
            raise BadRow("a name begins like a spreadsheet formula, with one of = + - @")
    if len(first) > NAME_LENGTH or len(last) > NAME_LENGTH:
        raise BadRow(f"a name is longer than {NAME_LENGTH} characters")
    if len(street) > TEXT_LENGTH or len(agreed) > TEXT_LENGTH:
        raise BadRow(f"the street or the consent is longer than {TEXT_LENGTH} characters")
    together = f"{first} {last} {street} {agreed}"
    if not together.isprintable() and _CONTROL.search(together):
        raise BadRow("a name, street or consent holds a line break or another control character")
    if together.isascii():
        return first, last, street, agreed
    first, last, street, agreed = (unicodedata.normalize("NFC", text) for text in (first, last, street, agreed))
    return first, last, street, agreed
