"""Fetch the published list of members: plain files over HTTPS, with an end to the wait and to the size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from campaign.congress import fetch_url
from campaign.congress.sync import published_files
from campaign.errors import CampaignError

URL = "https://unitedstates.github.io/congress-legislators/"  # where its README says that the files are published
SECONDS, MOST = 120.0, 64 * 1024 * 1024  # legislators-historical.json has about 25 MB
# The first must be there; the others are taken where they are published.
NAMES = tuple(
    f"{stem}.json"
    for stem in (
        published_files.CURRENT,
        published_files.HISTORICAL,
        published_files.OFFICES,
        published_files.LISTED,
        published_files.SITS,
    )
)
_HERE = ("127.0.0.1", "localhost", "::1")


def fetch(url: str, folder: Path, told: Callable[[str], None], *, seconds: float = SECONDS, most: int = MOST) -> None:
    """Put the files published under this address into a folder. Raises CampaignError when one is not to be had."""
    where = urlsplit(url)
    if where.scheme != "https" and where.hostname not in _HERE:
        raise CampaignError(f"{url!r} is not an https:// address", where="--url", do=f"Write: --url {URL}")
    for name in NAMES:
        told(name)
        try:
            found = fetch_url.get(f"{url.rstrip('/')}/{name}", {}, seconds=seconds, most=most)
        except fetch_url.Down as down:
            if down.status == 404 and name != NAMES[0]:
                continue
            raise CampaignError(
                f"{name} was not to be had: {down}",
                where=url,
                do="Nothing was changed. Try later, or give a folder with the files: --from DIR",
            ) from None
        (folder / name).write_bytes(found)
