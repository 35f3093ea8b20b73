"""Write files that only their owner may read (mode 600). A reader sees the old file or the complete new one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


@contextmanager
def writing(path: Path, *, encoding: str | None = "utf-8", replace: bool = True) -> Iterator[IO[Any]]:
    """A file to write to, binary without `encoding`; it gets its name, and is on the disk, when the block ends.

    Raises FileExistsError if there is a file and `replace` is False. Of two processes that write at once, one wins.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        newline = None if encoding is None else ""
        with os.fdopen(handle, "wb" if encoding is None else "w", encoding=encoding, newline=newline) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(path)
        else:
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
