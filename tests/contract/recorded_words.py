"""The words of the pages, noting which of them a page has shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Recorded(dict[str, Any]):
    """A table of words.toml that remembers which of its texts were asked for."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        super().__init__(
            {key: Recorded(below) if isinstance(below, Mapping) else below for key, below in table.items()}
        )
        self.used = set[str]()

    def __getitem__(self, key: str) -> Any:
        found = super().__getitem__(key)
        self.used.add(key)
        return found

    def unused(self) -> Iterator[str]:
        """The paths of the texts that nobody asked for."""
        for key, below in self.items():
            if isinstance(below, Recorded):
                yield from (f"{key}.{path}" for path in below.unused())
            elif key not in self.used:
                yield key
