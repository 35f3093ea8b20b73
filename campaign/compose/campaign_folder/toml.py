"""Values from a TOML file. Problems are collected with file, line, key, and what to write."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from campaign.clock import WASHINGTON
from campaign.errors import CampaignError
from campaign.formats import is_email_address


def read(name: str, source: str) -> Toml:
    """The file's values. A file that is not TOML has no values and one problem."""
    try:
        return Toml(name, source, tomllib.loads(source))
    except tomllib.TOMLDecodeError as error:
        return Toml(name, source, {}, [CampaignError(f"is not TOML: {error}", where=name)])


@dataclass(slots=True)
class Toml:
    """One TOML file and its problems: each method returns a value, or adds a problem and returns an empty value."""

    name: str
    source: str
    data: Mapping[str, Any]
    problems: list[CampaignError] = field(default_factory=list)

    def keys_of(self, table: str) -> list[str]:
        return list(self._table(table))

    def rows(self, name: str) -> list[str]:
        """The tables [[name]], as names for the other methods: name.1, name.2."""
        found = self.data.get(name, [])
        if isinstance(found, list) and all(isinstance(row, dict) for row in found):
            return [f"{name}.{number}" for number in range(1, len(found) + 1)]
        self.wrong("", name, "is not a list of tables", f"Begin each with a line [[{name}]].")
        return []

    def _table(self, table: str) -> Mapping[str, Any]:
        found: Any = self.data
        for part in filter(None, table.split(".")):
            if isinstance(found, list):
                found = found[int(part) - 1]
            else:
                found = found.get(part, {}) if isinstance(found, dict) else {}
        return found if isinstance(found, dict) else {}

    def where(self, table: str, key: str = "") -> str:
        """File, line and key, for a person to find."""
        line = self._line(table, key) or self._line(table, "")
        at = f" line {line}" if line else ""
        return " ".join(filter(None, (self.name + at, f"[{table}]" if table else "", key)))

    def _line(self, table: str, key: str) -> int:
        """The line of `key`, or of the table's header; 0 if it is missing. tomllib keeps no lines."""
        current, seen = "", Counter[str]()
        for number, text in enumerate(self.source.splitlines(), start=1):
            if header := re.match(r"\s*(\[+)([^\]]+)\]", text):
                current = header[2].replace('"', "").strip()
                if header[1] == "[[":
                    seen[current] += 1
                    current = f"{current}.{seen[current]}"
                if current == table and not key:
                    return number
            elif current == table and key and re.match(rf'\s*"?{re.escape(key)}"?\s*[=.]', text):
                return number
        parent, _, name = table.rpartition(".")
        return self._line(parent, name) if name and not key else 0  # an inline table is a key of its parent

    def wrong(self, table: str, key: str, what: str, do: str) -> None:
        self.problems.append(CampaignError(what, where=self.where(table, key), do=do))

    def only(self, table: str, known: Collection[str]) -> None:
        for key in sorted(self._table(table).keys() - set(known)):
            self.wrong(table, key, "is not a known key", f"Keys here are: {', '.join(sorted(known))}.")

    def text(self, table: str, key: str, *, default: str | None = None, hint: str = "Write one line of text.") -> str:
        value = self._table(table).get(key, default)
        if value is None:
            self.wrong(table, key, "is missing", hint)
        elif not isinstance(value, str) or value != " ".join(value.split()) or (not value and default is None):
            self.wrong(table, key, f"is {value!r}", f"{hint} One line, in quotes, without spaces at its start or end.")
        else:
            return value
        return ""

    def choice(self, table: str, key: str, allowed: Collection[str]) -> str:
        value = self.text(table, key, hint=f"One of: {', '.join(allowed)}.")
        if value and value not in allowed:
            self.wrong(table, key, f"is {value!r}", f"One of: {', '.join(allowed)}.")
        return value

    def address(self, table: str, key: str) -> str:
        value = self.text(table, key, hint="Write an email address.")
        if value and not (value.isascii() and is_email_address(value, test_domains=True)):
            self.wrong(table, key, f"is {value!r}", "Write a plain email address: action@your-domain.org")
        return value

    def names(self, table: str, key: str, fits: Callable[[str], object], hint: str) -> tuple[str, ...]:
        value = self._table(table).get(key)
        good = isinstance(value, list) and value and all(isinstance(item, str) and fits(item) for item in value)
        if isinstance(value, list) and good and len(set(value)) == len(value):
            return tuple(value)
        self.wrong(table, key, f"is {value!r}" if value is not None else "is missing", hint)
        return ()

    def number(self, table: str, key: str, low: int, high: int) -> int:
        value = self._table(table).get(key)
        if type(value) is int and low <= value <= high:
            return value
        what = "is missing" if value is None else f"is {value!r}"
        self.wrong(table, key, what, f"Write a whole number from {low} to {high}.")
        return 0

    def flag(self, table: str, key: str) -> bool:
        """A missing flag is false."""
        value = self._table(table).get(key, False)
        if not isinstance(value, bool):
            self.wrong(table, key, f"is {value!r}", "Write true or false.")
        return value is True

    def per_locale(self, table: str, key: str, locales: Collection[str]) -> dict[str, str]:
        inner = ".".join(filter(None, (table, key)))
        if key not in self._table(table):
            shape = ", ".join(f'{locale} = "..."' for locale in locales)
            self.wrong(table, key, "is missing", f"Write: {key} = {{ {shape} }}")
            return {}
        return {locale: self.text(inner, locale, hint=f"Give {key} for {locale!r}.") for locale in locales}

    def instant(self, table: str, key: str, *, end: bool = False, exact: bool = False) -> int:
        """Milliseconds. A bare date is its first instant in Washington, or with `end` the first one after it."""
        value = self._table(table).get(key)
        try:
            parsed = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else value
            parsed = date.fromisoformat(parsed) if isinstance(parsed, str) else parsed
            if isinstance(parsed, date) and not isinstance(parsed, datetime) and not exact:
                parsed = datetime.combine(parsed + timedelta(days=end), time(), WASHINGTON)
        except (ValueError, OverflowError):
            parsed = None
        if isinstance(parsed, datetime) and parsed.tzinfo is not None:
            return int(parsed.timestamp() * 1000)
        what = "is missing" if value is None else f"is {value!s}"
        shape = "2027-01-03T12:00:00-05:00" if exact else "2027-01-03, or 2027-01-03T12:00:00-05:00"
        self.wrong(table, key, what, f"Write it as {shape}.")
        return 0
