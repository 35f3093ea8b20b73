"""Campaign folders on disk. Everything else works on a mapping of path to text: an edit is a new mapping."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from campaign.compose.campaign_folder import folder as folders
from campaign.compose.campaign_folder import images
from campaign.compose.campaign_folder.folder import RESERVED, SLUG, SUFFIXES, Folder
from campaign.errors import CampaignError, Problems

MARKER = "campaign.toml"  # a folder with this file is a campaign


def place(templates: Path, slug: str) -> Path:
    """Where a campaign's folder is or would be. Raises CampaignError for a slug that can't be in a link."""
    if not SLUG.fullmatch(slug) or slug in RESERVED:
        why = "is the address of another page" if slug in RESERVED else "cannot be part of a link"
        raise CampaignError(
            f"the campaign name {slug!r} {why}",
            where=str(templates),
            do="Rename its folder: lowercase letters, digits and hyphens, at most 60, like end-287g.",
        )
    return templates / slug


def load(templates: Path, slug: str) -> Folder:
    """The campaign folder `templates/slug`. Raises CampaignError if it can't be read, Problems for what is wrong."""
    return folders.parse(slug, read(place(templates, slug)))


def read(path: Path) -> dict[str, str]:
    """The files of a campaign folder, as text by relative path.

    Raises CampaignError if there is no such campaign, Problems for files that cannot be read.
    """
    if not (path / MARKER).is_file():
        known = ", ".join(sorted(marker.parent.name for marker in path.parent.glob(f"*/{MARKER}"))) or "none"
        raise CampaignError(
            f"no campaign is called {path.name!r} (known: {known})",
            where=str(path.parent),
            do=f"A campaign is a folder there with a {MARKER}.",
        )
    files, problems = {}, []
    for file in sorted(path.rglob("*")):
        if file.suffix in SUFFIXES and file.is_file():
            name = file.relative_to(path).as_posix()
            try:
                files[name] = _text(file, name)
            except CampaignError as error:
                problems.append(error)
    if problems:
        raise Problems(problems, what=f"{path.name}: {len(problems)} file(s) cannot be read")
    return files


def _text(file: Path, name: str) -> str:
    try:
        if name.endswith(images.SUFFIXES):
            return _packed(file, name)
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CampaignError("is not UTF-8 text", where=f"{name} line {line}", do="Save it as UTF-8.") from None
    except OSError as error:
        raise CampaignError(f"cannot be read: {error.strerror}", where=str(file)) from None


def _packed(file: Path, name: str) -> str:
    if (size := file.stat().st_size) > images.LARGEST:
        do = f"At most {images.LARGEST // 1000} kB. Make it smaller, or move it out of the campaign folder."
        raise CampaignError(f"has {size // 1000:,} kB", where=name, do=do)
    return images.pack(file.read_bytes())


def save(path: Path, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Write the files that differ, each at once, with its permissions and its line ends."""
    for name, text in after.items():
        if before.get(name) != text:
            _replace(path / name, text)


def _replace(file: Path, text: str) -> None:
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}-")
    try:
        if file.exists():
            os.chmod(draft, file.stat().st_mode)
            text = text.replace("\n", "\r\n") if b"\r\n" in file.read_bytes() else text
        with os.fdopen(handle, "wb") as draft_file:
            draft_file.write(text.encode())
        Path(draft).replace(file)
    except OSError as error:
        Path(draft).unlink(missing_ok=True)
        raise CampaignError(f"cannot be written: {error.strerror}", where=str(file)) from None
