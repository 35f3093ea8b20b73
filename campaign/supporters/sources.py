"""Read a list as its owner exported it: CSV of any common encoding and dialect, row by row, in constant memory."""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple

from campaign.errors import CampaignError

COLUMNS = ("email", "first_name", "last_name", "name", "zip", "locale", "street", "consent")

# Other tools' names for our columns: lower case, without accents, spaces and punctuation.
_SYNONYMS = {
    "email": "email emailaddress emailaddr mail preferredemail primaryemail correo correoelectronico "
    "direcciondecorreo direcciondecorreoelectronico",
    "first_name": "firstname first givenname forename nombre nombres primernombre",
    "last_name": "lastname last surname familyname apellido apellidos primerapellido",
    "name": "name fullname nombrecompleto nombreyapellido nombreyapellidos",
    "zip": "zip zipcode zip5 zippostal zippostalcode postal postalcode postcode codigopostal codpostal cp",
    "locale": "locale language lang preferredlanguage idioma idiomapreferido lengua",
    "street": "street streetaddress address address1 addressline1 mailingaddress calle direccion domicilio",
    "consent": "consent optin optedin emailoptin emailconsent consentsource sourceofconsent consentimiento "
    "fuentedelconsentimiento origendelconsentimiento",
}
_OURS = {word: ours for ours, words in _SYNONYMS.items() for word in words.split()}
_NEEDED = {"email": "the email address", "zip": "the ZIP", "consent": "how and when people agreed to be emailed"}
_BINARY = {b"PK\x03\x04": "an Excel or zip file", b"\xd0\xcf\x11\xe0": "an old Excel file", b"%PDF": "a PDF"}
_BINARY |= {b"\x1f\x8b": "a gzip file", b"SQLite format 3\0": "a database"}

BLOCK = 1 << 20  # bytes; the longest line
MAX_LINES = 200  # per row; more means an unclosed quote


class Row(NamedTuple):
    """One row of the file. `line`: where it begins. `fault`: why it could not be read."""

    line: int
    fields: list[str]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ListFile:
    """An open list. `at`: the places of our columns. `rows` can be read once."""

    path: Path
    header: tuple[str, ...]
    at: Mapping[str, int]
    encoding: str  # "cp1252" is a guess: not UTF-8, and no byte order mark
    rows: Iterator[Row]
    status: frozenset[int] = frozenset()  # decide who may be emailed, by the owner's answer
    ignored: frozenset[int] = frozenset()  # about something else, by the owner's answer


@contextmanager
def read_list(
    path: Path,
    names: Mapping[str, str],
    needed: Sequence[str] = tuple(_NEEDED),
    *,
    status: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> Iterator[ListFile]:
    """Open a list with a header. `names`: our column -> the list's. `status`: columns that decide who may be emailed.
    `ignore`: columns not to read. Raises CampaignError for a file that is missing, unreadable, empty, binary, or
    without a needed or named column.
    """
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as lines:
        _, header, dialect, used = _header(path, lines)
        ignored = _named(path, header, ignore, "ignore")
        at = _places(path, header, names, ignored)
        for ours in needed:
            if ours not in at:
                raise _no_column(path, used, header, ours)
        rows = _rows(lines, dialect, len(header), used + 1)
        yield ListFile(path, tuple(header), at, encoding, rows, _named(path, header, status, "map status"), ignored)


@contextmanager
def read_addresses(path: Path) -> Iterator[ListFile]:
    """Open a list of addresses, with a header or one address per line. Raises CampaignError as `read_list` does."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as lines:
        first, header, dialect, used = _header(path, lines)
        at = _places(path, header, {})
        before: list[str] = []
        if "email" not in at:
            place = next((number for number, cell in enumerate(header) if "@" in cell), None)
            if place is None:
                raise _no_column(path, used, header, "email")
            at, before = {"email": place}, [first]
        rows = _rows(chain(before, lines), dialect, len(header), used + 1 - len(before))
        yield ListFile(path, tuple(header), at, encoding, rows)


def _encoding(path: Path) -> str:
    """The first of UTF-8, UTF-16 with a byte order mark and Windows-1252 that can decode the whole file."""
    try:
        if path.exists() and not path.is_file():
            raise CampaignError("is not a file", where=str(path), do="Give a CSV file.")
        with path.open("rb") as file:
            head = file.read(4096)
            _check_text(path, head)
            marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
                file.seek(0)
                if _reads(path, file, encoding):
                    return encoding
    except FileNotFoundError:
        raise CampaignError("there is no such file", where=str(path), do="Check the path of the list.") from None
    except OSError as error:
        raise CampaignError(f"cannot be read: {error.strerror}", where=str(path)) from None
    raise CampaignError(
        "is neither UTF-8, UTF-16 nor Windows-1252 text", where=str(path), do="Export the list again as CSV UTF-8."
    )


def _check_text(path: Path, head: bytes) -> None:
    do = "Export the list as CSV (in Excel: Save as, CSV UTF-8)."
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            raise CampaignError(f"is {what}, not CSV", where=str(path), do=do)
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not marked and head.count(0) * 10 > len(head):
        raise CampaignError("is a binary file, or UTF-16 without a byte order mark", where=str(path), do=do)


def _reads(path: Path, file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    text = False
    try:
        while block := file.read(BLOCK):
            decoded = decoder.decode(block)
            text = text or bool(decoded.strip())
            if len(block) == BLOCK and b"\n" not in block and b"\r" not in block:
                raise CampaignError("has a line of more than a million characters", where=str(path), do="Is it CSV?")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    if not text:
        raise CampaignError("the file is empty", where=str(path), do="Export the list again.")
    return True


def _header(path: Path, lines: Iterator[str]) -> tuple[str, list[str], dict[str, str], int]:
    """(first line, its cells, dialect, lines used). Excel may name the delimiter first: `sep=;`."""
    used, delimiters = 1, ",;\t|"
    first = next(lines)
    if excel := re.fullmatch(r'"?sep=(.)"?\s*', first):
        used, delimiters, first = 2, excel[1], next(lines, "")
    while first and not first.strip():
        used, first = used + 1, next(lines, "")
    quote = "'" if first.startswith("'") else '"'

    def fit(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=delimiter, quotechar=quote), [])
        return sum(_plain(cell) in _OURS for cell in cells), len(cells)

    dialect = {"delimiter": max(delimiters, key=fit), "quotechar": quote}
    reader = csv.reader(chain([first] if first else [], lines), skipinitialspace=True, **dialect)  # type: ignore[arg-type]
    try:
        header = next(reader, [])
    except csv.Error:
        header = []
    if not any(header):
        raise CampaignError("there is no header", where=f"{path} line {used}", do="Name the columns in the first row.")
    return first, [cell.strip() for cell in header], dialect, used + reader.line_num - 1


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if letter.isalnum())


def _fitting(path: Path, header: Sequence[str], theirs: str, problem: str) -> list[int]:
    """The places of the columns with this name, exact or close. Raises CampaignError if there is none."""
    fits = [place for place, name in enumerate(header) if name == theirs.strip()]
    fits = fits or [place for place, name in enumerate(header) if _plain(name) == _plain(theirs)]
    if not fits:
        raise CampaignError(problem, where=f"{path} line 1", do=f"Columns here are: {', '.join(header)}.")
    return fits


def _named(path: Path, header: Sequence[str], names: Sequence[str], option: str) -> frozenset[int]:
    """The places of the columns with these names. A column without a name is called "column 7"."""
    named = [name or f"column {place + 1}" for place, name in enumerate(header)]
    return frozenset(
        place for theirs in names for place in _fitting(path, named, theirs, f"{option}: there is no column {theirs!r}")
    )


def _places(
    path: Path, header: Sequence[str], names: Mapping[str, str], ignored: frozenset[int] = frozenset()
) -> dict[str, int]:
    """The places of our columns, by the caller's names or by synonyms. Raises CampaignError if two columns fit."""
    places: dict[str, int] = {}
    for ours, theirs in names.items():
        if ours not in COLUMNS:
            do = f"Ours are: {', '.join((*COLUMNS, 'status'))}."
            raise CampaignError(f"map: no column of ours is called {ours!r}", do=do)
        places[ours] = _fitting(path, header, theirs, f"map: there is no column {theirs!r} for {ours}")[0]
    for place, name in enumerate(header):
        if (known := _OURS.get(_plain(name))) is None or known in names or place in ignored:
            continue
        if known in places:
            both = f"{header[places[known]]!r} and {name!r}"
            do = f'Choose one: --map {known}="{name}", or map = {{ {known} = "{name}" }} in config.toml.'
            raise CampaignError(f"two columns may be {known}: {both}", where=f"{path} line 1", do=do)
        places[known] = place
    return places


def _no_column(path: Path, line: int, header: Sequence[str], ours: str) -> CampaignError:
    do = f"Columns here are: {', '.join(header)}. Name it with --map {ours}=THEIRS"
    if ours == "consent":
        do += ', or give it for the whole file: --consent "how and when"'
    if any("@" in cell for cell in header):
        do = "The first row must name the columns. This one is a supporter's."
    return CampaignError(f"no column says {_NEEDED[ours]}", where=f"{path} line {line}", do=do)


def _rows(lines: Iterator[str], dialect: Mapping[str, str], width: int, line: int) -> Iterator[Row]:
    """The rows. An unclosed quote must not swallow the rows below: if a row of several lines does not fit the header,
    only its first line is used, and the others are read again."""
    again: deque[str] = deque()
    taken: list[str] = []

    def feed() -> Iterator[str]:
        while len(taken) < MAX_LINES:
            text = again.popleft() if again else next(lines, "")
            if not text:
                return
            taken.append(text)
            yield text

    reader = csv.reader(feed(), skipinitialspace=True, **dialect)  # type: ignore[arg-type]
    while True:
        fault = ""
        try:
            fields = next(reader, None)
        except csv.Error:
            fields, fault = [taken[0][:1000]], "a field is longer than 131,072 characters"
        if fields is None:
            return
        if len(taken) > 1 and (fault or len(fields) != width or len(taken) == MAX_LINES):
            again.extendleft(reversed(taken[1:]))
            del taken[1:]
            fields, fault = [taken[0].rstrip("\r\n")], "a quote is not closed"
            reader = csv.reader(feed(), skipinitialspace=True, **dialect)  # type: ignore[arg-type]
        if any(fields):
            if "\0" in "".join(fields):
                fault = "the row has a NUL character"
            yield Row(line, fields, fault)
        line += len(taken)
        taken.clear()
