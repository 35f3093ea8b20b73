"""Download the published lists of members and committees over HTTPS, with a limit on time and size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from campaign.congress import fetch_url
from campaign.congress.sync import published_files
from campaign.errors import CampaignError

URL = "https://unitedstates.github.io/congress-legislators/"  # from its README
SECONDS, MOST = 120.0, 64 * 1024 * 1024  # legislators-historical.json has about 25 MB
# The first is required, the others are optional.
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
_LOCAL = ("127.0.0.1", "localhost", "::1")


def fetch(
    url: str, folder: Path, progress: Callable[[str], None], *, seconds: float = SECONDS, most: int = MOST
) -> None:
    """Download the files under this URL into a folder. `progress` gets each name. Raises CampaignError if one fails."""
    address = urlsplit(url)
    if address.scheme != "https" and address.hostname not in _LOCAL:
        raise CampaignError(f"{url!r} is not an https:// address", where="--url", do=f"Use: --url {URL}")
    for name in NAMES:
        progress(name)
        try:
            content = fetch_url.get(f"{url.rstrip('/')}/{name}", {}, seconds=seconds, most=most)
        except fetch_url.Down as down:
            if down.status == 404 and name != NAMES[0]:
                continue
            raise CampaignError(
                f"{name} could not be downloaded: {down}",
                where=url,
                do="Nothing was changed. Try again later, or use a folder with the files: --from DIR",
            ) from None
        (folder / name).write_bytes(content)
