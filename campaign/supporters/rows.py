"""The rules for a row of a list to become a supporter. Each broken rule is a sentence for the list's owner."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
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
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")  # and direction marks
# Consent cells that differ only in such a date mean the same.
_STAMP = re.compile(r"20\d\d-[01]\d-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-][01]\d:?[0-5]\d)?)?")
_LOCALES = dict.fromkeys(("en", "eng", "english", "ingles", "inglés"), "en")
_LOCALES |= dict.fromkeys(("es", "esp", "spa", "spanish", "espanol", "español", "castellano"), "es")


class BadRow(ValueError):
    """Why a row cannot become a supporter, in a sentence."""


class RowLeftOut(BadRow):
    """Why a row may not be emailed. `email_hash`: of its address, if that can be read."""

    def __init__(self, finding: StatusFinding, reason: str, email_hash: bytes | None = None) -> None:
        self.finding, self.email_hash = finding, email_hash
        super().__init__(reason)


class ListedPerson(NamedTuple):
    """A row that meets the rules: the values to store, whether its ZIP was fixed, and the row itself."""

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
    """(5 digits, whether leading zeros lost in a spreadsheet were restored). Raises BadRow.

    ZIPs range from 00501 (Holtsville, NY) to 99950 (Ketchikan, AK), according to the US Postal Service.
    """
    text = raw.strip(" '=\"")  # ="02139" keeps a spreadsheet from changing a ZIP
    if not text:
        raise BadRow("there is no ZIP")
    if (match := _ZIP.fullmatch(text)) and "00501" <= (digits := match[1].zfill(5)) <= "99950":
        return digits, len(match[1]) < 5
    raise BadRow("this is not a ZIP, which has 5 digits: 28205 or 28205-1234")


def locale(raw: str) -> str:
    """'en', 'es', or '' for any other language or none."""
    word = raw.casefold()
    return _LOCALES.get(word) or _LOCALES.get(re.split(r"[-_ (,;/]", word, maxsplit=1)[0], "")


class RowConsent(NamedTuple):
    """The consent text to store, or why there is none."""

    text: str
    fault: str = ""
    finding: StatusFinding | None = None  # None with a fault: the cell is empty


def check_consent(raw: str, column: str, whole_file: str) -> RowConsent:
    """How and when a supporter agreed. The list's own sentence (`whole_file`) fills an empty cell, never a "no"."""
    meaning, evidence, bare = read_consent(raw, column)
    if whole_file and (meaning is Meaning.NOTHING or (meaning is Meaning.YES and bare)):
        return RowConsent(whole_file)
    if meaning is Meaning.NOTHING:
        empty = f" ({raw.strip()})" if raw.strip() else ""
        return RowConsent("", f"nothing says that they agreed to be emailed: the consent column is empty{empty}")
    if meaning is Meaning.YES and evidence:
        return RowConsent(f"{column}: {raw}" if bare else raw)
    finding = StatusFinding(column, raw, Meaning.UNKNOWN if meaning is Meaning.YES else meaning)
    if finding.meaning is Meaning.UNKNOWN:
        example = '"sign-up form, 2024-05-01"'
        fault = f"the consent column doesn't say how or when they agreed, as {example} does: {finding.shown}"
    elif meaning is Meaning.NOT_YET:
        fault = f"they have not confirmed that they want email: the consent column says {finding.shown}"
    elif meaning in {Meaning.NO, Meaning.UNSUBSCRIBED, Meaning.DO_NOT_EMAIL}:
        fault = f"they did not agree to be emailed: the consent column says no ({finding.shown})"
    else:
        fault = finding.reason
    return RowConsent("", fault, finding)


def _consent_reader(column: str, whole_file: str) -> Callable[[str], RowConsent]:
    """`check_consent` with a cache for cells that differ only in a date."""
    check = lru_cache(email_status.CACHE)(check_consent)

    def read(raw: str) -> RowConsent:
        key = _STAMP.sub("2024-01-02", raw) if len(raw) > 9 else raw
        consent = check(key, column, whole_file)
        if key == raw:
            return consent
        return (
            RowConsent(raw)
            if consent.text == key
            else check_consent(raw, column, whole_file)
            if consent.fault
            else consent
        )

    return read


def reader(
    keys: Keys,
    list_name: str,
    header: tuple[str, ...],
    at: Mapping[str, int],
    *,
    whole_file: str = "",
    status: StatusReader | None = None,
) -> Callable[[Row], ListedPerson]:
    """A function that reads a row. It raises BadRow, and RowLeftOut for a supporter who may not be emailed.

    `whole_file`: how and when all agreed, if the list has no such column. `status`: default, the known columns.
    """
    width = len(header)
    pick = itemgetter(*(at.get(ours, width) for ours in COLUMNS))
    read_consent_cell = _consent_reader(header[at["consent"]] if "consent" in at else "", whole_file)
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
        finding, (agreed, fault, refusal) = status_of(fields), read_consent_cell(agreed)
        if refusal is not None and (finding is None or refusal.meaning > finding.meaning):
            raise left_out(refusal, fault, fields)
        if finding is not None:
            raise left_out(finding, finding.reason, fields)
        if name and not (first or last):
            # with a comma it may be "Ruiz, Ana" or "Ana Ruiz, MD": never guess a greeting
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
            # keyed, so that a copied database cannot be used to test street addresses
            "digest": blake2b(canonical.encode(), digest_size=16, key=keys.index, person=b"supporter.digest").digest(),
        }
        return ListedPerson(stored, mended, row)

    return person


def _check_shape(
    row: Row, width: int, status: StatusReader, left_out: Callable[[StatusFinding, str, list[str]], RowLeftOut]
) -> None:
    """Raises BadRow for a row that could not be read or does not fit the header. A refusal in it still counts."""
    fields, fault = row.fields, row.fault
    if not fault and len(fields) < width:
        fault = f"the row has too few columns: {len(fields)}, the header has {width}"
    if not fault and any(fields[width:]):  # spreadsheets add empty ones
        fault = f"the row has too many columns: {len(fields)}, the header has {width}"
    if fault and (finding := status.refusal_in_ragged_row(fields, width)):
        raise left_out(finding, f"{finding.reason}; and {fault}", fields)
    if fault:
        raise BadRow(fault)


def _texts(first: str, last: str, street: str, agreed: str) -> tuple[str, str, str, str]:
    """The texts, NFC-normalized. Raises BadRow for text that must not be in an email or a spreadsheet."""
    street = street.replace("\n", ", ").replace("\r", "")
    for name in (first, last):
        if name[:1] in {"=", "+", "-", "@"}:
            raise BadRow("a name begins like a spreadsheet formula, with one of = + - @")
    if len(first) > NAME_LENGTH or len(last) > NAME_LENGTH:
        raise BadRow(f"a name is longer than {NAME_LENGTH} characters")
    if len(street) > TEXT_LENGTH or len(agreed) > TEXT_LENGTH:
        raise BadRow(f"the street or the consent is longer than {TEXT_LENGTH} characters")
    together = f"{first} {last} {street} {agreed}"
    if not together.isprintable() and _CONTROL.search(together):
        raise BadRow("a name, street or consent has a line break or another control character")
    if together.isascii():
        return first, last, street, agreed
    first, last, street, agreed = (unicodedata.normalize("NFC", text) for text in (first, last, street, agreed))
    return first, last, street, agreed
