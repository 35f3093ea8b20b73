"""The PDF of a packet on disk: written under a temporary name, moved into place once its letters count as printed."""

from __future__ import annotations

import os
import time
from pathlib import Path

from campaign.errors import CampaignError

_DRAFT = ".pdf.new"
_DRAFT_SECONDS = 3600  # longer than any process needs to print one packet


def prepare(folder: Path, slug: str) -> None:
    """Make the folder, and remove drafts of killed processes: they hold letters that do not count as printed."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for draft in folder.glob(f"{slug}-*{_DRAFT}"):
            if draft.stat().st_mtime < time.time() - _DRAFT_SECONDS:
                draft.unlink(missing_ok=True)
    except OSError as error:
        raise CampaignError(f"cannot be written: {error.strerror}", where=str(folder)) from None


def write_draft(file: Path, content: bytes) -> None:
    """Write beside the packet's place, for its owner only: it holds personal data. On disk when this returns."""
    draft = _draft(file)
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def keep(file: Path) -> None:
    """Move the draft into its place."""
    draft = _draft(file)
    try:
        draft.replace(file)
    except OSError as error:
        raise CampaignError(f"it is printed, but only as {draft}: {error.strerror}", where=str(file)) from None


def discard(file: Path) -> None:
    """Remove the draft."""
    _draft(file).unlink(missing_ok=True)


def _draft(file: Path) -> Path:
    return file.with_suffix(f".{os.getpid()}{_DRAFT}")
