"""The release: a campaign's files, frozen at launch under the hash of their content. The only writer of `release`.

Workers on other machines have no folder; they read the release from the database, and keep what they compiled of it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version

from sqlalchemy import Connection, select

import campaign
from campaign.compose.campaign_folder import folder as folders
from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.campaign_folder.images import Image
from campaign.errors import CampaignError
from campaign.store import dialect
from campaign.store.schema import release as table

MOST_RELEASES = 20  # of a campaign, in which an image is looked for
KEEP = 8  # releases per process
_loaded: dict[str, Release] = {}


@dataclass(frozen=True, slots=True)
class Release:
    """A frozen folder. Two releases with one hash are the same, so that what is compiled of one serves the other."""

    hash: str
    slug: str = field(compare=False)
    files: Mapping[str, str] = field(compare=False, repr=False)
    folder: Folder = field(compare=False, repr=False)


@cache
def versions() -> str:
    """What renders, besides the files: a text may change when one of these does."""
    return ", ".join([f"campaign {campaign.__version__}", *(f"{name} {version(name)}" for name in _RENDERERS)])


_RENDERERS = ("jinja2", "markupsafe", "babel", "markdown-it-py", "pyyaml")


def from_folder(folder: Folder) -> Release:
    """The release that this folder would make. Writes nothing."""
    return Release(_hash(folder.slug, folder.files, versions()), folder.slug, folder.files, folder)


def freeze(conn: Connection, folder: Folder, now: int) -> str:
    """Store the folder as a release, unless it is there; its hash."""
    made = from_folder(folder)
    row = {
        "hash": made.hash,
        "slug": made.slug,
        "files": zlib.compress(json.dumps(dict(made.files), sort_keys=True, ensure_ascii=False).encode()),
        "versions": versions(),
        "made_at": now,
    }
    conn.execute(dialect.insert(conn, table).values(row).on_conflict_do_nothing())
    return made.hash


def load(conn: Connection, hash: str) -> Release:
    """The release with this hash; a process reads each once. Raises CampaignError when it is not there, or is not what
    it was.
    """
    if (known := _loaded.get(hash)) is not None:
        return known
    row = conn.execute(select(table.c.slug, table.c.files, table.c.versions).where(table.c.hash == hash)).one_or_none()
    if row is None:
        raise CampaignError(f"no release {hash[:12]} in the database", do="Launch the campaign, or restore the backup.")
    while len(_loaded) >= KEEP:
        _loaded.pop(next(iter(_loaded)), None)
    return _loaded.setdefault(hash, _unpack(hash, row.slug, bytes(row.files), row.versions))


def _unpack(hash: str, slug: str, packed: bytes, made_with: str) -> Release:
    try:
        files = json.loads(zlib.decompress(packed))
    except (zlib.error, ValueError):
        files = None
    if not isinstance(files, dict) or _hash(slug, files, made_with) != hash:
        raise CampaignError(
            f"release {hash[:12]} of {slug} is not what was frozen", do="Restore it from a backup, or freeze a new one."
        )
    return Release(hash, slug, files, folders.parse(slug, files))


def find_image(conn: Connection, slug: str, name: str) -> Image | None:
    """The image with this name in a release of this campaign, the newest first."""
    hashes = select(table.c.hash).where(table.c.slug == slug).order_by(table.c.made_at.desc()).limit(MOST_RELEASES)
    for hash in conn.scalars(hashes).all():
        with suppress(CampaignError):  # an old one that this version can't read
            folder = load(conn, hash).folder
            for path in (folder.campaign.brand.logo, folder.campaign.page.image):
                if (found := folder.image(path)) and found.name == name:
                    return found
    return None


def _hash(slug: str, files: Mapping[str, str], made_with: str) -> str:
    whole = json.dumps([slug, made_with, sorted(files.items())], ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()
